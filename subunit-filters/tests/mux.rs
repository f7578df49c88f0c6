//! `subunit mux` with real processes.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "python-tests")]
mod mux_python;
mod mux_support;

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use mux_support::{
    DEADLINE, Running, SUBUNIT, directory, encoded, fails, says, stdin_to, tempfile,
    tempfile_bytes, text_of,
};
use subunit_core::{Event, RouteCode, Status, conventions::is_aside};

/// Prompts like a debugger, and answers with the value of what is typed.
const DEBUGGER: &str = "while printf '> ' && read -r line; do
    if [ \"$line\" = quit ]; then exit; fi
    echo $(($line))
done
";

#[test]
fn each_answer_comes_from_the_leaf_that_was_asked() {
    let debugger = tempfile("debugger", DEBUGGER);
    let leaf = format!("--run 'exec sh {debugger}'");
    let middle = format!("exec {SUBUNIT} mux {leaf} {leaf}");
    let mut mux = Running::start(&["--allow-empty", "--run", &middle, "--run", &middle]);
    for route in ["0/0", "0/1", "1/0", "1/1"] {
        mux.until(|seen| text_of(seen, route, "stdout").ends_with("> "));
    }
    mux.tell("1/0", b"40+2\n");
    mux.tell("0/1", b"50+5\n");
    mux.until(|seen| text_of(seen, "1/0", "stdout").contains("42\n> "));
    mux.until(|seen| text_of(seen, "0/1", "stdout").contains("55\n> "));
    for (route, answer) in [("0/0", ""), ("0/1", "55\n"), ("1/0", "42\n"), ("1/1", "")] {
        let text = text_of(&mux.seen, route, "stdout");
        let prompts: Vec<_> = text.split("> ").skip(1).collect();
        assert_eq!(prompts.concat(), answer, "{route}");
    }
    for route in ["0/0", "0/1", "1/0", "1/1"] {
        mux.tell(route, b"quit\n");
    }
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
}

#[test]
fn every_packet_and_line_of_many_children_arrives_once_in_order() {
    const COUNT: usize = 3000;
    let stream: Vec<u8> = (0..COUNT)
        .flat_map(|n| {
            let packet = encoded(&Event::status(&format!("test-{n:08}"), Status::Success));
            [&packet[..], format!("line {n}\n").as_bytes()].concat()
        })
        .collect();
    let path = tempfile_bytes("stream", &stream);
    // Many writes, and almost none of them ends where a packet does.
    let leaf = format!("--run 'exec dd if={path} bs=97 2> /dev/null'");
    let middle = format!("exec {SUBUNIT} mux {leaf} {leaf}");
    let mut mux = Running::start(&["--run", &middle, "--run", &middle]);
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
    for route in ["0/0", "0/1", "1/0", "1/1"] {
        let ids = mux.seen.iter().filter(|event| mux_support::route(event) == route);
        let ids: Vec<_> = ids.filter_map(|event| event.test_id.clone()).collect();
        let expected: Vec<_> = (0..COUNT).map(|n| format!("test-{n:08}")).collect();
        assert!(ids == expected, "{route}: {} packets", ids.len());
        let lines: String = (0..COUNT).map(|n| format!("line {n}\n")).collect();
        assert!(text_of(&mux.seen, route, "stdout") == lines, "{route}");
    }
    assert!(mux.text.is_empty() && mux.damage == 0);
}

#[test]
fn a_killed_child_reddens_what_it_ran_and_nothing_else() {
    let worker = |n: usize| {
        let (done, begun) = (says("success", "done"), says("inprogress", "running"));
        let ended = says("success", "running");
        format!("echo pid $$; {done}; echo last words {n} >&2; {begun}; read go; {ended}")
    };
    let commands: Vec<String> = (0..4).map(worker).collect();
    let args: Vec<&str> = commands.iter().flat_map(|command| ["--run", command]).collect();
    let mut mux = Running::start(&args);
    for route in ["0", "1", "2", "3"] {
        mux.until(|seen| {
            let begun = |event: &_| mux_support::is(event, route, "running", Status::InProgress);
            seen.iter().any(begun) && !text_of(seen, route, "stderr").is_empty()
        });
    }
    let pid: i32 =
        text_of(&mux.seen, "2", "stdout").trim_start_matches("pid ").trim().parse().unwrap();
    mux_support::kill("KILL", pid);
    mux.until(|seen| seen.iter().any(|e| !e.runnable && mux_support::route(e) == "2"));
    for route in ["0", "1", "3"] {
        mux.tell(route, b"go\n");
    }
    mux.close_stdin();
    assert_eq!(mux.end(), Some(1));
    let reason = "killed by signal 9 (SIGKILL)";
    let fails = fails(&mux);
    assert_eq!(fails.len(), 1);
    assert_eq!(fails[0].0, "running");
    assert!(fails[0].1.contains(reason) && fails[0].1.contains("last words 2"));
    let ended = |event: &&_| mux_support::is_final(event);
    assert_eq!(mux.seen.iter().filter(ended).count(), 4 + 3 + 1);
}

#[test]
fn a_failing_status_without_a_failed_test_is_a_failure() {
    let quiet = format!("{}; exit 3", says("success", "a"));
    let loud = format!("{}; exit 1", says("fail", "b"));
    let mut mux = Running::start(&["--run", &quiet, "--run", &loud]);
    assert_eq!(mux.end(), Some(1));
    let mut failed: Vec<String> = fails(&mux).into_iter().map(|(test_id, _)| test_id).collect();
    failed.sort();
    assert_eq!(failed, ["b", "command"]);
    let commands = mux.seen.iter().filter(|event| !event.runnable && event.route_code.is_some());
    let commands = commands.filter(|event| !is_aside(&event.as_event()));
    let mut routes: Vec<_> = commands.map(mux_support::route).collect();
    routes.sort_unstable();
    assert_eq!(routes, ["0", "1"]);
}

#[test]
fn a_child_that_never_reads_does_not_keep_others_from_it() {
    let mut mux = Running::start(&[
        "--allow-empty",
        "--run",
        "trap exit USR1; echo $$; while :; do read never < /dev/null; sleep 1000 & wait; done",
        "--run",
        "exec cat",
    ]);
    mux.until(|seen| text_of(seen, "0", "stdout").ends_with('\n'));
    let block = vec![b'x'; 60_000];
    for _ in 0..40 {
        mux.tell("0", &block);
    }
    mux.tell("1", b"still there?\n");
    mux.until(|seen| text_of(seen, "1", "stdout") == "still there?\n");
    let lost = mux
        .seen
        .iter()
        .filter(|event| event.file.as_ref().is_some_and(|file| file.name == "undelivered"));
    assert!(lost.count() > 10);
    mux.signal("INT");
    assert_eq!(mux.end(), Some(1));
}

#[test]
fn what_a_command_left_behind_does_not_keep_us() {
    let command = format!("{}; sleep 1000 & echo $!", says("success", "a"));
    let mut mux = Running::start(&["--linger", "0.2", "--run", &command]);
    assert_eq!(mux.end(), Some(0));
    let left = text_of(&mux.seen, "0", "stdout");
    assert!(text_of(&mux.seen, "0", "stderr").contains("holds its output open"));
    mux_support::kill("KILL", left.trim().parse().unwrap());
    assert!(mux.seen.iter().any(|event| event.test_id.as_deref() == Some("a")));
}

#[test]
fn late_results_of_what_a_command_left_behind_are_read_while_others_go_on() {
    let go = format!("{}/go", directory("late"));
    assert!(Command::new("mkfifo").arg(&go).status().unwrap().success());
    let late = says("success", "late");
    let leaves = format!("echo words; {{ read go < {go}; {late}; }} & {}", says("success", "a"));
    let goes_on = format!("read go; {}", says("success", "b"));
    let mut mux = Running::start(&["--linger", "0.1", "--run", &leaves, "--run", &goes_on]);
    // The command has ended, and so has its input.
    mux.until(|seen| seen.iter().any(|event| event.eof && mux_support::route(event) == "0"));
    fs::write(&go, "go\n").unwrap();
    mux.until(|seen| seen.iter().any(|e| mux_support::is(e, "0", "late", Status::Success)));
    mux.tell("1", b"go\n");
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0), "{}", mux.errors());
}

