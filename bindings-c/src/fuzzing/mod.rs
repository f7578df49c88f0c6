//! The body of the fuzz target `capi`: any row of calls that the header allows, as a C program makes them.
//!
//! Handles are NULL or open, strings are NULL or ended by NUL, memory is as long as is said. Everything
//! else is any bytes: the sizes of structs, flags, statuses, strings that are not UTF-8.

mod calls;
mod parsers;
mod values;
mod writers;

use subunit_core::fuzzing::Choices;

use self::{parsers::Parsers, writers::Writers};

/// No call corrupts memory or breaks what the header says of it; what a parser hands out is what it was
/// fed, and what a writer writes is packets.
pub fn capi(input: &[u8]) {
    let mut choices = Choices::new(input);
    let (mut parsers, mut writers) = (Parsers::default(), Writers::default());
    for _ in 0..300 {
        if choices.is_over() {
            break;
        }
        let which = choices.byte();
        match which & 3 {
            0 => writers.step(which >> 2, &mut choices),
            1 => values::encode(&mut choices),
            _ => parsers.step(which >> 2, &mut choices),
        }
    }
    parsers.end();
    writers.end();
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    /// Replays what fuzzing has found; see CONTRIBUTING.md.
    #[test]
    fn the_corpus_and_the_regressions_hold() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let mut paths = inputs(&fuzz.join("corpus/capi"));
        let broken = fuzz.join("regressions/capi");
        if broken.exists() {
            paths.extend(inputs(&broken));
        }
        for path in paths {
            eprintln!("{}", path.display());
            capi(&fs::read(&path).expect("a file that can be read"));
        }
    }

    fn inputs(folder: &Path) -> Vec<PathBuf> {
        let files = fs::read_dir(folder);
        let files = files.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        assert!(!paths.is_empty(), "{} is empty", folder.display());
        paths
    }
}
