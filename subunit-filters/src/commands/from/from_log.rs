//! `subunit from-log`: any log as a stream, by rules.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};

use super::converting::{Packets, TextAs, convert};
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::{
        destination::Writes,
        input::{open, read},
        same_file::refuse_standard_output,
    },
    log_rules::{LogOptions, LogReader, import, parse},
    pipeline::told_in_stream,
};

/// Make a stream from any log by rules
///
/// For programs that do not know what a test is, such as simulators, builds and measurements. The rules are
/// TOML. They have sections, and rules in the order in which they take lines: ignore, note, expect, forbid, warn,
/// value, skip, infra and test. Each rule is a result of its own, except for those that only take lines.
/// Patterns are those of the regex crate, and look at one line each. The log itself stays in the stream, as
/// text. docs/log-rules.md has all keys.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromLog {
    /// The rules
    #[arg(long, value_name = "FILE", required_unless_present = "import")]
    rules: Option<PathBuf>,
    /// Make the rules attachments of one test, whose status is the worst of theirs
    #[arg(long, value_name = "ID")]
    test: Option<String>,
    /// Put this and a slash in front of the ids of rules and tests; the name of the file of rules by default
    #[arg(long, value_name = "NAME", conflicts_with = "test")]
    prefix: Option<String>,
    /// Leave the log itself out of the stream
    #[arg(long)]
    no_text: bool,
    /// Take rules that ask for nothing, so that an empty log passes
    #[arg(long)]
    allow_silent: bool,
    /// Translate a file of logpro into rules on standard output, and read no log
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rules", "test", "prefix", "no_text", "allow_silent", "log"])]
    import: Option<PathBuf>,
    /// The log; standard input if none is given, or for `-`
    #[arg(value_name = "FILE")]
    log: Option<PathBuf>,
}

impl Command for FromLog {
    const NAME: &'static str = "from-log";
    const WRITES: Writes = Writes::StreamUnless("import");
    const EXAMPLES: &'static str = r#"Examples:
  $ printf '[[rule]]\nkind = "expect"\nid = "done"\nmatch = ["DONE"]' > sim.toml
      echo DONE | subunit from-log --rules sim.toml | subunit stats
  $ echo '(expect:error in "LogFileBody" = 0 "No errors" #/ERROR/)' > sim.logpro
      subunit from-log --import sim.logpro > sim.toml

Exit status: 0; 1 if --import left something out; 2 if a file cannot be read or
the stream cannot be written."#;

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if let Some(logpro) = &self.import {
            return translate(logpro, console);
        }
        let path = self.rules.unwrap_or_default();
        let rules = parse(&path.display().to_string(), &read(&path)?, self.allow_silent)
            .map_err(|mistake| Error::Usage(mistake.to_string()))?;
        let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let options = LogOptions {
            prefix: self.prefix.unwrap_or_else(stem),
            as_test: self.test,
            today: Timestamp::now().to_zoned(TimeZone::UTC).date(),
            passes_text: !self.no_text,
        };
        let log = self.log.unwrap_or_else(|| "-".into());
        refuse_standard_output(&log)?;
        let result = judge(&log, LogReader::new(rules, options), console);
        told_in_stream(result, console)
    }
}

/// Writes the stream of a log.
fn judge(log: &Path, mut reader: LogReader, console: &mut Console<'_>) -> Result<Exit, Error> {
    let is_live = log.as_os_str() == "-";
    let (mut input, name) = open(log, console)?;
    let packets = Packets::new(console, TextAs::Text);
    let mut packets = if is_live { packets.timed() } else { packets };
    convert(&mut reader, &mut *input, &name, &mut packets)?;
    for unused in reader.unused_waivers() {
        packets.say(unused)?;
    }
    packets.flush()?;
    Ok(Exit::Passed)
}

/// Writes the rules of a file of logpro.
fn translate(logpro: &Path, console: &mut Console<'_>) -> Result<Exit, Error> {
    let bytes = read(logpro)?;
    let imported = import(&String::from_utf8_lossy(&bytes));
    console.stdout.write_all(imported.rules.as_bytes())?;
    for left_out in &imported.left_out {
        console.say(format_args!("{}: {left_out}", logpro.display()))?;
    }
    console.flush()?;
    Ok(if imported.left_out.is_empty() { Exit::Passed } else { Exit::Failed })
}
