//! Where is the history that is served: in a folder, or in a database?

use std::{
    fmt,
    path::{Path, PathBuf},
};

use subunit_history::{is_address, shown_place};

use crate::postgres::Address;

/// Where a history is.
#[derive(Clone, Debug)]
pub(crate) struct StorePlace {
    path: PathBuf,
    files: Option<PathBuf>,
    is_database: bool,
}

impl StorePlace {
    /// In a folder, or in the database of an address.
    ///
    /// # Errors
    ///
    /// If something in the address is wrong or missing.
    pub(crate) fn new(path: PathBuf) -> Result<Self, subunit_history::Error> {
        let address = path.to_str().filter(|_| is_address(&path));
        let address = address.map(Address::parse).transpose()?;
        let is_database = address.is_some();
        let files = address.map_or_else(|| Some(path.clone()), |at| at.files().map(Into::into));
        Ok(Self { path, files, is_database })
    }

    /// What opens it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of its run files, if it is known.
    pub(crate) fn files(&self) -> Option<&Path> {
        self.files.as_deref()
    }

    /// Whether it is in a database, which several servers may show.
    pub(crate) fn is_database(&self) -> bool {
        self.is_database
    }
}

impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_place(&self.path))
    }
}
