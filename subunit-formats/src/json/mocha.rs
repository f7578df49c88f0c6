//! What mocha's reporter `json-stream` writes: one array a line, the name of an event and an object.
//!
//! By mocha 12.0.3, `lib/reporters/json-stream.js`: `start` with `total`, a `pass` or `fail` for each test, `end` with the
//! totals.
//!
//! * The id is `fullTitle`. Where another file had it first, the name of the file stands in front.
//! * A test that was tried again has the tag of its attempt, by `currentRetry`; the attempts before it are not in the stream, so
//!   nothing is known of them but that they failed. Hooks are not runnable.
//! * Times are put together from durations.
//! * Pending tests are not named: the one result `pending tests` stands for them, and is not runnable.
//! * `plan` has failed where there is no `end`, or where it counts more passes or failures than were read.

use subunit_core::{
    Event, FileChunk, Status, TagsBuf,
    conventions::{REASON, TRACEBACK, attempt_tag},
};

use crate::{
    events::{
        clock::{SyntheticClock, seconds},
        emit::{TEXT, fit},
        ids::Ids,
        push::{Push, some_tags},
        tally,
    },
    format::{Row, Signs, Told},
    reader::public_reader,
    text::{
        json_line::{LongLines, Object, Tries, each_part, find},
        line_reader::{LineReader, LineState},
    },
};

