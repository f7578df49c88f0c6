//! The attachments of a test: as much of each as a person reads.

use subunit_core::{
    Event, FileChunk, Status, TagsBuf,
    run::cause::{self, SourceLocation},
    sink::{Attachment, TestRecord},
};

/// The files of a test, in the order of their beginning.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Details {
    files: Vec<Detail>,
    /// Bytes of files that there was no room for at all.
    omitted: u64,
}

/// The beginning and the end of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Detail {
    name: String,
    mime_type: Option<String>,
    head: Vec<u8>,
    tail: Vec<u8>,
    /// How many bytes between head and tail were not kept.
    omitted: u64,
    eof: bool,
}

/// So many files of a test are kept.
const FILES: usize = 32;
/// So many bytes of the beginning of a file are kept,
const HEAD: usize = 8 * 1024;
/// and at least this many of its end.
const TAIL: usize = 16 * 1024;
/// A message of more lines than this is not looked for in other files.
const REPEATED: usize = 50;
/// What a file takes up besides its name and content.
const COST: usize = 128;

impl Details {
    /// Takes a piece of a file. What is kept is taken off `room`.
    pub fn take(&mut self, file: FileChunk<'_>, event: &Event<'_>, room: &mut usize) {
        let open = self.files.iter().position(|known| known.name == file.name && !known.eof);
        let index = open.or_else(|| self.begin(file.name, event, room));
        let Some(detail) = index.and_then(|index| self.files.get_mut(index)) else {
            self.omitted += file.bytes.len() as u64;
            return;
        };
        detail.take(file.bytes, room);
        detail.eof |= event.eof;
    }

    /// How much room it takes up.
    pub fn size(&self) -> usize {
        self.files.iter().map(Detail::size).sum()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.omitted == 0
    }

    /// Bytes of files of which not even the name is known.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Only how many bytes there were.
    pub fn without_content(&self) -> Self {
        let omitted = self.files.iter().map(Detail::length).sum::<u64>() + self.omitted;
        Self { files: Vec::new(), omitted }
    }

    /// The files, those first that say why.
    pub fn ranked(&self) -> Vec<&Detail> {
        let mut files: Vec<&Detail> = self.files.iter().collect();
        files.sort_by_key(|file| file.rank());
        files
    }

    /// The same, without a message that another file repeats word for word.
    pub fn told_once(&self) -> Vec<&Detail> {
        let files = self.ranked();
        let is_repeated = |file: &Detail| {
            matches!(file.name.as_str(), "reason" | "message")
                && file.is_text()
                && files.iter().any(|other| other.name != file.name && other.repeats(file))
        };
        files.iter().copied().filter(|file| !is_repeated(file)).collect()
    }

    /// The first line of why a test was not run, or failed as expected.
    pub fn reason(&self) -> Option<String> {
        let reason = self.files.iter().find(|file| file.name == "reason")?;
        let line = reason.lines(1).into_iter().find(|line| !line.trim_ascii().is_empty())?;
        Some(String::from_utf8_lossy(line.trim_ascii()).into_owned())
    }

    /// What the files say of how the test ended, on one line. May be empty.
    pub fn message(&self, status: Option<Status>) -> String {
        cause::message(&self.record(status, TagsBuf::default()))
    }

    /// Where the test failed: what its tags or its files say.
    pub fn place(&self, status: Option<Status>, tags: TagsBuf) -> Option<SourceLocation> {
        SourceLocation::of(&self.record(status, tags))
    }

    fn record(&self, status: Option<Status>, tags: TagsBuf) -> TestRecord {
        let attachment = |file: &Detail| Attachment {
            name: file.name.clone(),
            mime_type: file.mime_type.clone(),
            bytes: [&file.head[..], &file.tail].concat(),
            omitted: file.omitted,
            ..Attachment::default()
        };
        let attachments = self.files.iter().map(attachment).collect();
        TestRecord { status, tags, attachments, ..TestRecord::default() }
    }

    fn begin(&mut self, name: &str, event: &Event<'_>, room: &mut usize) -> Option<usize> {
        let mime_type = event.mime_type.unwrap_or_default();
        *room = room.checked_sub(name.len() + mime_type.len() + COST)?;
        if self.files.len() == FILES {
            *room += name.len() + mime_type.len() + COST;
            return None;
        }
        self.files.push(Detail {
            name: name.to_owned(),
            mime_type: event.mime_type.map(str::to_owned),
            ..Detail::default()
        });
        Some(self.files.len() - 1)
    }
}

