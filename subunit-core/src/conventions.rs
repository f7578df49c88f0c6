//! What programs agree on beyond the protocol: for authors of runners and of programs that read streams.
//!
//! Files of a test have names by custom: [`STDOUT`], [`STDERR`], `stdin`, [`REASON`] (why it failed or was skipped)
//! and [`TRACEBACK`]. What was printed in a package or a suite is a file of no test with that one's name in front, and a
//! blank: `ex/p stdout`. Some tags have names by custom as well:
//!
//! | tag | meaning |
//! |---|---|
//! | `worker-N` | the worker that ran the test |
//! | `attempt-N` | the Nth try at the test, from 1, see [`attempt`]. It stands on *every* attempt at a test whose source retries it or may retry it, the first one too, and on nothing else |
//! | [`XPASS`] | the test passed and was expected to fail, and its runner calls that passed |
//! | [`INCOMPLETE`] | the test never ended, says who reads or runs it; or what the run counts is more than what was read |
//!
//! Times are points in time or, where the source knows durations only, relative: counted from
//! 1970-01-01T00:00:00Z, see [`Timestamp::is_relative`].
//!
//! Files of no test whose MIME type is [`MIME_TYPE`] are from program to program: each holds one JSON object,
//! is never shown as output ([`is_aside`]), and whoever does not know its name, or a key in it, ignores that. In the
//! repository, `docs/schemas` has a JSON Schema of each.
//!
//! | file | who writes it, and when | content |
//! |---|---|---|
//! | [`RUN`] | who starts a run, first and once; later copies add keys | what it is a run of: `uuid`, `started`, `command` and `arguments`, `host`, `revision`, `branch`, `dirty`, and the `program` and `version` that say so. Never the environment |
//! | [`PLAN`] | who knows how much there is to do, when that is known and again when it has grown | `{"tests":300,"workers":4}`, each where it is known: all that there are, also those that have ended. Where a plan has a route, it is of what is below that route. The ids themselves are events with the status `exists` |
//! | [`WORKER`] | who started a worker, under its route, at its start and at its end | see below |
//! | [`CAPABILITIES`] | who takes more than output, first of all | [`Capabilities`] |
//! | [`UNDELIVERED`] | a multiplexer that could not deliver what came from above, under the route it was addressed to | `{"message":"..."}`: what, and why |
//! | [`CLOCK`] | a multiplexer, under an input's route, when it is known how the input's clock differs | `{"offset":-3600.5,"by":"clock"}`: so many seconds were added to the times of the input that follow, because its clock, an `arrival` or the `start` of times that are no dates told that; `{"offset":null}`: nobody knows how its times compare |
//! | [`DAMAGE`] | a multiplexer that found damage in an input, under the input's route | [`ToldDamage`] |
//! | [`DAMAGED_BYTES`] | the same, before it | the damaged bytes as they stood; the MIME type is [`BYTES_MIME_TYPE`] |
//! | [`EXIT_STATUS`] | who ran a command, under its route, after its end | `{"command":"make check","exit":2}`, or `"signal"` where that killed it; the command is as a shell takes it |
//!
//! `run`: `command` is the program and `arguments` is the list of what it was given; without `arguments`, `command` is as a
//! shell takes it. `uuid` is new for each run. `started` is a time of RFC 3339. `revision` names what was tested,
//! `branch` where that is from, and `dirty` is `true` where files had changed since.
//!
//! `worker`: `state` is `started` first and, of each worker, one of these last:
//!
//! | state | meaning |
//! |---|---|
//! | `ended` | it ended by itself, by whatever `exit` |
//! | `crashed` | a `signal` killed it that nobody here sent, or it could not be started |
//! | `stopped` | it was told to stop, with everything else |
//! | `timed-out` | it was told to stop because it, or a test of its, took too long |
//!
//! `pid` is the number of its process, where it is one on the machine of who says so; `by` is who that is, such as `mux`;
//! `time` is a time of RFC 3339 by its clock; `instance` is where it runs, as in a chroot. At the end `exit` is its
//! exit status or `signal` the number of the signal that killed it (both, where a shell told of the signal by
//! its status), and `reason` says why in a few words. Several workers of one route, as a worker that
//! runs a command, or one after another, are told apart by `by` and `pid`.

use std::fmt;

use crate::{Damage, Event, FileChunk, PacketError, PacketErrorKind, RouteCode, Tags, Timestamp};

/// The name of the file with what a test, or a program, wrote to standard output.
pub const STDOUT: &str = "stdout";

/// The name of the file with what a test, or a program, wrote to standard error.
pub const STDERR: &str = "stderr";

/// The name of the file that says in a few words why a test ended as it did.
pub const REASON: &str = "reason";

/// The name of the file with the calls that led to a failure.
pub const TRACEBACK: &str = "traceback";

