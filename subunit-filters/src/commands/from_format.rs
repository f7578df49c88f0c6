//! `subunit from-tap`, `from-gojson`, `from-junit` and `1to2`: other formats as streams.

use std::path::PathBuf;

use super::{cat::Forward, reading::Reading};
use crate::{
    command::Command,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
    pipeline::{Inputs, TextArgs, run_filter},
};

/// Make a stream of TAP or KTAP
///
/// Versions 12 to 14, with subtests, YAML and `prove -v`. A plan that is not met, a bail-out and a test
/// that never ended are failures. What is no TAP is passed on as text.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromTap {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromTap {
    const NAME: &'static str = "from-tap";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf '1..1\\nok 1 - works\\n' | subunit from-tap | subunit ls
  $ printf '1..2\\nok 1\\n' > run.tap && subunit from-tap run.tap | subunit stats

Exit status: 0, or 2 where an input cannot be read or the stream cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Tap, console)
    }
}

/// Make a stream of what `go test -json` writes
///
/// What is none of its objects is passed on as text.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromGojson {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromGojson {
    const NAME: &'static str = "from-gojson";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}' | subunit from-gojson | subunit ls
  $ echo '{\"Action\":\"skip\",\"Package\":\"p\",\"Test\":\"T\"}' > go.json && \
subunit from-gojson go.json | subunit stats

Exit status: 0, or 2 where an input cannot be read or the stream cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Gojson, console)
    }
}

/// Make a stream of JUnit XML
///
/// Of any dialect. Times are put together from durations where the report has no others. A report that
/// was cut short is a failure. What is no XML is passed on as text.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromJunit {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromJunit {
    const NAME: &'static str = "from-junit";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '<testsuite><testcase classname=\"a\" name=\"b\"/></testsuite>' | subunit from-junit | subunit ls
  $ subunit to-junit run.subunit > run.xml; subunit from-junit run.xml | subunit stats

Exit status: 0, or 2 where an input cannot be read or the stream cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Junit, console)
    }
}

/// Make a stream of version 2 of one of version 1
///
/// What is no line of version 1 is passed on as it is, packets of version 2 too. Events have the times
/// that the input names, and no others.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct OneToTwo {
    #[command(flatten)]
    text: TextArgs,
    /// Files to read, one after the other; `-` is standard input, as is none at all
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Command for OneToTwo {
    const NAME: &'static str = "1to2";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf 'test: a\\nsuccess: a\\n' | subunit 1to2 | subunit ls
  $ subunit 2to1 run.subunit | subunit 1to2 | subunit stats

Exit status: 0, or 2 where an input cannot be read or the stream cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        run_filter(Forward, &Inputs::of(Format::SubunitV1, self.files), self.text, console)
    }
}
