//! Reads a stream from stdin and prints what is in it, a fact a line: `finished 18`.
//!
//! With `--events` also every event, a line each, in front of the facts. For the tests of the C libraries.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use subunit_core::{Event, Item, Reader, Status};

/// What is counted.
#[derive(Default)]
struct Facts {
    packets: u64,
    longest: usize,
    text: u64,
    damaged: u64,
    without_time: u64,
    statuses: HashMap<Option<Status>, u64>,
    open: HashMap<String, u64>,
    content: u64,
    attachments: u64,
}

impl Facts {
    fn event(&mut self, event: &Event<'_>) {
        *self.statuses.entry(event.status).or_default() += 1;
        self.without_time += u64::from(event.timestamp.is_none());
        self.content += event.file.map_or(0, |file| file.bytes.len() as u64);
        self.attachments += u64::from(event.file.is_some() && event.eof);
        let (Some(id), Some(status)) = (event.test_id, event.status) else { return };
        let open = self.open.entry(id.to_owned()).or_default();
        match status {
            Status::InProgress => *open += 1,
            Status::Exists => {}
            _ => *open = open.saturating_sub(1),
        }
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let count = |status| self.statuses.get(&Some(status)).copied().unwrap_or(0);
        let finished: u64 = Status::ALL.into_iter().filter(|s| s.is_final()).map(count).sum();
        writeln!(out, "packets {}", self.packets)?;
        writeln!(out, "longest {}", self.longest)?;
        writeln!(out, "damaged {}", self.damaged)?;
        writeln!(out, "text {}", self.text)?;
        writeln!(out, "without-time {}", self.without_time)?;
        writeln!(out, "content {}", self.content)?;
        writeln!(out, "attachments {}", self.attachments)?;
        writeln!(out, "finished {finished}")?;
        writeln!(out, "unfinished {}", self.open.values().sum::<u64>())?;
        for status in Status::ALL {
            writeln!(out, "{status} {}", count(status))?;
        }
        Ok(())
    }
}

fn print_event(event: &Event<'_>, out: &mut impl Write) -> io::Result<()> {
    let status = event.status.map_or("-", Status::name);
    write!(out, "event {status} {:?}", event.test_id.unwrap_or("-"))?;
    if let Some(tags) = event.tags {
        write!(out, " tags={}", tags.iter().collect::<Vec<_>>().join(","))?;
    }
    if let Some(file) = event.file {
        let eof = if event.eof { " eof" } else { "" };
        write!(out, " file={} mime={:?}{eof}", file.name, event.mime_type.unwrap_or("-"))?;
        write!(out, " {:?}", String::from_utf8_lossy(file.bytes))?;
    }
    if let Some(route_code) = event.route_code {
        write!(out, " route={route_code}")?;
    }
    if !event.runnable {
        write!(out, " not-runnable")?;
    }
    writeln!(out)
}

fn main() -> io::Result<()> {
    let list = std::env::args().any(|argument| argument == "--events");
    let mut facts = Facts::default();
    let mut out = io::stdout().lock();
    let mut reader = Reader::new(io::stdin().lock());
    while let Some(decoder) = reader.fill()? {
        while let Some(item) = decoder.next_item() {
            match item {
                Item::Packet(packet) => {
                    facts.packets += 1;
                    facts.longest = facts.longest.max(packet.bytes().len());
                    facts.event(packet.event());
                    if list {
                        print_event(packet.event(), &mut out)?;
                    }
                }
                Item::Text(text) => facts.text += text.len() as u64,
                Item::Damage(damage) => {
                    facts.damaged += 1;
                    eprintln!("{damage}");
                }
            }
        }
    }
    facts.print(&mut out)
}