/// The type of text whose encoding is UTF-8.
pub const TEXT: &str = "text/plain;charset=utf8";

/// The tag of a test that passed though it was expected to fail, where its runner calls that passed.
pub const XPASS: &str = "xpass";

/// The tag of a failure that stands for what is missing: the end of a test, or results that a report counts.
pub const INCOMPLETE: &str = "incomplete";

/// Ids of what is no test, by which readers and programs tell that something is wrong with the run or the report of it.
/// Names of groups may stand before them, and `>` between. Ids in parentheses and those that end with ` report` belong
/// here as well.
const OF_THE_RUN: [&str; 14] = [
    "plan",
    "pragma strict",
    "bail-out",
    "line",
    "long line",
    "torn message",
    "suites",
    "build problem",
    "build status",
    "session",
    "command",
    "standard input",
    "testsuite",
    "",
];

/// Whether the failure of this tells of the run, or of a report of it, and not of any test: the plan is broken, the
/// command failed, results are missing. Such a failure says nothing of a failure by that name in another run.
pub fn tells_of_the_run(test_id: &str, runnable: bool, tags: Option<Tags<'_>>) -> bool {
    if tags.is_some_and(|tags| tags.iter().any(|tag| tag == INCOMPLETE)) {
        return true;
    }
    let name = test_id.rsplit(" > ").next().unwrap_or(test_id);
    let is_aside = || name.starts_with('(') && name.ends_with(')');
    !runnable && (OF_THE_RUN.contains(&name) || name.ends_with(" report") || is_aside())
}

/// Which attempt at its test an event with these tags belongs to: N of the tag `attempt-N`. Of several such tags
/// the greatest N counts.
#[inline]
pub fn attempt(tags: Tags<'_>) -> Option<u32> {
    // Most sets are too short to hold such a tag, and its length: this is asked of nearly every event.
    if tags.wire().len() <= ATTEMPT.len() + 1 { None } else { attempt_among(tags) }
}

#[inline(never)]
fn attempt_among(tags: Tags<'_>) -> Option<u32> {
    tags.bytes().filter_map(attempt_number).max()
}

/// The tag of the Nth attempt at a test, from 1.
pub fn attempt_tag(number: u32) -> String {
    format!("{ATTEMPT}{number}")
}

const ATTEMPT: &str = "attempt-";

fn attempt_number(tag: &[u8]) -> Option<u32> {
    let digits = tag.strip_prefix(ATTEMPT.as_bytes())?;
    if !digits.iter().all(u8::is_ascii_digit) || digits.starts_with(b"0") {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The MIME type of files of no test that programs write for programs.
pub const MIME_TYPE: &str = "application/json; subunit=1";

/// The MIME type of such a file that is no JSON but bytes.
pub const BYTES_MIME_TYPE: &str = "application/octet-stream; subunit=1";

/// By this name who starts a run says what it is a run of.
pub const RUN: &str = "run";

/// By this name who knows it says how much there is to do.
pub const PLAN: &str = "plan";

/// By this name who started a worker says that it did, and how that ended.
pub const WORKER: &str = "worker";

/// By this name a program says what it takes, and what time it is by its clock.
pub const CAPABILITIES: &str = "capabilities";

/// By this name a multiplexer says what it could not deliver.
pub const UNDELIVERED: &str = "undelivered";

/// By this name a multiplexer says how the clock of an input differs from its own.
pub const CLOCK: &str = "clock";

/// By this name a multiplexer says that an input of its was damaged.
pub const DAMAGE: &str = "damage";

/// By this name a multiplexer passes on the bytes that were damaged.
pub const DAMAGED_BYTES: &str = "damaged-bytes";

/// By this name who ran a command says how it ended.
pub const EXIT_STATUS: &str = "exit-status";

/// Whether an event is a file from program to program, which is never shown as output.
#[inline]
pub fn is_aside(event: &Event<'_>) -> bool {
    event.test_id.is_none()
        && event.file.is_some()
        && event.mime_type.is_some_and(|mime_type| {
            mime_type.split(';').skip(1).any(|parameter| parameter.trim() == "subunit=1")
        })
}

/// What a program says of itself before all else. As JSON:
/// `{"version":1,"takes":["tests"],"clock":1764383460.123456789}`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Capabilities {
    /// Whether it takes tests while it runs: packets with the status `exists`, on its standard input.
    pub takes_tests: bool,
    /// What time it is, by its clock.
    pub clock: Option<Timestamp>,
}

impl Capabilities {
    /// What an event says that a program is capable of. Words without JSON, as in `tests`, are what
    /// version 0 wrote.
    pub fn of(event: &Event<'_>) -> Option<Self> {
        let file =
            event.file.filter(|file| file.name == CAPABILITIES && event.test_id.is_none())?;
        let text = std::str::from_utf8(file.bytes).ok()?;
        if !text.trim_start().starts_with('{') {
            let takes_tests = text.split_ascii_whitespace().any(|word| word == "tests");
            return Some(Self { takes_tests, clock: None });
        }
        let takes = value(text, "takes").and_then(|takes| takes.split(']').next());
        let takes_tests = takes.is_some_and(|takes| takes.contains("\"tests\""));
        Some(Self { takes_tests, clock: time(text, "clock") })
    }

    /// The content of the file.
    pub fn content(&self) -> String {
        let takes = if self.takes_tests { "\"tests\"" } else { "" };
        let clock = self.clock.map_or_else(String::new, |clock| {
            format!(",\"clock\":{}.{:09}", clock.seconds(), clock.nanoseconds())
        });
        format!("{{\"version\":1,\"takes\":[{takes}]{clock}}}")
    }

    /// The event that says this, with the content as made by [`Capabilities::content`].
    pub fn event(content: &str) -> Event<'_> {
        let file = Some(FileChunk { name: CAPABILITIES, bytes: content.as_bytes() });
        Event { file, mime_type: Some(MIME_TYPE), eof: true, runnable: false, ..Event::default() }
    }
}

