//! What Maven prints of the tests that Surefire and Failsafe run.
//!
//! * Ids are those of their XML reports: `class.method`. Only those that failed have names; the rest is a number.
//! * Each module has a total of its own. The run is over with the line that says how the build ended, or with `-q`, which
//!   leaves that and all of what passed out, after the last total. The classes that ended must add up to the totals.
//! * A line of a class is believed where that class runs.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, number, seconds},
    format::{Row, Signs},
};

/// What Maven prints of tests.
pub(crate) const ROW: Row = Row {
    name: "surefire",
    title: "what Maven prints of tests",
    signs: Signs {
        begins: &["[INFO] ", "[ERROR] ", "[WARNING] ", "Tests run: ", " T E S T S"],
        midst: &["Tests run: "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Surefire>)
};

/// What the build is called where it fails on its own.
const BUILD: &str = "maven [build]";

#[derive(Default)]
struct Surefire {
    /// The classes that run.
    running: Vec<String>,
    /// There is no `-q`: the build says how it ends.
    is_loud: bool,
    /// How many results the classes have that ended.
    ended: u64,
    /// The totals of the modules so far.
    totals: ResultNumbers,
    /// The class that ended last.
    class: String,
    /// The failed test whose error this is.
    block: String,
    /// The results of the module are repeated, and its total comes.
    sums_up: bool,
    /// Something has failed.
    has_failed: bool,
}

impl Grammar for Surefire {
    const FORMAT: Format = Format::Surefire;
    const TRAILERS: &'static [&'static str] = &["[INFO]", "[WARNING]", "[ERROR]", "[DEBUG]", "\t"];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let said = without_level(line);
        if let Some(class) = said.strip_prefix("Running ")
            && is_class(class)
        {
            self.begin(class, run);
            return true;
        }
        if let Some((before, counts)) = counts(line) {
            return match &counts.class {
                Some(class) => self.class_ends(before, class, &counts, run),
                None => self.total(line, counts.numbers, run),
            };
        }
        if let Some((name, took, why)) = failure(said) {
            return self.failure(name, took, why, run);
        }
        match said {
            " T E S T S" => self.is_loud = true,
            "Results:" | "Results :" => (self.is_loud, self.sums_up) = (true, true),
            "BUILD SUCCESS" if said.len() < line.len() => self.build_ends(false, run),
            "BUILD FAILURE" if said.len() < line.len() => self.build_ends(true, run),
            _ if self.block.is_empty() => return false,
            _ if said.len() < line.len() => {
                self.block.clear();
                return false;
            }
            _ => {
                run.detail(&self.block);
                return true;
            }
        }
        self.block.clear();
        run.text();
        true
    }
}

impl Surefire {
    fn begin(&mut self, class: &str, run: &mut ConsoleRun<'_, '_>) {
        if self.sums_up {
            self.sums_up = false;
            self.running.clear();
        }
        run.go_on();
        self.is_loud = true;
        self.running.push(class.to_owned());
        self.block.clear();
        run.text();
    }

    /// `Tests run: 2, Failures: 0, Errors: 1, Skipped: 0, Time elapsed: 0 s <<< FAILURE! - in shop.DownTest`
    fn class_ends(
        &mut self,
        before: &str,
        class: &str,
        counts: &Counts<'_>,
        run: &mut ConsoleRun<'_, '_>,
    ) -> bool {
        let at = self.running.iter().position(|running| running == class);
        if self.is_loud && at.is_none() {
            return false;
        }
        if let Some(at) = at {
            self.running.swap_remove(at);
        }
        run.go_on();
        run.before(before);
        self.ended = self.ended.saturating_add(counts.numbers.total());
        self.class.clear();
        self.class.push_str(class);
        self.block.clear();
        run.text();
        true
    }

    /// `failsDiff  Time elapsed: 0.021 s  <<< FAILURE!`
    fn failure(
        &mut self,
        name: &str,
        took: Option<f64>,
        why: &str,
        run: &mut ConsoleRun<'_, '_>,
    ) -> bool {
        if self.class.is_empty() || self.sums_up {
            return false;
        }
        self.block = id(&self.class, name);
        self.has_failed = true;
        run.took(took);
        run.hold(&self.block, Status::Fail);
        if why == "ERROR" {
            run.reason(&self.block, why);
        }
        run.detail(&self.block);
        true
    }