impl Detail {
    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    pub fn mime_type(&self) -> Option<&str> {
        self.mime_type.as_deref()
    }

    /// How many bytes it had.
    pub fn length(&self) -> u64 {
        self.omitted + (self.head.len() + self.tail.len()) as u64
    }

    /// Whether a person can read it.
    pub fn is_text(&self) -> bool {
        cause::is_text_bytes(&self.head, self.omitted > 0 || !self.tail.is_empty())
    }

    /// Its content without line ends, at most `most` lines and one that says how much was left out.
    pub fn lines(&self, most: usize) -> Vec<Vec<u8>> {
        let whole = self.omitted == 0;
        let (head, tail) = if whole {
            (lines(&[&self.head[..], &self.tail].concat()), Vec::new())
        } else {
            (lines(&self.head), lines(&self.tail))
        };
        if whole && head.len() <= most {
            return head.into_iter().map(without_end).collect();
        }
        let last = if whole { &head } else { &tail };
        let first = &head[..head.len().min(most - most / 2)];
        let last = &last[last.len() - last.len().min(most / 2)..];
        let shown: usize = first.iter().chain(last).map(Vec::len).sum();
        let gap = format!("[{} bytes left out]", self.length() - shown as u64).into_bytes();
        let (first, last) = (first.iter().cloned(), last.iter().cloned());
        first.map(without_end).chain([gap]).chain(last.map(without_end)).collect()
    }

    /// Whether the lines of another file stand in this one, one after the other, however they are set off.
    fn repeats(&self, message: &Self) -> bool {
        if !self.is_text() || message.omitted > 0 {
            return false;
        }
        let (here, there) = (self.said(), message.said());
        let [first, ..] = there[..] else { return false };
        let is_value = there.len() == 1 && here.iter().any(|line| value(line) == Some(first));
        is_value || there.len() <= REPEATED && here.windows(there.len()).any(|lines| lines == there)
    }

    /// The lines that are not blank, without blanks around them.
    fn said(&self) -> Vec<&[u8]> {
        let pieces = [self.head.as_slice(), &self.tail].into_iter();
        let lines = pieces.flat_map(|piece| piece.split(|byte| *byte == b'\n'));
        lines.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect()
    }

    fn size(&self) -> usize {
        let mime_type = self.mime_type.as_ref().map_or(0, String::len);
        self.name.len() + mime_type + COST + self.head.len() + self.tail.len()
    }

    /// What says why comes first, what was printed on the way last.
    fn rank(&self) -> u8 {
        if !self.is_text() {
            return 3;
        }
        match self.name.as_str() {
            name if name.contains("traceback") || name.contains("reason") => 0,
            "message" | "failure" | "error" => 0,
            "stdout" | "stderr" | "log" => 2,
            _ => 1,
        }
    }

    fn take(&mut self, bytes: &[u8], room: &mut usize) {
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD - self.head.len()).min(*room));
        // Once something was left out, or went to the tail, the head is done.
        let (head, rest) =
            if self.tail.is_empty() && self.omitted == 0 { (head, rest) } else { (&[][..], bytes) };
        self.head.extend_from_slice(head);
        *room -= head.len();
        let skipped = rest.len().saturating_sub(TAIL);
        let rest = &rest[skipped..];
        self.omitted += skipped as u64;
        if rest.len() > *room || self.tail.len() + rest.len() > 2 * TAIL {
            let old = self.tail.len().min((self.tail.len() + rest.len()).saturating_sub(TAIL));
            self.tail.drain(..old);
            self.omitted += old as u64;
            *room += old;
        }
        let fitting = rest.len().min(*room);
        self.omitted += (rest.len() - fitting) as u64;
        self.tail.extend_from_slice(&rest[rest.len() - fitting..]);
        *room -= fitting;
    }
}

