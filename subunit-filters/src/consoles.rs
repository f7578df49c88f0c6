//! What runners show people, which is no format: whose it is, and what to type to have one.

/// A runner, as it is known by a line of what it shows.
struct Runner {
    name: &'static str,
    /// One of these lines tells.
    marks: &'static [Mark],
    /// What to do.
    way_out: &'static str,
}

/// A line, without colours and the blanks around it.
enum Mark {
    Begins(&'static str),
    /// It begins so, and has all of these.
    With(&'static str, &'static [&'static str]),
}

use Mark::{Begins, With};

const RUNNERS: &[Runner] = &[
    Runner {
        name: "XCTest",
        marks: &[With("Test Suite '", &["' started at "]), With("Executed ", &[" tests, with "])],
        way_out: "run `swift test --parallel --xunit-output run.xml` and read run.xml",
    },
    Runner {
        name: "xcodebuild",
        marks: &[Begins("Command line invocation:"), Begins("** TEST ")],
        way_out: "pipe it through `xcbeautify --report junit` and read build/reports/junit.xml",
    },
    Runner {
        name: "dart test",
        marks: &[With("00:", &[" +", ": "]), With("0:", &[" +", ": "])],
        way_out: "run `dart test --reporter json` and read what it prints",
    },
    Runner {
        name: "Bazel",
        marks: &[
            With("//", &[" PASSED in "]),
            With("//", &[" FAILED in "]),
            With("Executed ", &[" out of ", " test"]),
        ],
        way_out: "read the files test.xml below bazel-testlogs",
    },
    Runner {
        name: "sbt",
        marks: &[
            Begins("[info] Passed: Total "),
            Begins("[error] Failed: Total "),
            Begins("[info] Run completed in "),
        ],
        way_out: "read target/test-reports/*.xml",
    },
    Runner {
        name: "Karma",
        marks: &[With("", &[": Executed ", " of ", " secs"])],
        way_out: "run `karma start --reporters junit` (of karma-junit-reporter) and read its report",
    },
    Runner {
        name: "Cypress",
        marks: &[Begins("(Run Starting)"), Begins("(Run Finished)")],
        way_out: "run `cypress run --reporter junit` and read test-results.xml",
    },
];

/// Looks at text for a line by which a runner is known.
#[derive(Default)]
pub(crate) struct Guess {
    runner: Option<&'static Runner>,
    /// The beginning of a line that is not whole.
    line: Vec<u8>,
}

/// No line that tells is longer.
const LONGEST: usize = 512;

impl Guess {
    /// More text.
    pub(crate) fn text(&mut self, mut bytes: &[u8]) {
        while self.runner.is_none() && !bytes.is_empty() {
            let end = memchr::memchr(b'\n', bytes);
            let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            let room = LONGEST.saturating_sub(self.line.len()).min(line.len());
            self.line.extend_from_slice(&line[..room]);
            if end.is_some() {
                self.line_ends();
            }
            bytes = rest;
        }
    }

    /// The text has ended: whose it is, and what to do.
    pub(crate) fn told(&mut self) -> Option<String> {
        self.line_ends();
        let runner = self.runner?;
        let of = if runner.name.ends_with('s') { "'" } else { "'s" };
        Some(format!("this looks like {}{of} console: {}", runner.name, runner.way_out))
    }

    fn line_ends(&mut self) {
        if self.runner.is_none() {
            let line = String::from_utf8_lossy(&self.line);
            let line = without_colours(&line);
            let line = line.trim();
            self.runner =
                RUNNERS.iter().find(|runner| runner.marks.iter().any(|mark| mark.is(line)));
        }
        self.line.clear();
    }
}

impl Mark {
    fn is(&self, line: &str) -> bool {
        match self {
            Begins(begin) => line.starts_with(begin),
            With(begin, parts) => {
                line.starts_with(begin) && parts.iter().all(|part| line.contains(part))
            }
        }
    }
}

/// The line without the sequences that make colours.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|character: char| character.is_ascii_alphabetic());
        plain.push_str(end.and_then(|end| part.get(end + 1..)).unwrap_or_default());
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_however_it_is_cut_and_coloured() {
        let text = "noise\n\u{1b}[1m** TEST \u{1b}[0mFAILED **\u{1b}[0m\n[info] Passed: Total 2\n";
        for size in [1, 3, 100] {
            let mut guess = Guess::default();
            text.as_bytes().chunks(size).for_each(|piece| guess.text(piece));
            assert!(guess.told().unwrap().starts_with("this looks like xcodebuild's console: "));
        }
    }

    #[test]
    fn what_no_runner_shows_tells_nothing() {
        for text in [
            "",
            "Ran out of memory\n",
            "FAIL",
            "ok then\n",
            "running late\n",
            "12 monkeys (film)\n",
            "a\n",
        ] {
            let mut guess = Guess::default();
            guess.text(text.as_bytes());
            assert_eq!(guess.told(), None, "{text:?}");
        }
    }
}
