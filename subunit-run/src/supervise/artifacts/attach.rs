//! Files in the folder of a process become attachments.

use std::{
    process::Command,
    time::{Duration, SystemTime},
};

use subunit_core::{Event, FileChunk, RouteCode, Timestamp, conventions};

use super::{ArtifactFolder, folder::FoundFiles};
use crate::supervise::supervisor::Supervisor;

/// This variable tells a command where to put files for its tests.
const ARTIFACTS: &str = "SUBUNIT_ARTIFACTS";

/// The most of a file in one packet, in bytes.
const PIECE: usize = 1 << 20;

/// What a file becomes that has the name of something else.
const TAKEN: [&str; 5] = [
    conventions::STDOUT,
    conventions::STDERR,
    conventions::STDIN,
    conventions::REASON,
    conventions::TRACEBACK,
];

/// Types of files by the ends of their names. All else is text or bytes, by what is in it.
const TYPES: [(&str, &str); 14] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("svg", "image/svg+xml"),
    ("webm", "video/webm"),
    ("mp4", "video/mp4"),
    ("html", "text/html"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
];

impl Supervisor {
    /// Gives a command on this machine a folder. Without one its tests have no place for files.
    pub(in crate::supervise) fn give_folder(
        &mut self,
        command: &mut Command,
    ) -> Option<ArtifactFolder> {
        let folder = self.artifacts.make(self.plan.run.uuid()).ok();
        match &folder {
            Some(folder) => command.env(ARTIFACTS, folder.path()),
            None => command.env_remove(ARTIFACTS),
        };
        folder
    }

    /// Writes the files that a test has left, before its end.
    pub(in crate::supervise) fn attach_files_of(&mut self, nth: usize, event: &Event<'_>) {
        let Some(process) = &mut self.slots[nth].process else { return };
        // A process that has more tests may have begun the next one.
        let goes_on = process.takes_all || process.leases.len() > 1;
        let until = event.timestamp.filter(|_| goes_on).map(time_of);
        let Some(folder) = &mut process.artifacts else { return };
        let found = folder.take(until);
        let Event { test_id, route_code, .. } = *event;
        self.emit_files(&found, &Event { test_id, route_code, ..Event::default() });
    }

    /// Writes what a process has left besides.
    pub(in crate::supervise) fn attach_rest(&mut self, nth: usize, folder: &mut ArtifactFolder) {
        let found = folder.take(None);
        let route = self.slots[nth].worker.name.clone();
        let route_code = Some(RouteCode::new(&route));
        self.emit_files(&found, &Event { route_code, ..Event::default() });
    }

    fn emit_files(&mut self, found: &FoundFiles, of: &Event<'_>) {
        let left_out = Some(("artifacts", found.left_out.as_bytes()));
        let left_out = left_out.filter(|(_, told)| !told.is_empty());
        let files = found.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        for (name, bytes) in files.chain(left_out) {
            let named;
            let name = match TAKEN.contains(&name) {
                true => {
                    named = format!("artifacts/{name}");
                    &named
                }
                false => name,
            };
            let mime_type = Some(type_of(name, bytes));
            let mut pieces = bytes.chunks(PIECE).peekable();
            if pieces.peek().is_none() {
                let file = Some(FileChunk { name, bytes: b"" });
                self.emit(&Event { file, mime_type, eof: true, ..*of });
            }
            while let Some(bytes) = pieces.next() {
                let file = Some(FileChunk { name, bytes });
                self.emit(&Event { file, mime_type, eof: pieces.peek().is_none(), ..*of });
            }
        }
    }
}

fn time_of(time: Timestamp) -> SystemTime {
    let since = Duration::new(time.seconds(), time.nanoseconds());
    SystemTime::UNIX_EPOCH + since
}

fn type_of(name: &str, bytes: &[u8]) -> &'static str {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    let known = end.and_then(|end| TYPES.iter().find(|(known, _)| *known == end));
    match known {
        Some((_, mime_type)) => mime_type,
        None if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) => {
            conventions::TEXT
        }
        None => "application/octet-stream",
    }
}
