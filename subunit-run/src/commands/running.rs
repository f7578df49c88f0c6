//! `subunit running`: which runs go on, and what they do.

use std::{
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use subunit_core::{Decoder, Event, Item, RouteCode, Status, Timestamp, conventions, run::counted};
use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    style::{Look, escaped},
};
use subunit_mux::process::run_socket;

/// How long all runs together have to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Show which runs go on, and what they do
///
/// These are the runs of the same user on this machine: how far each is, which tests run and for how long,
/// and which worker waits for a person at a prompt. `subunit attach` connects to one of them.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Running {
    /// Write one JSON object
    ///
    /// docs/schemas/running.json describes the keys.
    #[arg(long)]
    json: bool,
}

impl Command for Running {
    const NAME: &'static str = "running";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit running
  $ subunit running --json | grep '\"asks\"'

Exit status: 0; 2 it cannot be known.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let failed = |source| Error::System { name: "the sockets of runs".into(), source };
        let runs = run_socket::runs().map_err(failed)?;
        let until = Instant::now() + PATIENCE;
        let runs: Vec<Told> =
            runs.into_iter().map(|(name, stream)| Told::by(name, stream, until)).collect();
        if self.json {
            let all = All { version: 1, runs };
            serde_json::to_writer(&mut *console.stdout, &all).map_err(std::io::Error::from)?;
            console.stdout.write_all(b"\n")?;
            return Ok(Exit::Passed);
        }
        if runs.is_empty() {
            console.say("no run goes on here")?;
        }
        let look = console.stdout_look;
        runs.iter().try_for_each(|run| run.write(look, &mut *console.stdout))?;
        Ok(Exit::Passed)
    }
}

/// What `--json` writes.
#[derive(Serialize)]
struct All {
    version: u32,
    runs: Vec<Told>,
}

/// What a run tells of itself.
#[derive(Default, Serialize)]
struct Told {
    name: String,
    /// Whether it has answered: without that, nothing else is known.
    answered: bool,
    command: Option<String>,
    started: Option<String>,
    elapsed: Option<f64>,
    tests: Option<u64>,
    done: Option<u64>,
    failed: Option<u64>,
    running: Vec<RunningTest>,
    asking: Vec<Asking>,
}

#[derive(Serialize)]
struct RunningTest {
    test: String,
    worker: String,
    seconds: Option<f64>,
}

/// A worker that waits for a person.
#[derive(Serialize)]
struct Asking {
    worker: String,
    asks: String,
}

/// Of the file `run`.
#[derive(Deserialize)]
struct Run {
    command: String,
    #[serde(default)]
    arguments: Vec<String>,
    started: Option<String>,
}

/// Of the file `plan`.
#[derive(Deserialize)]
struct Plan {
    tests: Option<u64>,
}

/// Of the file `progress`.
#[derive(Deserialize)]
struct Progress {
    done: u64,
    failed: u64,
    elapsed: f64,
}

/// Of the file `prompt`.
#[derive(Deserialize)]
struct Prompt {
    open: bool,
    text: String,
}

impl Told {
    /// Reads what a run says first to those who connect.
    fn by(name: String, mut stream: UnixStream, until: Instant) -> Self {
        let mut told = Self { name, ..Self::default() };
        let mut decoder = Decoder::new();
        let mut block = [0; 16 * 1024];
        while !told.answered {
            // A time of 0 would be none.
            let left = until.saturating_duration_since(Instant::now());
            let left = left.max(Duration::from_millis(1));
            if stream.set_read_timeout(Some(left)).is_err() {
                break;
            }
            match stream.read(&mut block) {
                Ok(length @ 1..) => decoder.feed(block.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // It has ended, or is late.
                Ok(0) | Err(_) => break,
            }
            while let Some(item) = decoder.next_item() {
                if let Item::Packet(packet) = item {
                    told.take(packet.event());
                }
            }
        }
        told
    }

    fn take(&mut self, event: &Event<'_>) {
        if self.answered {
            return;
        }
        let worker = || event.route_code.map(RouteCode::as_str).unwrap_or_default().to_owned();
        if let Some(test_id) = event.test_id {
            if event.status == Some(Status::InProgress) {
                let since = event.timestamp.zip(Timestamp::now());
                let seconds = since.and_then(|(began, now)| now.since(began));
                self.running.push(RunningTest {
                    test: test_id.to_owned(),
                    worker: worker(),
                    seconds: seconds.map(|time| time.as_secs_f64()),
                });
            }
            return;
        }
        let Some(file) = event.file.filter(|_| conventions::is_aside(event)) else { return };
        match (file.name, event.route_code) {
            (conventions::RUN, None) => {
                let Ok(run) = serde_json::from_slice::<Run>(file.bytes) else { return };
                let words: Vec<_> = std::iter::once(run.command).chain(run.arguments).collect();
                self.command = Some(words.join(" "));
                self.started = run.started;
            }
            (conventions::PLAN, None) => {
                let plan = serde_json::from_slice::<Plan>(file.bytes).ok();
                self.tests = plan.and_then(|plan| plan.tests);
            }
            (conventions::PROMPT, Some(_)) => {
                let prompt = serde_json::from_slice::<Prompt>(file.bytes).ok();
                let prompt = prompt.filter(|prompt| prompt.open);
                let asking = |prompt: Prompt| Asking { worker: worker(), asks: prompt.text };
                self.asking.extend(prompt.map(asking));
            }
            (conventions::PROGRESS, None) => {
                self.answered = true;
                let Ok(progress) = serde_json::from_slice::<Progress>(file.bytes) else { return };
                self.done = Some(progress.done);
                self.failed = Some(progress.failed);
                self.elapsed = Some(progress.elapsed);
            }
            _ => {}
        }
    }

    /// For people: a line for the run, and one for each test and each prompt.
    fn write(&self, look: Look, out: &mut dyn Write) -> std::io::Result<()> {
        let name = escaped(look, &self.name);
        if !self.answered {
            return writeln!(out, "{name}  does not answer");
        }
        let command = escaped(look, self.command.as_deref().unwrap_or_default());
        let done = self.done.unwrap_or_default();
        let tests = match self.tests {
            Some(tests) => format!("{done} of {}", counted(tests, "test")),
            None => counted(done, "test"),
        };
        let failed = self.failed.unwrap_or_default();
        let elapsed = self.elapsed.unwrap_or_default();
        writeln!(out, "{name}  {tests}, {failed} failed, {elapsed:.1} s  {command}")?;
        for test in &self.running {
            let (worker, id) = (escaped(look, &test.worker), escaped(look, &test.test));
            match test.seconds {
                Some(seconds) => writeln!(out, "  [{worker}] {id} {seconds:.1} s")?,
                None => writeln!(out, "  [{worker}] {id}")?,
            }
        }
        for asking in &self.asking {
            let (worker, asks) = (escaped(look, &asking.worker), escaped(look, &asking.asks));
            writeln!(out, "  [{worker}] waits for an answer: {asks}")?;
        }
        Ok(())
    }
}
