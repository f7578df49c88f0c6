//! Reads `go test -json`, with what is known between its lines.

use std::collections::HashSet;

use subunit_core::{Event, FileChunk, Status, TagsBuf, Timestamp};

use super::{
    build::{Builds, build_failure},
    line::{GoLine, id},
    package::Package,
    test::GoTest,
};
use crate::{
    events::{
        clock::{self, SyntheticClock},
        emit::{TEXT, URI_LIST, fit},
        open_map::{Grouped, OpenMap},
        push::{Push, some_tags},
    },
    reader::public_reader,
    text::{
        json_line::{LongLines, Object, Tries, each_part, find, note_cut},
        line_reader::{LineReader, LineState},
        time::parse_rfc3339,
    },
};

/// What an object begins with; Go writes the members in this order.
const BEGINNINGS: [&str; 5] =
    ["\"Time\"", "\"Action\"", "\"ImportPath\"", "\"Package\"", "\"Test\""];

/// How much of a test's last line is kept, for the reason of a skip.
const REASON: usize = 4096;

public_reader! {
    /// Reads what `go test -json` writes.
    ///
    /// Memory: the tests that are running, the errors of failed builds (256 KiB each), up to 368 KiB of output of each
    /// package that is running, and one line.
    #[derive(Clone, Debug)]
    GoJsonReader(LineReader<State, LongLines>) = LineReader::default()
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        note_cut(line, push);
        each_part(line, |part, tries| self.part(part, tries, push));
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        self.close(push);
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    /// By package and id.
    tests: Grouped<GoTest>,
    packages: OpenMap<Package>,
    builds: Builds,
    /// Packages that have ended: what they still say opens nothing.
    ended: HashSet<String>,
    /// For lines that only say how long a test took.
    clock: SyntheticClock,
}

