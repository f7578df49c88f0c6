//! The `subunit` crate at standard input and output, to compare with: `crate_peer read` makes lines of JSON of
//! a stream, `crate_peer write` makes a stream of such lines. Bytes are in hexadecimal.
//!
//! ```text
//! {"id":"a","status":"fail","tags":["x"],"runnable":true,"eof":true,"time":[1700000000,5],
//!  "file":["log","6f6b"],"mime":"text/plain","route":"0"}
//! {"text":"6f6b"}
//! {"unknown":"b300","reason":"..."}
//! ```
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement")]

use std::io::{BufRead, BufWriter, Write, stdin, stdout};

use serde_json::{Value, json};
use subunit::{
    io::sync::iter_stream,
    types::{
        event::Event, file::File, number::SubunitNumber, stream::ScannedItem,
        teststatus::TestStatus, timestamp::Timestamp,
    },
};

const STATUSES: [(&str, TestStatus); 8] = [
    ("", TestStatus::Undefined),
    ("exists", TestStatus::Enumeration),
    ("inprogress", TestStatus::InProgress),
    ("success", TestStatus::Success),
    ("uxsuccess", TestStatus::UnexpectedSuccess),
    ("skip", TestStatus::Skipped),
    ("fail", TestStatus::Failed),
    ("xfail", TestStatus::ExpectedFailure),
];

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("read") => read(),
        Some("write") => write(),
        _ => panic!("either read or write"),
    }
}

fn read() {
    let mut out = BufWriter::new(stdout().lock());
    for item in iter_stream(stdin().lock()) {
        let line = match item.unwrap() {
            ScannedItem::Event(event) => line_of(&event),
            ScannedItem::Bytes(text) => json!({"text": hex(&text)}),
            ScannedItem::Unknown(bytes, error) => {
                json!({"unknown": hex(&bytes), "reason": error.to_string()})
            }
        };
        writeln!(out, "{line}").unwrap();
    }
}

fn line_of(event: &Event) -> Value {
    let mut line = json!({"runnable": event.runnable, "eof": event.file.eof});
    let status = STATUSES.iter().find(|(_, status)| *status == event.status).unwrap().0;
    let time =
        event.timestamp.as_ref().map(|time| json!([time.seconds, time.nanoseconds.as_u32()]));
    let file = event.file.file.as_ref().map(|(name, content)| json!([name, hex(content)]));
    let fields = [
        ("status", (!status.is_empty()).then(|| json!(status))),
        ("id", event.test_id.as_ref().map(|id| json!(id))),
        ("tags", event.tags.as_ref().map(|tags| json!(tags))),
        ("time", time),
        ("file", file),
        ("mime", event.file.mime_type.as_ref().map(|mime| json!(mime))),
        ("route", event.route_code.as_ref().map(|route| json!(route))),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            line[name] = value;
        }
    }
    line
}

fn write() {
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        match line.get("text") {
            Some(text) => out.write_all(&unhex(text.as_str().unwrap())).unwrap(),
            // Where an output takes a part of a write, the crate adds the rest to the checksum twice.
            // A vector takes all.
            None => out.write_all(&event_of(&line).to_vec().unwrap()).unwrap(),
        }
    }
}

fn event_of(line: &Value) -> Event {
    let string = |name: &str| line.get(name).map(|value| value.as_str().unwrap().to_owned());
    let status = line.get("status").map_or("", |status| status.as_str().unwrap());
    let mut event = Event::new(TestStatus::Undefined).build();
    event.status = STATUSES.into_iter().find(|(name, _)| *name == status).unwrap().1;
    event.test_id = string("id");
    event.route_code = string("route");
    event.runnable = line["runnable"] == true;
    event.tags = line.get("tags").map(|tags| {
        tags.as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect()
    });
    event.timestamp = line.get("time").map(|time| Timestamp {
        seconds: time[0].as_u64().unwrap().try_into().unwrap(),
        nanoseconds: SubunitNumber::new(time[1].as_u64().unwrap().try_into().unwrap()).unwrap(),
    });
    let file = line
        .get("file")
        .map(|file| (file[0].as_str().unwrap().to_owned(), unhex(file[1].as_str().unwrap())));
    event.file = File { mime_type: string("mime"), file, eof: line["eof"] == true };
    event
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
