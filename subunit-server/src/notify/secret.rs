//! Keys and passwords: in a file or in a variable, and never in a message.

use std::{fmt, fs, path::PathBuf};

use serde::Deserialize;

/// A key or a password.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where one is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum SecretPlace {
    /// The first line of a file.
    File { file: PathBuf },
    /// A variable of the environment.
    Variable { variable: String },
}

impl SecretPlace {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// What is wrong, without the secret.
    pub(super) fn read(&self) -> Result<Secret, String> {
        let (name, text) = match self {
            Self::File { file } => {
                let name = file.display().to_string();
                let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
                (name, text)
            }
            Self::Variable { variable } => {
                let name = format!("${variable}");
                let text = std::env::var(variable).map_err(|error| format!("{name}: {error}"))?;
                (name, text)
            }
        };
        match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
            Some(line) => Ok(Secret::new(line)),
            None => Err(format!("{name}: the first line is empty: put the secret there")),
        }
    }
}