/// What a line of YAML names as the error.
fn value(line: &[u8]) -> Option<&[u8]> {
    let value = line.strip_prefix(b"error: ").or_else(|| line.strip_prefix(b"message: "))?;
    let quoted = |quote: &[u8]| value.strip_prefix(quote)?.strip_suffix(quote);
    quoted(b"'").or_else(|| quoted(b"\"")).or(Some(value))
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn without_end(mut line: Vec<u8>) -> Vec<u8> {
    for end in [b'\n', b'\r'] {
        if line.last() == Some(&end) {
            line.pop();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pieces: &[(&str, &[u8])], room: &mut usize) -> Details {
        let mut details = Details::default();
        for (name, bytes) in pieces {
            details.take(FileChunk { name, bytes }, &Event::default(), room);
        }
        details
    }

    fn shown(detail: &Detail, most: usize) -> Vec<String> {
        let lines = detail.lines(most).into_iter();
        lines.map(|line| String::from_utf8(line).unwrap()).collect()
    }

    #[test]
    fn what_says_why_stands_before_what_was_printed() {
        let pieces: [(&str, &[u8]); 4] =
            [("stdout", b"1"), ("notes", b"2"), ("traceback", b"3\r\n4"), ("stdout", b"5")];
        let details = kept(&pieces, &mut 10_000);
        let names: Vec<&str> = details.ranked().iter().map(|file| file.name()).collect();
        assert_eq!(names, ["traceback", "notes", "stdout"]);
        assert_eq!(shown(details.ranked()[0], 9), ["3", "4"]);
        assert_eq!(shown(details.ranked()[2], 9), ["15"]);
    }

    #[test]
    fn a_message_that_another_file_repeats_is_told_once() {
        let yaml = b"error: |-\n  not\n  \n  equal\ncode: 7\n";
        let names = |pieces: &[(&str, &[u8])]| -> Vec<String> {
            let details = kept(pieces, &mut 10_000);
            details.told_once().iter().map(|file| file.name().to_owned()).collect()
        };
        assert_eq!(names(&[("reason", b"not\nequal\n"), ("yaml", yaml)]), ["yaml"]);
        assert_eq!(names(&[("reason", b"not"), ("yaml", b"error: 'not'\n")]), ["yaml"]);
        assert_eq!(names(&[("reason", b"not"), ("yaml", b"key: 'not'\n")]), ["reason", "yaml"]);
        assert_eq!(names(&[("reason", b"equal\nnot"), ("yaml", yaml)]), ["reason", "yaml"]);
        assert_eq!(names(&[("failure", b"not\nequal"), ("yaml", yaml)]), ["failure", "yaml"]);
        assert_eq!(names(&[("reason", b"not\nequal")]), ["reason"]);
        assert_eq!(names(&[("reason", b""), ("yaml", yaml)]), ["reason", "yaml"]);
    }

    #[test]
    fn of_a_long_file_the_beginning_and_the_end_are_shown() {
        let text: Vec<u8> = (0..100_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        for cut in [1, 1000, 50_000, text.len()] {
            let mut room = 100_000;
            let pieces: Vec<(&str, &[u8])> = text.chunks(cut).map(|bytes| ("log", bytes)).collect();
            let details = kept(&pieces, &mut room);
            assert_eq!(room + details.size(), 100_000);
            let file = details.ranked()[0];
            assert_eq!(file.length(), text.len() as u64);
            let lines = shown(file, 4);
            let gap = text.len() - "line 0\nline 1\nline 99998\nline 99999\n".len();
            let gap = format!("[{gap} bytes left out]");
            assert_eq!(lines, ["line 0", "line 1", gap.as_str(), "line 99998", "line 99999"]);
        }
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let mut room = COST + 3 + 7;
        let pieces: [(&str, &[u8]); 3] = [("log", b"12345"), ("log", b"67890"), ("other", b"abc")];
        let details = kept(&pieces, &mut room);
        assert_eq!((room, details.omitted()), (0, 3));
        assert_eq!(details.ranked()[0].length(), 10);
        assert_eq!(shown(details.ranked()[0], 9), ["1234567", "[3 bytes left out]"]);
        assert_eq!(details.size(), COST + 3 + 7);
    }

    #[test]
    fn the_reason_is_a_line() {
        let pieces: [(&str, &[u8]); 1] = [("reason", b"no network\nat all\n")];
        assert_eq!(kept(&pieces, &mut 1000).reason().as_deref(), Some("no network"));
    }
}
