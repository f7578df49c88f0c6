//! What a person at leaves sees, and where what they type goes.

use subunit_core::conventions::{DAMAGE, MIME_TYPE};

use super::*;

fn said<'a>(route: &'a str, bytes: &'a [u8]) -> Event<'a> {
    let file = Some(FileChunk { name: "stdout", bytes });
    Event { file, route_code: Some(RouteCode::new(route)), ..Event::default() }
}

fn shown(view: &mut AttachView, events: &[Event<'_>]) -> String {
    let mut out = Vec::new();
    for event in events {
        view.event(event, Duration::ZERO, &mut out).unwrap();
    }
    view.settle(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn typed(view: &mut AttachView, line: &str) -> (Typed, String) {
    let mut out = Vec::new();
    let typed = view.typed(line, Duration::from_secs(2), &mut out).unwrap();
    (typed, String::from_utf8(out).unwrap())
}

fn sent(view: &mut AttachView, line: &str) -> (String, Vec<u8>) {
    let (Typed::Send(packet), _) = typed(view, line) else { panic!("{line} was not sent") };
    let packet = subunit_core::Packet::parse(&packet).unwrap();
    let file = packet.event().file.unwrap();
    assert_eq!(file.name, "stdin");
    (packet.event().route_code.unwrap().to_string(), file.bytes.to_vec())
}

#[test]
fn the_focus_follows_the_prompts() {
    let mut view = AttachView::default();
    let screen = shown(&mut view, &[said("0/0", b"one\n(Pdb) "), said("1/0", b"two\n")]);
    assert_eq!(screen, "0/0| one\n0/0| (Pdb) \n1/0| two\n0/0| (Pdb) ");
    assert_eq!(sent(&mut view, "print(1)"), ("0/0".into(), b"print(1)\n".to_vec()));
    assert_eq!(shown(&mut view, &[said("1/0", b"(Pdb) ")]), "1/0| (Pdb) ");
    assert_eq!(sent(&mut view, "//x"), ("1/0".into(), b"/x\n".to_vec()));
    // The answer comes on a line of its own, since the typed one has ended.
    assert_eq!(shown(&mut view, &[said("0/0", b"1\n(Pdb) ")]), "0/0| 1\n0/0| (Pdb) ");
    assert_eq!(view.focus(), Some("0/0"));
}

#[test]
fn the_focus_leaves_who_has_ended_for_who_prompted_last() {
    let mut view = AttachView::default();
    shown(&mut view, &[said("a", b"1> "), said("b", b"2> "), said("c", b"3> ")]);
    shown(&mut view, &[said("a", b"again "), said("b", b"again "), said("c", b"again ")]);
    let end = Event { eof: true, ..said("c", b"") };
    assert_eq!(shown(&mut view, &[end]), "\nb| 2> again ");
    assert_eq!(sent(&mut view, "x").0, "b");
    let ends = [Event { eof: true, ..said("a", b"") }, Event { eof: true, ..said("b", b"") }];
    shown(&mut view, &ends);
    assert_eq!(view.focus(), None, "there is nobody else");
}

#[test]
fn lines_of_two_leaves_do_not_run_into_each_other() {
    let mut view = AttachView::default();
    let events = [said("a", b"he"), said("b", b"wo"), said("a", b"llo\n"), said("b", b"rld\n")];
    assert_eq!(shown(&mut view, &events), "a| he\nb| wo\na| hello\nb| world\n");
}

#[test]
fn the_focus_can_be_moved_and_the_leaves_listed() {
    let mut view = AttachView::default();
    assert_eq!(typed(&mut view, "lost").0, Typed::Done);
    let begun = Event {
        route_code: Some(RouteCode::new("0/1")),
        ..Event::status("slow", Status::InProgress)
    };
    shown(&mut view, &[said("0/0", b"> "), begun]);
    typed(&mut view, "/route 0/1");
    assert_eq!(sent(&mut view, "/eof"), ("0/1".into(), Vec::new()));
    let (_, list) = typed(&mut view, "/list");
    assert_eq!(list, "  0/0\n* 0/1\n    slow (2.0 s)\n");
    assert_eq!(typed(&mut view, "/quit").0, Typed::Quit);
}

#[test]
fn failures_and_lost_lines_are_told() {
    let mut view = AttachView::default();
    let route_code = Some(RouteCode::new("0"));
    let failed = Event { route_code, ..Event::status("t", Status::Fail) };
    let file = Some(FileChunk { name: UNDELIVERED, bytes: br#"{"message":"no such route"}"# });
    let mime_type = Some(MIME_TYPE);
    let lost = Event { file, mime_type, route_code: Some(RouteCode::new("7")), ..Event::default() };
    let screen = shown(&mut view, &[said("0", b"> "), failed, lost]);
    assert_eq!(screen, "0| > \n0: fail: t\n7: no such route\n0| > ");
    let file = Some(FileChunk { name: DAMAGE, bytes: br#"{"offset":7,"reason":"checksum"}"# });
    let damaged = shown(&mut view, &[Event { file, ..lost }]);
    assert_eq!(damaged, "\n7: damaged packet at byte 7 of input 7: checksum\n0| > ");
}

#[test]
fn what_programs_tell_each_other_is_not_shown() {
    let mut view = AttachView::default();
    let file = Some(FileChunk { name: "capabilities", bytes: br#"{"version":1}"# });
    let event = Event { file, mime_type: Some(MIME_TYPE), ..Event::default() };
    assert_eq!(shown(&mut view, &[event]), "");
    assert_eq!(typed(&mut view, "/list").1, "", "it is no leaf");
    let bytes = br#"{"version":1,"release":"0.0.9"}"#;
    let file = Some(FileChunk { name: "capabilities", bytes });
    let told = shown(&mut view, &[Event { file, ..event }]);
    assert!(told.starts_with("subunit is version 0.0.9 there and "), "{told}");
}

fn begun(view: &mut AttachView, line: &str) -> String {
    let mut out = Vec::new();
    view.edit(line, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn end(route: &str) -> Event<'_> {
    Event { eof: true, ..said(route, b"") }
}

#[test]
fn a_leaf_that_was_chosen_keeps_the_focus() {
    let mut view = AttachView::default();
    shown(&mut view, &[said("0", b"."), said("1", b"(Pdb) "), said("2", b"\r12%")]);
    typed(&mut view, "/route 1");
    for (nth, noise) in [&b"."[..], b"\r50%", b"Password: "].into_iter().enumerate() {
        shown(&mut view, &[said("0", noise), said("2", noise)]);
        assert_eq!(sent(&mut view, "n").0, "1", "{nth}");
        shown(&mut view, &[said("1", b"-> x = 1\n"), said("0", noise), said("1", b"(Pdb) ")]);
    }
    // Not after its end; and `/auto` has the same effect.
    shown(&mut view, &[end("1")]);
    assert_eq!(view.focus(), Some("0"));
    typed(&mut view, "/route 2");
    assert_eq!(typed(&mut view, "/auto").1, "lines go to 2; this follows the prompts\n");
    assert_eq!(typed(&mut view, "/route 1").1, "1 has ended\n");
    assert_eq!(view.focus(), Some("2"));
}

#[test]
fn what_grows_without_an_answer_takes_the_focus_from_no_prompt() {
    let mut view = AttachView::default();
    shown(&mut view, &[said("0", b"tests/a.py ")]);
    assert_eq!(view.focus(), Some("0"), "there is nobody else");
    shown(&mut view, &[said("1", b"(Pdb) ")]);
    let noise =
        [said("0", b"."), said("2", b"."), said("2", b"\r12%"), said("0", b"\ntests/b.py ")];
    for noise in noise {
        shown(&mut view, &[noise]);
        assert_eq!(view.focus(), Some("1"));
    }
    // Nor from the leaf whose answer is awaited, unless that is another prompt.
    assert_eq!(sent(&mut view, "n").0, "1");
    shown(&mut view, &[said("0", b"."), said("2", b"\ntests/c.py ")]);
    assert_eq!(sent(&mut view, "n").0, "1");
    shown(&mut view, &[said("3", b"> ")]);
    assert_eq!(sent(&mut view, "n").0, "3");
}

#[test]
fn a_line_goes_where_its_first_character_was_meant_to() {
    let mut view = AttachView::default();
    shown(&mut view, &[said("0", b"(Pdb) ")]);
    begun(&mut view, "p");
    shown(&mut view, &[said("1", b"(Pdb) ")]);
    begun(&mut view, "print(1)");
    assert_eq!(sent(&mut view, "print(1)"), ("0".into(), b"print(1)\n".to_vec()));
    assert_eq!(sent(&mut view, "n").0, "1");
    // What was rubbed out was not begun.
    shown(&mut view, &[said("0", b"> ")]);
    begun(&mut view, "x");
    begun(&mut view, "");
    shown(&mut view, &[said("1", b"> ")]);
    assert_eq!(sent(&mut view, "n").0, "1");
}

#[test]
fn a_line_for_a_leaf_that_ends_is_sent_nowhere() {
    let mut view = AttachView::default();
    shown(&mut view, &[said("0", b"(Pdb) "), said("1", b"(Pdb) ")]);
    begun(&mut view, "cont");
    let told = "1: it has ended; the line you began is not sent\n";
    let screen = shown(&mut view, &[end("1"), end("1")]);
    assert_eq!(screen.matches(told).count(), 1, "{screen}");
    begun(&mut view, "continue");
    let (what, screen) = typed(&mut view, "continue");
    assert_eq!(what, Typed::Done);
    assert_eq!(screen, "not sent: 1 has ended; choose another leaf with /route\n");
    assert_eq!(sent(&mut view, "n").0, "0");
    // A line that was begun before anybody asked is for nobody.
    let mut view = AttachView::default();
    begun(&mut view, "n");
    shown(&mut view, &[said("0", b"(Pdb) ")]);
    assert_eq!(typed(&mut view, "n").0, Typed::Done);
}

#[test]
fn a_program_that_ends_its_files_is_no_leaf_that_ends() {
    let mut view = AttachView::default();
    shown(&mut view, &[said("0", b"(Pdb) ")]);
    begun(&mut view, "n");
    shown(&mut view, &[Event { eof: true, ..said("0", b"all of a file\n") }]);
    assert_eq!(sent(&mut view, "n").0, "0");
}

/// A terminal with a view at it.
struct Terminal {
    screen: vt100::Parser,
    view: AttachView,
}

impl Terminal {
    fn new(lines: u16, columns: u16) -> Self {
        let mut view = AttachView::new(Look { colour: false, terminal: true });
        view.set_width(Some(columns.into()));
        Self { screen: vt100::Parser::new(lines, columns, 100), view }
    }

    fn put(&mut self, bytes: &str) {
        self.screen.process(bytes.replace('\n', "\r\n").as_bytes());
    }

    fn say(&mut self, events: &[Event<'_>]) -> String {
        let bytes = shown(&mut self.view, events);
        self.put(&bytes);
        self.screen.screen().contents()
    }

    fn edit(&mut self, line: &str) -> String {
        let bytes = begun(&mut self.view, line);
        self.put(&bytes);
        self.screen.screen().contents()
    }

    fn enter(&mut self, line: &str) -> String {
        let (_, bytes) = typed(&mut self.view, line);
        self.put(&bytes);
        self.say(&[])
    }
}

#[test]
fn a_half_typed_line_stays_whole_below_what_others_print() {
    let mut terminal = Terminal::new(12, 40);
    terminal.say(&[said("0", b"one\n(Pdb) ")]);
    for (line, screen) in [("p", "0| one\n0| (Pdb) p"), ("pri", "0| one\n0| (Pdb) pri")] {
        assert_eq!(terminal.edit(line), screen);
    }
    let screen = terminal.say(&[said("1", b"two\n"), said("1", b"three\n")]);
    assert_eq!(screen, "0| one\n1| two\n1| three\n0| (Pdb) pri");
    assert_eq!(terminal.screen.screen().cursor_position(), (3, 12));
    assert_eq!(terminal.edit("pr"), "0| one\n1| two\n1| three\n0| (Pdb) pr");
    // The leaf itself may go on, too.
    let screen = terminal.say(&[said("0", b"late\n> ")]);
    assert_eq!(screen, "0| one\n1| two\n1| three\n0| (Pdb) late\n0| > pr");
    let screen = terminal.enter("pr");
    assert_eq!(screen, "0| one\n1| two\n1| three\n0| (Pdb) late\n0| > pr");
    assert_eq!(terminal.screen.screen().cursor_position(), (5, 0));
}

#[test]
fn a_half_typed_line_of_several_rows_leaves_nothing_behind() {
    let mut terminal = Terminal::new(12, 40);
    terminal.say(&[said("0", b"(Pdb) ")]);
    for length in [29, 30, 31, 32, 70, 71, 72, 100] {
        let line = "x".repeat(length);
        terminal.edit(&line);
        let screen = terminal.say(&[said("1", b"two\n")]);
        assert_eq!(screen.matches('x').count(), length, "{screen}");
        assert_eq!(screen.matches("(Pdb)").count(), 1, "{screen}");
        assert!(screen.replace('\n', "").ends_with(&line), "{screen}");
    }
    let screen = terminal.edit("x");
    assert!(screen.ends_with("1| two\n0| (Pdb) x"), "{screen}");
}

#[test]
fn no_prompt_is_taken_from_the_screen() {
    let mut terminal = Terminal::new(24, 80);
    terminal.say(&[said("0", b"(Pdb) ")]);
    let screen = terminal.say(&[said("1", b"(Pdb) ")]);
    assert_eq!(screen, "0| (Pdb) \n1| (Pdb) ");
    // One that is answered is shown where it is answered.
    assert_eq!(terminal.say(&[said("2", b"two\n")]), "0| (Pdb) \n2| two\n1| (Pdb) ");
    let screen = terminal.say(&[said("2", b".")]);
    assert_eq!(screen, "0| (Pdb) \n2| two\n2| .\n1| (Pdb) ");
}

#[test]
fn what_is_typed_at_nobody_and_at_who_has_said_nothing_is_seen() {
    let mut terminal = Terminal::new(12, 40);
    assert_eq!(terminal.edit("/rou"), "> /rou");
    terminal.enter("/route 7");
    assert_eq!(terminal.edit("ab\x1b"), "> /route 7\nnothing from 7 yet\n7> ab\\u{1b}");
    let screen = terminal.say(&[said("7", b"there\n")]);
    assert_eq!(screen, "> /route 7\nnothing from 7 yet\n7| there\n7> ab\\u{1b}");
}

#[test]
fn percents_are_written_over_each_other_on_a_terminal() {
    let mut terminal = Terminal::new(12, 40);
    terminal.say(&[said("0", b"(Pdb) ")]);
    terminal.edit("n");
    terminal.say(&[said("1", b"fetch\r10%"), said("1", b"\r20%"), said("1", b"\r30%\r40%")]);
    let screen = terminal.say(&[said("1", b"\r100%\r\ndone\r\n")]);
    assert_eq!(screen, "1| 40%\n1| 100%\n1| done\n0| (Pdb) n");
    assert_eq!(terminal.view.focus(), Some("0"));
}
