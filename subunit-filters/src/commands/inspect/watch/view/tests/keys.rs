//! What keys do, on a terminal.

use subunit_core::conventions::{MIME_TYPE, PROMPT};

use super::*;
use crate::{
    interrupts::Signal,
    pipeline::{Producer, Steering},
};

/// What was typed and not read yet, and how often somebody else was let have it.
#[derive(Clone, Default)]
struct Typed(Rc<RefCell<(Vec<u8>, usize)>>);

impl KeySource for Typed {
    fn pressed(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0.borrow_mut().0)
    }

    fn release(&mut self) {
        self.0.borrow_mut().1 += 1;
    }

    fn lines(&mut self) -> Vec<u8> {
        self.pressed()
    }
}

/// A run that says something once a second, and keys that are pressed meanwhile.
struct Session {
    steps: Vec<(&'static str, Vec<u8>)>,
    typed: Typed,
    time: Rc<Cell<Duration>>,
    terminal: Terminal,
    screens: Rc<RefCell<Vec<String>>>,
    steered: Rc<RefCell<Vec<Steering>>>,
}

impl Read for Session {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let screen = self.terminal.0.borrow().screen().contents();
        self.screens.borrow_mut().push(screen);
        if self.steps.is_empty() {
            return Ok(0);
        }
        let (keys, piece) = self.steps.remove(0);
        self.time.set(self.time.get() + Duration::from_secs(1));
        self.typed.0.borrow_mut().0.extend_from_slice(keys.as_bytes());
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

impl Source for Session {}

impl Producer for Session {
    fn stopped_by(&self) -> Option<Signal> {
        None
    }

