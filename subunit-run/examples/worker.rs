//! A worker for the tests of the supervisor, and an example of one in Rust. Its tests are the lines of the
//! file `tests.list`; the last part of an id says what the test does:
//!
//! `pass`, `fail`, `skip`; `sleep-250` takes 250 ms; `hang` never ends; `gate` ends when the file `gate`
//! does, which may be a pipe; `kill` kills its process and `exit-3`
//! ends it; `flaky-2` fails twice, then passes; `print` writes a line; `ask` asks on standard output and
//! reads an answer; `terminal` passes if its output is a terminal; `spoiled` fails if a test `spoil` ran before it in its process; `leak` leaves a process behind, and
//! `daemon` one that holds its output open; `alone` fails if another such test runs meanwhile;
//! `env-a` passes if the variable FLAVOUR is `a`; `first` fails if another test ran in its process before;
//! `tires-2` passes twice, then fails; `imitate` prints what looks like the result of a test `imitated`;
//! `file` puts a file into `$SUBUNIT_ARTIFACTS`, and `after` one as the process ends; `attempt-2` passes if its
//! process was started for the second attempt; `variables` says what it finds in its environment; `linger` makes
//! its process go on after the last test; nothing is said of `mute`, and of `quiet-250` not that it begins. A part
//! `tag-NAME` gives the test a tag.
//!
//! With `--results` in front, results go to the descriptor `$SUBUNIT_RESULT_FD`, and standard output is free.
//! `--list` lists them, `--load-list FILE` runs those of a list, and without arguments ids are read from
//! `$SUBUNIT_TEST_FD`, as `subunit run` hands them out to a command that is `incremental`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use rustix::process::{Signal, getpid, kill_process};
use subunit_core::{Event, FileChunk, Status, Timestamp, Writer};

/// How many tests have asked whether they are the first.
static NTH: AtomicU32 = AtomicU32::new(0);

/// What one test changes and another one minds.
static SPOILT: AtomicBool = AtomicBool::new(false);

/// Where results go, instead of standard output.
static RESULTS: OnceLock<File> = OnceLock::new();

fn results() -> Box<dyn Write> {
    match RESULTS.get() {
        Some(file) => Box::new(file),
        None => Box::new(io::stdout().lock()),
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments.first() == Some(&"--results") {
        arguments.remove(0);
        let number = std::env::var("SUBUNIT_RESULT_FD").map_err(io::Error::other)?;
        let results = OpenOptions::new().write(true).open(format!("/dev/fd/{number}"))?;
        RESULTS.get_or_init(|| results);
    }
    let result = work(&arguments);
    if AFTER.load(Ordering::Relaxed) {
        put_file("after.log", "after all")?;
    }
    if LINGERS.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_secs(1000));
    }
    result
}

/// What the process does as it ends.
static AFTER: AtomicBool = AtomicBool::new(false);
static LINGERS: AtomicBool = AtomicBool::new(false);

fn put_file(name: &str, text: &str) -> io::Result<()> {
    let folder = std::env::var("SUBUNIT_ARTIFACTS").map_err(io::Error::other)?;
    // Clocks of file systems are some milliseconds behind, and the test before has ended just now.
    std::thread::sleep(Duration::from_millis(30));
    fs::write(format!("{folder}/{name}"), text)
}

fn work(arguments: &[&str]) -> io::Result<()> {
    match *arguments {
        ["--list"] => list(),
        ["--load-list", path] => {
            let chosen = fs::read_to_string(path)?;
            chosen.lines().try_for_each(run)
        }
        [] => match std::env::var("SUBUNIT_TEST_FD") {
            Ok(number) => {
                let ids = BufReader::new(File::open(format!("/dev/fd/{number}"))?);
                ids.lines().try_for_each(|id| run(&id?))
            }
            Err(_) => all()?.iter().try_for_each(|id| run(id)),
        },
        _ => Err(io::Error::other("use --list, --load-list FILE, or no arguments")),
    }
}

fn all() -> io::Result<Vec<String>> {
    Ok(fs::read_to_string("tests.list")?.lines().map(str::to_owned).collect())
}