impl State {
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
        let line = GoLine {
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

    fn test_line(&mut self, line: &GoLine<'_>, push: &mut Push<'_>) {
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

    fn run(&mut self, line: &GoLine<'_>, push: &mut Push<'_>) {
        let id = line.id();
        push.status(&id, Status::InProgress, line.at);
        // What the same test wrote after its end before.
        if let Some(stray) = self.packages.entry(&line.package).take_stray(&id) {
            push.file(None, &format!("{id} stdout"), stray.as_bytes(), true);
        }
        let (package, start) = (line.package.clone(), self.clock);
        let benchmark = line.test.starts_with("Benchmark");
        self.tests.insert(
            &line.package,
            &id,
            GoTest { package, benchmark, start, ..GoTest::default() },
        );
    }

    fn test_output(&mut self, line: &GoLine<'_>, push: &mut Push<'_>) {
        let (id, output) = (line.id(), line.output());
        self.note(line);
        if line.is_frame() {
            return;
        }
        let Some(test) = self.tests.get_mut(&line.package, &id) else {
            self.stray_output(line, &id, push);
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

    /// Takes note of a line that tells how a test ended, of versions of Go that may not say so otherwise.
    fn note(&mut self, line: &GoLine<'_>) {
        let output = line.output();
        if output.contains("--- ")
            && line.object.str("OutputType").is_none()
            && let Some(package) = self.open_package(&line.package)
        {
            package.note(output);
        }
    }

    /// Output of a test that has ended and writes on, or that nobody announced: an event with its id would
    /// open it, and nothing might close it.
    fn stray_output(&mut self, line: &GoLine<'_>, id: &str, push: &mut Push<'_>) {
        let output = line.output();
        match self.open_package(&line.package) {
            Some(package) => package.stray(id, output, push),
            None => push.file(None, &format!("{id} stdout"), output.as_bytes(), true),
        }
    }

    /// The package that says something; it runs unless it has ended.
    fn open_package(&mut self, name: &str) -> Option<&mut Package> {
        (self.packages.contains(name) || !self.ended.contains(name))
            .then(|| self.packages.entry(name))
    }

    fn end(&mut self, line: &GoLine<'_>, status: Status, push: &mut Push<'_>) {
        let id = line.id();
        let known = self.tests.remove(&line.package, &id);
        let mut stray = None;
        // Results alone, as filters leave them, promise no end of their package; after a failure it matters no more.
        let package = if status == Status::Fail {
            self.open_package(&line.package)
        } else {
            self.packages.get_mut(&line.package)
        };
        if let Some(package) = package {
            package.failed |= status == Status::Fail;
            package.take_line(&line.test);
            stray = package.take_stray(&id);
        }
        if let Some(output) = stray {
            let of = Some(&*id).filter(|_| known.is_none());
            let name = of.map_or_else(|| format!("{id} stdout"), |_| "stdout".to_owned());
            push.file(of, &name, output.as_bytes(), true);
        }
        let test = known.unwrap_or_else(|| GoTest { start: self.clock, ..GoTest::default() });
        test.end_files(&id, push);
        if status == Status::Skip && !test.last.is_empty() {
            push.file(Some(&id), "reason", test.last.as_bytes(), true);
        }
        let timestamp = line.at.or_else(|| self.stop(line, &id, &test, push));
        let tags = some_tags(&test.tags);
        push.event(&Event { tags, timestamp, ..Event::status(&id, status) });
    }

    /// When a test ended that only says how long it took.
    fn stop(
        &mut self,
        line: &GoLine<'_>,
        id: &str,
        test: &GoTest,
        push: &mut Push<'_>,
    ) -> Option<Timestamp> {
        let mut clock = test.start;
        let stop = clock.advance(line.object.number("Elapsed").and_then(clock::seconds)?);
        self.clock.advance_to(stop);
        push.start_time(id, test.start.now());
        Some(stop)
    }

    fn package_line(&mut self, line: &GoLine<'_>, push: &mut Push<'_>) {
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

    fn package_output(&mut self, line: &GoLine<'_>, push: &mut Push<'_>) {
        if line.is_frame() {
            return;
        }
        let open = self.open_package(&line.package);
        let name = format!("{} stdout", line.package);
        // After the package's end nothing would end the file.
        push.file(None, &name, line.output().as_bytes(), open.is_none());
        if let Some(package) = open {
            package.output(line.output());
        }
    }

    fn package_end(&mut self, line: &GoLine<'_>, passed: bool, push: &mut Push<'_>) {
        let mut package = self.packages.remove(&line.package).unwrap_or_default();
        self.ended.insert(line.package.clone());
        let mut failed = package.failed;
        let end = |id: &str, status, tags: &TagsBuf, push: &mut Push<'_>| {
            let (tags, timestamp) = (some_tags(tags), line.at);
            push.event(&Event { tags, timestamp, ..Event::status(id, status) });
        };
        let mut by_line = Vec::new();
        for (test_id, test) in self.tests.take(&line.package) {
            test.end_files(&test_id, push);
            let told = package.take_line(test.name(&test_id));
            let status = told.or_else(|| test.benchmark.then_some(Status::Success));
            let Some(status) = status.filter(|_| passed) else {
                failed = true;
                push.incomplete(&test_id, "no result: the package's run ended", test.tags, line.at);
                continue;
            };
            end(&test_id, status, &test.tags, push);
            by_line.extend(told.map(|_| test.name(&test_id).to_owned()));
        }
        for name in by_line {
            for (subtest, status) in package.take_lines_below(&name) {
                end(&id(&line.package, &subtest), status, &TagsBuf::new(), push);
            }
        }
        package.end_stray(push);
        if package.stdout {
            push.file(None, &format!("{} stdout", line.package), b"", true);
        }
        if !passed && !failed {
            self.package_failure(line, &package, push);
        }
    }

    /// A package failed and none of its tests did: it was not built, or ended on its own.
    fn package_failure(&mut self, line: &GoLine<'_>, package: &Package, push: &mut Push<'_>) {
        let id = line.build_id();
        let build = line.object.str("FailedBuild").map(fit);
        if let Some(errors) = build.as_deref().and_then(|build| self.builds.errors(build)) {
            push.file(Some(&id), "traceback", errors.as_bytes(), true);
        }
        if let Some(output) = package.kept() {
            push.file(Some(&id), "stdout", output.as_bytes(), true);
        }
        let reason = if build.is_some() {
            "the build failed"
        } else {
            "the package failed without a failed test"
        };
        push.group_failure(&id, reason, None, line.at);
    }

    fn close(&mut self, push: &mut Push<'_>) {
        let mut incomplete = HashSet::new();
        for (id, test) in self.tests.take_all() {
            test.end_files(&id, push);
            push.incomplete(&id, "no result: the input ended", test.tags, None);
            incomplete.insert(test.package);
        }
        for (name, mut package) in self.packages.take_all() {
            package.end_stray(push);
            if package.stdout {
                push.file(None, &format!("{name} stdout"), b"", true);
            }
            if !package.failed && !incomplete.contains(&name) {
                let id = if name.is_empty() { "[package]" } else { &name };
                push.incomplete_group(id, "no result: the input ended", None);
            }
        }
        self.builds.finish(push);
    }
}
