//! `subunit send`: runs to a server.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use subunit_core::conventions::run_uuid;
use subunit_filters::{
    cli::{command::Command, duration},
    console::Console,
    exit::{Error, Exit},
    files::input,
};
use subunit_formats::report::shell;
use tempfile::NamedTempFile;

use crate::{
    report::{
        address::ServerAddress,
        exchange::ServerClient,
        sender::{RunSender, SentRun},
        spool::SpooledStream,
    },
    rewrite::StreamRewriter,
};

/// How long it is tried after a run has ended, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// Send runs to a server
///
/// The server is one of `subunit serve`. Each file is a run, of any format, also packed by gzip or zstd, and `@last` is one of
/// the history; standard input is a stream that is sent while it
/// comes. If the connection or the server is lost, it is tried again, and goes on where it was. What could not be sent is
/// kept in a file, and its name is printed.
///
/// `$SUBUNIT_TOKEN` is the token that the server wants. `$SSL_CERT_FILE` names the certificates of authorities, if they are
/// not those of the system.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Send {
    /// The address of the server, such as https://tests.example.org/
    #[arg(long, value_name = "URL", value_parser = ServerAddress::parse)]
    to: Option<ServerAddress>,
    /// The runs, a file each; reads standard input if none is given, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The series of the runs [default: what the stream says: its series or its branch]
    #[arg(long, value_name = "NAME")]
    series: Option<String>,
    /// Say that only a selection of the tests was asked for, so that the others keep their results
    #[arg(long)]
    partial: bool,
    /// Say that the run takes place now, so that it is later than all others of its series
    #[arg(long)]
    live: bool,
    /// Read the token from this file [default: $SUBUNIT_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The run has ended only if this file is gone at the end of standard input: whoever writes there may have been killed
    #[arg(long, value_name = "FILE", hide = true)]
    while_there: Option<PathBuf>,
    /// How long to try after a run has ended, such as 30s or 5m [default: 1m]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    patience: Option<Duration>,
}

