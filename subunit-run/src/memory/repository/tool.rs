//! The programs whose repositories these are.

/// Which program's repository it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tool {
    /// testr, of the Python package testrepository.
    Testr,
    /// stestr.
    Stestr,
}

impl Tool {
    /// The name of the program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Testr => "testr",
            Self::Stestr => "stestr",
        }
    }

    /// The name of the folder in the project's.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Testr => ".testrepository",
            Self::Stestr => ".stestr",
        }
    }
}
