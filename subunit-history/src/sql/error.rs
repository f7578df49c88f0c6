//! What a database says went wrong.

use std::fmt;

/// What a call to a database comes to.
pub type SqlResult<T> = Result<T, SqlError>;

/// What a database says went wrong.
#[derive(Debug)]
pub struct SqlError {
    kind: SqlErrorKind,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// What kind of thing it is, as far as that changes what is done about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SqlErrorKind {
    /// One row was asked for, and there is none.
    NoRow,
    /// It is no database, or a damaged one.
    Damage,
    /// Nothing can be written, not even what those who read share.
    ReadOnly,
    /// The database has gone away, or cannot be reached.
    Gone,
    /// Anything else.
    Other,
}

impl SqlError {
    /// What an engine says.
    pub fn new(
        kind: SqlErrorKind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, source: source.into() }
    }

    /// Which kind it is.
    pub fn kind(&self) -> SqlErrorKind {
        self.kind
    }

    /// One row was asked for, and there is none.
    pub(super) fn no_row() -> Self {
        Self::new(SqlErrorKind::NoRow, "a row is missing")
    }

    /// A column holds something else than what is asked for.
    pub(super) fn column(wanted: &str) -> Self {
        Self::new(SqlErrorKind::Other, format!("a column holds something else than {wanted}"))
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl std::error::Error for SqlError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}

/// A row that may be missing.
pub trait OptionalRow<T> {
    /// `None` if there is no row.
    ///
    /// # Errors
    ///
    /// All others.
    fn optional(self) -> SqlResult<Option<T>>;
}

impl<T> OptionalRow<T> for SqlResult<T> {
    fn optional(self) -> SqlResult<Option<T>> {
        match self {
            Err(error) if error.kind == SqlErrorKind::NoRow => Ok(None),
            result => result.map(Some),
        }
    }
}