fn list() -> io::Result<()> {
    let mut writer = Writer::new(results());
    for id in all()? {
        if let Some(time) = id.strip_prefix("slow-listing.").and_then(|id| id.split('.').next()) {
            writer.flush()?;
            std::thread::sleep(Duration::from_millis(time.parse().unwrap_or(0)));
        }
        writer.event(&Event::status(&id, Status::Exists))?;
    }
    Ok(())
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn say(event: &Event<'_>) -> io::Result<()> {
    let mut results = results();
    Writer::new(&mut results).event(&Event { timestamp: Timestamp::now(), ..*event })?;
    results.flush()
}

fn run(id: &str) -> io::Result<()> {
    let action = id.rsplit('.').next().unwrap_or_default();
    let (word, number) = action.split_once('-').unwrap_or((action, ""));
    let number: u32 = number.parse().unwrap_or(0);
    match word {
        "mute" => return Ok(()),
        "quiet" => std::thread::sleep(Duration::from_millis(number.into())),
        _ => say(&Event::status(id, Status::InProgress))?,
    }
    match word {
        "sleep" if number >= 60_000 => {
            File::create(format!("{id}.begun"))?;
            std::thread::sleep(Duration::from_millis(number.into()));
        }
        "sleep" => std::thread::sleep(Duration::from_millis(number.into())),
        "gate" => drop(fs::read("gate")?),
        "hang" => loop {
            std::thread::sleep(Duration::from_secs(1000));
        },
        "kill" => kill_process(getpid(), Signal::KILL)?,
        "exit" => std::process::exit(number.cast_signed()),
        "print" => {
            print(&format!("printed by {id}\n"))?;
        }
        "imitate" => {
            let mut packet = Vec::new();
            Event::status("imitated", Status::Fail)
                .encode(&mut packet)
                .map_err(io::Error::other)?;
            let mut stdout = io::stdout().lock();
            stdout.write_all(&packet)?;
            stdout.write_all(b"TAP version 13\n1..1\nnot ok 1 - imitated\n")?;
            stdout.flush()?;
        }
        "file" => put_file(&format!("{id}.log"), &format!("left by {id}"))?,
        "after" => AFTER.store(true, Ordering::Relaxed),
        "linger" => LINGERS.store(true, Ordering::Relaxed),
        "variables" => {
            let names =
                ["RUN_ID", "WORKER", "WORKERS", "ROUTE", "ATTEMPT", "ARTIFACTS", "RESULT_FD"];
            let value = |name| std::env::var(format!("SUBUNIT_{name}")).unwrap_or_default();
            let said: Vec<_> = names.map(|name| format!("{name}={}", value(name))).into();
            return end(id, Status::Success, &said.join(" "));
        }
        "ask" => {
            print(&format!("({id}) "))?;
            let mut answer = String::new();
            io::stdin().read_line(&mut answer)?;
            return end(id, Status::Success, &format!("answered: {answer}"));
        }
        "daemon" => drop(Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn()?),
        "leak" => {
            let _ = Command::new("sleep")
                .arg("1000")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
        }
        _ => {}
    }
    match word {
        "terminal" if !io::IsTerminal::is_terminal(&io::stdout()) => {
            end(id, Status::Fail, "no terminal")
        }
        "attempt" if std::env::var("SUBUNIT_ATTEMPT").ok() != Some(number.to_string()) => {
            end(id, Status::Fail, "another attempt")
        }
        "spoil" => {
            SPOILT.store(true, Ordering::Relaxed);
            end(id, Status::Success, "")
        }
        "spoiled" if SPOILT.load(Ordering::Relaxed) => end(id, Status::Fail, "it is spoilt"),
        "fail" => end(id, Status::Fail, "it always fails"),
        "first" if NTH.fetch_add(1, Ordering::Relaxed) > 0 => {
            end(id, Status::Fail, "not the first")
        }
        "tires" if failed_before(id)? >= number => end(id, Status::Fail, "no more"),
        "env" if std::env::var("FLAVOUR").is_ok_and(|flavour| action.ends_with(&flavour)) => {
            end(id, Status::Success, "")
        }
        "env" => end(id, Status::Fail, "another FLAVOUR"),
        "alone" if !is_alone()? => end(id, Status::Fail, "another one runs"),
        "skip" => end(id, Status::Skip, "not now"),
        "flaky" if failed_before(id)? < number => end(id, Status::Fail, "not yet"),
        _ => end(id, Status::Success, ""),
    }
}

fn end(id: &str, status: Status, reason: &str) -> io::Result<()> {
    let file = FileChunk { name: "reason", bytes: reason.as_bytes() };
    let file = Some(file).filter(|_| !reason.is_empty());
    let mime_type = file.map(|_| "text/plain;charset=utf8");
    let tags = id.split('.').filter_map(|part| part.strip_prefix("tag-")).collect();
    let event = Event { file, mime_type, eof: file.is_some(), ..Event::status(id, status) };
    say(&event.with_tags(&tags))
}

/// Whether no other test that asks this runs for a while.
fn is_alone() -> io::Result<bool> {
    if OpenOptions::new().create_new(true).write(true).open("alone.lock").is_err() {
        return Ok(false);
    }
    std::thread::sleep(Duration::from_millis(50));
    fs::remove_file("alone.lock")?;
    Ok(true)
}

/// How many times this test has been run before, by a file beside the list.
fn failed_before(id: &str) -> io::Result<u32> {
    let path = format!("{}.runs", id.replace('/', "_"));
    let runs = fs::read(&path).map_or(0, |runs| runs.len());
    OpenOptions::new().create(true).append(true).open(path)?.write_all(b"x")?;
    Ok(u32::try_from(runs).unwrap_or(u32::MAX))
}
