//! What the tests of commands share: a command on a stream that comes in pieces.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{self, Read};

use subunit_filters::{
    cli::command::Entry,
    console::{Console, Source},
    exit::Exit,
    interrupts::Interrupts,
    style::Look,
};

/// A stream that comes a few bytes at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    most: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.most.min(buffer.len());
        self.rest.read(&mut buffer[..most])
    }
}

impl Source for Pieces<'_> {}

/// Runs the command of `table` that the first word names, on a stream that comes in pieces of `most` bytes:
/// exit status, standard output and standard error.
pub(crate) fn run(
    table: &[Entry],
    words: &[&str],
    stdin: &[u8],
    most: usize,
) -> (Exit, Vec<u8>, Vec<u8>) {
    let entry = table.iter().find(|entry| entry.name == words[0]).unwrap();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut console = Console {
        name: words[0].to_owned(),
        stdin: Some(Box::new(Pieces { rest: stdin, most })),
        stdout: Box::new(&mut stdout),
        stderr: Box::new(&mut stderr),
        stdout_look: Look::default(),
        stderr_look: Look::default(),
        interrupts: Interrupts::default(),
        definitions: subunit_filters::commands::PROGRAM.definitions,
    };
    let matches = entry.definition().try_get_matches_from(words).unwrap();
    let exit = entry.run(&matches, &mut console).unwrap();
    drop(console);
    (exit, stdout, stderr)
}