#[test]
fn a_child_that_closes_its_outputs_and_lives_on_is_waited_for() {
    let command = format!("{}; exec >&- 2>&-; read go; exit 7", says("success", "a"));
    let mut mux = Running::start(&["--run", &command]);
    mux.until(|seen| seen.iter().any(|event| event.test_id.is_some()));
    mux.close_stdin();
    assert_eq!(mux.end(), Some(1));
    assert_eq!(fails(&mux)[0].1, "exit status 7\n");
}

#[test]
fn a_silent_command_is_stopped_and_its_tests_are_named() {
    // What the shell has started is stopped with it.
    let command = format!("{}; sleep 1000; echo never", says("inprogress", "sleeper"));
    let mut mux = Running::start(&["--idle-timeout", "2", "--run", &command]);
    assert_eq!(mux.end(), Some(1));
    assert!(!text_of(&mux.seen, "0", "stderr").contains("holds its output"));
    let (test_id, reason) = fails(&mux).remove(0);
    assert_eq!(test_id, "sleeper");
    assert!(reason.starts_with("no output for 2 s: killed by signal 15 (SIGTERM)"), "{reason}");
    assert!(mux.errors().contains("0: running: sleeper ("));
}

#[test]
fn a_hung_test_is_named_and_a_command_that_does_not_stop_is_killed() {
    let begun = says("inprogress", "stubborn");
    let command = format!("trap '' TERM; {begun}; while :; do echo tick; sleep 0.05; done");
    let limits = ["--test-timeout", "0.3", "--grace", "0.3", "--run"];
    let mut mux = Running::start(&[&limits[..], &[&command]].concat());
    assert_eq!(mux.end(), Some(1));
    let (test_id, reason) = fails(&mux).remove(0);
    assert_eq!(test_id, "stubborn");
    let expected = "no end of `stubborn` within 0.3 s: killed by signal 9 (SIGKILL)";
    assert!(reason.starts_with(expected), "{reason}");
}

