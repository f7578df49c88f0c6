//! Output that belongs to no test: of a package, a suite, a worker.

use std::collections::VecDeque;

use hashbrown::HashMap;

use super::cause::is_text_bytes;
use crate::{
    Event, FileChunk, RouteCode, RouteCodeBuf, Status,
    conventions::{STDERR, STDOUT, is_aside},
    sink::{Attachment, TestRecord},
};

/// Collects the files of no test, by route and name. It leaves out files from program to program
/// ([`is_aside`]), and the files of a failure without a test id, which belong to that failure.
///
/// Memory: the beginning and the end of each file, 1 MiB together, and 16 MiB of all files, unless
/// [`Outputs::with_limits`] says otherwise.
#[derive(Clone, Debug)]
pub struct Outputs {
    files: Vec<Output>,
    by_name: HashMap<(Option<RouteCodeBuf>, String), usize>,
    /// Bytes of one file.
    most: usize,
    /// Bytes left for all files.
    room: usize,
    omitted: u64,
}

/// One file of no test.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// The route that it came through.
    pub route_code: Option<RouteCodeBuf>,
    /// The file's name.
    pub name: String,
    /// The first type that any of its pieces had.
    pub mime_type: Option<String>,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    omitted: u64,
}

/// Memory of a file besides its name and content.
const FILE_COST: usize = 256;

impl Default for Outputs {
    fn default() -> Self {
        Self::with_limits(1 << 20, 16 << 20)
    }
}

impl Outputs {
    /// Keeps at most `most` bytes of each file, and `all` of all files together.
    pub fn with_limits(most: usize, all: usize) -> Self {
        Self { files: Vec::new(), by_name: HashMap::new(), most, room: all, omitted: 0 }
    }

    /// Takes an event. Events of tests are ignored.
    #[inline]
    pub fn note(&mut self, event: &Event<'_>) {
        if event.test_id.is_none()
            && let Some(file) = event.file
        {
            self.note_file(event, file);
        }
    }

    fn note_file(&mut self, event: &Event<'_>, file: FileChunk<'_>) {
        let is_reason = event.status.is_some_and(Status::is_failure);
        if file.bytes.is_empty() || is_reason || is_aside(event) {
            return;
        }
        let key = (event.route_code.map(RouteCode::to_buf), file.name.to_owned());
        let at = self.by_name.get(&key).copied();
        let Some(at) = at.or_else(|| self.begin(key, event.mime_type)) else {
            self.omitted += file.bytes.len() as u64;
            return;
        };
        if let Some(output) = self.files.get_mut(at) {
            output.push(file.bytes, self.most, &mut self.room);
        }
    }

    /// Begins a file, if there is room for one.
    fn begin(&mut self, key: (Option<RouteCodeBuf>, String), mime: Option<&str>) -> Option<usize> {
        let route = key.0.as_ref().map_or(0, |route| route.as_route().as_str().len());
        let names = 2 * (key.1.len() + route) + mime.map_or(0, str::len);
        self.room = self.room.checked_sub(names + FILE_COST)?;
        let at = self.files.len();
        self.files.push(Output {
            route_code: key.0.clone(),
            name: key.1.clone(),
            mime_type: mime.map(str::to_owned),
            head: Vec::new(),
            tail: VecDeque::new(),
            omitted: 0,
        });
        self.by_name.insert(key, at);
        Some(at)
    }

    /// The files, in the order in which they began.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Output> {
        self.files.iter()
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.omitted == 0
    }

    /// How many bytes belonged to files that were not kept at all.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Adds the output of a suite or a package to the failure that stands for it, as further files, if that
    /// failure says no more than a few words.
    pub fn explain(&self, record: &mut TestRecord) {
        let is_brief =
            || record.attachments.iter().all(|file| file.name == crate::conventions::REASON);
        if record.runnable || !record.has_failed() || !is_brief() {
            return;
        }
        let of_suite = self.files.iter().filter(|output| output.is_of(record));
        let files: Vec<_> = of_suite.map(Output::to_attachment).collect();
        record.attachments.extend(files);
    }
}

impl Output {
    fn push(&mut self, bytes: &[u8], most: usize, room: &mut usize) {
        let free = (most / 2).saturating_sub(self.head.len()).min(*room);
        let free = if self.tail.is_empty() && self.omitted == 0 { free } else { 0 };
        let (head, rest) = bytes.split_at(free.min(bytes.len()));
        self.head.extend_from_slice(head);
        *room -= head.len();
        // The end takes the place of what came before it.
        let grows = (most / 2).saturating_sub(self.tail.len()).min(*room).min(rest.len());
        *room -= grows;
        let keeps = self.tail.len() + grows;
        let skipped = rest.len().saturating_sub(keeps);
        let rest = rest.get(skipped..).unwrap_or_default();
        let dropped = (self.tail.len() + rest.len()).saturating_sub(keeps);
        self.tail.drain(..dropped);
        self.tail.extend(rest);
        self.omitted += (skipped + dropped) as u64;
    }

    /// How many bytes it has in all.
    #[expect(clippy::len_without_is_empty, reason = "there is no output without bytes")]
    pub fn len(&self) -> u64 {
        (self.head.len() + self.tail.len()) as u64 + self.omitted
    }

