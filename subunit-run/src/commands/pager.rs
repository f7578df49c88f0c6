//! How is output read that is longer than the screen? A pager shows it: `$PAGER`, or less.

use std::{
    cell::RefCell,
    env,
    io::{self, Write},
    process::{Child, ChildStdin, Command, Stdio},
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

/// Whether a pager shows what is long.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct PagerArg {
    /// Write to the terminal, however long it is [default: what is longer than the screen is shown by $PAGER, or less]
    #[arg(long)]
    no_pager: bool,
}

/// What shows pages where nothing else is said: at once what fits, with colours, and leaving it on the screen.
const USUAL: &str = "less -FRX";

impl PagerArg {
    /// Does the work of a verb. If standard output is a terminal, and more is written than its screen has lines for, a pager
    /// shows all of it.
    ///
    /// # Errors
    ///
    /// Those of the verb, and of standard output.
    pub(super) fn page(
        self,
        console: &mut Console<'_>,
        work: impl FnOnce(&mut Console<'_>) -> Result<Exit, Error>,
    ) -> Result<Exit, Error> {
        let Some(line) = self.line(console) else { return work(console) };
        let Some(screen) = Screen::of_terminal() else { return work(console) };
        console.flush()?;
        let terminal = std::mem::replace(&mut console.stdout, Box::new(io::sink()));
        let pages = Rc::new(RefCell::new(Pages::new(line, screen)));
        console.stdout = Box::new(Shared(Rc::clone(&pages)));
        let exit = work(console);
        // What is told of it comes after it.
        console.stdout = terminal;
        let left = pages.borrow_mut().end()?;
        console.stdout.write_all(&left)?;
        console.stdout.flush()?;
        exit
    }

    /// The command line of the pager; none if there is none to be used.
    fn line(self, console: &Console<'_>) -> Option<String> {
        if self.no_pager || !console.stdout_look.terminal {
            return None;
        }
        if env::var_os("TERM").is_none_or(|term| term == "dumb") {
            return None;
        }
        match env::var("PAGER") {
            Ok(line) if line.trim().is_empty() || line.trim() == "cat" => None,
            Ok(line) => Some(line),
            Err(_) => Some(USUAL.to_owned()),
        }
    }
}

/// How much fits on the screen.
#[derive(Clone, Copy, Debug)]
struct Screen {
    columns: usize,
    rows: usize,
}

impl Screen {
    fn of_terminal() -> Option<Self> {
        let (columns, rows) = terminal_size::terminal_size()?;
        let screen = Self { columns: columns.0.into(), rows: rows.0.into() };
        (screen.columns > 0 && screen.rows > 1).then_some(screen)
    }
}

/// Output that is held until it is known whether it fits on the screen.
struct Pages {
    line: String,
    screen: Screen,
    held: Vec<u8>,
    /// How many rows the lines that are held take; a line that has not ended counts with its beginning.
    rows: usize,
    /// How many columns of the last line are taken.
    columns: usize,
    /// Whether a sequence for the terminal, such as a colour, has begun.
    in_sequence: bool,
    pager: Option<Pager>,
}

impl Pages {
    fn new(line: String, screen: Screen) -> Self {
        let held = Vec::new();
        Self { line, screen, held, rows: 0, columns: 0, in_sequence: false, pager: None }
    }

    /// Counts the rows that bytes take. What is counted too many or too few is of no harm: less knows.
    fn count(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => {
                    self.rows += self.columns.saturating_sub(1) / self.screen.columns + 1;
                    self.columns = 0;
                }
                0x1b => self.in_sequence = true,
                _ if self.in_sequence => self.in_sequence = !byte.is_ascii_alphabetic(),
                // A letter of several bytes is counted by its first.
                byte if byte & 0xc0 != 0x80 => self.columns += 1,
                _ => {}
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(pager) = &mut self.pager {
            return pager.write(bytes);
        }
        self.count(bytes);
        self.held.extend_from_slice(bytes);
        // One row is that of the prompt after it.
        if self.rows >= self.screen.rows
            && let Some(mut pager) = Pager::start(&self.line)
        {
            pager.write(&std::mem::take(&mut self.held));
            self.pager = Some(pager);
        }
    }

    /// All is written. What no pager has shown is returned.
    fn end(&mut self) -> io::Result<Vec<u8>> {
        match self.pager.take() {
            None => Ok(std::mem::take(&mut self.held)),
            Some(pager) => pager.end(),
        }
    }
}

/// A pager that was started.
struct Pager {
    child: Child,
    /// Until nobody reads any more.
    input: Option<ChildStdin>,
    /// What was written: whether the program is there at all is known at its end.
    said: Vec<u8>,
}

/// What a shell says of a command that is not there, or cannot be started.
const NOT_THERE: [i32; 2] = [126, 127];

impl Pager {
    /// Starts it; none if that fails.
    fn start(line: &str) -> Option<Self> {
        // ^C is for the pager, as long as it shows something.
        signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)))
            .ok()?;
        let mut command = Command::new("sh");
        command.args(["-c", line]).stdin(Stdio::piped());
        for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
            if env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        let mut child = command.spawn().ok()?;
        let input = child.stdin.take();
        Some(Self { child, input, said: Vec::new() })
    }

    /// Whoever has left a pager does not want to see more.
    fn write(&mut self, bytes: &[u8]) {
        self.said.extend_from_slice(bytes);
        let written = self.input.as_mut().map_or(Ok(()), |input| input.write_all(bytes));
        if written.is_err() {
            self.input = None;
        }
    }

    /// Waits until it is left. What it would have shown is returned if there is no such program.
    fn end(mut self) -> io::Result<Vec<u8>> {
        drop(self.input.take());
        let status = self.child.wait()?;
        let is_there = status.code().is_none_or(|code| !NOT_THERE.contains(&code));
        Ok(if is_there { Vec::new() } else { self.said })
    }
}

/// The pages, as an output.
struct Shared(Rc<RefCell<Pages>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_a_terminal_fills_them() {
        let rows = |text: &str| {
            let mut pages = Pages::new(String::new(), Screen { columns: 10, rows: 100 });
            pages.count(text.as_bytes());
            pages.rows
        };
        assert_eq!(rows("a\nb\n\n"), 3);
        assert_eq!(rows("0123456789\n"), 1);
        assert_eq!(rows("0123456789a\n"), 2);
        assert_eq!(rows("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\n"), 1);
        assert_eq!(rows("\x1b[1;31m0123456789\x1b[0m\n"), 1);
        assert_eq!(rows("not ended"), 0);
    }
}