#[test]
fn an_interrupt_closes_the_stream_properly() {
    let begun = says("inprogress", "running");
    let leaf = format!("--run 'echo last; {begun}; exec sleep 1000'");
    let middle = format!("exec {SUBUNIT} mux {leaf}");
    let mut mux = Running::start(&["--run", &middle]);
    mux.until(|seen| seen.iter().any(|event| event.test_id.is_some()));
    mux.signal("INT");
    assert_eq!(mux.end(), Some(1));
    assert_eq!(mux.damage, 0);
    let fails = fails(&mux);
    assert_eq!(fails[0].0, "running");
    assert!(fails[0].1.starts_with("interrupted: killed by signal 2 (SIGINT)"), "{}", fails[0].1);
    assert!(mux.seen.iter().any(|event| event.eof && mux_support::route(event) == "0/0"));
}

#[test]
fn a_terminal_is_what_the_command_sees() {
    let command = format!("test -t 0 && test -t 1 && stty size; {}; cat", says("success", "a\nb"));
    let command = command.replace("a\nb", "\"$(printf 'a\\nb')\"");
    let mut mux = Running::start(&["--pty", "--pty-size", "132x43", "--run", &command]);
    mux.until(|seen| text_of(seen, "0", "stdout").contains("43 132\n"));
    mux.until(|seen| seen.iter().any(|event| event.test_id.as_deref() == Some("a\nb")));
    mux.tell("0", b"echo\n");
    // Once by the terminal, and once by the command, which gets whole lines.
    mux.until(|seen| text_of(seen, "0", "stdout").matches("echo\n").count() == 2);
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
    assert_eq!(mux.damage, 0);
}

#[test]
fn fifos_and_connections_are_inputs() {
    let directory = directory("inputs");
    let (fifo, socket) = (format!("{directory}/fifo"), format!("{directory}/socket"));
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let address = format!("unix:{socket}");
    let args =
        ["--names", "pipe,peer", "--file", &fifo, "--listen", &address, "--connections", "1"];
    let mut mux = Running::start(&args);
    fs::write(&fifo, encoded(&Event::status("from-fifo", Status::Success))).unwrap();
    mux.until(|seen| seen.iter().any(|e| mux_support::is(e, "pipe", "from-fifo", Status::Success)));
    let mut peer = UnixStream::connect(&socket).unwrap();
    peer.write_all(&encoded(&Event::status("from-peer", Status::InProgress))).unwrap();
    mux.until(|seen| {
        seen.iter().any(|e| mux_support::is(e, "peer", "from-peer", Status::InProgress))
    });
    mux.tell("peer", b"hello");
    let mut answer = [0; 5];
    peer.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"hello");
    drop(peer);
    assert_eq!(mux.end(), Some(1));
    let gone = "the connection ended while this test was running\n";
    assert_eq!(fails(&mux), [("from-peer".to_owned(), gone.to_owned())]);
    assert!(!fs::exists(&socket).unwrap());
}

