//! What programs agree on beyond the protocol: for authors of runners and of programs that read streams.
//!
//! Files of a test have names by custom: [`STDOUT`], [`STDERR`], `stdin`, [`REASON`] (why it failed or was
//! skipped) and [`TRACEBACK`]. Output of a package or a suite is a file of no test; its name begins with the
//! name of the package or suite and a blank: `ex/p stdout`. Some tags have names by custom as well:
//!
//! | tag | meaning |
//! |---|---|
//! | `worker-N` | the worker that ran the test |
//! | `attempt-N` | the Nth try at the test, from 1, see [`attempt`]. *Every* attempt at a test has it whose source retries or may retry the test, the first attempt too; nothing else has it |
//! | [`XPASS`] | the test passed and was expected to fail, and its runner calls that passed |
//! | [`INCOMPLETE`] | the program that reads or runs the test says that it never ended; or the run counts more results than were read |
//!
//! Times are points in time or, where the source knows durations only, relative: counted from
//! 1970-01-01T00:00:00Z, see [`Timestamp::is_relative`].
//!
//! A file [`metric/NAME`](METRIC) of a test is a number that the test reports, as text: `metric/peak-memory`, `12.5`;
//! of several lines the last number counts.
//!
//! Files of no test whose MIME type is [`MIME_TYPE`] are from program to program: each holds one JSON object
//! and is never shown as output ([`is_aside`]). Programs ignore names and keys that they do not know. In the
//! repository, `docs/schemas` has a JSON Schema of each.
//!
//! | file | who writes it, and when | content |
//! |---|---|---|
//! | [`RUN`] | the program that starts a run, first and once; later copies add keys | what it is a run of: `uuid`, `started`, `command` and `arguments`, `host`, `revision`, `branch`, `dirty`, `series`, `variant`, and the `program` and `version` that say so. Never the environment |
//! | [`ENVIRONMENT`] | the program that starts a run, once | where it runs: `kernel`, `system`, `machine`, and `variables`, those that the configuration names |
//! | [`INSTALLED`] | the program that runs tests, once for each kind that is found | what is installed where it runs: `{"by":"dpkg","versions":{"bash":"5.2.15-2"}}`; of `python` with the folder of its interpreter, `in`; of `lock` files of the project, each with a hash of its content |
//! | [`CONFIGURATION`] | the program that runs tests, once | `{"toml":"..."}`: the configuration that is in force, after all that goes over it |
//! | [`INPUTS`] | the program that runs tests, once for each group of tests that the configuration says it of | what these tests depend on as the run begins: `{"match":"^db","configuration":"9f0c..","files":{"src/a.c":"01ab.."}}`, the regex of their ids, a hash of the configuration that is in force, and one of each file, empty if it cannot be read |
//! | [`PLAN`] | the program that knows how much there is to do, when that is known and again when it has grown | `{"tests":300,"workers":4}`, each if it is known: all that there are, those that have ended included. A plan with a route is about what is below that route. The ids themselves are events with the status `exists` |
//! | [`WORKER`] | the program that started a worker, under the worker's route, at its start and at its end | see below |
//! | [`CAPABILITIES`] | a program that takes more than output, before all else | [`Capabilities`] |
//! | [`UNDELIVERED`] | a multiplexer that could not deliver what came from above, under the route it was addressed to | `{"message":"..."}`: what, and why |
//! | [`CLOCK`] | a multiplexer, under an input's route, when it knows how the input's clock differs | `{"offset":-3600.5,"by":"clock"}`: this number of seconds was added to the later times of the input, because of its `clock`, an `arrival`, or the `start` of times that are no dates; `{"offset":null}`: nobody knows how its times compare |
//! | [`DAMAGE`] | a multiplexer that found damage in an input, under the input's route | [`ToldDamage`] |
//! | [`DAMAGED_BYTES`] | the same, before it | the damaged bytes as they stood; the MIME type is [`BYTES_MIME_TYPE`] |
//! | [`PROMPT`] | the program that runs workers, under the route of one that waits for a person, such as at a debugger, and again when it goes on | `{"open":true,"text":"(Pdb) "}`; `{"open":false,"text":""}` |
//! | [`PROGRESS`] | the program that runs tests, to whoever connects to a run that goes on | `{"done":12,"failed":1,"elapsed":3.5}`: tests that have ended, failures, seconds |
//! | [`UNNAMED_RESULTS`] | a reader of what a runner prints for people, which counts more results than it names | `{"success":17,"skip":3}`: further results, by status; several files add up, see [`UnnamedResults`](crate::run::UnnamedResults) |
//! | [`EXIT_STATUS`] | the program that ran a command, under its route, after its end | `{"command":"make check","exit":2}`, or `"signal"` if one killed it; the command is written as for a shell |
//!
//! `run`: `command` is the program and `arguments` is the list of its arguments; without `arguments`,
//! `command` is written as for a shell. `uuid` is new for each run. `started` is a time of RFC 3339.
//! `revision` names what was tested, `branch` says where that is from, and `dirty` is `true` if files had
//! changed since.
//!
//! `worker`: `state` is `started` first. The last one of each worker is one of these:
//!
//! | state | meaning |
//! |---|---|
//! | `ended` | it ended by itself, with any `exit` |
//! | `crashed` | a `signal` killed it that this program did not send, or it could not be started |
//! | `stopped` | it was told to stop, as everything else was |
//! | `timed-out` | it was told to stop because it, or one of its tests, took too long |
//!
//! `by` is the program that says this, such as `mux`. `pid` is the number of the worker's process, if that is
//! on the same machine as `by`. `time` is a time of RFC 3339 by the clock of `by`. `instance` is where the
//! worker runs, such as a chroot. At the end `exit` is its exit status or `signal` the number of the signal
//! that killed it (both, if a shell reported the signal by its status), and `reason` says why in a few words.
//! `by` and `pid` tell several workers of one route apart, such as a worker that runs a command, or workers
//! after one another.

