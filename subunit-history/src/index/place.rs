//! Where the index of a history is: beside the runs, unless these are on a network file system.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, FileCalls,
    folder::{HistoryFolder, is_uuid},
    machine,
};

/// Where an index is, and whether only this machine uses it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct IndexPlace {
    pub(crate) path: PathBuf,
    /// Other machines put runs into the folder, and take them away, without telling this index.
    pub(crate) is_shared: bool,
}

impl IndexPlace {
    /// Where the index of this history is; none yet, if that is not known without writing.
    pub(crate) fn find(folder: &HistoryFolder) -> Option<Self> {
        if !is_on_network(folder.root()) {
            let path = folder.root().join("history.db");
            return Some(Self { path, is_shared: false });
        }
        let id = fs::read_to_string(folder.root().join("id")).ok()?;
        Self::in_cache(id.trim())
    }

    /// The same; gives the history an id, if it needs one.
    pub(crate) fn make(folder: &HistoryFolder, files: &dyn FileCalls) -> Result<Self, Error> {
        if let Some(place) = Self::find(folder) {
            make_folder(&place)?;
            return Ok(place);
        }
        let path = folder.root().join("id");
        let id = machine::new_uuid()?;
        let write = || files.write(&mut files.create(&path)?, id.as_bytes());
        write().map_err(Error::file(&path))?;
        let place = Self::in_cache(&id).ok_or_else(|| Error::File {
            path: folder.root().to_owned(),
            source: std::io::Error::other(
                "it is on a network, and $HOME does not say where its index could be",
            ),
        })?;
        make_folder(&place)?;
        Ok(place)
    }

    fn in_cache(id: &str) -> Option<Self> {
        let is_path = |path: &PathBuf| path.is_absolute();
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(is_path);
        let cache =
            cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
        let path = cache.join("subunit").join(format!("{id}.db"));
        is_uuid(id).then_some(Self { path, is_shared: true })
    }
}

fn make_folder(place: &IndexPlace) -> Result<(), Error> {
    let folder = place.path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).map_err(Error::file(folder))
}

/// Whether a folder is on a file system of a network, where the write-ahead log of SQLite does not work.
#[cfg(target_os = "linux")]
fn is_on_network(folder: &Path) -> bool {
    let found = folder.ancestors().find_map(|folder| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        rustix::fs::statfs(folder).ok()
    });
    found.is_some_and(|found| is_of_network(found.f_type as u64 & 0xFFFF_FFFF))
}

#[cfg(not(target_os = "linux"))]
fn is_on_network(_folder: &Path) -> bool {
    false
}

/// Whether this is the type of a file system of a network: NFS, SMB, CIFS, SMB2, 9p, AFS, Coda, Ceph.
#[cfg(target_os = "linux")]
fn is_of_network(kind: u64) -> bool {
    const KINDS: [u64; 8] = [
        0x6969,
        0x517B,
        0xFF53_4D42,
        0xFE53_4D42,
        0x0102_1997,
        0x5346_414F,
        0x7375_7245,
        0x00C3_6400,
    ];
    KINDS.contains(&kind)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_networks_are_told_from_others() {
        for (kind, is) in [
            (0x6969, true),
            (0xFF53_4D42, true),
            (0x0102_1997, true),
            (0xEF53, false),
            (0x0102_1994, false),
        ] {
            assert_eq!(is_of_network(kind), is, "{kind:x}");
        }
        // A folder that is not there yet is where its parent is.
        assert!(!is_on_network(Path::new("/proc/none/at/all")));
    }
}
