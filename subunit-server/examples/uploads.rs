//! Many clients send runs to one server of this machine, which is killed meanwhile, or its database, or followed by many pages:
//!
//! ```sh
//! cargo run --release -p subunit-server --example uploads -- target/release/subunit-server kill 50
//! cargo run --release -p subunit-server --example uploads -- target/release/subunit-server load 200 100
//! ```
//!
//! `kill` kills the server again and again; what was acknowledged has to be there after each restart, and each stream has to
//! be stored as it was sent, once. `load` counts results in a second, answers that are errors, and the server's memory.
//!
//! `kill-database` kills PostgreSQL instead, by a command that starts it again, and the server goes on:
//!
//! ```sh
//! .ci/postgres sh -c 'target/release/examples/uploads target/release/subunit-server kill-database 50 $SUBUNIT_POSTGRES $SUBUNIT_POSTGRES_KILL'
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for a developer")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use subunit_core::{Event, Status, Timestamp, Writer};
use subunit_history::{History, NewRun, Store};

/// How many results a run has.
const RESULTS: u32 = 2000;
/// How long a piece is.
const PIECE: usize = 16 << 10;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all clients have seen.
#[derive(Default)]
struct Counts {
    /// Bytes that were acknowledged, of each run.
    acknowledged: Vec<AtomicU64>,
    /// Clients that have ended, one way or another.
    ended: AtomicUsize,
    /// Answers that said to come later.
    later: AtomicU64,
    /// Connections that were lost.
    lost: AtomicU64,
    /// Answers that nothing explains.
    errors: AtomicU64,
}

struct Server {
    child: Child,
    address: String,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [program, mode, clients, rest @ ..] = &words[..] else {
        panic!("PROGRAM kill|load|kill-database CLIENTS [PAGES | DATABASE COMMAND]");
    };
    let clients: usize = clients.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (pages, place, restart) = match (&**mode, rest) {
        ("kill" | "load", []) => (0, folder.path().to_owned(), None),
        ("load", [pages]) => (pages.parse().unwrap(), folder.path().to_owned(), None),
        ("kill-database", [database, restart]) => {
            subunit_history::use_databases(subunit_server::postgres::open);
            let files = folder.path().display();
            let project = std::process::id();
            (0, format!("{database}?project=p{project}&files={files}").into(), Some(restart))
        }
        _ => panic!("{mode}: kill, load or kill-database"),
    };
    Store::open(&place).unwrap().take(NewRun::default(), &*stream(0)).unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = Server::start(program, &place, &address);
    let acknowledged = (0..clients).map(|_| AtomicU64::default()).collect();
    let counts = Arc::new(Counts { acknowledged, ..Counts::default() });
    let streams: Vec<Arc<Vec<u8>>> =
        (1..=clients).map(|nth| Arc::new(stream(nth as u32))).collect();
    let total: usize = streams.iter().map(|stream| stream.len()).sum();
    let together = Arc::new(Barrier::new(clients));
    let begun = Instant::now();
    let sending: Vec<_> = streams
        .iter()
        .enumerate()
        .map(|(nth, stream)| {
            let (counts, stream, address) = (counts.clone(), stream.clone(), address.clone());
            let together = together.clone();
            thread::spawn(move || {
                together.wait();
                let _ended = Ended(&counts);
                send(&address, nth, &stream, &counts);
            })
        })
        .collect();
    let watching: Vec<_> = (0..pages)
        .map(|nth| {
            let (address, counts) = (address.clone(), counts.clone());
            thread::spawn(move || follow(&address, &uuid(nth % clients), &counts))
        })
        .collect();
    let again = |server: Server| match restart {
        Some(restart) => {
            let status = Command::new("sh").args(["-c", restart]).stdout(Stdio::null()).status();
            assert!(status.unwrap().success(), "{restart}");
            server
        }
        None => {
            drop(server);
            Server::start(program, &place, &address)
        }
    };
    let (server, killed) =
        if mode == "load" { (server, 0) } else { kill_often(server, again, &counts, total) };
    sending.into_iter().for_each(|client| client.join().unwrap());
    let elapsed = begun.elapsed();
    let events: u64 = watching.into_iter().map(|page| page.join().unwrap()).sum();
    let history = History::open(&place).unwrap().unwrap();
    let (mut same, runs) = (0, history.runs(None).unwrap().len());
    for (nth, stream) in streams.iter().enumerate() {
        let run = history.run_named(&uuid(nth)).unwrap().unwrap();
        let mut stored = Vec::new();
        history.stream(&run).unwrap().read_to_end(&mut stored).unwrap();
        same += usize::from(stored == **stream && !run.is_interrupted);
    }
    let get = |count: &AtomicU64| count.load(Ordering::SeqCst);
    let results = f64::from(RESULTS) * clients as f64 / elapsed.as_secs_f64();
    println!(
        "clients {clients}, results {}, bytes {total}, seconds {:.1}",
        RESULTS as usize * clients,
        elapsed.as_secs_f64()
    );
    println!("results in a second {results:.0}, server's memory at most {}", memory(&server.child));
    println!(
        "killed {killed} times, connections lost {}, told to come later {}",
        get(&counts.lost),
        get(&counts.later)
    );
    println!("pages {pages}, events {events}, errors {}", get(&counts.errors));
    println!("streams as sent {same} of {clients}, runs {runs} of {}", clients + 1);
    drop(server);
    assert!(same == clients && runs == clients + 1 && get(&counts.errors) == 0);
}

/// Counts a client when it ends, also by a failed assertion.
struct Ended<'c>(&'c Counts);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

