//! `subunit history export`: one run in another format.

use std::{fs::File, io, path::PathBuf};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_formats::{REPORTS, report::Report};

use crate::commands::history::{place::error, runs_arg::RunsArg, show::refuse_terminal};

/// Write a run in another format, as the verbs `to-...` do
///
/// Exit status: 0; 2 there is no such run, or it cannot be written.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// The run
    #[arg(value_name = "RUN")]
    run: String,
    /// The format: subunit, or that of a report, such as junit, jsonl, csv, ctrf or html
    #[arg(long = "as", value_name = "FORMAT", default_value = "subunit", value_parser = parse_format)]
    format: ExportFormat,
    /// Write to this file, which is not there yet [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    among: RunsArg,
}

/// What is written.
#[derive(Clone, Copy, Debug)]
enum ExportFormat {
    /// The stream as it was received.
    Subunit,
    /// The report of this place in the table.
    Report(usize),
}

fn parse_format(text: &str) -> Result<ExportFormat, String> {
    if text == "subunit" {
        return Ok(ExportFormat::Subunit);
    }
    let place = REPORTS.iter().position(|row| row.name() == text);
    place.map(ExportFormat::Report).ok_or_else(|| {
        let names: Vec<_> = REPORTS.iter().map(|row| row.name()).collect();
        format!("use subunit, {}", names.join(", "))
    })
}

impl ExportArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.among.read()?;
        let run = self.among.find(&history, &self.run)?;
        let mut stream = history.stream(&run).map_err(error)?;
        let named = |source| {
            let name =
                self.output.as_ref().map_or_else(String::new, |path| path.display().to_string());
            Error::File { name, source }
        };
        let mut file = self.output.as_deref().map(File::create_new).transpose().map_err(named)?;
        match (&mut file, self.format) {
            (Some(file), format) => write(&mut stream, format, file).map_err(named)?,
            (None, ExportFormat::Subunit) => {
                refuse_terminal(console)?;
                io::copy(&mut stream, &mut *console.stdout)?;
            }
            (None, format) => write(&mut stream, format, &mut *console.stdout)?,
        }
        Ok(Exit::Passed)
    }
}

fn write(
    stream: &mut impl io::Read,
    format: ExportFormat,
    output: &mut dyn io::Write,
) -> io::Result<()> {
    let row = match format {
        ExportFormat::Subunit => None,
        ExportFormat::Report(place) => REPORTS.get(place),
    };
    let Some(row) = row else { return io::copy(stream, output).map(drop) };
    let mut report: Box<dyn Report + '_> = (row.open)(Box::new(io::BufWriter::new(output)));
    subunit_core::read(stream, &mut report)?;
    report.result()
}
