//! `subunit demux`: one stream taken apart into one for each route.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use subunit_core::{
    EncodeError, Event, FileChunk, Packet, RouteCode,
    conventions::{Capabilities, DAMAGED_BYTES, PLAN, ToldDamage, WORKER, is_aside},
};
use subunit_formats::files::own_file;

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::DirectoryArg,
    pipeline::{
        Filter, Inputs, Out, TextArgs, apart, broken_input, run_filter, shows_after, write_event,
    },
};

/// Split a stream into a file for each route
///
/// The inverse of `subunit mux`: packets from its input `0` go to DIR/0.subunit, without that segment of
/// their route. `stdout` of an input becomes text again, so each file is what the input wrote. Events
/// without a route, and text, go to DIR/%none.subunit. Characters of a route that do not fit into a file
/// name are written as %XX. Existing files are never overwritten. To sort packets by route without changing
/// them, use `subunit split --by route`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Demux {
    #[command(flatten)]
    directory: DirectoryArg,
    /// Name files by whole routes, such as 0%2F1, instead of first segments
    #[arg(long)]
    whole: bool,
    /// Keep `stdout` as packets
    #[arg(long)]
    keep_packets: bool,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for Demux {
    const NAME: &'static str = "demux";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit mux --file worker-0.subunit --file worker-1.subunit | subunit demux -d parts
  $ subunit demux --whole -d leaves run.subunit

Exit status: 0, or 2 if a stream cannot be read or a file cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let dir = self.directory.directory;
        let failed = |source| Error::File { name: dir.display().to_string(), source };
        fs::create_dir_all(&dir).map_err(failed)?;
        let (inputs, text) = (self.inputs.clone(), self.text);
        let no_text = self.text.no_text;
        let files = Files { dir, open: HashMap::new(), made: HashMap::new(), turn: 0 };
        let splitter = Splitter {
            files,
            whole: self.whole,
            keep_packets: self.keep_packets,
            no_text,
            packet: Vec::new(),
            damaged: None,
        };
        run_filter(splitter, &inputs, text, console)
    }
}

struct Splitter {
    files: Files,
    whole: bool,
    keep_packets: bool,
    no_text: bool,
    packet: Vec<u8>,
    /// Damaged bytes and the name of their output, as a packet, until the damage itself is reported.
    damaged: Option<(String, Vec<u8>)>,
}

impl Splitter {
    /// The name of an event's output, and the route that it has there.
    fn place<'a>(&self, route: Option<RouteCode<'a>>) -> (String, Option<RouteCode<'a>>) {
        match route {
            None => (UNROUTED.into(), None),
            Some(route) if self.whole => (file_name(route.as_str()), None),
            Some(route) => {
                let (first, rest) = route.split_first();
                (file_name(first), rest)
            }
        }
    }

    /// Writes damaged bytes as they stood in the input, if this event says that they are what was damaged;
    /// whether it does.
    fn restore(&mut self, name: &str, event: &Event<'_>) -> io::Result<bool> {
        let Some((_, held)) = self.damaged.take_if(|(held, _)| held == name) else {
            return Ok(false);
        };
        let bytes = Packet::parse(&held).ok().and_then(|packet| Some(packet.event().file?.bytes));
        let bytes = bytes.unwrap_or_default();
        let is_told = |told: ToldDamage<'_>| told.length == bytes.len() as u64;
        // What a reader would not find again stays as it was reported.
        let last = self.files.last(name);
        if ToldDamage::of(event).is_some_and(is_told) && shows_after(last, bytes) {
            self.files.write(name, bytes)?;
            return Ok(true);
        }
        self.files.write(name, &held)?;
        Ok(false)
    }
}

impl Filter for Splitter {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let (name, rest) = self.place(event.route_code);
        if is_aside(event) && rest.is_none() && is_the_multiplexers(event) {
            return Ok(());
        }
        if self.restore(&name, event)? {
            return Ok(());
        }
        if let Some(text) = spoken(event).filter(|_| !self.keep_packets && rest.is_none()) {
            return self.files.write(&name, text);
        }
        self.packet.clear();
        match packet {
            Some(packet) => packet.reroute(rest, &mut self.packet).map_err(invalid)?,
            // What another format says may be too long for one packet.
            None => {
                let event = Event { route_code: rest, ..*event };
                write_event(&event, &mut self.packet)?;
            }
        }
        if is_damaged(event) && !self.keep_packets && rest.is_none() {
            let held = self.damaged.replace((name, std::mem::take(&mut self.packet)));
            return held.map_or(Ok(()), |(name, packet)| self.files.write(&name, &packet));
        }
        self.files.write(&name, &self.packet)
    }

    fn text(&mut self, bytes: &[u8], _out: &mut Out<'_, '_>) -> io::Result<()> {
        if self.no_text {
            return Ok(());
        }
        self.files.write(UNROUTED, bytes)
    }

    fn damage(
        &mut self,
        damage: &subunit_core::Damage<'_>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let last = self.files.last(UNROUTED);
        self.files.write(UNROUTED, &apart(Some(last), damage))
    }

    fn broken(&mut self, reason: &str, out: &mut Out<'_, '_>) -> io::Result<()> {
        let mut packets = Vec::new();
        write_event(&broken_input(reason), &mut packets)?;
        self.finish(out)?;
        self.files.write(UNROUTED, &packets)?;
        self.finish(out)
    }

    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        if let Some((name, packet)) = self.damaged.take() {
            self.files.write(&name, &packet)?;
        }
        self.files.open.values_mut().try_for_each(|(_, file)| file.flush())
    }
}