    /// The results of a module: the line is that and nothing else, and stands where it belongs.
    fn total(&mut self, line: &str, total: ResultNumbers, run: &mut ConsoleRun<'_, '_>) -> bool {
        let is_warning = line.starts_with("[WARNING] T") || line.starts_with("[ERROR] T");
        let is_alone = is_warning || line.starts_with("[INFO] T") || line.starts_with('T');
        let belongs = if self.is_loud { self.sums_up && is_alone } else { is_warning };
        if !belongs {
            return false;
        }
        self.block.clear();
        self.sums_up = false;
        self.has_failed |= total.fail > 0;
        self.totals.add_all(&total);
        if self.is_loud {
            run.go_on();
            run.text();
        } else {
            run.summary(SummaryCounts { numbers: self.totals, ..SummaryCounts::default() });
        }
        true
    }

    fn build_ends(&mut self, failed: bool, run: &mut ConsoleRun<'_, '_>) {
        run.go_on();
        if failed && !self.has_failed {
            run.beside(BUILD, "BUILD FAILURE, and no test has failed");
        }
        if self.ended > 0 {
            run.plan(self.ended);
        }
        run.summary(SummaryCounts { numbers: self.totals, failed, ..SummaryCounts::default() });
        *self = Self::default();
    }
}

/// What follows `[INFO] ` and its like.
fn without_level(line: &str) -> &str {
    ["[INFO] ", "[WARNING] ", "[ERROR] "]
        .iter()
        .find_map(|level| line.strip_prefix(level))
        .unwrap_or(line)
}

/// The id that the XML report has.
fn id(class: &str, name: &str) -> String {
    if name == class || name.strip_prefix(class).is_some_and(|rest| rest.starts_with('.')) {
        return name.to_owned();
    }
    match name.strip_suffix(')').and_then(|name| name.rsplit_once('(')) {
        Some((method, class)) if is_class(class) && class.contains('.') => {
            format!("{class}.{method}")
        }
        _ => format!("{class}.{name}"),
    }
}

fn is_class(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_alphanumeric() || "._$".contains(it))
}

/// The numbers of a class, or of a module.
struct Counts<'l> {
    numbers: ResultNumbers,
    class: Option<&'l str>,
}

/// `Tests run: 13, Failures: 2, Errors: 1, Skipped: 2`, wherever it stands, and what stands before it.
fn counts(line: &str) -> Option<(&str, Counts<'_>)> {
    let at = line.rfind("Tests run: ")?;
    let mut before = line.get(..at)?;
    for level in ["[INFO] ", "[WARNING] ", "[ERROR] "] {
        before = before.strip_suffix(level).unwrap_or(before);
    }
    let rest = line.get(at + "Tests run: ".len()..)?;
    let (run, rest) = next_count(rest, ", Failures: ")?;
    let (failures, rest) = next_count(rest, ", Errors: ")?;
    let (errors, rest) = next_count(rest, ", Skipped: ")?;
    let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
    let (skipped, rest) = rest.split_at(end);
    let skipped = number(skipped)?;
    let fail = failures.saturating_add(errors);
    let success = run.saturating_sub(fail).saturating_sub(skipped);
    let numbers = ResultNumbers { success, fail, skip: skipped, ..ResultNumbers::default() };
    let class = match rest.split_once(", Time elapsed: ") {
        Some((_, rest)) => Some(rest.rsplit_once(" in ").map(|(_, class)| class)?),
        None if rest.is_empty() || rest.starts_with(", Flakes: ") => None,
        None => return None,
    };
    Some((before, Counts { numbers, class }))
}

/// The number up to a word, and what follows the word.
fn next_count<'t>(text: &'t str, word: &str) -> Option<(u64, &'t str)> {
    let (count, rest) = text.split_once(word)?;
    Some((number(count)?, rest))
}

/// `failsDiff  Time elapsed: 0.021 s  <<< FAILURE!`: the name, the seconds and the last word.
fn failure(said: &str) -> Option<(&str, Option<f64>, &str)> {
    let (said, word) = said.strip_suffix('!')?.rsplit_once(" <<< ")?;
    let (name, took) = said.split_once(" Time elapsed: ")?;
    let name = name.trim_end().trim_end_matches("--").trim_end();
    (matches!(word, "FAILURE" | "ERROR") && !name.is_empty()).then(|| (name, seconds(took), word))
}

/// Whether a line is Maven's, of tests or of the end of a build.
fn tells(line: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    (has(b"T E S T S") || has(b"BUILD ") || has(b"Tests run: "))
        && std::str::from_utf8(line).is_ok_and(|line| {
            let line = crate::ansi::plain_line(line);
            matches!(&*line, "[INFO] BUILD SUCCESS" | "[INFO] BUILD FAILURE" | " T E S T S")
                || &*line == "[INFO]  T E S T S"
                || counts(&line).is_some()
        })
}
