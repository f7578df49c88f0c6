//! Streams of the runs of one project, as years of work make them: tests come and go, break for a while, are flaky, grow
//! slow. For measuring a history of them.
//!
//! ```text
//! churn TESTS FIRST LAST FOLDER   writes FOLDER/FIRST.subunit and so on
//! ```
#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use subunit_core::{
    Event, FileChunk, RouteCode, Status, Timestamp, Writer,
    conventions::{MIME_TYPE, RUN, TEXT, TRACEBACK},
};

/// How many tests come with each run; as many of the first ones go over a thousand runs.
const NEW: u64 = 50;
/// How many modules the tests are in.
const MODULES: u64 = 500;
/// The routes of the workers.
const WORKERS: [&str; 4] = ["0", "1", "2", "3"];
/// When the first run is, and how long after each other they are, in seconds.
const BEGIN: u64 = 1_750_000_000;
const APART: u64 = 4 * 3600;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [tests, first, last, folder] = &arguments[..] else {
        eprintln!("churn TESTS FIRST LAST FOLDER");
        return Ok(());
    };
    let number = |text: &String| text.parse().unwrap();
    for run in number(first)..=number(last) {
        let file = File::create(Path::new(folder).join(format!("{run}.subunit")))?;
        write(number(tests), run, BufWriter::with_capacity(1 << 20, file))?;
    }
    Ok(())
}

/// A number that looks random, of two others.
fn mixed(one: u64, other: u64) -> u64 {
    let mut x = one.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ other.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    for _ in 0..2 {
        x ^= x >> 32;
        x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    }
    x ^ (x >> 32)
}

/// What a test comes to in a run; `None` if it is not there.
fn status(tests: u64, test: u64, run: u64) -> Option<Status> {
    let kind = mixed(test, 1);
    if test < tests && kind % 2000 < 1000.min(run) {
        return None;
    }
    let is_module_broken = (run.saturating_sub(9)..=run).any(|begun| {
        let broken = mixed(begun, 2);
        broken.is_multiple_of(5)
            && (broken >> 8) % 10 >= run - begun
            && (broken >> 16) % MODULES == test % MODULES
    });
    Some(match (kind >> 16) % 1000 {
        // Broken for good.
        0..9 => Status::Fail,
        // Flaky.
        9..11 if mixed(test, run + 3) % 10 < 3 => Status::Fail,
        11..21 => Status::Skip,
        _ if is_module_broken && kind & 1 == 0 => Status::Fail,
        _ => Status::Success,
    })
}

/// How long it takes, in microseconds: about 3 ms, some much longer; 10 % more or less from run to run.
fn micros(test: u64, run: u64) -> u64 {
    let kind = mixed(test, 4);
    let spread: u64 = (0..4).map(|shift| (kind >> (8 * shift)) & 0xff).sum();
    let usual = 100.0 * (spread as f64 / 150.0).exp();
    (usual * (0.9 + (mixed(test, run + 5) & 0xff) as f64 / 1280.0)) as u64
}

fn write(tests: u64, run: u64, output: impl io::Write) -> io::Result<()> {
    let mut writer = Writer::new(output);
    let about = format!("{{\"host\":\"h\",\"revision\":\"{:040x}\",\"dirty\":false}}", run / 2);
    let file = Some(FileChunk { name: RUN, bytes: about.as_bytes() });
    let event =
        Event { file, mime_type: Some(MIME_TYPE), eof: true, runnable: false, ..Event::default() };
    writer.event(&event)?;
    let begin = (BEGIN + run * APART) * 1_000_000;
    let mut clocks = WORKERS.map(|_| begin);
    let (mut id, mut message) = (Vec::new(), Vec::new());
    for test in 0..tests + NEW * run {
        let Some(status) = status(tests, test, run) else { continue };
        let module = test % MODULES;
        id.clear();
        write!(
            id,
            "project.tests.unit.module_{module:03}.test_mod.Test{:02}.test_case_{test:06}",
            test % 37
        )?;
        let id = std::str::from_utf8(&id).unwrap();
        let worker = (module % 4) as usize;
        let route_code = Some(RouteCode::new(WORKERS[worker]));
        let clock = &mut clocks[worker];
        let time = |micros: u64| {
            Some(Timestamp::new((micros / 1_000_000) as u32, (micros % 1_000_000) as u32 * 1000))
        };
        writer.event(&Event {
            timestamp: time(*clock),
            route_code,
            ..Event::status(id, Status::InProgress)
        })?;
        *clock += micros(test, run);
        let timestamp = time(*clock);
        if status == Status::Fail {
            message.clear();
            say(test, run, &mut message)?;
            let file = Some(FileChunk { name: TRACEBACK, bytes: &message });
            let mime_type = Some(TEXT);
            let test_id = Some(id);
            writer.event(&Event {
                test_id,
                timestamp,
                route_code,
                mime_type,
                file,
                eof: true,
                ..Event::default()
            })?;
        }
        writer.event(&Event { timestamp, route_code, ..Event::status(id, status) })?;
    }
    writer.close()?.flush()
}

/// A traceback of Python: one of 60 causes, with numbers that differ.
fn say(test: u64, run: u64, message: &mut Vec<u8>) -> io::Result<()> {
    let (module, cause) = (test % MODULES, mixed(test % MODULES, 6) % 60);
    let number = mixed(test, run + 7) % 100_000;
    write!(
        message,
        "Traceback (most recent call last):\n  File \"/home/ci/build-{run}/tests/unit/module_{module:03}.py\", line {}, \
         in test_case_{test:06}\n    self.assertEqual(0, check(x))\nAssertionError: {number} != 0 while calling service \
         cause-{} at 0x7f{number:08x}\n",
        10 + test % 400,
        char::from(b'a' + (cause % 26) as u8),
    )
}