/// Waits until something listens.
fn connected(socket: &str) -> UnixStream {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match UnixStream::connect(socket) {
            Ok(peer) => return peer,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_socket_takes_the_place_of_a_forsaken_socket_only() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let directory = directory("places");
    let (file, link, socket) =
        (format!("{directory}/file"), format!("{directory}/link"), format!("{directory}/socket"));
    fs::write(&file, "precious").unwrap();
    symlink(&file, &link).unwrap();
    for path in [&file, &link] {
        let mut mux = Running::start(&["--listen", &format!("unix:{path}")]);
        assert_eq!(mux.end(), Some(2));
        let expected = format!("{path}: a file that is no socket is there: give another path");
        assert!(mux.errors().contains(&expected));
        assert_eq!(fs::read_to_string(path).unwrap(), "precious");
    }
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let address = format!("unix:{socket}");
    // The second one is who looks whether anybody answers.
    let mut mux = Running::start(&["--allow-empty", "--listen", &address, "--connections", "2"]);
    let peer = connected(&socket);
    assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o600);
    let mut other = Running::start(&["--listen", &address]);
    assert_eq!(other.end(), Some(2));
    assert!(other.errors().contains("somebody listens there already"));
    drop(peer);
    assert_eq!(mux.end(), Some(0));
    assert!(!fs::exists(&socket).unwrap());
}

#[test]
fn more_clients_than_may_be_open_wait_and_none_is_lost() {
    let socket = format!("{}/socket", directory("waiting"));
    let address = format!("unix:{socket}");
    let limits = ["--max-clients", "2", "--connections", "60"];
    let mut mux = Running::start(&[&["--listen", &address], &limits[..]].concat());
    let mut clients: Vec<_> = (0..60)
        .map(|n| {
            let mut peer = connected(&socket);
            peer.write_all(&encoded(&Event::status(&format!("test-{n:02}"), Status::Success)))
                .unwrap();
            peer
        })
        .collect();
    // Only the first two are read while they are open.
    mux.until(|seen| ended(seen).len() == 2);
    let first: Vec<_> = ended(&mux.seen).into_iter().map(|(test_id, ..)| test_id).collect();
    assert_eq!(first, ["test-00", "test-01"]);
    clients.reverse();
    while let Some(client) = clients.pop() {
        drop(client);
    }
    assert_eq!(mux.end(), Some(0));
    assert_eq!(ended(&mux.seen).len(), 60);
}

#[test]
fn clients_and_fifos_that_say_nothing_are_ended_by_name() {
    let directory = directory("silent");
    let (fifo, socket) = (format!("{directory}/fifo"), format!("{directory}/socket"));
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let address = format!("unix:{socket}");
    let args = ["--idle-timeout", "2", "--file", &fifo, "--listen", &address];
    let mut mux = Running::start(&[&args[..], &["--connections", "1"]].concat());
    let mut peer = connected(&socket);
    peer.write_all(&encoded(&Event::status("running", Status::InProgress))).unwrap();
    assert_eq!(mux.end(), Some(1));
    let mut fails = fails(&mux);
    fails.sort();
    let said: Vec<_> = fails.iter().map(|(test_id, _)| test_id.as_str()).collect();
    assert_eq!(said, ["command", "running"]);
    assert_eq!(fails[0].1, "no output for 2 s\n");
    assert_eq!(fails[1].1, "no output for 2 s while this test was running\n");
    let errors = mux.errors();
    assert!(errors.contains("1: running: running (") && errors.contains("0: no output for 2 s"));
}

#[test]
fn who_is_stopped_is_not_blamed_for_the_time_and_what_it_runs_stops_too() {
    let leaf = format!("{}; echo $$; read go; {}", says("inprogress", "a"), says("success", "a"));
    // Below another multiplexer, which passes it on.
    let middle = format!("exec {SUBUNIT} mux --run '{leaf}'");
    let limits = ["--idle-timeout", "3", "--test-timeout", "3"];
    let mut mux = Running::start(&[&limits[..], &["--run", &middle]].concat());
    mux.until(|seen| text_of(seen, "0/0", "stdout").ends_with('\n'));
    let child = text_of(&mux.seen, "0/0", "stdout").trim().to_owned();
    let stopped = Instant::now();
    mux.signal("TSTP");
    mux_support::until_stopped(&mux.pid());
    mux_support::until_stopped(&child);
    std::thread::sleep(Duration::from_secs(4).saturating_sub(stopped.elapsed()));
    mux.signal("CONT");
    mux.tell("0/0", b"go\n");
    assert_eq!(mux.end(), Some(0), "{:?}", fails(&mux));
}