    /// How many bytes between its beginning and its end were not kept.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// What was kept, with a line that says how much was not.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone();
        if self.omitted > 0 {
            let line = format!("\n... {} bytes left out ...\n", self.omitted);
            bytes.extend_from_slice(line.as_bytes());
        }
        bytes.extend(&self.tail);
        bytes
    }

    /// Whether it is text, see [`is_text_bytes`].
    pub fn is_text(&self) -> bool {
        is_text_bytes(&self.head, true) && is_text_bytes(&self.bytes(), self.omitted > 0)
    }

    /// Where it comes from, for people: the route, if any, and the name.
    pub fn title(&self) -> String {
        match &self.route_code {
            Some(route) => format!("{} {}", route.as_route(), self.name),
            None => self.name.clone(),
        }
    }

    /// The same as a file of a test.
    pub fn to_attachment(&self) -> Attachment {
        Attachment {
            name: self.name.clone(),
            mime_type: self.mime_type.clone(),
            bytes: self.bytes(),
            eof: true,
            omitted: 0,
        }
    }

    /// Whether it is the output of the suite that a failure stands for: `ex/p stdout` belongs to `ex/p
    /// [build]`. If the route names the suite, output without such a name belongs to it as well.
    fn is_of(&self, failure: &TestRecord) -> bool {
        if self.route_code != failure.route_code {
            return false;
        }
        if self.name == STDOUT || self.name == STDERR {
            return self.route_code.is_some();
        }
        let name = self.name.strip_suffix(STDOUT).or_else(|| self.name.strip_suffix(STDERR));
        let suite = name.unwrap_or(&self.name).trim_end();
        let rest = failure.test_id.strip_prefix(suite);
        !suite.is_empty()
            && rest.is_some_and(|rest| {
                !rest.starts_with(|c: char| c.is_alphanumeric() || "/_-.".contains(c))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventions::MIME_TYPE;

    fn file<'a>(name: &'a str, bytes: &'a [u8]) -> Event<'a> {
        Event { file: Some(FileChunk { name, bytes }), ..Event::default() }
    }

    fn shown(outputs: &Outputs) -> Vec<(String, String)> {
        let text = |output: &Output| String::from_utf8_lossy(&output.bytes()).into_owned();
        outputs.iter().map(|output| (output.title(), text(output))).collect()
    }

    #[test]
    fn files_of_no_test_are_kept_by_route_and_name() {
        let mut outputs = Outputs::default();
        let route_code = Some(RouteCode::new("go/1"));
        for event in [
            file("stdout", b"one\n"),
            Event { route_code, ..file("stdout", b"two\n") },
            file("stdout", b"three\n"),
            file("stdout", b""),
            Event { test_id: Some("a"), ..file("stdout", b"a test's") },
            Event { mime_type: Some(MIME_TYPE), ..file("capabilities", b"{}") },
            Event { status: Some(Status::Fail), ..file("reason", b"a failure's") },
        ] {
            outputs.note(&event);
        }
        let expected = [("stdout", "one\nthree\n"), ("go/1 stdout", "two\n")];
        assert_eq!(shown(&outputs), expected.map(|(one, two)| (one.to_owned(), two.to_owned())));
    }

    #[test]
    fn the_beginning_and_the_end_are_kept_and_the_rest_is_counted() {
        let whole: Vec<u8> = (b'a'..=b'z').collect();
        for step in 1..=26 {
            let mut outputs = Outputs::with_limits(8, 10_000);
            whole.chunks(step).for_each(|piece| outputs.note(&file("log", piece)));
            let expected = "abcd\n... 18 bytes left out ...\nwxyz".to_owned();
            assert_eq!(shown(&outputs), [("log".to_owned(), expected)], "{step}");
        }
    }

    #[test]
    fn all_files_together_take_no_more_than_they_may() {
        let mut outputs = Outputs::with_limits(1000, 3 * (FILE_COST + 10));
        for name in 0..10 {
            outputs.note(&file(&format!("{name}"), &[b'x'; 200]));
        }
        let kept = outputs.iter().map(|output| output.head.len() + output.tail.len());
        let kept: usize = kept.sum();
        assert_eq!((outputs.iter().len(), kept), (2, 3 * (FILE_COST + 10) - 2 * (FILE_COST + 2)));
        let omitted: u64 = outputs.iter().map(Output::omitted).sum();
        assert_eq!(outputs.omitted() + omitted + kept as u64, 2000);
    }

    #[test]
    fn a_failure_that_stands_for_a_suite_has_its_output() {
        let mut outputs = Outputs::default();
        outputs.note(&file("ex/p stdout", b"no database\n"));
        outputs.note(&file("ex/pq stdout", b"another's\n"));
        let explained = |test_id: &str, runnable, name: &str| {
            let reason = Attachment { name: name.to_owned(), ..Attachment::default() };
            let status = Some(Status::Fail);
            let (test_id, attachments) = (test_id.to_owned(), vec![reason]);
            let mut record =
                TestRecord { test_id, runnable, status, attachments, ..TestRecord::default() };
            outputs.explain(&mut record);
            record.attachments.into_iter().skip(1).map(|file| file.name).collect::<Vec<_>>()
        };
        assert_eq!(explained("ex/p [build]", false, "reason"), ["ex/p stdout"]);
        assert_eq!(explained("ex/p", false, "reason"), ["ex/p stdout"]);
        assert!(explained("ex/p [build]", false, "traceback").is_empty());
        assert!(explained("ex/p [build]", true, "reason").is_empty());
        assert!(explained("ex/p/q [build]", false, "reason").is_empty());
    }
}
