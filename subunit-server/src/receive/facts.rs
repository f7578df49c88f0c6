//! What does a request say of the run that it brings?

use axum::http::StatusCode;
use subunit_formats::Format;
use subunit_history::NewRun;

use crate::api::api_error::ApiError;

/// What stands after the `?`.
#[derive(Clone, Debug, Default)]
pub(super) struct RunFactsQuery {
    pub(super) new: NewRun,
    /// The format of the body, unless it is to be found out.
    pub(super) format: Option<Format>,
}

/// The longest name of a series, in bytes.
const LONGEST_NAME: usize = 500;

impl RunFactsQuery {
    /// Reads the parameters. Those that the request may not have are refused.
    pub(super) fn read(query: Vec<(String, String)>, allowed: &[&str]) -> Result<Self, ApiError> {
        let mut facts = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in query {
            if !allowed.contains(&&*name) {
                let message =
                    format!("no parameter of this address is called {}", name.escape_debug());
                let hint = format!("known: {}", allowed.join(", "));
                return Err(bad("unknown_parameter", message).with_hint(hint));
            }
            if seen.contains(&name) {
                return Err(bad("repeated_parameter", format!("{name} is there twice")));
            }
            facts.set(&name, &value)?;
            seen.push(name);
        }
        Ok(facts)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        match name {
            "series" if value.is_empty() => {}
            "series" if value.len() > LONGEST_NAME || value.contains(char::is_control) => {
                let message = format!("series is no name of at most {LONGEST_NAME} bytes");
                return Err(bad("bad_parameter", message));
            }
            "series" => self.new.series = Some(value.to_owned()),
            "partial" => self.new.partial = truth(name, value)?,
            "live" => self.new.live = truth(name, value)?,
            _ if value == "auto" => {}
            _ => {
                let unknown = |_| {
                    let known = Format::ALL.map(Format::name).join(", ");
                    let message = format!("{} is no format", value.escape_debug());
                    bad("bad_parameter", message).with_hint(format!("known: auto, {known}"))
                };
                self.format = Some(value.parse().map_err(unknown)?);
            }
        }
        Ok(())
    }
}

fn truth(name: &str, value: &str) -> Result<bool, ApiError> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(bad("bad_parameter", format!("{name} is neither true nor false"))),
    }
}

fn bad(code: &'static str, message: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}
