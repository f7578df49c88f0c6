//! Writes JUnit XML as python-subunit's `subunit2junitxml` 1.4.6 does, for its drop-in.

use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, channel},
};

use subunit_core::{
    Damage, Event, Status, Timestamp,
    sink::{Attachment, Flow, Recorder, Sink, TestRecord},
};

use crate::junit::{
    escape::{Ansi, Position, escape_into},
    write::Spool,
};

/// What the reference writes in front of a failure's text.
const STRING_EXCEPTION: &str = "testtools.testresult.real._StringException";
const UNEXPECTED_SUCCESS: &str = "<failure type=\"unittest.case._UnexpectedSuccess\"/>";
/// How many bytes of the report are kept in memory until the end.
const MEMORY: usize = 4 << 20;
/// The file of a damaged packet.
const PACKET_DATA: &str = "Packet data";
const NANOS: i128 = 1_000_000_000;

/// Writes one suite without a name, as `subunit2junitxml` does: no declaration, no timestamps, expected
/// failures as passes, all of a test's files in the text of its failure; tests that never ended
/// last, the last to begin first.
///
/// It differs where the reference crashes: files that are not of their declared encoding. The report
/// is written at [`Sink::finish`]; errors are kept for [`PythonJunitWriter::into_result`].
pub struct PythonJunitWriter<W> {
    out: W,
    recorder: Recorder<Box<dyn FnMut(TestRecord) + Send>>,
    records: Receiver<TestRecord>,
    spool: Spool,
    list: usize,
    tests: u64,
    failures: u64,
    /// The time that was seen last, and the earliest, in nanoseconds since 1970.
    now: Option<i128>,
    first: Option<i128>,
    error: Option<io::Error>,
}

impl<W: Write> PythonJunitWriter<W> {
    /// Will write to `out`.
    pub fn new(out: W) -> Self {
        let (sender, records) = channel();
        // The receiver lives as long as the sender: nothing is lost in sending.
        let on_record = Box::new(move |record| drop(sender.send(record)));
        let mut spool = Spool::new(MEMORY);
        let list = spool.list();
        Self {
            out,
            recorder: Recorder::new(on_record),
            records,
            spool,
            list,
            tests: 0,
            failures: 0,
            now: None,
            first: None,
            error: None,
        }
    }

    /// Whether no test failed; what the reference's exit status says.
    pub fn was_successful(&self) -> bool {
        self.failures == 0
    }

    /// The output, or what went wrong on the way.
    pub fn into_result(self) -> io::Result<W> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.out),
        }
    }

    fn flow(&self) -> Flow {
        if self.error.is_some() { Flow::Break } else { Flow::Continue }
    }

    fn take(&mut self, record: &TestRecord) {
        if record.status == Some(Status::Exists) {
            return;
        }
        let start = self.see(record.start);
        let stop = self.see(if record.is_complete() { record.stop } else { None });
        let mut xml = String::from("<testcase");
        let (class, name) = class_and_name(&record.test_id);
        attribute(&mut xml, "classname", class);
        attribute(&mut xml, "name", name);
        xml.push_str(&format!(" time=\"{}\"", seconds(stop - start)));
        self.tests += 1;
        match record.status {
            Some(Status::Success | Status::ExpectedFailure) => xml.push_str("/>\n"),
            Some(Status::Skip) => {
                let reason = record.attachment("reason").map(text_of).unwrap_or_default();
                xml.push_str(">\n<skipped>");
                escape(&mut xml, &reason, Position::Attribute);
                xml.push_str("</skipped>\n</testcase>\n");
            }
            Some(Status::UnexpectedSuccess) => {
                self.failures += 1;
                xml.push_str(&format!(">\n{UNEXPECTED_SUCCESS}\n</testcase>\n"));
            }
            _ => {
                self.failures += 1;
                xml.push_str(&format!(
                    ">\n<failure type=\"{STRING_EXCEPTION}\">{STRING_EXCEPTION}"
                ));
                let details = details(&record.attachments);
                if !details.is_empty() {
                    xml.push_str(": ");
                    escape(&mut xml, &details, Position::Text);
                }
                xml.push_str("\n</failure>\n</testcase>\n");
            }
        }
        if let Err(error) =
            self.spool.append(self.list, |out| out.extend_from_slice(xml.as_bytes()))
        {
            self.error.get_or_insert(error);
        }
    }

    /// The time; where none is given, the one before.
    fn see(&mut self, time: Option<Timestamp>) -> i128 {
        let given = time.map(nanoseconds).or(self.now);
        let now = given.or_else(|| Timestamp::now().map(nanoseconds)).unwrap_or_default();
        self.now = Some(now);
        self.first = Some(self.first.map_or(now, |first| first.min(now)));
        now
    }

    fn write(&mut self) -> io::Result<()> {
        let time = self.now.zip(self.first).map(|(now, first)| now - first).unwrap_or_default();
        let Self { failures, tests, .. } = self;
        writeln!(
            self.out,
            "<testsuite errors=\"0\" failures=\"{failures}\" name=\"\" tests=\"{tests}\" time=\"{}\">",
            seconds(time)
        )?;
        self.spool.take()?.copy(self.list, &mut self.out)?;
        self.out.write_all(b"</testsuite>\n")?;
        self.out.flush()
    }
}

