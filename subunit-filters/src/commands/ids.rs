//! Lists of test ids in files.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{exit::Error, same_file::refuse_standard_output};

/// The ids in the files: one a line, without the white space behind it; what follows a `#` is a comment.
pub(super) fn read_ids(paths: &[PathBuf]) -> Result<HashSet<String>, Error> {
    let mut ids = HashSet::new();
    for path in paths {
        ids.extend(read_list(path)?);
    }
    Ok(ids)
}

/// The ids in one file, in their order.
pub(super) fn read_list(path: &Path) -> Result<Vec<String>, Error> {
    let name = path.display().to_string();
    // A list that the output goes to is empty by now.
    refuse_standard_output(path)?;
    let text = fs::read(path).map_err(|source| Error::Input { name: name.clone(), source })?;
    let text = String::from_utf8(text)
        .map_err(|_| Error::Usage(format!("{name}: a list of ids is UTF-8, and this is not")))?;
    let ids = text.lines().map(|line| line.split_once('#').map_or(line, |(id, _)| id).trim_end());
    Ok(ids.filter(|id| !id.is_empty()).map(str::to_owned).collect())
}