    fn steer(&mut self, steering: Steering) {
        self.steered.borrow_mut().push(steering);
    }
}

/// What is seen after each step, and what was asked of the run.
struct Seen {
    screens: Vec<String>,
    steered: Vec<Steering>,
    typed: Typed,
}

fn seen(steps: Vec<(&'static str, Vec<u8>)>) -> Seen {
    let terminal = Terminal(Rc::new(RefCell::new(vt100::Parser::new(24, 200, 0))));
    let look = Look { colour: false, terminal: true };
    let time = Rc::new(Cell::new(Duration::ZERO));
    let mut session = Session {
        steps,
        typed: Typed::default(),
        time: Rc::clone(&time),
        terminal: terminal.clone(),
        screens: Rc::default(),
        steered: Rc::default(),
    };
    let (screens, steered) = (Rc::clone(&session.screens), Rc::clone(&session.steered));
    let typed = session.typed.clone();
    let mut console = Console {
        name: "subunit run".into(),
        stdin: None,
        stdout: Box::new(terminal.clone()),
        stderr: Box::new(terminal),
        stdout_look: look,
        stderr_look: look,
        interrupts: Interrupts::default(),
        definitions: crate::console::Definitions::default(),
    };
    let (report, outputs) = (ReportArgs::default(), OutputArgs::default());
    let (before, judged, times) = (&mut [][..], Judged::Run(&mut session), HashMap::new());
    let shown = Shown { outputs, before, report: &report, judged, times, again: None };
    let keys: Option<Box<dyn KeySource>> = Some(Box::new(typed.clone()));
    let clock = Box::new(move || time.get());
    ViewArgs::default().watch(true, clock, keys, shown, &mut console).unwrap();
    Seen { screens: screens.take().split_off(1), steered: steered.take(), typed }
}

fn on(route: &str, test_id: &str, status: Status) -> Vec<u8> {
    let route_code = Some(RouteCode::new(route));
    let mut packet = Vec::new();
    Event { route_code, ..Event::status(test_id, status) }.encode(&mut packet).unwrap();
    packet
}

fn printed(route: &str, test_id: Option<&str>, name: &str, text: &str) -> Vec<u8> {
    let mut packet = Vec::new();
    let file = Some(FileChunk { name, bytes: text.as_bytes() });
    let event =
        Event { test_id, file, route_code: Some(RouteCode::new(route)), ..Event::default() };
    event.encode(&mut packet).unwrap();
    packet
}

const KEYS: &str = "t now  f failures  p pause  0-9 / worker  q stop  ? help";

#[test]
fn what_runs_and_what_failed_is_said_above_the_picture() {
    let running = || on("0", "a", Status::InProgress);
    let screens = seen(vec![
        ("", running()),
        ("tf", running()),
        ("", on("1", "b", Status::Fail)),
        ("f", running()),
        ("?", running()),
    ])
    .screens;
    let picture = |seconds: u8| {
        format!(
            "\n0 done  1 running  0:0{seconds}\n  0 {:>8}  a\n{KEYS}",
            format!("{}.0 s", seconds - 1)
        )
    };
    assert_eq!(screens[0], picture(1));
    assert_eq!(
        screens[1],
        format!("running:\n[0] a 1 s\nno test has failed so far\n{}", picture(2))
    );
    assert!(screens[3].contains("failures:\n      fail           - [1] b\n"), "{}", screens[3]);
    assert!(screens[4].contains("keys:\n  t    which tests run now"), "{}", screens[4]);
}

#[test]
fn where_a_worker_is_chosen_only_its_output_scrolls() {
    let line = |route, text| printed(route, None, "stdout", text);
    let screens = seen(vec![
        ("", [on("0", "a", Status::InProgress), on("1", "b", Status::InProgress)].concat()),
        ("1", line("0", "before\n")),
        ("", [line("0", "hidden\n"), line("1", "beside\n")].concat()),
        (
            "",
            [
                printed("1", Some("b"), "stdout", "of the test\n"),
                printed("0", Some("a"), "stdout", "hidden\n"),
                printed("1", Some("b"), "core", "hidden\n"),
                on("1", "b", Status::Success),
                on("0", "a", Status::Fail),
            ]
            .concat(),
        ),
        ("\u{1b}", on("0", "c", Status::InProgress)),
        ("", [line("0", "shown\n"), on("1", "d", Status::Success)].concat()),
    ])
    .screens;
    assert!(screens[1].contains("\noutput of worker 1  Esc all  t now  "), "{}", screens[1]);
    let last = &screens[5];
    let expected = "0| before\n1| beside\n1| of the test\n   success           - [1] b\n      \
                    fail           - [0] a\n0| shown\n\n";
    assert!(last.starts_with(expected), "{last}");
    assert!(last.ends_with(KEYS), "{last}");
}

#[test]
fn a_worker_is_chosen_by_name() {
    let running = || on("mac/0", "a", Status::InProgress);
    let screens =
        seen(vec![("", running()), ("/ma", running()), ("c\n", running()), ("7", running())]);
    let screens = screens.screens;
    assert!(screens[1].ends_with("\nworker: ma_"), "{}", screens[1]);
    assert!(screens[2].contains("\noutput of worker mac  Esc all  "), "{}", screens[2]);
    assert!(screens[3].ends_with("\nno worker is called 7"), "{}", screens[3]);
}

#[test]
fn the_run_is_paused_and_stopped() {
    let running = || on("0", "a", Status::InProgress);
    let seen = seen(vec![("p", running()), ("p", running()), ("qq", running()), ("", running())]);
    assert!(
        seen.screens[0].contains("\npaused, what runs ends  p go on  t now  "),
        "{}",
        seen.screens[0]
    );
    assert!(seen.screens[1].ends_with(KEYS), "{}", seen.screens[1]);
    assert!(seen.screens[2].contains("\nstopping  q kill  t now  "), "{}", seen.screens[2]);
    use Steering::{Pause, Resume, Stop};
    assert_eq!(seen.steered, [Pause, Resume, Stop, Stop]);
}

#[test]
fn while_somebody_may_wait_for_an_answer_keys_are_theirs() {
    let running = || on("0", "a", Status::InProgress);
    let prompt = |route, content: &str| {
        let mut packet = Vec::new();
        let file = Some(FileChunk { name: PROMPT, bytes: content.as_bytes() });
        let (route_code, mime_type) = (Some(RouteCode::new(route)), Some(MIME_TYPE));
        let event = Event { file, mime_type, route_code, eof: true, ..Event::default() };
        event.encode(&mut packet).unwrap();
        packet
    };
    let (open, closed) = (r#"{"open":true,"text":"(Pdb) "}"#, r#"{"open":false,"text":""}"#);
    let seen = seen(vec![
        ("", running()),
        ("", printed("0", None, "stdout", "(Pdb) ")),
        ("", prompt("0", open)),
        ("", prompt("1", open)),
        ("c\n", on("2", "b", Status::Success)),
        ("", prompt("0", closed)),
        ("quit\n", on("2", "c", Status::Success)),
        ("", prompt("1", closed)),
        ("p", running()),
    ]);
    let screens = &seen.screens;
    assert!(screens[1].contains("1 running"), "it may be the beginning of a line: {}", screens[1]);
    assert!(screens[2].trim_end().ends_with("0| (Pdb)"), "{}", screens[2]);
    assert!(screens[4].trim_end().ends_with("0| (Pdb)"), "{}", screens[4]);
    assert!(screens[5].trim_end().ends_with("1| (Pdb)"), "the next one asks: {}", screens[5]);
    assert!(screens[7].contains("\n\n2 done  1 running"), "{}", screens[7]);
    let typed = |route: &str, text: &str| Steering::Type {
        route: route.to_owned(),
        text: text.as_bytes().to_owned(),
    };
    assert_eq!(seen.steered, [typed("0", "c\n"), typed("1", "quit\n"), Steering::Pause]);
    assert!(seen.typed.0.borrow().1 > 0);
}
