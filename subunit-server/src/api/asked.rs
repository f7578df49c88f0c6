//! What does a request ask for?

use std::collections::BTreeMap;

use axum::http::StatusCode;

use super::{
    api_error::ApiError,
    parameters::{Parameter, ParameterPlace, ParameterValue},
};

/// What a request says, each parameter as its route wants it.
pub(super) struct ApiQuestion {
    values: BTreeMap<&'static str, String>,
    /// Under which name and port the server was reached.
    pub(super) host: String,
    /// What stands before all addresses of the history.
    pub(super) base: String,
}

impl ApiQuestion {
    /// Reads what stands in the path and after the `?`.
    pub(super) fn read(
        parameters: &[&Parameter],
        path: impl IntoIterator<Item = (String, String)>,
        query: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ApiError> {
        let mut values = BTreeMap::new();
        let path = path.into_iter().map(|(name, value)| (true, name, value));
        let query = query.into_iter().map(|(name, value)| (false, name, value));
        for (is_path, name, value) in path.chain(query) {
            let is_meant = |known: &&&Parameter| {
                known.name == name && (known.place == ParameterPlace::Path) == is_path
            };
            let Some(parameter) = parameters.iter().find(is_meant) else {
                return Err(unknown(parameters, &name));
            };
            if let (ParameterValue::Count { most, .. }, None) =
                (parameter.value, count(parameter, &value))
            {
                let name = parameter.name;
                let message = format!("{name} is no number from 1 to {most}");
                return Err(bad("bad_parameter", message));
            }
            if values.insert(parameter.name, value).is_some() {
                let message = format!("{} is there twice", parameter.name);
                return Err(bad("repeated_parameter", message));
            }
        }
        let is_missing = |one: &&&Parameter| {
            one.place == ParameterPlace::Needed && values.get(one.name).is_none_or(String::is_empty)
        };
        if let Some(missing) = parameters.iter().find(is_missing) {
            let message = format!("{} is missing", missing.name);
            return Err(bad("missing_parameter", message).with_hint(missing.about));
        }
        Ok(Self { values, host: String::new(), base: String::new() })
    }

    /// The same, asked under this name, of the history whose addresses begin so.
    pub(super) fn reached(self, host: String, base: String) -> Self {
        Self { host, base, ..self }
    }

    /// A parameter, if it is there.
    pub(super) fn text(&self, parameter: &Parameter) -> Option<&str> {
        self.values.get(parameter.name).map(String::as_str)
    }

    /// A parameter that is never missing.
    pub(super) fn needed(&self, parameter: &Parameter) -> &str {
        self.text(parameter).unwrap_or_default()
    }

    /// A number, or the usual one.
    pub(super) fn count(&self, parameter: &Parameter) -> usize {
        let ParameterValue::Count { usual, .. } = parameter.value else { return 0 };
        self.text(parameter).and_then(|value| count(parameter, value)).unwrap_or(usual)
    }
}

fn count(parameter: &Parameter, value: &str) -> Option<usize> {
    let ParameterValue::Count { most, .. } = parameter.value else { return None };
    value.parse().ok().filter(|count| (1..=most).contains(count))
}

fn unknown(parameters: &[&Parameter], name: &str) -> ApiError {
    let known = parameters.iter().filter(|known| known.place != ParameterPlace::Path);
    let known: Vec<_> = known.map(|known| known.name).collect();
    let hint = if known.is_empty() { "there is none".to_owned() } else { known.join(", ") };
    let message = format!("no parameter of this address is called {}", name.escape_debug());
    bad("unknown_parameter", message).with_hint(format!("known: {hint}"))
}

fn bad(code: &'static str, message: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}