/// The `json-stream` of mocha.
pub(crate) const ROW: Row = Row {
    name: "mocha",
    title: "the json-stream of mocha",
    examples: &[
        r#"echo '["pass",{"title":"a","fullTitle":"a"}]' | subunit from-mocha | subunit ls"#,
        r#"echo '["start",{"total":1}]' > run.ndjson; subunit from-mocha run.ndjson | subunit stats"#,
    ],
    told: Told::LiveDurations,
    signs: Signs { first: &[r#"["start",{"total":"#], ..Signs::NONE },
    ..Row::new(|| Box::new(MochaReader::new()))
};

/// What the objects begin with.
const BEGINNINGS: [&str; 3] = ["\"title\"", "\"total\"", "\"suites\""];

public_reader! {
    /// Reads the `json-stream` of mocha.
    ///
    /// Memory: a line, and 16 bytes a test.
    #[derive(Clone, Debug)]
    MochaReader(LineReader<State, LongLines>) = LineReader::default()
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        each_part(line, |part, tries| self.part(part, tries, push));
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        self.cut_short("the input ended", push);
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    clock: SyntheticClock,
    ids: Ids,
    /// Whether a run has begun that has not ended.
    open: bool,
    passes: u64,
    failures: u64,
}

impl State {
    /// An event and what a test has printed before it; gives how many bytes are left after it.
    fn part(&mut self, line: &[u8], tries: &mut Tries, push: &mut Push<'_>) -> usize {
        let Some(found) = find(line, &BEGINNINGS, |_| true, tries) else {
            push.text(line);
            return 0;
        };
        let after = found.after.strip_prefix(b"]").unwrap_or(found.after);
        let after = if after.trim_ascii().is_empty() { &[] } else { after };
        let printed = |name: &str| found.before.strip_suffix(format!("[\"{name}\",").as_bytes());
        let events = ["start", "pass", "fail", "end"];
        let event = events.into_iter().find_map(|name| Some((name, printed(name)?)));
        let Some((name, printed)) = event else {
            push.text(&line[..line.len() - after.len()]);
            return after.len();
        };
        push.text(printed);
        if !self.event(name, &found.object, push) {
            push.text(&line[printed.len()..line.len() - after.len()]);
        }
        after.len()
    }

    /// False where the event says nothing.
    fn event(&mut self, name: &str, object: &Object, push: &mut Push<'_>) -> bool {
        match name {
            "start" => {
                self.cut_short("another run started", push);
                self.open = true;
                true
            }
            "end" => {
                self.end(object, push);
                true
            }
            "pass" => self.test(Status::Success, object, push),
            _ => self.test(Status::Fail, object, push),
        }
    }

    fn test(&mut self, status: Status, object: &Object, push: &mut Push<'_>) -> bool {
        let title = object.str("title").unwrap_or_default();
        let Some(id) = object.str("fullTitle").filter(|id| !id.is_empty()) else { return false };
        self.open = true;
        let count = if status == Status::Fail { &mut self.failures } else { &mut self.passes };
        *count += 1;
        let id = self.id(id, object.str("file").unwrap_or_default());
        let retry = object.count("currentRetry").and_then(|retry| u32::try_from(retry).ok());
        let number = retry.unwrap_or_default().saturating_add(1);
        push.earlier_attempts(&id, None, number);
        let attempt = (number > 1).then(|| attempt_tag(number));
        let tags: TagsBuf = attempt.as_deref().into_iter().collect();
        let took = object.number("duration").and_then(|duration| seconds(duration / 1000.0));
        let runnable = !is_hook(title);
        let of = |status| Event { tags: some_tags(&tags), runnable, ..Event::status(&id, status) };
        let timestamp = took.map(|_| self.clock.now());
        push.event(&Event { timestamp, ..of(Status::InProgress) });
        if status == Status::Fail {
            push_cause(&id, object, push);
        }
        let timestamp = took.map(|took| self.clock.advance(took));
        push.event(&Event { timestamp, ..of(status) });
        true
    }

    fn id(&mut self, title: &str, file: &str) -> String {
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let [name, file] = [name, file].map(|place| match place {
            "" => String::new(),
            place => format!("{}::", fit(place)),
        });
        self.ids.of(fit(title).into_owned(), [&name, &file])
    }

    /// The totals.
    fn end(&mut self, object: &Object, push: &mut Push<'_>) {
        let counted = |key| object.count(key).unwrap_or_default();
        let read = [("passes", self.passes), ("failures", self.failures)];
        if let Some(reason) = tally::shortfall(read.map(|(key, read)| (key, counted(key), read))) {
            push.shortfall("plan", &reason);
        }
        if counted("pending") > 0 {
            let reason = format!("{} pending, and mocha named none of them", counted("pending"));
            push.event(&Event {
                runnable: false,
                file: Some(FileChunk { name: REASON, bytes: reason.as_bytes() }),
                mime_type: Some(TEXT),
                eof: true,
                ..Event::status("pending tests", Status::Skip)
            });
        }
        (self.open, self.passes, self.failures) = (false, 0, 0);
    }

    /// A run that is open has no totals.
    fn cut_short(&mut self, why: &str, push: &mut Push<'_>) {
        if std::mem::take(&mut self.open) {
            push.incomplete_group("plan", &format!("mocha did not end its run: {why}"), None);
        }
        (self.passes, self.failures) = (0, 0);
    }
}

/// `"before all" hook for "never runs"`.
pub(crate) fn is_hook(title: &str) -> bool {
    let words = title.strip_prefix('"').and_then(|rest| rest.split_once("\" hook"));
    words.is_some_and(|(when, _)| {
        ["before all", "before each", "after each", "after all"].contains(&when)
    })
}

/// The message is a file of its own where the stack does not begin with it.
fn push_cause(id: &str, object: &Object, push: &mut Push<'_>) {
    let (message, stack) = (object.str("err"), object.str("stack"));
    let message = message.filter(|message| !message.is_empty());
    if let (Some(message), Some(stack)) = (message, stack)
        && !stack
            .split_once(message)
            .is_some_and(|(before, _)| before.is_empty() || before.ends_with(": "))
    {
        push.file(Some(id), "message", message.as_bytes(), true);
    }
    if let Some(trace) = stack.or(message) {
        push.file(Some(id), TRACEBACK, trace.as_bytes(), true);
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::Timestamp;

    use super::*;
    use crate::log::Log;

    const RUN: &str = include_str!("../../tests/data/mocha/run.ndjson");

    fn read(input: &str) -> Log {
        Log::read(MochaReader::new(), input.as_bytes())
    }

    #[test]
    fn a_run_of_mocha() {
        let log = read(RUN);
        let hook = "Cart inner \"before all\" hook for \"never runs\"";
        let again = "it was tried again: no more is known of this attempt";
        let expected = [
            ("Cart adds", "success", ""),
            ("Cart removes", "fail", ""),
            ("Cart flaky", "fail", again),
            ("Cart flaky", "success", ""),
            ("Cart prints no line end", "success", ""),
            (hook, "fail", ""),
            ("b.spec.js::Cart adds", "success", ""),
            ("Cart throws string", "fail", ""),
            ("pending tests", "skip", "3 pending, and mocha named none of them"),
        ];
        assert_eq!(log.results(), expected);
        assert_eq!(log.text, "adding\nraw");
        let not_runnable = log.events.iter().filter(|event| !event.runnable);
        let ids: Vec<_> = not_runnable.filter_map(|event| event.test_id.as_deref()).collect();
        assert_eq!(ids, [hook, hook, "pending tests"]);
    }

    #[test]
    fn attempts_have_tags_and_tests_have_durations() {
        let log = read(RUN);
        let of = |id: &str| {
            let events = log.events.iter().filter(|event| event.test_id.as_deref() == Some(id));
            events.cloned().collect::<Vec<_>>()
        };
        let tags: Vec<_> = of("Cart flaky")
            .iter()
            .map(|event| event.tags.as_ref().map(|tags| tags.as_tags().iter().collect::<String>()))
            .collect();
        assert_eq!(tags, ["attempt-1", "attempt-2", "attempt-2"].map(|tag| Some(tag.to_owned())));
        let times: Vec<_> =
            of("b.spec.js::Cart adds").iter().filter_map(|event| event.timestamp).collect();
        assert_eq!(times, [2, 63].map(|milliseconds| Timestamp::new(0, milliseconds * 1_000_000)));
    }

    #[test]
    fn the_message_stands_in_the_stack_or_beside_it() {
        for (members, files) in [
            (r#""err":"a","stack":"Error: a\n at b""#, vec![("traceback", "Error: a\n at b")]),
            (r#""err":"b","stack":"at b""#, vec![("message", "b"), ("traceback", "at b")]),
            (r#""err":"a","stack":null"#, vec![("traceback", "a")]),
            (r#""err":"""#, vec![]),
        ] {
            let log =
                read(&format!("[\"fail\",{{\"title\":\"t\",\"fullTitle\":\"t\",{members}}}]\n"));
            let of_test = log.events.iter().filter(|event| event.test_id.as_deref() == Some("t"));
            let found: Vec<_> = of_test.filter_map(|event| event.file.as_ref()).collect();
            let found: Vec<_> = found
                .iter()
                .map(|file| (&*file.name, std::str::from_utf8(&file.bytes).unwrap()))
                .collect();
            assert_eq!(found, files);
        }
    }

    #[test]
    fn a_run_without_its_end_is_red() {
        let pass = r#"["pass",{"title":"a","fullTitle":"a","duration":1,"currentRetry":0}]"#;
        let end = r#"["end",{"suites":1,"tests":1,"passes":1,"pending":0,"failures":0}]"#;
        let green = read(&format!("[\"start\",{{\"total\":1}}]\n{pass}\n{end}\n"));
        assert!(green.is_green(), "{:?}", green.results());
        let cut = ("plan", "fail", "mocha did not end its run: the input ended");
        assert_eq!(read(&format!("{pass}\n")).results(), [("a", "success", ""), cut]);
        assert_eq!(read("[\"start\",{\"total\":0}]\n").results(), [cut]);
        let twice = read(&format!("{pass}\n[\"start\",{{\"total\":1}}]\n{pass}\n{end}"));
        let again = ("plan", "fail", "mocha did not end its run: another run started");
        assert_eq!(twice.results(), [("a", "success", ""), again, ("a", "success", "")]);
    }

    #[test]
    fn totals_that_count_more_than_was_read_are_red() {
        let log = read(r#"["end",{"suites":1,"tests":3,"passes":2,"pending":0,"failures":1}]"#);
        let reason = "it counts 2 passes, of which 0 were read; 1 failures, of which 0 were read";
        assert_eq!(log.results(), [("plan", "fail", reason)]);
    }

    #[test]
    fn other_lines_are_text() {
        let lines = "[\"pass\",{}]\n{\"title\":\"a\"}\n[\"pass\",{\"title\":\"a\"}]\n[\"pass\",{\"title\":\n";
        let log = read(lines);
        assert_eq!((log.text.as_str(), log.events.len()), (lines, 0));
    }
}
