//! The suites around a test case: their names, and whether what they count can be true.

use crate::{
    events::{
        claims::{Claim, Claims},
        clock::SyntheticClock,
        clocked::ClockedPush,
        emit::fit,
    },
    junit::values::{self, CLASS_SEPARATOR},
    text::xml::Element,
};

/// Names of suites in ids, and tags, are no longer than this many bytes.
pub(super) const LONGEST_NAME: usize = 4096;

/// What stands for the name of a suite that has none.
pub(super) const UNNAMED: &str = "testsuite";

/// The open suites, the outermost first.
#[derive(Clone, Debug, Default)]
pub(super) struct Suites {
    open: Vec<Suite>,
    claims: Claims,
}

#[derive(Clone, Debug)]
struct Suite {
    /// Its name, or the root's.
    title: Option<String>,
    /// Its name, which tests without a class name have in their ids.
    name: Option<String>,
    /// It is no suite but the root around them.
    root: bool,
}

/// What the failures of a whole report go by.
pub(super) const REPORT: &str = "JUnit report";

impl Suites {
    pub(super) fn begin(&mut self, element: &Element, push: &mut ClockedPush<'_>) {
        if let Some(start) = element.attribute("timestamp").and_then(values::timestamp) {
            *push.clock = SyntheticClock::new(start);
        }
        self.claims.begin(claim(element));
        self.open.push(Suite::new(element));
    }

    pub(super) fn end(&mut self, push: &mut ClockedPush<'_>) {
        let id = self.id();
        let Some(suite) = self.open.pop() else {
            return;
        };
        let (id, what) = if suite.root { (REPORT, "report") } else { (&*id, "suite") };
        if let Some(said) = self.claims.end() {
            push.shortfall(id, &format!("the {what} {said}"));
        }
    }

    /// A failure or an error was read in the innermost suite.
    pub(super) fn read_failure(&mut self) {
        self.claims.read();
    }

    /// The report ends early: what it counts is in what is missing.
    pub(super) fn cut(&mut self) {
        self.claims.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The name of the innermost suite that has one.
    pub(super) fn name(&self) -> Option<&str> {
        self.open.iter().rev().find_map(|suite| suite.name.as_deref())
    }

    /// What stands in front of the id of a test of this class to tell it from those of other suites.
    pub(super) fn place(&self, class: Option<&str>) -> String {
        let mut names: Vec<&str> =
            self.open.iter().filter_map(|suite| suite.title.as_deref()).collect();
        if names.len() > 1 {
            names.pop_if(|name| Some(&**name) == class);
        }
        names.iter().map(|name| format!("{name}{CLASS_SEPARATOR}")).collect()
    }

    /// The id of the innermost suite: the names of the suites around it and its own.
    pub(super) fn id(&self) -> String {
        let names: Vec<&str> = self.open.iter().filter_map(|suite| suite.name.as_deref()).collect();
        if names.is_empty() {
            return UNNAMED.to_owned();
        }
        fit(&names.join(CLASS_SEPARATOR)).into_owned()
    }
}

impl Suite {
    fn new(element: &Element) -> Self {
        let root = element.name() != "testsuite";
        let title = element.first_of(&["name"]);
        let title = title.map(|name| values::cut(name, LONGEST_NAME).to_owned());
        Self { name: title.clone().filter(|_| !root), title, root }
    }
}

fn claim(element: &Element) -> Claim {
    let count = |name| element.attribute(name).and_then(|count| count.trim().parse::<u32>().ok());
    let counts = ["failures", "errors"].map(|name| u64::from(count(name).unwrap_or(0)));
    Claim { failures: counts.iter().sum(), failed: false }
}