#[test]
fn demux_gives_back_what_mux_was_given() {
    let directory = directory("inverse");
    let torn = encoded(&Event::status("torn", Status::Fail));
    let inputs: Vec<Vec<u8>> = (0..3)
        .map(|n| {
            let whole = encoded(&Event::status(&format!("test-{n}"), Status::Success));
            let lines = format!("input {n}\nunfinished").into_bytes();
            [&whole[..], &lines, &whole, &torn[..torn.len() - 2], &whole, b"\nend"].concat()
        })
        .collect();
    let mut mux = Command::new(SUBUNIT);
    mux.arg("mux").stdin(Stdio::null());
    for (n, input) in inputs.iter().enumerate() {
        let path = format!("{directory}/{n}");
        fs::write(&path, input).unwrap();
        mux.args(["--file", &path]);
    }
    let joined = mux.output().unwrap().stdout;
    let parts = format!("{directory}/parts");
    let mut demux = Command::new(SUBUNIT);
    demux.args(["demux", "--dir", &parts]).stdin(Stdio::piped());
    let mut demux = demux.spawn().unwrap();
    demux.stdin.take().unwrap().write_all(&joined).unwrap();
    assert!(demux.wait().unwrap().success());
    for (n, input) in inputs.iter().enumerate() {
        assert!(fs::read(format!("{parts}/{n}.subunit")).unwrap() == *input, "{n}");
    }
}

