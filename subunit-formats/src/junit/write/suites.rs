//! Test cases in suites, and how many there are: the report, until it is written.

use std::{
    collections::BTreeMap,
    hash::BuildHasher,
    io::{self, Write},
    slice,
    sync::Arc,
    time::Duration,
};

use hashbrown::{HashMap, HashSet};
use subunit_core::{
    RouteCodeBuf, Timestamp,
    conventions::{STDERR, STDOUT},
    run::{Output, Outputs},
    sink::TestRecord,
};

use super::{
    attributes::{attribute, begin_attribute, seconds_attribute, time_attribute},
    element::Renderer,
    names::{class_and_name, in_package, package_of},
    printed::Printed,
    properties,
    render::{self, BATCH},
    result_element::element_of,
    spool::{
        Lists, Spool,
        entries::{push_case, push_xml, retain},
    },
};
use crate::{
    junit::{options::JunitOptions, values::CLASS_SEPARATOR},
    text::digits,
};

/// Suites beyond this many share one, so that memory does not grow with class names.
const MOST_SUITES: usize = 4096;
/// No output of a suite is longer.
const LONGEST_OUTPUT: usize = 8 << 20;

/// All but the test cases, which wait in the spool.
pub(super) struct Report {
    spool: Spool,
    suites: Vec<Suite>,
    by_name: HashMap<String, usize>,
    /// The hashes of the ids without a class name: they name no suite.
    alone: HashSet<u64>,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
}

/// Where a test case is in the report, and what is counted of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrittenCase {
    suite: u32,
    nth: u32,
    is_error: bool,
}

struct Suite {
    name: String,
    list: usize,
    /// How many test cases there are in its list.
    cases: u32,
    /// Which of them have been taken back.
    taken_back: HashSet<u32>,
    counts: Counts,
    time: Duration,
    start: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl Counts {
    /// Counts a test case by the name of its result's element.
    fn note(&mut self, kind: &str) {
        self.tests += 1;
        match kind {
            "failure" => self.failures += 1,
            "error" => self.errors += 1,
            "skipped" => self.skipped += 1,
            _ => {}
        }
    }

    /// A test case that failed is none any more.
    fn forget(&mut self, is_error: bool) {
        self.tests -= 1;
        *(if is_error { &mut self.errors } else { &mut self.failures }) -= 1;
    }

    fn add(&mut self, other: &Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.skipped += other.skipped;
    }
}

impl Report {
    /// Keeps at most `memory` bytes of test cases in memory.
    pub(super) fn new(memory: usize) -> Self {
        Self {
            spool: Spool::new(memory),
            suites: Vec::new(),
            by_name: HashMap::new(),
            alone: HashSet::new(),
            start: None,
            stop: None,
        }
    }

    /// The run lasts from the earliest point in time to the latest.
    pub(super) fn note_time(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time.filter(|time| !time.is_relative()) {
            self.start = Some(self.start.map_or(time, |start| start.min(time)));
            self.stop = Some(self.stop.map_or(time, |stop| stop.max(time)));
        }
    }

    /// Adds a test case of a test's attempts, the last of which is the result.
    pub(super) fn add(
        &mut self,
        attempts: &[TestRecord],
        options: &JunitOptions,
    ) -> io::Result<Option<WrittenCase>> {
        let Some(last) = attempts.last() else {
            return Ok(None);
        };
        let parts = class_and_name(&last.test_id);
        let class = last.test_id.get(..parts.0).filter(|class| !class.is_empty());
        if class.is_none() {
            self.alone.insert(self.alone.hasher().hash_one(last.test_id.as_str()));
        }
        let package = package_of(last.route_code.as_ref().map(RouteCodeBuf::as_route));
        let name = in_package(package.as_deref(), class.unwrap_or(&options.name));
        let at = self.suite(&name, &options.name);
        let Some(suite) = self.suites.get_mut(at) else {
            return Ok(None);
        };
        let kind = self.spool.append(suite.list, |entries| match attempts {
            [record]
                if record.attachments.is_empty()
                    && record.omitted == 0
                    && record.mark.is_none()
                    && package.is_none() =>
            {
                push_case(entries, record, parts);
                element_of(record).unwrap_or_default()
            }
            _ => push_xml(entries, |xml| Renderer::new(xml, options).case(attempts, parts)),
        })?;
        suite.counts.note(kind);
        suite.time += attempts.iter().filter_map(TestRecord::duration).sum::<Duration>();
        let starts = attempts.iter().filter_map(|attempt| attempt.start);
        let start = starts.filter(|start| !start.is_relative()).min();
        suite.start = suite.start.into_iter().chain(start).min();
        let nth = suite.cases;
        suite.cases = nth.saturating_add(1);
        Ok(Some(WrittenCase { suite: at as u32, nth, is_error: kind == "error" }))
    }

    /// The failure there is none any more.
    pub(super) fn take_back(&mut self, place: WrittenCase, failure: &TestRecord) {
        let Some(suite) = self.suites.get_mut(place.suite as usize) else { return };
        if suite.taken_back.insert(place.nth) {
            suite.counts.forget(place.is_error);
            suite.time = suite.time.saturating_sub(failure.duration().unwrap_or_default());
        }
    }

