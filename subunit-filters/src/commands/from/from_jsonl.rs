//! `subunit from-jsonl`: JSON Lines as a stream.

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
};

use subunit_formats::{
    Format,
    events::emit::Outcome,
    json::jsonl::{self, Line},
};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::{destination::Writes, input::open},
    pipeline::{Inputs, told_in_stream},
};

/// Make a stream from JSON Lines, one packet an object
///
/// The inverse of `subunit to-jsonl`. A line that is not JSON Lines of subunit is reported and passed
/// through as text, and the exit status is 1. If it seems meant to be, the stream gets a failure as well.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromJsonl {
    /// Files to read, in order; reads standard input if none is given, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The longest line: the longest packet with every byte of its content as an escape of six bytes.
const LONGEST: u64 = 32 << 20;

impl Command for FromJsonl {
    const NAME: &'static str = "from-jsonl";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"success\"}' | subunit from-jsonl | subunit ls
  $ subunit to-jsonl run.subunit | grep -v slow | subunit from-jsonl > fast.subunit

Exit status: 0; 1 if a line was not JSON Lines of subunit; 2 if a file cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let inputs = Inputs::of(Format::Jsonl, self.files);
        inputs.refuse_output()?;
        let result = convert(&inputs, console);
        told_in_stream(result, console)
    }
}

/// Writes the streams of all inputs. Whether each line was ours.
fn convert(inputs: &Inputs, console: &mut Console<'_>) -> Result<Exit, Error> {
    let mut exit = Exit::Passed;
    for path in inputs.or_standard() {
        let (input, name) = open(path, console)?;
        let failed = |source| Error::File { name: name.clone(), source };
        let mut input = BufReader::with_capacity(64 * 1024, input);
        let mut reader = LineReader { name: &name, number: 0, line: Vec::new() };
        while reader.next(&mut input).map_err(failed)? {
            if !reader.write(console)? {
                exit = Exit::Failed;
            }
            // The rest of the next line may be long in coming: what is known is shown.
            if memchr::memchr(b'\n', input.buffer()).is_none() {
                console.flush()?;
            }
        }
    }
    console.flush()?;
    Ok(exit)
}

struct LineReader<'a> {
    name: &'a str,
    /// Of the line, from 1.
    number: u64,
    line: Vec<u8>,
}

impl LineReader<'_> {
    /// Reads the next line; false at the end.
    fn next(&mut self, input: &mut impl BufRead) -> std::io::Result<bool> {
        self.line.clear();
        self.number += 1;
        Ok(input.take(LONGEST).read_until(b'\n', &mut self.line)? > 0)
    }

    /// Writes what the line says; false where it is none of ours.
    fn write(&self, console: &mut Console<'_>) -> Result<bool, Error> {
        if self.line.trim_ascii().is_empty() {
            return Ok(true);
        }
        let problem = match jsonl::parse(&self.line) {
            Ok(Line::Bytes(bytes) | Line::Damage { bytes, .. }) => {
                console.stdout.write_all(&bytes)?;
                return Ok(true);
            }
            Ok(Line::Event(event)) => {
                let mut packet = Vec::new();
                match event.encode(&mut packet) {
                    Ok(()) => {
                        console.stdout.write_all(&packet)?;
                        return Ok(true);
                    }
                    Err(error) => error.to_string(),
                }
            }
            Err(error) => error.to_string(),
        };
        let Self { name, number, .. } = self;
        if jsonl::is_ours(&self.line) {
            // The next reader of the stream has no exit status to look at.
            let reason = jsonl::unreadable(*number, &problem);
            let mut packet = Vec::new();
            let failure = Outcome::failure(jsonl::UNREADABLE, &reason).event().encode(&mut packet);
            failure.map_err(|error| std::io::Error::other(error.to_string()))?;
            console.stdout.write_all(&packet)?;
        }
        console.say(format_args!("{name}: line {number}: {problem}; passed through as text"))?;
        console.stdout.write_all(&self.line)?;
        Ok(false)
    }
}