impl Command for Send {
    const NAME: &'static str = "send";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit send --to https://tests.example.org/ run.subunit
  $ subunit send --to http://127.0.0.1:7357/ --series main results.xml

Exit status: 0 the server has all of it; 2 it has not.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let Some(address) = self.to.clone() else {
            return Err(Error::Usage("name the server: --to URL".into()));
        };
        let token = self.token()?;
        let client = ServerClient::new(address, token);
        let client = client.map_err(|source| Error::System { name: "TLS".into(), source })?;
        let input = [PathBuf::from("-")];
        let files = if self.files.is_empty() { &input[..] } else { &self.files };
        let mut exit = Exit::Passed;
        for file in files {
            let sent = if file == Path::new("-") {
                self.send_input(&client)
            } else {
                self.send_file(file, &client, console)
            };
            match sent {
                Ok(run) => console.say(format_args!("{}/run/{run}", client.address()))?,
                Err(error) if files.len() > 1 => {
                    console.say(&error)?;
                    exit = Exit::Broken;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(exit)
    }
}

impl Send {
    fn token(&self) -> Result<Option<String>, Error> {
        let token = match &self.token_file {
            Some(file) => {
                let name = file.display().to_string();
                let read = fs::read_to_string(file);
                Some(read.map_err(|source| Error::File { name, source })?)
            }
            None => std::env::var("SUBUNIT_TOKEN").ok(),
        };
        let Some(token) = token.map(|token| token.trim().to_owned()) else { return Ok(None) };
        if token.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(Error::Usage("the token has characters that no token has".into()));
        }
        Ok(Some(token).filter(|token| !token.is_empty()))
    }

    /// Sends what comes on standard input. What the server has not is kept in a file.
    fn send_input(&self, client: &ServerClient) -> Result<String, Error> {
        let mut builder = tempfile::Builder::new();
        let file = builder.prefix("subunit-run-").suffix(".subunit").tempfile();
        let file = file.map_err(of_file("a file for the stream"))?;
        let stream = SpooledStream::new(file.reopen().map_err(of_file("a file for the stream"))?);
        let name = run_uuid().map_err(of_file("/dev/urandom"))?;
        let sent = thread::scope(|scope| {
            scope.spawn(|| stream.fill(io::stdin().lock(), || self.was_cut()));
            let sent = self.sent(client, &stream, name);
            // The runner goes on, and what it says is kept.
            stream.wait_for_end();
            sent
        });
        sent.map_err(|why| match stream.is_whole() {
            true => self.kept(&why, client, file),
            false => Error::Usage(why),
        })
    }

    /// Whether the writer of standard input is gone before its run has ended.
    fn was_cut(&self) -> bool {
        // Whether it is there is known by removing it: nobody else does any more.
        self.while_there.as_ref().is_some_and(|file| fs::remove_file(file).is_ok())
    }

    /// One line that says how what was not sent can be.
    fn kept(&self, why: &str, client: &ServerClient, file: NamedTempFile) -> Error {
        let (address, options) = (client.address(), self.options());
        Error::Usage(match file.keep() {
            Ok((_, path)) => {
                let path = path.display().to_string();
                let path = shell::quoted([&*path]);
                format!("{why}: to send the run later: subunit send --to {address}{options} {path}")
            }
            Err(error) => format!("{why}; {error}"),
        })
    }

    fn options(&self) -> String {
        let mut options = String::new();
        if let Some(series) = &self.series {
            options += &format!(" --series={}", shell::quoted([&**series]));
        }
        // Not --live: it takes place no more when it is sent.
        options += if self.partial { " --partial" } else { "" };
        if let Some(file) = &self.token_file {
            options += &format!(" --token-file={}", shell::quoted([&*file.display().to_string()]));
        }
        options
    }

    /// Sends a file of any format, or a run of a history, as a stream.
    fn send_file(
        &self,
        path: &Path,
        client: &ServerClient,
        console: &mut Console<'_>,
    ) -> Result<String, Error> {
        let (input, shown) = input::open(path, console)?;
        let file = tempfile::tempfile().map_err(of_file("a file for the stream"))?;
        let mut rewriter = StreamRewriter::new(BufWriter::new(&file));
        let read = subunit_formats::read(BufReader::new(input), None, &mut rewriter);
        let found = read.map_err(of_file(&shown))?;
        let written = rewriter.into_written().and_then(|mut written| written.flush());
        written.map_err(of_file("a file for the stream"))?;
        if !found {
            return Err(Error::Usage(format!("{shown}: no test results found")));
        }
        let name = name_of(&file).map_err(of_file("a file for the stream"))?;
        let stream = SpooledStream::of_file(file).map_err(of_file("a file for the stream"))?;
        let sent = self.sent(client, &stream, name);
        sent.map_err(|why| Error::Usage(format!("{why}: send {shown} again later")))
    }

    fn sent(
        &self,
        client: &ServerClient,
        stream: &SpooledStream,
        name: String,
    ) -> Result<String, String> {
        let run = SentRun {
            series: self.series.clone(),
            is_partial: self.partial,
            is_live: self.live,
            name,
        };
        RunSender::new(client, stream, run, self.patience.unwrap_or(PATIENCE)).send()
    }
}

/// A name that a file has by what is in it, so that the same file is the same run.
fn name_of(file: &File) -> io::Result<String> {
    use io::{Read as _, Seek as _};
    let mut file = file;
    file.rewind()?;
    let mut hasher = twox_hash::XxHash3_128::new();
    let mut block = vec![0; 256 << 10];
    loop {
        match file.read(&mut block)? {
            0 => break,
            read => hasher.write(block.get(..read).unwrap_or_default()),
        }
    }
    let digits = format!("{:032x}", hasher.finish_128());
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    // A UUID of version 8: made by a rule of one's own.
    Ok(format!(
        "{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    ))
}

fn of_file(name: &str) -> impl FnOnce(io::Error) -> Error {
    let name = name.to_owned();
    move |source| Error::File { name, source }
}
