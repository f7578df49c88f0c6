//! `go test -json`, up to Go 1.27.
//!
//! One JSON object a line, as `go doc test2json` describes; `attr`, `artifacts` and `OutputType` are as
//! cmd/test2json of Go 1.27 sends them. Ids are `<import path>.<Test/sub>`; a package that failed without
//! a failed test is `<import path> [build]`.
//!
//! Output of tests becomes their file `stdout`, lines of `t.Error` (where Go marks them) `traceback`; lines
//! that only frame tests (`=== RUN`, `--- PASS`) are left out, as events say the same. Output of a package
//! is a file of the run named `<import path> stdout`. Lines that are no JSON are text.

mod build;
mod python;

use std::collections::HashSet;

use subunit_core::{
    Event, FileChunk, Status, TagsBuf, Timestamp,
    sink::{Flow, Sink},
};

pub use python::PythonGoJsonReader;

use super::{
    FormatReader,
    json_line::{LongLines, Object, Tries, each_part, find, note_cut},
    open::{Grouped, Open},
    push::{Push, TEXT, URI_LIST, fit, some_tags},
    time::parse_rfc3339,
};
use build::Builds;
pub(super) use build::build_failure;

/// What an object begins with; Go writes the members in this order.
const BEGINNINGS: [&str; 5] =
    ["\"Time\"", "\"Action\"", "\"ImportPath\"", "\"Package\"", "\"Test\""];

/// How much of a test's last line is kept, for the reason of a skip.
const REASON: usize = 4096;

/// Reads what `go test -json` writes.
///
/// Memory: the tests and packages that are running, the errors of failed builds (256 KiB each), and one line.
#[derive(Clone, Debug, Default)]
pub struct GoJsonReader {
    lines: LongLines,
    state: State,
}

impl GoJsonReader {
    /// Before the first line.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FormatReader for GoJsonReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        self.lines.feed(bytes, |line| self.state.line(line, &mut push));
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        if let Some(line) = self.lines.finish() {
            self.state.line(&line, &mut push);
        }
        self.state.finish(&mut push);
        push.flow()
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    /// By package and id.
    tests: Grouped<Test>,
    packages: Open<Package>,
    builds: Builds,
}

/// A test that runs.
#[derive(Clone, Debug, Default)]
struct Test {
    package: String,
    /// Whether it is a benchmark: these end without an event of their own.
    benchmark: bool,
    tags: TagsBuf,
    stdout: bool,
    traceback: bool,
    /// The last line of output.
    last: String,
}

impl Test {
    /// How a test has ended that has no end though its package has passed. A benchmark never has one. Go before
    /// 1.20 misses that of a test which leaves its last line unfinished: `output--- PASS: TestX (0.00s)`.
    fn status_in_a_passed_package(&self, id: &str) -> Option<Status> {
        let name = id.strip_prefix(&*self.package)?.strip_prefix('.')?;
        let glued = |word| self.last.contains(&format!("--- {word}: {name} ("));
        match () {
            () if self.benchmark || glued("PASS") => Some(Status::Success),
            () if glued("SKIP") => Some(Status::Skip),
            () => None,
        }
    }
}

/// A package whose tests run.
#[derive(Clone, Debug, Default)]
struct Package {
    /// Whether a test of it has failed.
    failed: bool,
    /// Whether there was output outside tests.
    stdout: bool,
    /// The test that ended last: what it still writes belongs to no open test.
    ended: String,
}

/// What most events carry.
struct Line<'l> {
    object: &'l Object,
    action: &'l str,
    package: String,
    test: String,
    at: Option<Timestamp>,
}