impl<W: Write> Sink for PythonJunitWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.recorder.event(event);
        while let Ok(record) = self.records.try_recv() {
            self.take(&record);
        }
        self.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let file = |name: &str, mime_type: &str, bytes: Vec<u8>| Attachment {
            name: name.to_owned(),
            mime_type: Some(mime_type.to_owned()),
            bytes,
            ..Attachment::default()
        };
        self.take(&TestRecord {
            test_id: "subunit.parser".to_owned(),
            status: Some(Status::Fail),
            attachments: vec![
                file(PACKET_DATA, "application/octet-stream", Vec::new()),
                file("Parser Error", "text/plain;charset=utf8", damage.to_string().into_bytes()),
            ],
            ..TestRecord::default()
        });
        self.flow()
    }

    fn finish(&mut self) {
        self.recorder.finish();
        let mut unfinished: Vec<_> = self.records.try_iter().collect();
        while let Some(record) = unfinished.pop() {
            self.take(&record);
        }
        if self.error.is_none()
            && let Err(error) = self.write()
        {
            self.error = Some(error);
        }
    }
}

/// The reference looks for the last dot before the first `(`; where there is none of these, before
/// the last character.
fn class_and_name(id: &str) -> (&str, &str) {
    let end = id.find('(').or_else(|| Some(id.char_indices().next_back()?.0)).unwrap_or_default();
    match id[..end].rfind('.') {
        Some(dot) => (&id[..dot], &id[dot + 1..]),
        None => ("", id),
    }
}

/// The files of a test as the text of its failure: what is binary and what is empty by name, then
/// texts by name, the traceback last and bare.
fn details(files: &[Attachment]) -> String {
    let has_content = |file: &&Attachment| !file.bytes.is_empty() || file.name == PACKET_DATA;
    let mut files: Vec<&Attachment> = files.iter().filter(has_content).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let (mut binary, mut empty, mut texts) = (String::new(), String::new(), Vec::new());
    let mut traceback = None;
    for file in files {
        let name = &file.name;
        if !is_text(file) {
            let kind = file.mime_type.as_deref().unwrap_or("application/octet-stream");
            binary.push_str(&format!("  {name} ({kind})\n"));
            continue;
        }
        let text = text_of(file);
        match text.trim() {
            "" => empty.push_str(&format!("  {name}\n")),
            text if name == "traceback" => traceback = Some(format!("{text}\n")),
            text if text.contains('\n') => texts.push(format!("{name}: {{{{{{\n{text}\n}}}}}}\n")),
            text => texts.push(format!("{name}: {{{{{{{text}}}}}}}")),
        }
    }
    if texts.last().is_some_and(|last| !last.ends_with('\n')) {
        texts.push(String::new());
    }
    texts.extend(traceback);
    let mut out = String::new();
    for (heading, names) in [("Binary content:\n", &binary), ("Empty attachments:\n", &empty)] {
        if !names.is_empty() {
            out.push_str(heading);
            out.push_str(names);
        }
    }
    if !out.is_empty() && !texts.is_empty() {
        out.push('\n');
    }
    out + &texts.join("\n")
}

/// What is declared to be text, and what is declared and no type at all.
fn is_text(file: &Attachment) -> bool {
    let is_text = |kind: &str| kind.starts_with("text/") || !kind.contains('/');
    file.mime_type.as_deref().is_some_and(is_text)
}

/// A file's text by the encoding it declares. Where it declares none, that is Latin-1 by RFC 2616, unless
/// it is UTF-8; elsewhere what is not UTF-8 is replaced.
fn text_of(file: &Attachment) -> String {
    let kind = file.mime_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let latin = ["iso-8859-1", "iso8859-1", "latin1", "latin-1", "iso_8859_1"];
    let is_latin = latin.iter().any(|name| kind.contains(name));
    let text = str::from_utf8(&file.bytes);
    if is_latin || (text.is_err() && !kind.contains("charset")) {
        return file.bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    String::from_utf8_lossy(&file.bytes).into_owned()
}

fn attribute(xml: &mut String, name: &str, value: &str) {
    xml.push_str(&format!(" {name}=\""));
    escape(xml, value, Position::Attribute);
    xml.push('"');
}

/// The reference leaves control characters out. `>` is escaped where it would end a section.
fn escape(xml: &mut String, text: &str, place: Position) {
    let keep =
        |character: &char| !matches!(character, '\0'..='\x1f') || "\t\n\r".contains(*character);
    let text: String = text.chars().filter(keep).collect();
    let mut escaped = Vec::new();
    escape_into(&mut escaped, text.as_bytes(), Ansi::Keep, place);
    let escaped = String::from_utf8_lossy(&escaped);
    let escaped = escaped.replace("]]&gt;", "\0").replace("&gt;", ">").replace('\0', "]]&gt;");
    xml.push_str(&escaped);
}

fn nanoseconds(time: Timestamp) -> i128 {
    i128::from(time.seconds()) * NANOS + i128::from(time.nanoseconds())
}

/// Seconds with three digits after the point.
fn seconds(nanoseconds: i128) -> String {
    format!("{:.3}", nanoseconds as f64 / NANOS as f64)
}
