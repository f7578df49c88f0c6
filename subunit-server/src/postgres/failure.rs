//! What PostgreSQL says is wrong, in one line.

use std::error::Error as _;

use subunit_history::sql::{SqlError, SqlErrorKind};

/// What PostgreSQL says.
pub(super) fn failure(error: postgres::Error) -> SqlError {
    let is_gone = error.is_closed()
        || error.source().is_some_and(|source| source.is::<std::io::Error>())
        || error.code().is_some_and(|code| is_of_a_server_that_ends(code.code()));
    let kind = if is_gone { SqlErrorKind::Gone } else { SqlErrorKind::Other };
    SqlError::new(kind, in_one_line(&error))
}

/// Whether a server says so that ends, begins, or has too many connections (classes 08, 53300 and 57P of its codes).
fn is_of_a_server_that_ends(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("57P") || code == "53300"
}

/// An error with its causes, in one line.
pub(super) fn in_one_line(error: &postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        let code = said.code().code();
        return format!("{} ({code})", said.message().lines().next().unwrap_or_default());
    }
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = next.source();
    }
    line.replace('\n', " ")
}