/// Damage that a multiplexer found in an input and tells of in its stream, so that the stream is as red as
/// the input. As JSON: `{"offset":10432,"length":17,"reason":"checksum"}`.
///
/// Readers of streams turn it into damage of the stream they read: [`Sink::packet`](crate::sink::Sink::packet)
/// does, and so does [`Summary`](crate::sink::Summary). Programs that pass packets on pass it on as it came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ToldDamage<'a> {
    /// The input; `None` where its name has been taken off since.
    pub input: Option<RouteCode<'a>>,
    /// Where the packet began, in bytes from the start of the input.
    pub offset: u64,
    /// How many bytes are damaged.
    pub length: u64,
    /// Why it was no packet, in few words: see [`PacketErrorKind::brief`].
    pub reason: &'a str,
}

impl<'a> ToldDamage<'a> {
    /// The damage that an event tells of.
    #[inline]
    pub fn of(event: &Event<'a>) -> Option<Self> {
        // Almost every event is of a test, and of no interest here.
        if event.test_id.is_some() { None } else { Self::of_no_test(event) }
    }

    fn of_no_test(event: &Event<'a>) -> Option<Self> {
        let file = event.file.filter(|file| file.name == DAMAGE && !file.bytes.is_empty())?;
        if !is_aside(event) {
            return None;
        }
        // Whatever else is wrong with it, it is a word of damage.
        let json = std::str::from_utf8(file.bytes).unwrap_or_default();
        Some(Self {
            input: event.route_code,
            offset: number(json, "offset").unwrap_or_default(),
            length: number(json, "length").unwrap_or_default(),
            reason: string(json, "reason").unwrap_or("not said"),
        })
    }

    /// What is to be told of damage that was found.
    pub fn content(damage: &Damage<'_>) -> String {
        let (offset, length, reason) = (damage.offset, damage.length, damage.reason.kind);
        format!("{{\"offset\":{offset},\"length\":{length},\"reason\":\"{}\"}}", reason.brief())
    }

    /// The same as damage of the stream that tells of it, without bytes.
    pub fn as_damage(&self) -> Damage<'static> {
        let reason = PacketError { kind: PacketErrorKind::Recorded, at: 0 };
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        Damage { length, ..Damage::new(self.offset, b"", reason) }
    }
}

impl fmt::Display for ToldDamage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "damaged packet at byte {}", self.offset)?;
        match self.input {
            Some(input) => write!(f, " of input {input}: {}", self.reason),
            None => write!(f, ": {}", self.reason),
        }
    }
}

/// What stands behind a key of a flat JSON object.
fn value<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = json;
    loop {
        let (_, behind) = rest.split_once('"')?;
        let (word, behind) = behind.split_once('"')?;
        let behind = behind.trim_start();
        if let Some(value) = behind.strip_prefix(':').filter(|_| word == key) {
            return Some(value.trim_start());
        }
        rest = behind;
    }
}

fn number(json: &str, key: &str) -> Option<u64> {
    let value = value(json, key)?;
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().ok()
}

/// A point in time as seconds since 1970, with up to nine digits behind the point.
fn time(json: &str, key: &str) -> Option<Timestamp> {
    let value = value(json, key)?;
    let fraction = value.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix('.');
    let fraction = fraction.unwrap_or_default();
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    let digits: String = fraction[..end].chars().chain("000000000".chars()).take(9).collect();
    let seconds = u32::try_from(number(json, key)?).ok()?;
    Some(Timestamp::new(seconds, digits.parse().ok()?))
}

