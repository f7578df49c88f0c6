//! What a terminal shows.

use std::{
    cell::{Cell, RefCell},
    io::{self, Read},
    rc::Rc,
};

use proptest::prelude::*;
use subunit_core::{Event, FileChunk, RouteCode, Status};

use super::*;
use crate::{console::Source, interrupts::Interrupts};

/// A terminal of 18 lines and 60 columns that both outputs write to, with what is drawn while it
/// is silent at the input.
#[derive(Clone)]
struct Terminal(Rc<RefCell<vt100::Parser>>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            let driven = if *byte == b'\n' { b"\r\n" } else { std::slice::from_ref(byte) };
            self.0.borrow_mut().process(driven);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn watch(live: bool, clock: Stopwatch, console: &mut Console<'_>) -> Result<Exit, Error> {
    let (report, outputs) = (ReportArgs::default(), OutputArgs::default());
    let (before, judged, times) = (&mut [][..], Judged::Inputs, HashMap::new());
    let shown = Shown { outputs, before, report: &report, judged, times, again: None };
    ViewArgs::default().watch(live, clock, None, shown, console)
}

fn clock() -> Stopwatch {
    let begun = Instant::now();
    Box::new(move || begun.elapsed())
}

/// Gives its pieces one by one and keeps what the terminal shows before each.
struct Pieces {
    pieces: Vec<Vec<u8>>,
    terminal: Terminal,
    screens: Rc<RefCell<Vec<String>>>,
    fails: bool,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let screen = self.terminal.0.borrow().screen().contents();
        self.screens.borrow_mut().push(screen);
        if self.pieces.is_empty() {
            return if self.fails { Err(io::Error::other("gone")) } else { Ok(0) };
        }
        let piece = self.pieces.remove(0);
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

impl Source for Pieces {}

fn watched(pieces: Vec<Vec<u8>>, fails: bool) -> (Result<Exit, Error>, Vec<String>) {
    watched_with(pieces, fails, Interrupts::default())
}

fn watched_with(
    pieces: Vec<Vec<u8>>,
    fails: bool,
    interrupts: Interrupts,
) -> (Result<Exit, Error>, Vec<String>) {
    let terminal = Terminal(Rc::new(RefCell::new(vt100::Parser::new(18, 60, 0))));
    let screens: Rc<RefCell<Vec<String>>> = Rc::default();
    let kept = Rc::clone(&screens);
    let look = Look { colour: false, terminal: true };
    let input = Pieces { pieces, terminal: terminal.clone(), screens: kept, fails };
    let mut console = Console {
        name: "subunit watch".into(),
        stdin: Some(Box::new(input)),
        stdout: Box::new(terminal.clone()),
        stderr: Box::new(terminal.clone()),
        stdout_look: look,
        stderr_look: look,
        interrupts,
        definitions: crate::console::Definitions::default(),
    };
    let exit = watch(true, clock(), &mut console);
    console.say("the end").unwrap();
    screens.borrow_mut().push(terminal.0.borrow().screen().contents());
    (exit, screens.take())
}

fn packet(test_id: &str, status: Status) -> Vec<u8> {
    let mut packet = Vec::new();
    Event::status(test_id, status).encode(&mut packet).unwrap();
    packet
}

#[test]
fn a_picture_stands_below_what_stays_until_the_end() {
    let mut torn = packet("c", Status::Exists);
    let end = torn.len() - 2;
    torn[end..].copy_from_slice(b"\0\0");
    let pieces = vec![
        packet("a", Status::InProgress),
        [packet("a", Status::Fail), b"text\nof ".to_vec(), packet("b", Status::Success)].concat(),
        [b"two lines\n", &torn[..]].concat(),
    ];
    let (exit, screens) = watched(pieces, false);
    assert_eq!(exit.unwrap(), Exit::Failed);
    assert_eq!(screens[0], "", "nothing is drawn before there is something");
    assert!(screens[1].starts_with("\n0 done  1 running  0:00\n"), "{}", screens[1]);
    assert!(screens[1].ends_with(" s  a"), "{}", screens[1]);
    let last = screens.last().unwrap();
    assert!(
        last.starts_with(
            "      fail           - a\ntext\nof two lines\nsubunit watch: damaged packet"
        ),
        "{last}"
    );
    assert!(last.ends_with("       1 fail\n       1 damage\nsubunit watch: the end"), "{last}");
    assert!(!last.contains("running"), "{last}");
}

#[test]
fn the_picture_is_taken_away_where_the_input_fails() {
    let (exit, screens) = watched(vec![packet("a", Status::InProgress)], true);
    assert!(matches!(exit, Err(Error::File { .. })));
    assert!(screens[1].contains("running"));
    assert_eq!(screens.last().unwrap(), "subunit watch: the end");
}

/// What a terminal obeys in what was written: of each sequence the last letter, and other controls.
fn commands(written: &[u8]) -> Vec<String> {
    let written = String::from_utf8_lossy(written).into_owned();
    let mut commands: Vec<String> = written
        .split('\x1b')
        .skip(1)
        .map(|rest| match rest.strip_prefix('[') {
            Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';'),
            None => rest,
        })
        .map(|rest| rest.chars().take(1).collect())
        .collect();
    let controls = written.chars().filter(|c| c.is_control() && !"\n\r\t\x1b".contains(*c));
    commands.extend(controls.map(|control| format!("control {control:?}")));
    commands.sort();
    commands.dedup();
    commands
}

proptest! {
    /// Whatever tests are called and print, the terminal only draws pictures and sets colours.
    #[test]
    fn a_terminal_is_commanded_by_nobody_else(
        events in prop::collection::vec((0..5usize, "\\PC{0,9}[\x1b\u{7}\u{9b}\n\r\\[A-Z0-9;]{0,12}", 0..3usize), 0..12),
        text in prop::collection::vec(prop_oneof![Just(0x1b), Just(b'['), Just(b'\n'), any::<u8>()], 0..60),
    ) {
        let mut pieces = Vec::new();
        for (index, odd, what) in &events {
            let status = [Status::InProgress, Status::Fail, Status::Success][*what];
            let file = Some(FileChunk { name: odd, bytes: odd.as_bytes() });
            let id = format!("{index}{odd}");
            let route_code = Some(RouteCode::new(odd));
            let mut piece = text.clone();
            let event = Event { file, route_code, ..Event::status(&id, status) };
            event.encode(&mut piece).unwrap();
            pieces.push(piece);
        }
        pieces.push(text);
        let written = Rc::new(RefCell::new(Vec::new()));
        let look = Look { colour: false, terminal: true };
        let mut console = Console {
            name: "subunit watch".into(),
            stdin: Some(Box::new(Given(pieces))),
            stdout: Box::new(Captured(Rc::clone(&written))),
            stderr: Box::new(io::sink()),
            stdout_look: look,
            stderr_look: look,
            interrupts: Interrupts::default(),
            definitions: crate::console::Definitions::default(),
        };
        watch(true, clock(), &mut console).unwrap();
        let commands = commands(&written.take());
        // Keep the cursor's place and go back to it; up, down, erase; colours.
        let ours = ["7", "8", "A", "B", "J", "K", "m"];
        let foreign: Vec<_> = commands.iter().filter(|c| !ours.contains(&c.as_str())).collect();
        prop_assert!(foreign.is_empty(), "{foreign:?}");
    }
}

/// Gives its pieces one by one.
struct Given(Vec<Vec<u8>>);

impl Read for Given {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = if self.0.is_empty() { Vec::new() } else { self.0.remove(0) };
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

impl Source for Given {}

/// Gives its pieces one by one, each after a silence by a clock of its own.
struct Slow {
    pieces: Vec<(u64, Vec<u8>)>,
    time: Rc<Cell<Duration>>,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (_, piece) = self.pieces.remove(0);
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

impl Source for Slow {
    fn wait(&mut self, time: Duration) -> bool {
        let due = Duration::from_secs(self.pieces[0].0);
        self.time.set((self.time.get() + time).min(due));
        self.time.get() == due
    }
}

#[test]
fn whoever_asks_is_told_what_runs_above_the_picture() {
    let interrupts = Interrupts::default();
    interrupts.ask();
    let route_code = Some(RouteCode::new("0"));
    let mut piece = Vec::new();
    let event = Event { route_code, ..Event::status("a", Status::InProgress) };
    event.encode(&mut piece).unwrap();
    let (_, screens) = watched_with(vec![piece, b"text\n".to_vec()], false, interrupts);
    assert!(screens[1].starts_with("[0] a 0 s\n\n0 done  1 running"), "{}", screens[1]);
    assert_eq!(screens[2].matches("a 0 s\n").count(), 1, "{}", screens[2]);
}

#[test]
fn where_nobody_draws_a_line_a_minute_says_how_far_the_run_is() {
    let time = Rc::new(Cell::new(Duration::ZERO));
    let listed = [packet("a.one", Status::Exists), packet("a.two", Status::Exists)].concat();
    let pieces = vec![
        (0, listed),
        (19, packet("a.two", Status::InProgress)),
        (50, packet("a.one", Status::Fail)),
        (240, packet("a.two", Status::Success)),
        (241, Vec::new()),
    ];
    let written = Rc::new(RefCell::new(Vec::new()));
    let mut console = Console {
        name: "subunit watch".into(),
        stdin: Some(Box::new(Slow { pieces, time: Rc::clone(&time) })),
        stdout: Box::new(Captured(Rc::clone(&written))),
        stderr: Box::new(io::sink()),
        stdout_look: Look::default(),
        stderr_look: Look::default(),
        interrupts: Interrupts::default(),
        definitions: crate::console::Definitions::default(),
    };
    let exit = watch(false, Box::new(move || time.get()), &mut console);
    assert_eq!(exit.unwrap(), Exit::Failed);
    let written = String::from_utf8(written.take()).unwrap();
    let lines: Vec<&str> = written.lines().filter(|line| line.contains("running")).collect();
    assert_eq!(
        lines,
        [
            "1 of 2, 1 failed, running: a.two 1:31",
            "1 of 2, 1 failed, running: a.two 2:31",
            "1 of 2, 1 failed, running: a.two 3:31"
        ],
        "{written}"
    );
}

mod keys;