    /// Adds what was printed in no test: to the suite that its name says, or else to the one of the report's name.
    pub(super) fn add_outputs(
        &mut self,
        outputs: &Outputs,
        options: &JunitOptions,
    ) -> io::Result<()> {
        let mut by_suite: BTreeMap<usize, Vec<&Output>> = BTreeMap::new();
        for output in outputs.iter() {
            let at = self.suite_of(output, &options.name);
            by_suite.entry(at).or_default().push(output);
        }
        let mut omitted = outputs.omitted();
        // All of it may be as long as an element can be for GitLab.
        let options = JunitOptions { max_output: LONGEST_OUTPUT, ..options.clone() };
        for (at, outputs) in by_suite {
            let Some(suite) = self.suites.get(at) else { continue };
            self.spool.append(suite.list, |entries| {
                push_xml(entries, |xml| {
                    let omitted = std::mem::take(&mut omitted);
                    let printed = Printed::of_suite(&suite.name, &outputs, omitted);
                    Renderer::new(xml, &options).printed(&printed);
                });
            })?;
        }
        Ok(())
    }

    /// The suite whose name stands in front of `stdout` or `stderr`, which may have no test case. Where a test's id
    /// stands there, that test's suite; where nothing does, the one of the report's name.
    fn suite_of(&mut self, output: &Output, report: &str) -> usize {
        let name = output.name.strip_suffix(STDOUT).or_else(|| output.name.strip_suffix(STDERR));
        let Some(name) = name.and_then(|name| name.strip_suffix(' ')) else {
            return self.suite(report, report);
        };
        // Cases of a suite in a suite have only the inner name in their ids.
        let inner = name.rsplit_once(CLASS_SEPARATOR).map_or(name, |(_, inner)| inner);
        let class = name.get(..class_and_name(name).0).unwrap_or_default();
        let package = package_of(output.route_code.as_ref().map(RouteCodeBuf::as_route));
        let mut names =
            [name, inner, class].into_iter().map(|name| in_package(package.as_deref(), name));
        if let Some(at) = names.find_map(|name| self.by_name.get(&*name)) {
            return *at;
        }
        let is_test = self.alone.contains(&self.alone.hasher().hash_one(name));
        let name = in_package(package.as_deref(), if is_test { report } else { name });
        self.suite(&name, report)
    }

    /// The suite of a class: where there are too many, one for all others.
    fn suite(&mut self, class: &str, fallback: &str) -> usize {
        if let Some(at) = self.by_name.get(class) {
            return *at;
        }
        if self.suites.len() >= MOST_SUITES && class != fallback {
            return self.suite(fallback, fallback);
        }
        let list = self.spool.list();
        let counts = Counts::default();
        let name = class.to_owned();
        let (taken_back, time) = (HashSet::new(), Duration::ZERO);
        self.suites.push(Suite { name, list, cases: 0, taken_back, counts, time, start: None });
        self.by_name.insert(class.to_owned(), self.suites.len() - 1);
        self.suites.len() - 1
    }

    /// Writes the report, and takes the test cases.
    pub(super) fn write(
        &mut self,
        out: &mut dyn Write,
        options: &Arc<JunitOptions>,
    ) -> io::Result<()> {
        let elapsed = self.start.and_then(|start| self.stop?.since(start));
        // Without points in time, what all tests took.
        let time = elapsed.unwrap_or_else(|| self.suites.iter().map(|suite| suite.time).sum());
        let mut xml = Vec::from(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
        let mut all = Counts::default();
        self.suites.iter().for_each(|suite| all.add(&suite.counts));
        head(&mut xml, &options.name, &all, time, self.start);
        xml.extend_from_slice(b">\n");
        out.write_all(&xml)?;
        let cases = self.spool.take()?;
        let suites = self.suites.iter();
        let mut body = Body { suites, suite: None, nth: 0, cases, options };
        render::write(options, |batch| body.fill(batch), out)?;
        out.write_all(b"</testsuites>\n")?;
        out.flush()
    }
}

/// The suites, as entries, one after the other.
struct Body<'r> {
    suites: slice::Iter<'r, Suite>,
    /// The one whose test cases are next.
    suite: Option<&'r Suite>,
    /// How many of its entries there were.
    nth: u32,
    cases: Lists,
    options: &'r JunitOptions,
}

impl Body<'_> {
    /// Appends a batch of entries to `entries`: fewer only where there are no more.
    fn fill(&mut self, entries: &mut Vec<u8>) -> io::Result<()> {
        while entries.len() < BATCH {
            if let Some(suite) = self.suite {
                let begin = entries.len();
                if !self.cases.copy_chunk(suite.list, entries)? {
                    push_xml(entries, |xml| xml.extend_from_slice(b"</testsuite>\n"));
                    self.suite = None;
                } else if !suite.taken_back.is_empty() {
                    // A chunk is whole entries.
                    retain(entries, begin, || {
                        let nth = self.nth;
                        self.nth = nth.saturating_add(1);
                        !suite.taken_back.contains(&nth)
                    });
                }
                continue;
            }
            self.suite = self.suites.next();
            self.nth = 0;
            let Some(suite) = self.suite else { break };
            push_xml(entries, |xml| suite.begin(xml, self.options));
        }
        Ok(())
    }
}

impl Suite {
    /// Appends what stands in front of its test cases to `xml`.
    fn begin(&self, xml: &mut Vec<u8>, options: &JunitOptions) {
        xml.extend_from_slice(b"<testsuite");
        head(xml, &self.name, &self.counts, self.time, self.start);
        if let Some(hostname) = &options.hostname {
            attribute(xml, "hostname", hostname);
        }
        xml.extend_from_slice(b">\n");
        properties::of_run(xml, &options.properties);
    }
}

fn head(xml: &mut Vec<u8>, name: &str, counts: &Counts, time: Duration, start: Option<Timestamp>) {
    attribute(xml, "name", name);
    for (name, count) in [
        ("tests", counts.tests),
        ("failures", counts.failures),
        ("errors", counts.errors),
        ("skipped", counts.skipped),
    ] {
        begin_attribute(xml, name);
        digits::push(xml, count);
        xml.push(b'"');
    }
    seconds_attribute(xml, time);
    if let Some(start) = start {
        time_attribute(xml, start);
    }
}
