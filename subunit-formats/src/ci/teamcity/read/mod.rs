//! Reads service messages out of whatever they stand among.

mod held;
mod suites;
mod test;
mod tests;

use held::Held;
use tests::{Tests, time};

use super::message::{Found, Message, TRIES, Torn, at_mark, mark};
use crate::{
    events::push::Push,
    reader::public_reader,
    text::{
        json_line::{CUT, LONGEST, LongLines},
        line_reader::{LineReader, LineState},
    },
};

const TOO_DEEP: &str = "suites are nested too deep: ids have no names of the deepest";

public_reader! {
    /// Reads TeamCity service messages, wherever they stand in a line.
    ///
    /// Ids are the tests' names, with those of the suites they stand in before them: `suite: test`. Messages
    /// that are not about tests, and all between messages, are text. Times without a zone are read as UTC; where
    /// messages have none, durations are times from the beginning of 1970 on. A test or suite that does not
    /// finish and a `buildProblem` are red. `testCount` is a figure for progress bars and promises nothing.
    ///
    /// Line ends and quotes that are not escaped are mended. A failure that cannot be read, or is torn, is red.
    ///
    /// Attempts are what `testRetrySupport` announces, what ends with `willBeRetried`, and a test that starts
    /// again before it has ended, as with mocha.
    ///
    /// Memory: the tests and suites that run, tests that failed and may be tried again, and one line (a message of
    /// more than 64 MiB is text, and red).
    #[derive(Clone, Debug)]
    TeamCityReader(LineReader<State, LongLines>) = LineReader::default()
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        let mut rest = line;
        if let Some(mut held) = self.held.take() {
            if !held.take(line) {
                self.held = Some(held);
                return;
            }
            rest = &line[mark(line).unwrap_or(line.len())..];
            self.messages(&held.into_bytes(), true, push);
        }
        self.messages(rest, false, push);
    }

    fn settle(&mut self, push: &mut Push<'_>) {
        self.release(push);
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        self.release(push);
        if !self.tests.close(push) && self.torn_last {
            push.incomplete_group("torn message", "the input ends within a message", None);
        }
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    tests: Tests,
    /// Whether it was said that suites are nested too deep.
    too_deep: bool,
    /// The message that the last line ends with, if it may go on in the next.
    held: Option<Held>,
    /// Whether what was torn last was a message about tests, of which nothing could be made.
    torn_last: bool,
}

impl State {
    /// What was held back is as it is: it does not go on.
    fn release(&mut self, push: &mut Push<'_>) {
        if let Some(held) = self.held.take() {
            self.messages(&held.into_bytes(), true, push);
        }
    }

    /// Messages and what stands between them. The last one may go on in the next line unless they are the `last`.
    fn messages(&mut self, line: &[u8], last: bool, push: &mut Push<'_>) {
        self.torn_last = false;
        let (mut rest, mut tries) = (line, TRIES);
        let cut = line.len() >= LONGEST && !line.ends_with(b"\n");
        let mut is_text = cut;
        while let Some(at) = mark(rest) {
            let (before, message) = rest.split_at(at);
            push.text(before);
            is_text |= !before.is_empty();
            let found = at_mark(message, &mut tries);
            let length = match &found {
                Found::Whole(_, length) | Found::Torn(_, length) => *length,
            };
            let (bytes, behind) = message.split_at(length);
            rest = behind;
            let taken = match &found {
                Found::Whole(message, _) => self.message(message, push),
                Found::Torn(torn, _) if !(last || cut) && rest.is_empty() && goes_on(torn) => {
                    self.held = Some(Held::new(bytes));
                    return;
                }
                Found::Torn(_, _) if cut && rest.is_empty() => {
                    push.group_failure("long line", CUT, None, None);
                    false
                }
                Found::Torn(torn, _) => self.torn(torn, push),
            };
            // A line of output that tore the message stands in some value of it, which may be one that nobody is shown.
            let is_torn = bytes.trim_ascii_end().contains(&b'\n');
            if !taken || is_torn {
                push.text(bytes);
                is_text = true;
            }
        }
        // The end of a line that held nothing but messages is theirs.
        let is_end = rest.iter().all(|byte| b"\r\n".contains(byte));
        if !is_end || is_text || rest.len() == line.len() {
            push.text(rest);
        }
    }

    /// A message that does not end. False where nothing can be made of it.
    fn torn(&mut self, torn: &Torn<'_>, push: &mut Push<'_>) -> bool {
        let message = &torn.message;
        let open = torn.open.unwrap_or_default();
        let named = message.text("name").is_some() && !["name", "flowId"].contains(&open);
        let status = message.text("status").unwrap_or_default();
        let is_start_of =
            |word: &str| torn.bare && !message.name.is_empty() && word.starts_with(message.name);
        let is_red = match message.name {
            "buildProblem" => return self.message(message, push),
            "buildStatus" if open != "status" && status == "FAILURE" => {
                return self.message(message, push);
            }
            "buildStatus" => "FAILURE".starts_with(&*status),
            "testFailed" if !named => true,
            "testFinished" => false,
            name if name.starts_with("test") && named => return self.message(message, push),
            _ => is_start_of("testFailed") || is_start_of("buildProblem"),
        };
        if is_red {
            push.group_failure("torn message", "a failure that cannot be read", None, None);
        }
        self.torn_last = !is_red && message.name.starts_with("test");
        false
    }

    /// False where the message is not about tests.
    fn message(&mut self, message: &Message<'_>, push: &mut Push<'_>) -> bool {
        let flow = message.text("flowId").unwrap_or_default();
        let name = || message.text("name").unwrap_or_default();
        match message.name {
            "testSuiteStarted" => {
                if !self.tests.suites.start(&flow, &name())
                    && !std::mem::replace(&mut self.too_deep, true)
                {
                    push.group_failure("suites", TOO_DEEP, None, None);
                }
            }
            "testSuiteFinished" => self.tests.suites.finish(&flow, &name()),
            "flowStarted" => {
                self.tests.suites.start_flow(&flow, &message.text("parent").unwrap_or_default());
            }
            "flowFinished" => self.tests.suites.finish_flow(&flow),
            "testCount" => {}
            "testRetrySupport" => {
                self.tests.retries =
                    message.text("enabled").is_none_or(|enabled| enabled != "false");
            }
            "buildProblem" => {
                let reason = message.text("description").unwrap_or_default();
                push.group_failure("build problem", &reason, None, time(message));
            }
            "buildStatus" if message.text("status").as_deref() == Some("FAILURE") => {
                let reason = message.text("text").unwrap_or_default();
                push.group_failure("build status", &reason, None, time(message));
            }
            "message" => return said(message, push),
            name if name.starts_with("test") => return self.tests.message(name, message, push),
            _ => return false,
        }
        true
    }
}

/// Whether a message may go on in the next line: it is one about tests, and a value has not ended.
fn goes_on(torn: &Torn<'_>) -> bool {
    let name = torn.message.name;
    torn.open.is_some() && (name.starts_with("test") || name.starts_with("build"))
}

/// A `message` that holds nothing but text stands for that text.
fn said(message: &Message<'_>, push: &mut Push<'_>) -> bool {
    let only_text = message.attributes.iter().all(|(key, value)| match *key {
        "text" | "flowId" | "timestamp" => true,
        "status" => **value == *b"NORMAL",
        _ => false,
    });
    if only_text {
        push.text(message.bytes("text").unwrap_or_default());
    }
    only_text
}
