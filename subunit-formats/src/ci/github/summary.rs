//! The summary of a step: a file that all commands of the step append to.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::Path,
};

use crate::pages::markdown::MarkdownWriter;

/// GitHub refuses summaries of a step that are longer, in bytes.
pub const STEP_SUMMARY_LIMIT: u64 = 1 << 20;

/// Opens the file that `GITHUB_STEP_SUMMARY` names, to append to it: the report gets the room that is left.
///
/// # Errors
///
/// Those of opening the file.
pub fn open_step_summary(path: &Path) -> io::Result<MarkdownWriter<BufWriter<File>>> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let used = file.metadata()?.len();
    let mut out = BufWriter::new(file);
    if used > 0 {
        out.write_all(b"\n")?;
    }
    let room = STEP_SUMMARY_LIMIT.saturating_sub(used + 1);
    Ok(MarkdownWriter::new(out).with_limit(usize::try_from(room).unwrap_or(usize::MAX)))
}