/// A string without escapes.
fn string<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let (string, _) = value(json, key)?.strip_prefix('"')?.split_once('"')?;
    (!string.contains('\\')).then_some(string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Item, TagsBuf, items};

    fn event<'a>(content: &'a [u8], mime_type: &'a str) -> Event<'a> {
        let file = Some(FileChunk { name: DAMAGE, bytes: content });
        let route_code = Some(RouteCode::new("0/1"));
        Event { file, mime_type: Some(mime_type), eof: true, route_code, ..Event::default() }
    }

    #[test]
    fn capabilities_are_read_as_they_are_written_and_as_they_were() {
        let clock = Some(Timestamp::new(1_764_383_460, 1_234));
        for said in [
            Capabilities { takes_tests: true, clock },
            Capabilities { takes_tests: false, clock },
            Capabilities::default(),
        ] {
            let content = said.content();
            let event = Capabilities::event(&content);
            assert_eq!(Capabilities::of(&event), Some(said), "{content}");
            assert!(is_aside(&event));
        }
        for (content, takes_tests, clock) in [
            ("tests\n", true, None),
            ("more tests", true, None),
            ("testing", false, None),
            (
                "{\"clock\":7.5,\"new\":1,\"takes\":[\"x\", \"tests\"]}",
                true,
                Some((7, 500_000_000)),
            ),
            ("{\"clock\":7,\"takes\":[],\"tests\":1}", false, Some((7, 0))),
            ("{\"clock\":99999999999,\"takes\":\"", false, None),
        ] {
            let clock = clock.map(|(seconds, nanos)| Timestamp::new(seconds, nanos));
            let said = Capabilities::of(&Capabilities::event(content));
            assert_eq!(said, Some(Capabilities { takes_tests, clock }), "{content}");
        }
    }

    #[test]
    fn an_attempt_has_a_number_from_1() {
        for (tags, number) in [
            (&["attempt-1"][..], Some(1)),
            (&["a", "attempt-12", "worker-1"], Some(12)),
            (&["attempt-2", "attempt-10"], Some(10)),
            (&["attempt-0"], None),
            (&["attempt-01"], None),
            (&["attempt-+1"], None),
            (&["attempt-"], None),
            (&["attempt-99999999999"], None),
            (&["an attempt-1"], None),
            (&[], None),
        ] {
            let tags: TagsBuf = tags.iter().copied().collect();
            assert_eq!(attempt(tags.as_tags()), number, "{tags:?}");
        }
        assert_eq!(attempt_number(attempt_tag(3).as_bytes()), Some(3));
    }

    #[test]
    fn what_was_found_is_told() {
        let stream =
            b"\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1c\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1b";
        let Some(Item::Damage(damage)) = items(stream).next() else { panic!() };
        let content = ToldDamage::content(&damage);
        assert_eq!(content, "{\"offset\":0,\"length\":12,\"reason\":\"checksum\"}");
        let event = event(content.as_bytes(), MIME_TYPE);
        let told = ToldDamage::of(&event).unwrap();
        assert_eq!((told.offset, told.length, told.reason), (0, 12, "checksum"));
        assert_eq!(told.to_string(), "damaged packet at byte 0 of input 0/1: checksum");
        assert!(is_aside(&event));
    }

    #[test]
    fn what_cannot_be_read_is_a_word_of_damage_all_the_same() {
        for (content, told) in [
            (
                &b"{ \"new\": [\"offset\", 1], \"length\" : 4, \"offset\" :7}"[..],
                (7, 4, "not said"),
            ),
            (b"\xff", (0, 0, "not said")),
            (b"{\"reason\":\"a\\\"b\",\"offset\":99999999999999999999999}", (0, 0, "not said")),
            (b"{\"offset", (0, 0, "not said")),
        ] {
            let event = event(content, "application/json;charset=utf8; subunit=1");
            let found = ToldDamage::of(&event).unwrap();
            assert_eq!((found.offset, found.length, found.reason), told);
        }
    }

    #[test]
    fn files_of_that_name_that_are_no_word_of_damage() {
        let word = event(b"{\"offset\":1}", MIME_TYPE);
        assert_eq!(ToldDamage::of(&Event { test_id: Some("a"), ..word }), None);
        assert_eq!(ToldDamage::of(&Event { mime_type: Some("application/json"), ..word }), None);
        assert_eq!(ToldDamage::of(&Event { mime_type: None, ..word }), None);
        assert_eq!(ToldDamage::of(&event(b"", MIME_TYPE)), None);
        let file = Some(FileChunk { name: "log", bytes: b"{}" });
        assert_eq!(ToldDamage::of(&Event { file, ..word }), None);
        assert!(is_aside(&Event { file, ..word }));
    }
}
