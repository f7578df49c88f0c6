//! Workers in simulated time, for any source of tests.

use std::{collections::VecDeque, time::Duration};

use subunit_core::Status;
use subunit_run::schedule::{Next, TestEnd, TestSource, Worker};

/// A test that ran, from when to when in nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    pub(crate) id: String,
    pub(crate) worker: usize,
    /// Counts the processes that this worker had.
    pub(crate) life: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) lost: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) ran: Vec<Ran>,
    pub(crate) given_up: Vec<(String, u32)>,
}

impl Report {
    /// When all was done, in seconds.
    pub(crate) fn makespan(&self) -> f64 {
        self.ran.iter().map(|ran| ran.end).max().unwrap_or(0) as f64 / 1e9
    }

    pub(crate) fn ended(&self) -> Vec<&str> {
        let mut ids: Vec<&str> =
            self.ran.iter().filter(|ran| !ran.lost).map(|ran| &*ran.id).collect();
        ids.sort_unstable();
        ids
    }

    /// In the order in which they began.
    pub(crate) fn began(&self) -> Vec<&str> {
        let mut ran: Vec<&Ran> = self.ran.iter().collect();
        ran.sort_by_key(|ran| (ran.start, ran.worker));
        ran.into_iter().map(|ran| &*ran.id).collect()
    }
}

struct Process {
    worker: Worker,
    /// How many times longer tests take than they should.
    slow: f64,
    flight: VecDeque<String>,
    start: u64,
    end: u64,
    life: usize,
    done: bool,
}

pub(crate) struct Sim<'a> {
    processes: Vec<Process>,
    length: Box<dyn Fn(&str) -> f64 + 'a>,
    crashes: Box<dyn FnMut(&str) -> bool + 'a>,
    clock: bool,
}

impl<'a> Sim<'a> {
    /// One worker for each number: how many times longer tests take there. Equal numbers are one instance.
    pub(crate) fn new(slow: &[f64], length: impl Fn(&str) -> f64 + 'a) -> Self {
        let process = |(index, &slow): (usize, &f64)| Process {
            worker: Worker { name: index.to_string(), instance: format!("x{slow}") },
            slow,
            flight: VecDeque::new(),
            start: 0,
            end: 0,
            life: 0,
            done: false,
        };
        Self {
            processes: slow.iter().enumerate().map(process).collect(),
            length: Box::new(length),
            crashes: Box::new(|_| false),
            clock: true,
        }
    }

    /// Whether the worker that runs this test is lost.
    pub(crate) fn crashes(mut self, crashes: impl FnMut(&str) -> bool + 'a) -> Self {
        self.crashes = Box::new(crashes);
        self
    }

    /// The source is not told the time.
    pub(crate) fn without_clock(mut self) -> Self {
        self.clock = false;
        self
    }

    /// Runs all. Panics where workers wait and nothing would ever wake them.
    pub(crate) fn run(mut self, source: &mut impl TestSource) -> Report {
        let mut report = Report::default();
        let mut now = 0;
        loop {
            if self.clock {
                source.at(Duration::from_nanos(now));
            }
            while self.ask_all(source, now) {}
            report.given_up.extend(source.take_given_up());
            let running = self.processes.iter_mut().filter(|process| !process.flight.is_empty());
            let next = running.min_by_key(|process| process.end);
            let again = source.ask_again().map(|again| again.as_nanos() as u64);
            match next {
                Some(process) if again.is_none_or(|again| again >= process.end) => {
                    now = process.end;
                    if self.clock {
                        source.at(Duration::from_nanos(now));
                    }
                    let lost = (self.crashes)(&process.flight[0]);
                    report.ran.push(process.finish(source, lost));
                    if let Some(next) = process.flight.front() {
                        process.start = now;
                        process.end = now + nanos((self.length)(next) * process.slow);
                    }
                }
                _ if again.is_some() => {
                    assert!(again > Some(now), "time goes on");
                    now = again.expect("just looked at");
                }
                _ => break,
            }
        }
        assert!(self.processes.iter().all(|process| process.done), "workers wait for ever");
        report
    }

    fn ask_all(&mut self, source: &mut impl TestSource, now: u64) -> bool {
        let mut changed = false;
        for process in self.processes.iter_mut().filter(|process| !process.done) {
            let depth = source.depth(&process.worker);
            if process.flight.len() >= depth.max(1) {
                continue;
            }
            match source.next(&process.worker) {
                Next::Test(id) => {
                    if process.flight.is_empty() {
                        process.start = now;
                        process.end = now + nanos((self.length)(&id) * process.slow);
                    }
                    process.flight.push_back(id);
                    changed = true;
                }
                Next::Done if process.flight.is_empty() => process.done = true,
                Next::Done | Next::Wait => {}
            }
        }
        changed
    }
}

impl Process {
    fn finish(&mut self, source: &mut impl TestSource, lost: bool) -> Ran {
        let id = self.flight.pop_front().expect("a test that runs");
        let ran = Ran {
            id: id.clone(),
            worker: self.worker.name.parse().expect("a number"),
            life: self.life,
            start: self.start,
            end: self.end,
            lost,
        };
        if lost {
            source.lost(&self.worker, &id);
            self.flight.clear();
            self.life += 1;
        } else {
            let duration = Some(Duration::from_nanos(self.end - self.start));
            source.ended(&self.worker, &id, TestEnd { status: Status::Success, duration });
        }
        ran
    }
}

fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}
