//! Pictures at given times, without a terminal or a clock.

use subunit_core::{
    Event, FileChunk, RouteCode, Status,
    conventions::{MIME_TYPE, PLAN},
    sink::{Sink, Summary},
};

use super::*;

const WIDE: Size = Size { columns: 70, lines: 16 };

/// A run and the times its events arrived at.
struct Watched {
    run: Run,
    summary: Summary,
    live: Live,
}

impl Watched {
    fn new() -> Self {
        Self { run: Run::new(0), summary: Summary::new(), live: Live::new(Look::default()) }
    }

    fn note(&mut self, milliseconds: u64, event: &Event<'_>) {
        self.summary.event(event);
        self.run.note(event, Duration::from_millis(milliseconds));
    }

    fn picture(&self, milliseconds: u64, size: Size) -> Vec<String> {
        let now = Duration::from_millis(milliseconds);
        self.live.picture(&self.run, &self.summary.counts(), now, size)
    }

    /// What is written when there is something to draw at a time.
    fn drawn(&mut self, milliseconds: u64) -> String {
        let (now, mut out) = (Duration::from_millis(milliseconds), Vec::new());
        let counts = self.summary.counts();
        self.live.draw(&self.run, &counts, now, WIDE, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn on<'a>(route: &'a str, test_id: &'a str, status: Status) -> Event<'a> {
    Event { route_code: Some(RouteCode::new(route)), ..Event::status(test_id, status) }
}

#[test]
fn a_run_from_its_listing_to_its_end() {
    let mut watched = Watched::new();
    assert_eq!(watched.picture(0, WIDE), ["", "0 done  0:00"]);
    for test_id in ["a", "b", "c", "d"] {
        watched.note(0, &Event::status(test_id, Status::Exists));
    }
    watched.note(0, &on("1", "a", Status::InProgress));
    watched.note(500, &on("0/1", "b", Status::InProgress));
    assert_eq!(
        watched.picture(2_300, WIDE),
        [
            "",
            "[>                   ]  0/4  2 running  0:02",
            "  0/1    1.8 s  b",
            "  1      2.3 s  a"
        ]
    );
    watched.note(3_000, &on("1", "a", Status::Fail));
    watched.note(3_000, &Event::status("c", Status::Skip));
    assert_eq!(
        watched.picture(61_000, WIDE),
        ["", "[==========>         ]  2/4  1 fail  1 skip  1 running  1:01", "  0/1     1:00  b"]
    );
    assert_eq!(
        watched.picture(3_661_000, Size { columns: 100, ..WIDE }),
        [
            "",
            "[==========>         ]  2/4  1 fail  1 skip  1 running  1:01:01  about 1:01:01 left",
            "  0/1  1:01:00  b"
        ]
    );
    watched.note(62_000, &on("0/1", "b", Status::Success));
    watched.note(62_000, &Event::status("d", Status::Success));
    let done = "[====================]  4/4  1 fail  1 skip  1:02";
    assert_eq!(watched.picture(62_000, WIDE), ["", done]);
}

#[test]
fn what_does_not_fit_the_terminal_is_left_out() {
    let mut watched = Watched::new();
    for index in 0..30 {
        let test_id = format!("test {index} \u{1f600}\u{1f600}\u{1f600} \x1b[2J of a long name");
        watched.note(0, &Event::status(&test_id, Status::InProgress));
    }
    for (columns, lines) in [(80, 24), (30, 10), (12, 5), (3, 3), (1, 2), (0, 0)] {
        let picture = watched.picture(1_000, Size { columns, lines });
        assert!(picture.len() < lines.max(2), "{columns} by {lines}: {picture:?}");
        let widest = picture.iter().map(|line| super::super::fit::columns(line)).max();
        assert!(widest < Some(columns.max(2)), "{columns} by {lines}: {picture:?}");
        assert!(!picture.concat().contains('\x1b'));
    }
    assert_eq!(
        watched.picture(1_000, Size { columns: 34, lines: 8 }),
        [
            "",
            "0 done  30 running  0:01",
            "    1.0 s  test 0 \u{1f600}\u{1f600}\u{1f600} \\u{1b...",
            "    1.0 s  test 1 \u{1f600}\u{1f600}\u{1f600} \\u{1b...",
            "  and 28 more"
        ]
    );
}

#[test]
fn colours_take_no_room() {
    let mut watched = Watched::new();
    watched.live = Live::new(Look { colour: true, terminal: true });
    watched.note(0, &Event::status("a", Status::Fail));
    let size = Size { columns: 24, lines: 9 };
    assert_eq!(watched.picture(0, size), ["", "1 done  \x1b[31m1 fail\x1b[0m  0:00"]);
}

#[test]
fn ten_pictures_a_second_are_the_most() {
    let mut watched = Watched::new();
    watched.note(0, &Event::status("a", Status::InProgress));
    let drawn = (0..2_000).filter(|now| {
        watched.live.text(b"something new\n");
        !watched.drawn(*now).is_empty()
    });
    assert_eq!(drawn.count(), 20);
}

#[test]
fn lines_that_stay_wait_for_the_next_picture_but_not_in_floods() {
    let mut watched = Watched::new();
    watched.drawn(0);
    watched.live.text(b"one\n");
    assert_eq!(watched.drawn(50), "");
    assert!(watched.drawn(100).contains("one\n"));
    watched.live.text(&b"flood\n".repeat(100_000));
    assert_eq!(watched.drawn(150).matches("flood\n").count(), 100_000);
    assert!(watched.drawn(200).contains("0 done"), "the picture is back");
}

#[test]
fn a_line_that_has_not_ended_is_shown_and_ends_where_it_began() {
    let mut watched = Watched::new();
    watched.live.text(b"one\ntwo, ");
    assert_eq!(watched.picture(0, WIDE)[0], "two, ");
    watched.live.above().extend_from_slice(b"fail a\n");
    watched.live.text(b"and its end\n");
    let mut out = Vec::new();
    watched.live.end(&mut out).unwrap();
    assert!(out.ends_with(b"one\nfail a\ntwo, and its end\n"));
    // What never ends is ended for it.
    watched.live.text(&[b'x'; 10_000]);
    assert_eq!(watched.picture(0, WIDE)[0], "");
    watched.live.text(b"the end");
    watched.live.end(&mut out).unwrap();
    assert!(out.ends_with(b"xxx\nthe end\n"));
}

/// A terminal of 12 lines and 40 columns, as a driver leaves it.
fn screen(written: &str) -> String {
    let mut terminal = vt100::Parser::new(12, 40, 0);
    terminal.process(written.replace('\n', "\r\n").as_bytes());
    let (_, column) = terminal.screen().cursor_position();
    format!("{}|{column}", terminal.screen().contents())
}

fn asked() -> Watched {
    let mut watched = Watched::new();
    watched.live = Live::new(Look::default()).with_prompts();
    watched.note(0, &Event::status("a", Status::InProgress));
    watched
}

#[test]
fn a_prompt_has_the_terminal_until_the_run_goes_on() {
    let mut watched = asked();
    let mut written = watched.drawn(0);
    watched.live.text(b"> a.py(7)test()\n(Pdb) ");
    written += &watched.drawn(100);
    assert!(screen(&written).contains("running"), "it may be the beginning of a line");
    written += &watched.drawn(400);
    assert_eq!(screen(&written), "> a.py(7)test()\n(Pdb) |6");
    // What is typed is shown as it comes.
    watched.live.text(b"p 6");
    written += &watched.drawn(410);
    assert_eq!(screen(&written), "> a.py(7)test()\n(Pdb) p 6|9");
    watched.live.text(b"\n6\n(Pdb) ");
    written += &watched.drawn(420);
    written += &watched.drawn(10_000);
    assert_eq!(screen(&written), "> a.py(7)test()\n(Pdb) p 6\n6\n(Pdb) |6");
    // The terminal itself has shown the answer, and gone on to the next line.
    written += "c\n";
    watched.note(11_000, &Event::status("a", Status::Success));
    watched.live.go_on();
    written += &watched.drawn(11_000);
    let shown = screen(&written);
    assert!(shown.starts_with("> a.py(7)test()\n(Pdb) p 6\n6\n(Pdb) c\n\n"), "{shown}");
    assert!(shown.contains("1 done  0:11"), "{shown}");
}

#[test]
fn who_has_ended_its_line_and_falls_silent_has_done_with_the_terminal() {
    let mut watched = asked();
    watched.live.text(b"Password: ");
    watched.drawn(0);
    let mut written = watched.drawn(300);
    assert_eq!(screen(&written), "Password: |10");
    watched.live.text(b"\nthanks\n");
    written += &watched.drawn(500);
    written += &watched.drawn(1_400);
    assert_eq!(screen(&written), "Password: \nthanks|0");
    written += &watched.drawn(1_500);
    assert!(screen(&written).starts_with("Password: \nthanks\n\n0 done  1 running  0:01"));
}

#[test]
fn dots_between_results_take_the_picture_away_once() {
    let mut watched = asked();
    watched.live.text(b".");
    let mut written = watched.drawn(0) + &watched.drawn(300);
    assert_eq!(screen(&written), ".|1");
    for second in 1..20 {
        watched.live.go_on();
        watched.live.text(b".");
        written += &watched.drawn(second * 1000);
        written += &watched.drawn(second * 1000 + 900);
        assert!(screen(&written).contains("1 running"), "{}", screen(&written));
    }
    let mut out = Vec::new();
    watched.live.end(&mut out).unwrap();
    written += &String::from_utf8(out).unwrap();
    assert_eq!(screen(&written), format!(".\n{}|0", ".".repeat(19)));
}

#[test]
fn who_is_not_run_by_us_asks_nobody() {
    let mut watched = Watched::new();
    watched.live.text(b"(Pdb) ");
    let written = watched.drawn(0) + &watched.drawn(5_000);
    assert!(screen(&written).contains("0 done"));
}

#[test]
fn a_plan_is_as_good_as_a_list() {
    let mut watched = Watched::new();
    let file = Some(FileChunk { name: PLAN, bytes: br#"{"tests":4,"workers":2}"# });
    watched.note(0, &Event { file, mime_type: Some(MIME_TYPE), eof: true, ..Event::default() });
    watched.note(0, &on("1", "a", Status::InProgress));
    watched.note(3_000, &on("1", "a", Status::Success));
    let line = "[=====>              ]  1/4  0:03  about 0:09 left";
    assert_eq!(watched.picture(3_000, WIDE), ["", line]);
}