mod of_the_run;

use std::{
    fmt,
    fs::File,
    io::{self, Read},
};

pub use self::of_the_run::{INTERRUPTED, STOPPED_RUN, is_cut_off, tells_of_the_run};
use crate::{Damage, Event, FileChunk, PacketError, PacketErrorKind, RouteCode, Tags, Timestamp};

/// The name of the file with what a test, or a program, wrote to standard output.
pub const STDOUT: &str = "stdout";

/// The name of the file with what a test, or a program, wrote to standard error.
pub const STDERR: &str = "stderr";

/// The name of the file with what is typed for a test or a program, on the way to it.
pub const STDIN: &str = "stdin";

/// The name of the file that says in a few words why a test ended as it did.
pub const REASON: &str = "reason";

/// The name of the file with the calls that led to a failure.
pub const TRACEBACK: &str = "traceback";

/// The type of text whose encoding is UTF-8.
pub const TEXT: &str = "text/plain;charset=utf8";

/// What the name of a file begins with that is a number that a test reports.
pub const METRIC: &str = "metric/";

/// The tag of a test that passed though it was expected to fail, and whose runner calls that passed.
pub const XPASS: &str = "xpass";

/// The tag of a failure that stands for what is missing: the end of a test, or results that a report counts.
pub const INCOMPLETE: &str = "incomplete";

/// Which attempt at its test an event with these tags belongs to: N of the tag `attempt-N`. If there are
/// several such tags, the greatest N counts.
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

/// The MIME type of such a file that holds bytes instead of JSON.
pub const BYTES_MIME_TYPE: &str = "application/octet-stream; subunit=1";

/// The name of the file that says what this is a run of.
pub const RUN: &str = "run";

/// The name of the file that says whether a worker waits for a person.
pub const PROMPT: &str = "prompt";

/// The name of the file that says how far a run is.
pub const PROGRESS: &str = "progress";

/// The name of the file that says where a run takes place.
pub const ENVIRONMENT: &str = "environment";

/// The name of the file that says what is installed.
pub const INSTALLED: &str = "installed";

/// The name of the file with the configuration that is in force.
pub const CONFIGURATION: &str = "configuration";

/// The name of the file that says what some tests depend on.
pub const INPUTS: &str = "inputs";

/// The name of the file that says how much there is to do.
pub const PLAN: &str = "plan";

/// The name of the file that says that a worker started, and how it ended.
pub const WORKER: &str = "worker";

/// The name of the file in which a program says what it takes, and what time it is by its clock.
pub const CAPABILITIES: &str = "capabilities";

/// The name of the file in which a multiplexer says what it could not deliver.
pub const UNDELIVERED: &str = "undelivered";

/// The name of the file in which a multiplexer says how the clock of an input differs from its own.
pub const CLOCK: &str = "clock";

/// The name of the file in which a multiplexer says that an input was damaged.
pub const DAMAGE: &str = "damage";

/// The name of the file in which a multiplexer passes on the damaged bytes.
pub const DAMAGED_BYTES: &str = "damaged-bytes";

/// The name of the file that says how many results have no name.
pub const UNNAMED_RESULTS: &str = "unnamed-results";

/// The name of the file that says how a command ended.
pub const EXIT_STATUS: &str = "exit-status";

/// What no other run is called, for the file [`RUN`]: a UUID of version 4. The system's random bytes do: the standard
/// library has none that are meant to be unlike those of other machines.
///
/// # Errors
///
/// If the system has no random bytes in `/dev/urandom`.
pub fn run_uuid() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let random = u128::from_be_bytes(bytes);
    let version = random & !(0xf << 76) | 4 << 76;
    let hex = format!("{:032x}", version & !(3 << 62) | 2 << 62);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    Ok(parts.join("-"))
}

/// Whether an event is a file from program to program, which is never shown as output.
#[inline]
pub fn is_aside(event: &Event<'_>) -> bool {
    event.test_id.is_none()
        && event.file.is_some()
        && event.mime_type.is_some_and(|mime_type| {
            mime_type.split(';').skip(1).any(|parameter| parameter.trim() == "subunit=1")
        })
}

