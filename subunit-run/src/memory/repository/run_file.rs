//! Writes the results of a run as version 1, and knows where each of them is.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    ops::Range,
    time::Duration,
};

use subunit_core::{
    Damage, Event, RouteCode, RouteCodeBuf, Status,
    sink::{Flow, OpenTests, Sink},
    v1,
};

/// A result in a file.
#[derive(Debug)]
pub(super) struct Stored {
    /// As it stands in the file.
    pub(super) test_id: String,
    pub(super) failed: bool,
    /// How long the test took, if that is known.
    pub(super) time: Option<Duration>,
    /// The lines of it.
    bytes: Range<u64>,
}

/// A sink that writes a file of version 1. Text, and files and statuses of no test, are left out.
pub(super) struct RunFile {
    writer: v1::Writer<Counted>,
    open: OpenTests,
    stored: Vec<Stored>,
}

/// Knows how many bytes were written.
#[derive(Debug)]
struct Counted {
    output: BufWriter<File>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl RunFile {
    /// Writes into an empty file.
    pub(super) fn new(file: File) -> Self {
        let output = Counted { output: BufWriter::new(file), bytes: 0 };
        let writer = v1::Writer::traditional(output);
        Self { writer, open: OpenTests::default(), stored: Vec::new() }
    }

    /// Adds the results of a file of version 1.
    pub(super) fn read(&mut self, mut input: impl Read) -> io::Result<()> {
        let (mut parser, mut block) = (v1::Parser::new(), vec![0; 64 * 1024]);
        loop {
            match input.read(&mut block) {
                Ok(0) => break,
                Ok(read) => parser.feed(&block[..read], self),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
        }
        parser.finish(self);
        Ok(())
    }

    /// Ends the run: tests that are open have failed. Returns the file and what is in it.
    pub(super) fn close(mut self) -> io::Result<(File, Vec<Stored>)> {
        let owned = |route: RouteCode<'_>| route.to_buf();
        let mut open: Vec<(Option<RouteCodeBuf>, String)> = self
            .open
            .in_order()
            .map(|test| (test.route_code.map(owned), test.test_id.to_owned()))
            .collect();
        // Python ends the last one first.
        while let Some((route_code, test_id)) = open.pop() {
            let route_code = route_code.as_ref().map(RouteCodeBuf::as_route);
            self.event(&Event { route_code, ..Event::status(&test_id, Status::Fail) });
        }
        Sink::finish(&mut self.writer);
        let Counted { output, .. } = self.writer.into_inner()?;
        let file = output.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((file, self.stored))
    }

    fn written(&mut self) -> u64 {
        self.writer.output_mut().bytes
    }

    fn store(&mut self, test_id: &str, failed: bool, time: Option<Duration>, begin: u64) {
        let bytes = begin..self.written();
        // The writer does the same.
        let test_id = test_id.replace('\n', "\\n");
        self.stored.push(Stored { test_id, failed, time, bytes });
    }
}

impl Sink for RunFile {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Some(test_id) = event.test_id else { return Flow::Continue };
        let begin = self.written();
        let flow = self.writer.event(event);
        let open = self.open.note(event);
        let start = open.and_then(|test| test.start);
        let Some(status) = event.status.filter(|status| status.is_final()) else { return flow };
        let time = match (start.or(event.timestamp), event.timestamp) {
            // Python writes of such a test that it took no time.
            (Some(_), None) => Some(Duration::ZERO),
            (Some(start), Some(stop)) => Some(stop.since(start).unwrap_or_default()),
            (None, _) => None,
        };
        self.store(test_id, status == Status::Fail, time, begin);
        flow
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let begin = self.written();
        let flow = self.writer.damage(damage);
        self.store("subunit.parser", true, None, begin);
        flow
    }
}

/// Which tests fail, in the order in which that became known, and where it says so.
#[derive(Debug, Default)]
pub(super) struct Failing {
    tests: Vec<Option<(usize, Range<u64>)>>,
    by_id: HashMap<String, usize>,
    files: Vec<File>,
}

impl Failing {
    /// Takes the results of a run, in their order.
    pub(super) fn take(&mut self, file: File, stored: Vec<Stored>) {
        let nth = self.files.len();
        self.files.push(file);
        for Stored { test_id, failed, bytes, .. } in stored {
            if !failed {
                if let Some(at) = self.by_id.remove(&test_id) {
                    self.tests[at] = None;
                }
                continue;
            }
            let at = *self.by_id.entry(test_id).or_insert(self.tests.len());
            if at == self.tests.len() {
                self.tests.push(None);
            }
            self.tests[at] = Some((nth, bytes));
        }
    }

    /// Writes what is said about those that fail.
    pub(super) fn write(&mut self, output: &mut impl Write) -> io::Result<()> {
        for (nth, bytes) in self.tests.iter().flatten() {
            let file = &mut self.files[*nth];
            file.seek(SeekFrom::Start(bytes.start))?;
            io::copy(&mut file.take(bytes.end - bytes.start), output)?;
        }
        Ok(())
    }
}
