//! A database that goes away while its history is served, and comes back.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

use rustix::process::Signal;
use subunit_core::Status::{Fail, Success};
use support::{Served, add_run, place::Place, serve};

/// Leads connections at a port to the socket of PostgreSQL, until it is dropped.
struct Relay {
    port: u16,
    open: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Relay {
    /// At a port, or at any free one.
    fn start(port: u16, socket: PathBuf) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let connections = Arc::clone(&open);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                match connections.lock().unwrap().as_mut() {
                    Some(open) => open.push(stream.try_clone().unwrap()),
                    None => return,
                }
                let server = UnixStream::connect(&socket).unwrap();
                let (mut from, mut to) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || io::copy(&mut from, &mut to));
                let (mut from, mut to) = (server, stream);
                thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        });
        Self { port, open }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let open = self.open.lock().unwrap().take();
        open.iter().flatten().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
        // The thread looks again, and gives the port up.
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {}
    }
}

/// The address of a history by way of a relay, and the socket of the database.
fn by_relay(place: &Place, port: u16) -> (String, PathBuf) {
    let address = place.path().to_str().unwrap();
    let (server, rest) = address.split_once('@').unwrap().1.split_once('/').unwrap();
    let (folder, number) = server.split_once(':').unwrap();
    let socket = PathBuf::from(folder.replace("%2F", "/")).join(format!(".s.PGSQL.{number}"));
    (format!("postgres://subunit@127.0.0.1:{port}/{rest}"), socket)
}

#[test]
fn pages_say_that_the_database_is_gone_and_come_back_with_it() {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, ""), ("b", Fail, "b broke")]);
    let relay = Relay::start(0, by_relay(&place, 0).1);
    let port = relay.port;
    let (address, socket) = by_relay(&place, port);
    let served = Served::by(&mut serve(&["--history", &address, "--listen", "127.0.0.1:0"]));
    let before = served.get("/");
    assert_eq!(before.status, 200, "{before:?}");
    drop(relay);
    for path in ["/", "/series/main", "/api/v1/failing"] {
        let page = served.get(path);
        assert_eq!((page.status, page.header("retry-after")), (503, Some("5")), "{path}: {page:?}");
        assert!(page.body.contains("does not answer"), "{path}: {page:?}");
    }
    assert_eq!(served.get("/health").status, 503);
    let _relay = Relay::start(port, socket);
    // The first question finds the history again, and so do others.
    for _ in 0..2 {
        let after = served.get("/");
        assert_eq!((after.status, &after.body), (200, &before.body), "{after:?}");
    }
}

#[test]
fn sessions_that_were_ended_are_opened_again_unseen() {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, "")]);
    let named = format!("{}&application_name=ended-here", place.path().display());
    let served = Served::by(&mut serve(&["--history", &named, "--listen", "127.0.0.1:0"]));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(served.get("/").status, 200));
        }
    });
    let server = std::env::var("SUBUNIT_POSTGRES").unwrap();
    let mut admin = postgres::Client::connect(&server, postgres::NoTls).unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'ended-here'";
    assert!(admin.query_one(end, &[]).unwrap().get::<_, i64>(0) > 0);
    for _ in 0..5 {
        assert_eq!(served.get("/series/main").status, 200);
    }
}

#[test]
fn two_servers_show_one_database_and_see_each_write() {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, "")]);
    let (one, other) = (Served::start(place.path()), Served::start(place.path()));
    for served in [&one, &other] {
        let page = served.get("/");
        assert!(page.body.contains("another machine takes in"), "{page:?}");
        let known = [("If-None-Match", page.header("etag").unwrap())];
        assert_eq!(served.ask("GET", "/", &known).status, 304);
    }
    let tag = one.get("/").header("etag").unwrap().to_owned();
    add_run(place.path(), "main", 100, &[("a", Fail, "a broke")]);
    for served in [&one, &other] {
        let page = served.ask("GET", "/", &[("If-None-Match", &tag)]);
        assert_eq!(page.status, 200);
        assert!(page.body.contains("@2"), "{page:?}");
    }
}

#[test]
fn a_server_without_run_files_says_what_it_lacks() {
    let place = Place::new();
    let run = add_run(place.path(), "main", 0, &[("a", Fail, "a broke")]);
    let address = place.path().to_str().unwrap().split_once("&files=").unwrap().0.to_owned();
    let served = Served::by(&mut serve(&["--history", &address, "--listen", "127.0.0.1:0"]));
    assert!(served.get("/").body.contains("names no folder of run files"));
    assert_eq!(served.get(&format!("/run/{run}")).status, 200);
    let result = served.get(&format!("/run/{run}/test?id=a"));
    assert_eq!(result.status, 404, "{result:?}");
    assert!(result.body.contains("this needs the run files"), "{result:?}");
}

#[test]
fn a_server_with_open_connections_ends_well() {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, "")]);
    let served = Served::start(place.path());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(served.get("/").status, 200));
        }
    });
    assert_eq!(served.end_by(Signal::TERM).code(), Some(0));
}