/// Writes `data` until nothing of it has been taken for a second; what was not taken.
fn write_until_stalled<'a>(peer: &UnixStream, mut data: &'a [u8]) -> &'a [u8] {
    peer.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    loop {
        match (&*peer).write(data) {
            Ok(taken) => data = &data[taken..],
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return data;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// A multiplexer that nobody reads from, over a connection and more.
fn stalled(name: &str, args: &[&str]) -> (Running, UnixStream) {
    let socket = format!("{}/socket", directory(name));
    let address = format!("unix:{socket}");
    let listen = ["--names", "peer", "--listen", &address, "--connections", "1"];
    let mux = Running::stalled(&[&["--allow-empty"], args, &listen].concat());
    let deadline = Instant::now() + DEADLINE;
    loop {
        match UnixStream::connect(&socket) {
            Ok(peer) => return (mux, peer),
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_stalled_reader_stalls_who_writes_and_loses_nothing() {
    let (mut mux, mut peer) = stalled("stalled", &[]);
    let text: String = (0..400_000).map(|n| format!("{n:07}\n")).collect();
    let rest = write_until_stalled(&peer, text.as_bytes());
    let taken = text.len() - rest.len();
    // In the socket, in our memory, and in the two pipes on its way out.
    assert!(taken < 1536 * 1024, "{taken} bytes were taken that nobody reads");
    mux.unstall();
    peer.set_write_timeout(None).unwrap();
    peer.write_all(rest).unwrap();
    drop(peer);
    assert_eq!(mux.end(), Some(0));
    let seen = text_of(&mux.seen, "peer", "stdout");
    assert!(seen == text, "{} bytes", seen.len());
}

#[test]
fn a_stalled_reader_does_not_keep_us_from_what_we_are_told() {
    let fifo = format!("{}/fifo", directory("told"));
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let command = format!("trap 'echo stopped > {fifo}; exit 0' TERM; yes & wait");
    let (mut mux, peer) = stalled("deaf-reader", &["--run", &command]);
    write_until_stalled(&peer, &[b'x'; 4 * 1024 * 1024]);
    mux.signal("TERM");
    assert_eq!(mux_support::read_in_time(&fifo), "stopped\n");
    mux.unstall();
    assert_eq!(mux.end(), Some(1));
    assert_eq!(mux.damage, 0);
}

#[test]
fn what_a_child_reads_slowly_is_not_lost() {
    const BLOCK: usize = 65_536;
    let slow = "n=0; while [ $n -lt 40 ]; do
        head -c 8192 > /dev/null; sleep 0.02; n=$((n + 1))
    done; wc -c";
    let mut mux = Running::start(&["--allow-empty", "--run", slow]);
    for _ in 0..40 {
        mux.tell("0", &[b'x'; BLOCK]);
    }
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
    let rest = (40 * (BLOCK - 8192)).to_string();
    assert_eq!(text_of(&mux.seen, "0", "stdout").trim(), rest, "{}", mux.errors());
}

#[test]
fn two_that_write_to_one_pipe_do_not_tear_each_others_packets() {
    const COUNT: usize = 5000;
    let packet = encoded(&Event::status(&"long".repeat(30), Status::Success));
    let path = tempfile_bytes("many", &packet.repeat(COUNT));
    let (mut ours, theirs) = std::io::pipe().unwrap();
    let start = || {
        let mut mux = Command::new(SUBUNIT);
        mux.args(["mux", "--file", &path]).stdin(Stdio::null());
        mux.stdout(theirs.try_clone().unwrap()).spawn().unwrap()
    };
    let both = [start(), start()];
    drop(theirs);
    let mut stream = Vec::new();
    ours.read_to_end(&mut stream).unwrap();
    assert_eq!(mux_support::events(&stream).len(), 2 * COUNT);
    assert!(both.into_iter().all(|mut mux| mux.wait().unwrap().success()));
}

#[test]
fn a_packet_for_a_route_that_is_not_there_comes_back() {
    let mut mux = Running::start(&["--allow-empty", "--run", "exec cat"]);
    mux.send(&stdin_to("7/1", b"anyone?", false));
    mux.until(|seen| seen.iter().any(|event| mux_support::route(event) == "7/1"));
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
    assert!(mux.errors().contains("7/1: `stdin` of 7 bytes was not delivered"));
}

#[test]
fn tests_are_handed_to_a_worker_while_it_runs() {
    let (begins, ends) = (says("inprogress", "$id"), says("success", "$id"));
    let run = format!("while read -r id; do {begins}; {ends}; done < /dev/fd/$SUBUNIT_TEST_FD");
    let runner = tempfile("runner", &run);
    let leaf = format!("--run 'exec {SUBUNIT} worker -- sh {runner}'");
    let middle = format!("exec {SUBUNIT} mux {leaf}");
    let mut mux = Running::start(&["--run", &middle]);
    mux_support::hand_tests_to(&mut mux, "0/0");
}

/// A command that runs each test that it is told of, until `last`.
fn runner(name: &str, last: &str) -> String {
    let (begins, ends) = (says("inprogress", "$id"), says("success", "$id"));
    let run = format!(
        "while read -r id; do
            {begins}; {ends}
            if [ $id = \"{last}\" ]; then exit 0; fi
        done < $SUBUNIT_TEST_PATH"
    );
    tempfile(name, &run)
}

fn asked(test_id: &str, route: Option<&str>) -> Vec<u8> {
    let route_code = route.map(RouteCode::new);
    encoded(&Event { route_code, ..Event::status(test_id, Status::Exists) })
}

/// A `subunit mux` that is told all of its input at once.
fn told(args: &[&str], input: &[u8], name: &str) -> (Option<i32>, Vec<subunit_core::EventBuf>) {
    let input = tempfile_bytes(name, input);
    let mut mux = Command::new(SUBUNIT);
    mux.arg("mux").args(args).stdin(fs::File::open(&input).unwrap());
    let output = mux.output().unwrap();
    (output.status.code(), mux_support::events(&output.stdout))
}

/// Tests that ended, with their routes and statuses, in the order of their ids.
fn ended(seen: &[subunit_core::EventBuf]) -> Vec<(String, String, Status)> {
    let ended = seen.iter().filter(|event| mux_support::is_final(event));
    let mut ended: Vec<_> = ended
        .map(|event| {
            let test_id = event.test_id.clone().unwrap();
            (test_id, mux_support::route(event).to_owned(), event.status.unwrap())
        })
        .collect();
    ended.sort_unstable();
    ended
}

#[test]
fn tests_that_come_before_the_worker_is_there_wait_for_it() {
    let command = format!("exec {SUBUNIT} worker -- sh {}", runner("early-runner", ""));
    let (status, seen) = told(&["--run", &command], &asked("early", Some("0")), "early");
    assert_eq!(ended(&seen), [("early".into(), "0".into(), Status::Success)]);
    assert_eq!(status, Some(0));
}

#[test]
fn what_a_worker_was_told_and_did_not_run_is_a_failure_by_name() {
    let command = format!("exec {SUBUNIT} worker -- sh {}", runner("two", "2"));
    let tests = ["1", "2", "3", "4"].map(|test_id| asked(test_id, Some("0"))).concat();
    let (status, seen) = told(&["--run", &command], &tests, "four");
    let expected =
        [("1", Status::Success), ("2", Status::Success), ("3", Status::Fail), ("4", Status::Fail)];
    assert_eq!(ended(&seen), expected.map(|(id, status)| (id.into(), "0".into(), status)));
    let reasons = seen.iter().filter(|event| event.status == Some(Status::Fail));
    for reason in reasons.filter_map(|event| event.file.as_ref()) {
        assert_eq!(String::from_utf8_lossy(&reason.bytes), "never run: exit status 0\n");
    }
    assert_eq!(status, Some(1));
}

#[test]
fn a_worker_alone_says_what_its_command_did_not_run() {
    let mut worker = Running::of("worker", &["--", "sh", &runner("alone", "2")]);
    for test_id in ["1", "2", "3", "4\n5"] {
        worker.send(&asked(test_id, None));
    }
    worker.close_stdin();
    assert_eq!(worker.end(), Some(1));
    let expected = [
        ("1", Status::Success),
        ("2", Status::Success),
        ("3", Status::Fail),
        ("4\n5", Status::Fail),
    ];
    assert_eq!(
        ended(&worker.seen),
        expected.map(|(id, status)| (id.into(), String::new(), status))
    );
}

#[test]
fn tests_without_a_route_are_run_by_whoever_is_idle_and_what_is_left_by_others() {
    let all = format!("exec {SUBUNIT} worker -- sh {}", runner("all", ""));
    let some = format!("exec {SUBUNIT} worker -- sh {}", runner("some", "1"));
    let tests: Vec<u8> = (1..=20).flat_map(|test_id| asked(&test_id.to_string(), None)).collect();
    let (status, seen) = told(&["--run", &some, "--run", &all], &tests, "twenty");
    let mut passed: Vec<u32> = ended(&seen)
        .into_iter()
        .map(|(test_id, route, status)| {
            assert_eq!(status, Status::Success, "{test_id} at {route}");
            test_id.parse().unwrap()
        })
        .collect();
    passed.sort_unstable();
    assert_eq!(passed, (1..=20).collect::<Vec<_>>());
    assert_eq!(status, Some(0));
}

#[test]
fn tests_without_a_route_find_workers_below_other_multiplexers() {
    let all = format!("--run 'exec {SUBUNIT} worker -- sh {}'", runner("below", ""));
    let some = format!("--run 'exec {SUBUNIT} worker -- sh {}'", runner("below-some", "1"));
    // All workers of the first one end, and it gives back what it has left.
    let ends = format!("exec {SUBUNIT} mux {some}");
    let goes_on = format!("exec {SUBUNIT} mux {all} {all}");
    let tests: Vec<u8> = (1..=20).flat_map(|test_id| asked(&test_id.to_string(), None)).collect();
    let (status, seen) = told(&["--run", &ends, "--run", &goes_on], &tests, "levels");
    let ended = ended(&seen);
    assert!(ended.iter().all(|(.., status)| *status == Status::Success), "{ended:?}");
    assert_eq!((ended.len(), status), (20, Some(0)));
}

#[test]
fn tests_that_nobody_takes_fail_by_name() {
    let command = says("success", "other");
    let tests = [asked("1", Some("O")), asked("2", None), asked("3", None)].concat();
    let (status, seen) = told(&["--run", &command, "--run", "exec true"], &tests, "nobody");
    let expected = [
        ("1", "O", Status::Fail),
        ("2", "", Status::Fail),
        ("3", "", Status::Fail),
        ("other", "0", Status::Success),
    ];
    assert_eq!(ended(&seen), expected.map(|(id, route, status)| (id.into(), route.into(), status)));
    assert_eq!(status, Some(1));
}

#[test]
fn a_shell_that_knows_small_descriptors_only_reads_tests() {
    let ids = tempfile("small", "one\ntwo\n");
    let run = format!("while read id; do {}; done <&$SUBUNIT_TEST_FD", says("success", "$id"));
    let mut worker = Running::of("worker", &["--ids", &ids, "--", "sh", "-c", &run]);
    worker.close_stdin();
    assert_eq!(worker.end(), Some(0));
    assert_eq!(ended(&worker.seen).len(), 2);
}

#[test]
fn a_command_that_takes_lists_gets_batches() {
    let ids = tempfile("ids", "one\ntwo\nthree");
    let print =
        format!("echo a batch; while read id; do {}; done < \"$0\"", says("success", "$id"));
    let mut worker = Running::of("worker", &["--ids", &ids, "--", "sh", "-c", &print, "{}"]);
    worker.close_stdin();
    assert_eq!(worker.end(), Some(0));
    assert!(text_of(&worker.seen, "", "stdout").starts_with("a batch\n"));
    assert_eq!(ended(&worker.seen).len(), 3);
}

#[test]
fn a_worker_whose_command_dies_says_so_and_what_it_left() {
    let mut worker = Running::of("worker", &["--", "sh", "-c", "echo $$; read go; kill -9 $$"]);
    worker.until(|seen| !seen.is_empty());
    worker.send(&encoded(&Event::status("never", Status::Exists)));
    worker.send(b"go\n");
    worker.close_stdin();
    assert_eq!(worker.end(), Some(1));
    let failed: Vec<_> = fails(&worker);
    assert_eq!(failed[0], ("never".into(), "never run: killed by signal 9 (SIGKILL)\n".into()));
    assert!(worker.errors().contains("the command ended: killed by signal 9 (SIGKILL)"));
}

#[test]
fn a_person_at_a_terminal_types_at_two_debuggers() {
    let debugger = tempfile("attached", DEBUGGER);
    let kept = format!("{}/kept.subunit", directory("attach"));
    let leaf = format!("exec {SUBUNIT} mux --run \"exec sh {debugger}\"");
    let tree = format!("{SUBUNIT} mux --allow-empty --run '{leaf}' --run '{leaf}'");
    let attach = format!("exec {SUBUNIT} attach --output {kept} -- {tree}");
    let mut mux = Running::start(&["--allow-empty", "--pty", "--run", &attach]);
    let screen = |seen: &[_]| text_of(seen, "0", "stdout");
    mux.until(|seen| ["0/0| > ", "1/0| > "].iter().all(|it| screen(seen).contains(it)));
    mux.tell("0", b"/route 1/0\n");
    mux.tell("0", b"40+2\n");
    mux.until(|seen| screen(seen).contains("1/0| 42\n1/0| > "));
    // The focus is where the last prompt was.
    mux.tell("0", b"50+5\n");
    mux.until(|seen| screen(seen).contains("1/0| 55\n1/0| > "));
    mux.tell("0", b"/route 0/0\n");
    mux.tell("0", b"60+6\n");
    mux.until(|seen| screen(seen).contains("0/0| 66\n0/0| > "));
    mux.tell("0", b"/quit\n");
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
    let kept = fs::read(&kept).unwrap();
    let answers = String::from_utf8_lossy(&kept).into_owned();
    assert!(["42", "55", "66"].iter().all(|answer| answers.contains(answer)));
}

/// Typed at through `attach` on a terminal, beside a leaf that prints dots and one that counts percents.
#[test]
fn three_of_three_commands_reach_the_debugger_that_was_chosen() {
    let debugger = tempfile("chosen", DEBUGGER);
    let dots = "while printf .; do sleep 0.02; done";
    let percents = "while printf '\\r12%%'; do sleep 0.02; done";
    let runs = format!("--run \"{dots}\" --run 'exec sh {debugger}' --run \"{percents}\"");
    let attach = format!("exec {SUBUNIT} attach -- {SUBUNIT} mux --grace 0.1 {runs}");
    let mut mux = Running::start(&["--allow-empty", "--pty", "--run", &attach]);
    let screen = |seen: &[_]| text_of(seen, "0", "stdout");
    mux.until(|seen| screen(seen).contains("1| > ") && screen(seen).contains("2| "));
    mux.tell("0", b"/route 1\n");
    for (half, rest, answer) in [("40", "+2\n", 42), ("50", "+5\n", 55), ("60", "+6\n", 66)] {
        mux.tell("0", half.as_bytes());
        // It is seen, others print, and it is seen again.
        let shown = format!("1| > {half}");
        let before = screen(&mux.seen).matches(&shown).count();
        mux.until(|seen| screen(seen).matches(&shown).count() > before + 1);
        mux.tell("0", rest.as_bytes());
        mux.until(|seen| screen(seen).contains(&format!("1| {answer}\n")));
        mux.until(|seen| {
            screen(seen).rsplit(&format!("1| {answer}\n")).next().unwrap().contains("1| > ")
        });
    }
    mux.tell("0", b"/quit\n");
    mux.close_stdin();
    mux.end();
}

#[test]
fn nothing_is_started_under_names_that_cannot_be() {
    let path = format!("{}/started", directory("names"));
    let touch = format!("touch {path}");
    let mut mux = Running::start(&["--names", "a,a", "--run", &touch, "--run", &touch]);
    assert_eq!(mux.end(), Some(2));
    assert!(mux.errors().contains("there is an input `a` already"));
    assert!(!fs::exists(&path).unwrap());
}

#[test]
fn when_nobody_reads_any_more_the_children_are_stopped_and_the_end_is_quiet() {
    let mut mux = Running::stalled(&["--grace", "3600", "--run", "exec yes"]);
    mux.hang_up();
    assert_eq!(mux.status(), Some(0));
    assert_eq!(mux.errors(), "");
}

#[test]
fn a_command_that_is_not_there_is_a_failure_and_the_others_go_on() {
    let good = says("success", "a");
    let mut mux = Running::start(&["--run", "no-such-command-here", "--run", &good]);
    assert_eq!(mux.end(), Some(1));
    let (test_id, reason) = fails(&mux).remove(0);
    assert_eq!(test_id, "command");
    assert!(reason.starts_with("exit status 127\n"), "{reason}");
    assert!(mux.seen.iter().any(|event| mux_support::is(event, "1", "a", Status::Success)));
}
