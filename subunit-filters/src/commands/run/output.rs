//! `subunit output`: one event, from the shell.

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use subunit_core::{Event, FileChunk, RouteCode, Status, TagsBuf, Timestamp, Writer};
use subunit_formats::text::time::parse_rfc3339;

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::{destination::Writes, same_file},
};

/// Write one event, for tests that are shell scripts
///
/// Large files are split over packets of at most 4096 bytes, which pipes keep whole; the last one carries
/// the status.
#[derive(Clone, Debug, clap::Args)]
#[command(args_override_self = false)] // two statuses are two events
pub(crate) struct Output {
    #[command(flatten)]
    pub(in crate::commands) test: TestArgs,
    /// Attach a file; `-` is standard input
    #[arg(long, value_name = "PATH", alias = "attach-file")]
    pub(in crate::commands) file: Option<PathBuf>,
    /// Name the attachment [default: the name of the file, or `stdin`]
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(in crate::commands) file_name: Option<String>,
    /// Set the type of the attachment, such as `text/plain;charset=utf8`
    #[arg(long, value_name = "TYPE", requires = "file", alias = "mimetype")]
    pub(in crate::commands) mime_type: Option<String>,
    /// Add a tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub(in crate::commands) tags: Vec<String>,
    /// Set the route: the multiplexers that the event came through, such as `0/1`
    #[arg(long, value_name = "ROUTE")]
    pub(in crate::commands) route: Option<String>,
    /// Set the time: a time by RFC 3339, `now`, or `none`
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = parse_time)]
    pub(in crate::commands) timestamp: Time,
    /// Mark the test as one that cannot run on its own
    #[arg(long)]
    pub(in crate::commands) not_runnable: bool,
}

/// The test, and what happened to it.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(multiple = false)]
pub(in crate::commands) struct TestArgs {
    /// The test exists
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    exists: Option<String>,
    /// The test has started
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    inprogress: Option<String>,
    /// The test passed
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    success: Option<String>,
    /// The test passed although it was expected to fail
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    uxsuccess: Option<String>,
    /// The test was not run
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    skip: Option<String>,
    /// The test failed
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    fail: Option<String>,
    /// The test failed as was expected
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    xfail: Option<String>,
    /// The event is about this test and says nothing of its status
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    id: Option<String>,
}

impl TestArgs {
    /// The test's id and status; the group allows one.
    fn id_and_status(&self) -> (Option<&str>, Option<Status>) {
        let given = [
            (&self.exists, Some(Status::Exists)),
            (&self.inprogress, Some(Status::InProgress)),
            (&self.success, Some(Status::Success)),
            (&self.uxsuccess, Some(Status::UnexpectedSuccess)),
            (&self.skip, Some(Status::Skip)),
            (&self.fail, Some(Status::Fail)),
            (&self.xfail, Some(Status::ExpectedFailure)),
            (&self.id, None),
        ];
        given
            .into_iter()
            .find_map(|(id, status)| Some((Some(id.as_deref()?), status)))
            .unwrap_or_default()
    }
}

/// When the event happened.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands) enum Time {
    Now,
    Unsaid,
    At(Timestamp),
}

fn parse_time(text: &str) -> Result<Time, &'static str> {
    match text {
        "now" => Ok(Time::Now),
        "none" => Ok(Time::Unsaid),
        _ => parse_rfc3339(text)
            .map(Time::At)
            .ok_or("use a time from 1970 to 2106 such as 2024-01-02T03:04:05Z, `now`, or `none`"),
    }
}

impl Command for Output {
    const NAME: &'static str = "output";
    const WRITES: Writes = Writes::LiveStream(None);
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit output --inprogress backup.restore
  $ tar --version > log && subunit output --success backup.restore --file log

Exit status: 0, or 2 if the event cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let (test_id, status) = self.test.id_and_status();
        let tags: TagsBuf = self.tags.iter().map(String::as_str).collect();
        let event = Event {
            status,
            test_id,
            timestamp: match self.timestamp {
                Time::Now => Timestamp::now(),
                Time::Unsaid => None,
                Time::At(timestamp) => Some(timestamp),
            },
            tags: (!self.tags.is_empty()).then(|| tags.as_tags()),
            runnable: !self.not_runnable,
            route_code: self.route.as_deref().map(RouteCode::new),
            mime_type: self.mime_type.as_deref(),
            ..Event::default()
        };
        match &self.file {
            None => Writer::new(&mut console.stdout).event(&event)?,
            Some(path) => self.attach(path, &event, console)?,
        }
        console.flush()?;
        Ok(Exit::Passed)
    }
}

impl Output {
    fn attach(
        &self,
        path: &Path,
        event: &Event<'_>,
        console: &mut Console<'_>,
    ) -> Result<(), Error> {
        let standard = path.as_os_str() == "-";
        let shown = path.display().to_string();
        let failed = |source| Error::File { name: shown.clone(), source };
        let input: Box<dyn Read + '_> = if standard {
            Box::new(console.take_stdin()?)
        } else {
            Box::new(same_file::open(path)?)
        };
        let name = match &self.file_name {
            Some(name) => name,
            None if standard => "stdin",
            None => &shown,
        };
        let mut pieces = Pieces { input, failed: None };
        attach_pieces(&mut pieces, name, event, &mut console.stdout)?;
        pieces.failed.map_or(Ok(()), |source| Err(failed(source)))
    }
}

/// The content of a file, in pieces.
struct Pieces<'a> {
    input: Box<dyn Read + 'a>,
    /// Why there are no more, if it is not the end.
    failed: Option<io::Error>,
}

impl Pieces<'_> {
    /// The next piece; empty at the end, or where reading failed.
    fn next(&mut self) -> Vec<u8> {
        const PIECE: usize = 64 * 1024;
        let mut piece = vec![0; PIECE];
        loop {
            match self.input.read(&mut piece) {
                Ok(read) => {
                    piece.truncate(read);
                    return piece;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    return Vec::new();
                }
            }
        }
    }
}

/// Writes the event with the file's pieces as they come; status, tags and eof are on the last.
fn attach_pieces(
    pieces: &mut Pieces<'_>,
    name: &str,
    event: &Event<'_>,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = Writer::new(output);
    let mut piece = pieces.next();
    loop {
        let next = pieces.next();
        let last = next.is_empty();
        let chunk = Some(FileChunk { name, bytes: &piece });
        if last {
            // A file that could not be read to its end has none.
            let eof = pieces.failed.is_none();
            return writer.event(&Event { file: chunk, eof, ..*event });
        }
        let event = Event { file: chunk, status: None, tags: None, ..*event };
        writer.event(&event)?;
        writer.flush()?;
        piece = next;
    }
}