fn invalid(error: EncodeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

/// The text of an input, which a multiplexer has made a packet of and which is nothing else.
fn spoken<'a>(event: &Event<'a>) -> Option<&'a [u8]> {
    let Some(FileChunk { name: "stdout", bytes }) = event.file else { return None };
    let nothing_else = event.test_id.is_none() && event.status.is_none() && event.tags.is_none();
    (event.route_code.is_some() && nothing_else && event.mime_type.is_none()).then_some(bytes)
}

/// Whether a multiplexer said this, and none of its inputs.
fn is_the_multiplexers(event: &Event<'_>) -> bool {
    let is = |name| event.file.is_some_and(|file| file.name == name);
    if event.route_code.is_none() {
        return is(PLAN) || Capabilities::of(event).is_some();
    }
    let content = event.file.map(|file| file.bytes).unwrap_or_default();
    let said: serde_json::Value = if is(WORKER) {
        serde_json::from_slice(content).unwrap_or_default()
    } else {
        return false;
    };
    said.get("by").is_some_and(|by| by == "mux")
}

/// Whether an event has all the damaged bytes of a place in an input.
fn is_damaged(event: &Event<'_>) -> bool {
    let is_file = event.file.is_some_and(|file| file.name == DAMAGED_BYTES);
    is_file && event.eof && event.route_code.is_some() && is_aside(event)
}

/// Where events without a route go. No other name has a `%` in front of letters like these.
const UNROUTED: &str = "%none.subunit";

/// A file's name for a route: no path, no hidden file, and another one for every other route.
fn file_name(route: &str) -> String {
    let mut name = String::new();
    for (at, byte) in route.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => name.push(byte.into()),
            b'-' | b'.' if at > 0 => name.push(byte.into()),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    if name.is_empty() {
        name.push('%');
    }
    // Long routes would not be names any more; their beginning and a checksum are as good.
    if name.len() > 200 {
        let sum = route.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        name.truncate(180);
        name.push_str(&format!("%~{sum:016x}"));
    }
    name + ".subunit"
}

/// The outputs. As many are open as a process may well have; the others are opened again when needed.
struct Files {
    dir: PathBuf,
    open: HashMap<String, (u64, BufWriter<File>)>,
    /// The files that were made, and the last byte of each.
    made: HashMap<String, u8>,
    turn: u64,
}

impl Files {
    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.turn += 1;
        if !self.open.contains_key(name) {
            self.open(name)?;
        }
        match self.open.get_mut(name) {
            Some((turn, file)) => {
                *turn = self.turn;
                file.write_all(bytes)?;
            }
            None => return Ok(()),
        }
        if let (Some(last), Some(byte)) = (self.made.get_mut(name), bytes.last()) {
            *last = *byte;
        }
        Ok(())
    }

    /// The last byte of a file; as of a line where there is none.
    fn last(&self, name: &str) -> u8 {
        self.made.get(name).copied().unwrap_or(b'\n')
    }

    fn open(&mut self, name: &str) -> io::Result<()> {
        const OPEN: usize = 64;
        if self.open.len() >= OPEN {
            let oldest = self.open.iter().min_by_key(|(_, (turn, _))| *turn);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone())
                && let Some((_, mut file)) = self.open.remove(&oldest)
            {
                file.flush()?;
            }
        }
        let path = self.dir.join(name);
        let known = self.made.contains_key(name);
        let open = if known { own_file::again } else { own_file::create };
        let file = open(&path).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
        self.made.entry(name.to_owned()).or_insert(b'\n');
        self.open.insert(name.to_owned(), (self.turn, BufWriter::new(file)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_leads_out_of_the_directory() {
        for (route, name) in [
            ("0", "0.subunit"),
            ("..", "%2E..subunit"),
            ("", "%.subunit"),
            ("a/b", "a%2Fb.subunit"),
            ("%none", "%25none.subunit"),
            ("v1.2-x", "v1.2-x.subunit"),
        ] {
            assert_eq!(file_name(route), name);
        }
        let long = file_name(&"x".repeat(5000));
        assert!(long.len() < 255 && long != file_name(&"x".repeat(5001)));
    }
}