/// Kills at places that spread over all that is sent, while runs are being sent; each time, all that was acknowledged has to
/// be there afterwards. `again` kills, and starts what it killed. Returns the last server, and how often that was.
fn kill_often(
    mut server: Server,
    again: impl Fn(Server) -> Server,
    counts: &Counts,
    total: usize,
) -> (Server, u32) {
    const TIMES: u32 = 12;
    let clients = counts.acknowledged.len();
    let are_sending = || counts.ended.load(Ordering::SeqCst) < clients;
    let sent = || counts.acknowledged.iter().map(|one| one.load(Ordering::SeqCst)).sum::<u64>();
    let mut killed = 0;
    for nth in 1..=TIMES {
        let place = total as u64 * u64::from(nth) / u64::from(TIMES + 1);
        while sent() < place && are_sending() {
            thread::sleep(Duration::from_millis(1));
        }
        if !are_sending() {
            break;
        }
        server = again(server);
        killed += 1;
        (0..clients).for_each(|nth| look(&server.address, nth, counts));
    }
    (server, killed)
}

/// What was acknowledged of a run is there.
fn look(address: &str, nth: usize, counts: &Counts) {
    let known = counts.acknowledged[nth].load(Ordering::SeqCst);
    let answer = ask(address, "HEAD", &path(nth), "", b"").unwrap();
    let is_there = matches!(answer, (200, Some(offset), _) if offset as u64 >= known);
    // Its client may have it at this moment.
    let is_busy = matches!(answer.0, 429 | 503);
    assert!(known == 0 || is_there || is_busy, "{answer:?}, {known} bytes were acknowledged");
}

impl Server {
    fn start(program: &str, place: &Path, address: &str) -> Self {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", address, "--history"]).arg(place);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains(address), "{line:?}");
        Self { child, address: address.to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Sends one run to its end. What was acknowledged once has to be there for ever.
fn send(address: &str, nth: usize, stream: &[u8], counts: &Counts) {
    let (path, mut acknowledged) = (path(nth), 0);
    let count = |offset: usize| counts.acknowledged[nth].store(offset as u64, Ordering::SeqCst);
    loop {
        let end = stream.len().min(acknowledged + PIECE);
        let length = if end == stream.len() { end.to_string() } else { "*".to_owned() };
        let range = format!("Content-Range: bytes {acknowledged}-{}/{length}\r\n", end - 1);
        match ask(address, "PUT", &path, &range, &stream[acknowledged..end]) {
            Ok((200 | 201, Some(offset), is_complete)) => {
                assert!(offset >= acknowledged, "{offset} after {acknowledged}");
                count(offset);
                acknowledged = offset;
                if is_complete {
                    return;
                }
                continue;
            }
            Ok((429 | 503, ..)) => counts.later.fetch_add(1, Ordering::SeqCst),
            Ok(_) => counts.errors.fetch_add(1, Ordering::SeqCst),
            Err(_) => counts.lost.fetch_add(1, Ordering::SeqCst),
        };
        thread::sleep(Duration::from_millis(50));
        match ask(address, "HEAD", &path, "", b"") {
            Ok((200, Some(offset), _)) => {
                assert!(
                    offset >= acknowledged,
                    "{path}: {offset} is there, {acknowledged} was acknowledged"
                );
                count(offset);
                acknowledged = offset.min(stream.len() - 1);
            }
            Ok((404, ..)) => assert_eq!(acknowledged, 0, "{path} is gone"),
            _ => {}
        }
    }
}

/// The status, the offset, and whether the run has ended.
fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> std::io::Result<(u16, Option<usize>, bool)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let header = |name: &str| {
        let line = answer.lines().find_map(|line| line.strip_prefix(name));
        line.map(str::trim)
    };
    let offset = header("upload-offset:").and_then(|offset| offset.parse().ok());
    let is_complete = header("upload-complete:") == Some("?1");
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    Ok((status.ok_or_else(cut)?, offset, is_complete))
}

/// Follows a run as a page does, from when it is there to its end. Returns how many events came.
fn follow(address: &str, uuid: &str, counts: &Counts) -> u64 {
    for _ in 0..1000 {
        let Ok(mut stream) = TcpStream::connect(address) else { continue };
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!("GET /live/{uuid}/events HTTP/1.0\r\nHost: {address}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let status = lines.next().unwrap_or_default();
        if !status.contains(" 200 ") {
            // It has not begun yet, or is kept already.
            if !status.contains(" 404 ") {
                counts.errors.fetch_add(1, Ordering::SeqCst);
            }
            thread::sleep(Duration::from_millis(5));
            continue;
        }
        let events: Vec<String> = lines.filter(|line| line.starts_with("event: ")).collect();
        if events.last().is_none_or(|last| last != "event: ended") {
            counts.errors.fetch_add(1, Ordering::SeqCst);
        }
        return events.len() as u64;
    }
    0
}

fn memory(child: &Child) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let status = status.unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    most.map_or_else(|| "unknown".into(), |most| most.trim().to_owned())
}

fn path(nth: usize) -> String {
    format!("/api/v1/runs/{}/stream", uuid(nth))
}

fn uuid(nth: usize) -> String {
    format!("0f0f0f0f-0000-4000-8000-{nth:012x}")
}

fn stream(seed: u32) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for nth in 0..RESULTS {
        let id = format!("package{}.Tests.test_{nth}", nth % 20);
        let at = |more| Some(Timestamp::new(1_700_000_000 + seed + nth + more, seed));
        let event = |status, timestamp| Event { timestamp, ..Event::status(&id, status) };
        let end = if (nth + seed).is_multiple_of(50) { Status::Fail } else { Status::Success };
        writer.event(&event(Status::InProgress, at(0))).unwrap();
        writer.event(&event(end, at(1))).unwrap();
    }
    writer.close().unwrap()
}