/// What a program says about itself before all else. As JSON:
/// `{"version":1,"takes":["tests"],"release":"0.1.0","clock":1764383460.123456789}`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Capabilities<'a> {
    /// Whether it takes tests while it runs: packets with the status `exists`, on its standard input.
    pub takes_tests: bool,
    /// The version of the program, if it is one of these programs: all of a run should have the same.
    pub release: Option<&'a str>,
    /// What time it is, by its clock.
    pub clock: Option<Timestamp>,
}

impl<'a> Capabilities<'a> {
    /// The capabilities that an event states. Version 0 wrote words without JSON, such as `tests`.
    pub fn of(event: &Event<'a>) -> Option<Self> {
        let file =
            event.file.filter(|file| file.name == CAPABILITIES && event.test_id.is_none())?;
        let text = std::str::from_utf8(file.bytes).ok()?;
        if !text.trim_start().starts_with('{') {
            let takes_tests = text.split_ascii_whitespace().any(|word| word == "tests");
            return Some(Self { takes_tests, ..Self::default() });
        }
        let takes = value(text, "takes").and_then(|takes| takes.split(']').next());
        let takes_tests = takes.is_some_and(|takes| takes.contains("\"tests\""));
        let release = string(text, "release");
        Some(Self { takes_tests, release, clock: time(text, "clock") })
    }

    /// The content of the file.
    pub fn content(&self) -> String {
        let takes = if self.takes_tests { "\"tests\"" } else { "" };
        let clock = self.clock.map_or_else(String::new, |clock| {
            format!(",\"clock\":{}.{:09}", clock.seconds(), clock.nanoseconds())
        });
        let is_plain =
            |release: &&str| !release.contains(['"', '\\']) && !release.contains(char::is_control);
        let release = self.release.filter(is_plain);
        let release =
            release.map_or_else(String::new, |release| format!(",\"release\":\"{release}\""));
        format!("{{\"version\":1,\"takes\":[{takes}]{release}{clock}}}")
    }

    /// The event that says this, with the content as made by [`Capabilities::content`].
    pub fn event(content: &str) -> Event<'_> {
        let file = Some(FileChunk { name: CAPABILITIES, bytes: content.as_bytes() });
        Event { file, mime_type: Some(MIME_TYPE), eof: true, runnable: false, ..Event::default() }
    }
}

/// Damage that a multiplexer found in an input and reports in its stream, so that the stream is as red as the
/// input. As JSON: `{"offset":10432,"length":17,"reason":"checksum"}`.
///
/// Readers of streams turn it into damage of the stream they read:
/// [`Sink::packet`](crate::sink::Sink::packet) does, and so does [`Summary`](crate::sink::Summary). Programs
/// that pass packets on pass this one on unchanged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ToldDamage<'a> {
    /// The input; `None` if its name has been taken off since.
    pub input: Option<RouteCode<'a>>,
    /// Where the packet began, in bytes from the start of the input.
    pub offset: u64,
    /// How many bytes are damaged.
    pub length: u64,
    /// Why it was no packet, in few words: see [`PacketErrorKind::brief`].
    pub reason: &'a str,
}

impl<'a> ToldDamage<'a> {
    /// The damage that an event reports.
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

    /// What to report about damage that was found.
    pub fn content(damage: &Damage<'_>) -> String {
        let (offset, length, reason) = (damage.offset, damage.length, damage.reason.kind);
        format!("{{\"offset\":{offset},\"length\":{length},\"reason\":\"{}\"}}", reason.brief())
    }

    /// The same, as damage of the stream that reports it, without bytes.
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

/// The value of a key of a flat JSON object.
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

/// The number that is the value of a key of a flat JSON object.
pub(crate) fn number(json: &str, key: &str) -> Option<u64> {
    let value = value(json, key)?;
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().ok()
}

/// A point in time as seconds since 1970, with up to nine digits after the point.
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
            Capabilities { takes_tests: true, clock, release: None },
            Capabilities { takes_tests: false, clock, release: Some("0.1.0-rc.1") },
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
            assert_eq!(said, Some(Capabilities { takes_tests, clock, release: None }), "{content}");
        }
        let odd = Capabilities { release: Some("a\"b"), ..Capabilities::default() }.content();
        assert_eq!(odd, "{\"version\":1,\"takes\":[]}");
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

    #[test]
    fn every_run_has_a_uuid_of_version_4() {
        let uuids = [run_uuid().unwrap(), run_uuid().unwrap()];
        assert_ne!(uuids[0], uuids[1]);
        for uuid in uuids {
            let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
            assert_eq!(uuid.chars().nth(14), Some('4'), "{uuid}");
            assert!(matches!(uuid.chars().nth(19), Some('8' | '9' | 'a' | 'b')), "{uuid}");
        }
    }
}