impl Line<'_> {
    fn id(&self) -> String {
        format!("{}.{}", self.package, self.test)
    }

    fn output(&self) -> &str {
        self.object.str("Output").unwrap_or_default()
    }

    /// Whether the output only frames what events say. Go before 1.26 does not mark such lines: there,
    /// those that name the test itself are taken for them.
    fn is_frame(&self) -> bool {
        if let Some(kind) = self.object.str("OutputType") {
            return kind == "frame";
        }
        let line = self.output().trim_end();
        let framed = |prefix| line.strip_prefix(prefix).is_some_and(|name| name == self.test);
        let end = |prefix| {
            let name = line.trim_start().strip_prefix(prefix);
            let rest = name.and_then(|name| name.strip_prefix(self.test.as_str()));
            rest.is_some_and(|rest| rest.starts_with(" (") && rest.ends_with("s)"))
        };
        !self.test.is_empty()
            && (["=== RUN   ", "=== PAUSE ", "=== CONT  ", "=== NAME  "].into_iter().any(framed)
                || ["--- PASS: ", "--- FAIL: ", "--- SKIP: "].into_iter().any(end))
    }
}

impl State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        note_cut(line, push);
        each_part(line, |part, tries| self.part(part, tries, push));
    }

    /// An object and what stands before it; gives how many bytes are behind.
    fn part(&mut self, line: &[u8], tries: &mut Tries, push: &mut Push<'_>) -> usize {
        let known = |object: &Object| object.str("Action").is_some();
        let Some(found) = find(line, &BEGINNINGS, known, tries) else {
            push.text(line);
            if let Some(package) = build_failure(line) {
                let id = format!("{} [build]", fit(package));
                push.group_failure(&id, "the build failed", None, None);
            }
            return 0;
        };
        push.text(found.before);
        let object = &found.object;
        let string = |key| fit(object.str(key).unwrap_or_default()).into_owned();
        let line = Line {
            object,
            action: object.str("Action").unwrap_or_default(),
            package: string("Package"),
            test: string("Test"),
            at: object.str("Time").and_then(parse_rfc3339),
        };
        if line.test.is_empty() {
            self.package_line(&line, push);
        } else {
            self.test_line(&line, push);
        }
        found.after.len()
    }

    fn test_line(&mut self, line: &Line<'_>, push: &mut Push<'_>) {
        match line.action {
            "run" => self.run(line, push),
            "output" => self.test_output(line, push),
            "attr" => {
                let part = |key| line.object.str(key).unwrap_or_default();
                if let Some(test) = self.tests.get_mut(&line.package, &line.id()) {
                    let tag = format!("{}:{}", part("Key"), part("Value"));
                    push.tag(&line.id(), &mut test.tags, &tag);
                }
            }
            "artifacts" if self.tests.get(&line.package, &line.id()).is_some() => {
                let path = line.object.str("Path").unwrap_or_default().as_bytes();
                push.typed_file(Some(&line.id()), "artifact-path", path, URI_LIST, true);
            }
            "pass" | "bench" => self.end(line, Status::Success, push),
            "fail" => self.end(line, Status::Fail, push),
            "skip" => self.end(line, Status::Skip, push),
            // `pause`, `cont`: the test goes on.
            _ => {}
        }
    }

    fn run(&mut self, line: &Line<'_>, push: &mut Push<'_>) {
        let id = line.id();
        push.status(&id, Status::InProgress, line.at);
        self.packages.entry(&line.package);
        let benchmark = line.test.starts_with("Benchmark");
        let package = line.package.clone();
        self.tests.insert(&line.package, &id, Test { package, benchmark, ..Test::default() });
    }

    fn test_output(&mut self, line: &Line<'_>, push: &mut Push<'_>) {
        if line.is_frame() {
            return;
        }
        let (id, output) = (line.id(), line.output());
        let Some(test) = self.tests.get_mut(&line.package, &id) else {
            // A test that has ended and writes on, or one that nobody announced: an event with its id
            // would open it, and nothing would close it.
            push.file(None, &format!("{id} stdout"), output.as_bytes(), true);
            return;
        };
        if !output.trim().is_empty() {
            output.trim().chars().take(REASON).collect::<String>().clone_into(&mut test.last);
        }
        let error = matches!(line.object.str("OutputType"), Some("error" | "error-continue"));
        let name = if error { "traceback" } else { "stdout" };
        *(if error { &mut test.traceback } else { &mut test.stdout }) = true;
        push.event(&Event {
            test_id: Some(&id),
            timestamp: line.at,
            file: Some(FileChunk { name, bytes: output.as_bytes() }),
            mime_type: Some(TEXT),
            ..Event::default()
        });
    }

    fn end(&mut self, line: &Line<'_>, status: Status, push: &mut Push<'_>) {
        let id = line.id();
        let test = self.tests.remove(&line.package, &id).unwrap_or_default();
        end_files(&id, &test, push);
        if status == Status::Skip && !test.last.is_empty() {
            push.file(Some(&id), "reason", test.last.as_bytes(), true);
        }
        if let (None, Some(seconds)) = (line.at, line.object.number("Elapsed")) {
            push.file(Some(&id), "duration", seconds.to_string().as_bytes(), true);
        }
        push.event(&Event {
            tags: some_tags(&test.tags),
            timestamp: line.at,
            ..Event::status(&id, status)
        });
        if let Some(package) = self.packages.get_mut(&line.package) {
            package.failed |= status == Status::Fail;
            package.ended = id;
        }
    }

    fn package_line(&mut self, line: &Line<'_>, push: &mut Push<'_>) {
        match line.action {
            "start" => {
                self.packages.entry(&line.package);
            }
            "output" => self.package_output(line, push),
            "pass" | "skip" => self.package_end(line, true, push),
            "fail" => self.package_end(line, false, push),
            "build-output" => {
                let path = line.object.str("ImportPath").unwrap_or_default();
                self.builds.output(&fit(path), line.output(), push);
            }
            "build-fail" => {
                self.builds.fail(&fit(line.object.str("ImportPath").unwrap_or_default()));
            }
            _ => {}
        }
    }

    fn package_output(&mut self, line: &Line<'_>, push: &mut Push<'_>) {
        if line.is_frame() {
            return;
        }
        let open = self.packages.get_mut(&line.package);
        let name = format!("{} stdout", line.package);
        // Behind the package's end nothing would end the file.
        push.file(None, &name, line.output().as_bytes(), open.is_none());
        if let Some(package) = open {
            package.stdout = true;
        }
    }

    fn package_end(&mut self, line: &Line<'_>, passed: bool, push: &mut Push<'_>) {
        let package = self.packages.remove(&line.package).unwrap_or_default();
        let mut failed = package.failed;
        for (id, test) in self.tests.take(&line.package) {
            end_files(&id, &test, push);
            if let Some(status) = test.status_in_a_passed_package(&id).filter(|_| passed) {
                push.event(&Event {
                    tags: some_tags(&test.tags),
                    timestamp: line.at,
                    ..Event::status(&id, status)
                });
                continue;
            }
            failed = true;
            push.incomplete(&id, "no result: the package's run ended", test.tags, line.at);
        }
        if package.stdout {
            push.file(None, &format!("{} stdout", line.package), b"", true);
        }
        if passed || failed {
            return;
        }
        let id = format!("{} [build]", line.package);
        let build = line.object.str("FailedBuild").map(fit);
        if let Some(errors) = build.as_deref().and_then(|build| self.builds.errors(build)) {
            push.file(Some(&id), "traceback", errors.as_bytes(), true);
        }
        let reason = if build.is_some() {
            "the build failed"
        } else {
            "the package failed without a failed test"
        };
        push.group_failure(&id, reason, None, line.at);
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        let mut incomplete = HashSet::new();
        for (id, test) in self.tests.take_all() {
            end_files(&id, &test, push);
            push.incomplete(&id, "no result: the input ended", test.tags, None);
            incomplete.insert(test.package);
        }
        for (name, package) in self.packages.take_all() {
            if package.stdout {
                push.file(None, &format!("{name} stdout"), b"", true);
            }
            if !package.failed && !incomplete.contains(&name) {
                push.incomplete_group(&name, "no result: the input ended", None);
            }
        }
        self.builds.finish(push);
    }
}

/// Says that no more of a test's files will come.
fn end_files(id: &str, test: &Test, push: &mut Push<'_>) {
    for (open, name) in [(test.stdout, "stdout"), (test.traceback, "traceback")] {
        if open {
            push.file(Some(id), name, b"", true);
        }
    }
}
