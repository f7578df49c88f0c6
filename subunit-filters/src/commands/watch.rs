//! `subunit watch`: what a person looks at while tests run.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
    time::{Duration, Instant},
};

use subunit_core::{Event, Packet, Status};

use super::stats::write_counts;
use crate::{
    command::Command,
    console::{Console, Look},
    exit::{Error, Exit},
    pipeline::{Filter, Out, ReportArgs, run_report},
    watch::{
        Ended, Run,
        brief::write_brief,
        line::{write_details, write_result},
        live::{Live, Size},
        report::write_end,
    },
};

/// Watch tests while they run, and what is wrong at the end
///
/// On a terminal, a picture of how far the run is and of the tests that run stands below the failures,
/// which are shown as they come. Elsewhere each result is a line. At the end the failures are shown once
/// more, with the tests that took longest, the flaky ones and the verdict. Of each file of a test the
/// beginning and the end are kept, 24 KiB or more; of all open tests 32 MiB, of the failures the first
/// 1000 and 16 MiB. Text outside packets is passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Watch {
    /// Show these results as they come; if not told, all, or the failures in the live view
    #[arg(long, value_name = "WHICH", conflicts_with = "brief")]
    show: Option<Show>,
    /// Name the N tests that took longest; if not told, five, of those that took 0.1 s
    #[arg(long, value_name = "N", conflicts_with = "brief")]
    slowest: Option<usize>,
    /// Show each result as a line, on a terminal too
    #[arg(long, conflicts_with = "brief")]
    plain: bool,
    /// Write the counts and the first lines of each failure at the end, and nothing else
    #[arg(long)]
    brief: bool,
    /// Write at most so many bytes; the counts are always written
    #[arg(long, value_name = "BYTES", default_value_t = 8192, requires = "brief")]
    budget: usize,
    #[command(flatten)]
    report: ReportArgs,
}

/// Which results are shown as they come.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Show {
    /// Every result.
    All,
    /// Results that are wrong.
    Failures,
}

impl Command for Watch {
    const NAME: &'static str = "watch";
    const EXAMPLES: &'static str = "\
Examples:
  $ cat run.subunit | subunit watch --slowest 3
  $ subunit watch --brief --budget 2000 run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let live = !self.plain && shows_pictures(console.stdout_look);
        self.watch(live, console)
    }
}

impl Watch {
    /// Shows a live view if the output can, and that is what is asked for.
    fn watch(self, live: bool, console: &mut Console<'_>) -> Result<Exit, Error> {
        let view = if self.brief {
            View::Brief(self.budget)
        } else if !live {
            View::Lines
        } else {
            View::Live(Live::new(console.stdout_look), Captured::default())
        };
        let shown = if matches!(view, View::Live(..)) { Show::Failures } else { Show::All };
        let captured = view.captured().filter(|_| console.stderr_look.terminal);
        let slowest = if self.brief { Some(0) } else { self.slowest };
        let watcher = Watcher {
            run: Run::new(slowest.unwrap_or(SLOWEST)),
            show: self.show.unwrap_or(shown),
            at_least: if slowest.is_some() { Duration::ZERO } else { AT_LEAST },
            begun: Instant::now(),
            view,
        };
        let Some(captured) = captured else { return run_report(watcher, &self.report, console) };
        // Whatever is said on the same terminal is put above the picture.
        let stderr = std::mem::replace(&mut console.stderr, Box::new(captured.clone()));
        let result = run_report(watcher, &self.report, console);
        console.stderr = stderr;
        if result.is_err() {
            console.stdout.write_all(b"\r\x1b[J")?;
        }
        console.stderr.write_all(&captured.take())?;
        result
    }
}

/// So many of the tests that took longest are named,
const SLOWEST: usize = 5;
/// if they took so long.
const AT_LEAST: Duration = Duration::from_millis(100);
/// So many lines of each file of a test are shown as it fails.
const LINES: usize = 100;

/// Whether standard output is a terminal that a person looks at and that can be drawn on.
fn shows_pictures(look: Look) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    look.terminal && !dumb && !set("CI")
}

/// How a run is shown.
enum View {
    /// A line for each result.
    Lines,
    /// A picture, and what is written to standard error meanwhile.
    Live(Live, Captured),
    /// Only the end, in so many bytes.
    Brief(usize),
}

impl View {
    fn captured(&self) -> Option<Captured> {
        match self {
            Self::Live(_, captured) => Some(captured.clone()),
            Self::Lines | Self::Brief(_) => None,
        }
    }
}

/// Stands in for standard error while a picture is on the terminal.
#[derive(Clone, Debug, Default)]
struct Captured(Rc<RefCell<Vec<u8>>>);

impl Captured {
    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Watcher {
    run: Run,
    show: Show,
    at_least: Duration,
    begun: Instant,
    view: View,
}

impl Filter for Watcher {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if let (None, Some(file)) = (event.test_id, event.file)
            && event.mime_type.is_none_or(|mime_type| mime_type.starts_with("text/"))
        {
            out.text(file.bytes)?;
        }
        let Some(ended) = self.run.note(event, self.begun.elapsed()) else { return Ok(()) };
        let failed = ended.status.is_some_and(Status::is_failure);
        if self.show == Show::Failures && !failed {
            return Ok(());
        }
        let look = out.console.stdout_look;
        match &mut self.view {
            View::Lines => write_ended(&ended, look, out.report()),
            View::Live(live, captured) => {
                live.text(&captured.take());
                write_ended(&ended, look, live.above())
            }
            View::Brief(_) => Ok(()),
        }
    }

    fn pace(&self) -> Option<Duration> {
        // Pictures are drawn as often as may be, also where the time is missed once.
        matches!(self.view, View::Live(..)).then_some(Live::PACE / 2)
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let View::Live(live, captured) = &mut self.view else { return Ok(()) };
        live.text(&captured.take());
        let counts = out.summary.as_ref().map(|summary| summary.counts()).unwrap_or_default();
        live.draw(&self.run, &counts, self.begun.elapsed(), size(), out.report())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let summary = out.summary.take().unwrap_or_default();
        let look = out.console.stdout_look;
        let unfinished = self.run.finish();
        let report = out.report();
        if let View::Brief(budget) = self.view {
            let mut counts = Vec::new();
            write_counts(&summary, look, &mut counts)?;
            report.write_all(&counts)?;
            let failures = self.run.failures();
            let shown: Vec<&Ended> = failures.kept().iter().chain(&unfinished).collect();
            let budget = budget.saturating_sub(counts.len());
            write_brief(shown.into_iter(), failures.more(), budget, look, report)?;
        } else {
            if let View::Live(live, captured) = &mut self.view {
                live.text(&captured.take());
                live.end(report)?;
            }
            write_end(&self.run, &unfinished, self.at_least, look, report)?;
            write_counts(&summary, look, report)?;
        }
        out.summary = Some(summary);
        Ok(())
    }
}

/// A result with what is to be known of it; of one that is wrong, with its details.
fn write_ended(ended: &Ended, look: Look, out: &mut dyn Write) -> io::Result<()> {
    write_result(ended, &ended.note(), look, out)?;
    if !ended.status.is_some_and(Status::is_failure) {
        return Ok(());
    }
    write_details(&ended.details, LINES, look, out)
}

/// The terminal's size; a common one where it does not tell.
fn size() -> Size {
    let size = terminal_size::terminal_size();
    size.map_or(Size { columns: 80, lines: 24 }, |(width, height)| Size {
        columns: width.0.into(),
        lines: height.0.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Source;
    use std::io::Read;

    /// A terminal of 16 lines and 60 columns that both outputs write to, with what is drawn while it
    /// is silent at the input.
    #[derive(Clone)]
    struct Terminal(Rc<RefCell<vt100::Parser>>);

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            for byte in bytes {
                let driven = if *byte == b'\n' { b"\r\n" } else { std::slice::from_ref(byte) };
                self.0.borrow_mut().process(driven);
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Gives its pieces one by one and keeps what the terminal shows before each.
    struct Pieces {
        pieces: Vec<Vec<u8>>,
        terminal: Terminal,
        screens: Rc<RefCell<Vec<String>>>,
        fails: bool,
    }

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let screen = self.terminal.0.borrow().screen().contents();
            self.screens.borrow_mut().push(screen);
            if self.pieces.is_empty() {
                return if self.fails { Err(io::Error::other("gone")) } else { Ok(0) };
            }
            let piece = self.pieces.remove(0);
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    impl Source for Pieces {}

    fn watched(pieces: Vec<Vec<u8>>, fails: bool) -> (Result<Exit, Error>, Vec<String>) {
        let terminal = Terminal(Rc::new(RefCell::new(vt100::Parser::new(16, 60, 0))));
        let screens: Rc<RefCell<Vec<String>>> = Rc::default();
        let kept = Rc::clone(&screens);
        let look = Look { colour: false, terminal: true };
        let input = Pieces { pieces, terminal: terminal.clone(), screens: kept, fails };
        let mut console = Console {
            name: "subunit watch".into(),
            stdin: Some(Box::new(input)),
            stdout: Box::new(terminal.clone()),
            stderr: Box::new(terminal.clone()),
            stdout_look: look,
            stderr_look: look,
        };
        let exit = Watch::default().watch(true, &mut console);
        console.say("the end").unwrap();
        screens.borrow_mut().push(terminal.0.borrow().screen().contents());
        (exit, screens.take())
    }

    fn packet(test_id: &str, status: Status) -> Vec<u8> {
        let mut packet = Vec::new();
        Event::status(test_id, status).encode(&mut packet).unwrap();
        packet
    }

    #[test]
    fn a_picture_stands_below_what_stays_until_the_end() {
        let pieces = vec![
            packet("a", Status::InProgress),
            [packet("a", Status::Fail), b"text\nof ".to_vec(), packet("b", Status::Success)]
                .concat(),
            b"two lines\n\xb3\x20\x01\x0a123456\n".to_vec(),
        ];
        let (exit, screens) = watched(pieces, false);
        assert_eq!(exit.unwrap(), Exit::Failed);
        assert_eq!(screens[0], "", "nothing is drawn before there is something");
        assert!(screens[1].starts_with("\n0 done  1 running  0:00\n"), "{}", screens[1]);
        assert!(screens[1].ends_with(" s  a"), "{}", screens[1]);
        let last = screens.last().unwrap();
        assert!(
            last.starts_with(
                "      fail           - a\ntext\nof two lines\nsubunit watch: damaged packet"
            ),
            "{last}"
        );
        assert!(last.ends_with("       1 fail\n       1 damage\nsubunit watch: the end"), "{last}");
        assert!(!last.contains("running"), "{last}");
    }

    #[test]
    fn the_picture_is_taken_away_where_the_input_fails() {
        let (exit, screens) = watched(vec![packet("a", Status::InProgress)], true);
        assert!(matches!(exit, Err(Error::Input { .. })));
        assert!(screens[1].contains("running"));
        assert_eq!(screens.last().unwrap(), "subunit watch: the end");
    }
}
