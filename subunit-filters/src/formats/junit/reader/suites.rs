//! The suites around a test case: their names, and whether what they count can be true.

use super::LONGEST_NAME;
use crate::formats::{
    clock::SyntheticClock,
    junit::{
        case::Push,
        values::{self, JOINT},
    },
    xml::Element,
};

/// What stands for the name of a suite that has none.
pub(super) const UNNAMED: &str = "testsuite";

/// The open suites, the outermost first.
#[derive(Clone, Debug, Default)]
pub(super) struct Suites(Vec<Suite>);

#[derive(Clone, Debug)]
struct Suite {
    name: Option<String>,
    /// The failures and errors it claims to have.
    claims: u64,
    /// The test cases found in it.
    cases: u64,
}

impl Suites {
    pub(super) fn begin(&mut self, element: &Element, push: &mut Push<'_>) {
        if let Some(start) = element.attribute("timestamp").and_then(values::timestamp) {
            *push.clock = SyntheticClock::new(start);
        }
        self.0.push(Suite::new(element));
    }

    pub(super) fn end(&mut self, push: &mut Push<'_>) {
        let id = self.id();
        let Some(suite) = self.0.pop() else {
            return;
        };
        if suite.cases == 0 && suite.claims > 0 {
            let claims = suite.claims;
            let reason =
                format!("the suite counts {claims} failures and errors and holds no test case");
            push.failure(&id, &reason);
        }
        if let Some(outer) = self.0.last_mut() {
            outer.cases += suite.cases + suite.claims;
        }
    }

    /// A test case begins.
    pub(super) fn count_case(&mut self) {
        if let Some(suite) = self.0.last_mut() {
            suite.cases += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the innermost suite that has one.
    pub(super) fn name(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|suite| suite.name.as_deref())
    }

    /// The id of the innermost suite: the names of the suites around it and its own.
    pub(super) fn id(&self) -> String {
        let names: Vec<&str> = self.0.iter().filter_map(|suite| suite.name.as_deref()).collect();
        if names.is_empty() {
            return UNNAMED.to_owned();
        }
        values::without_nul(&names.join(JOINT)).into_owned()
    }
}

impl Suite {
    fn new(element: &Element) -> Self {
        let count =
            |name| element.attribute(name).and_then(|count| count.trim().parse::<u32>().ok());
        let claims = ["failures", "errors"].map(|name| u64::from(count(name).unwrap_or(0)));
        let name = element.first_of(&["name"]).filter(|_| element.name() == "testsuite");
        let name = name.map(|name| values::cut(name, LONGEST_NAME).to_owned());
        Self { name, claims: claims.iter().sum(), cases: 0 }
    }
}
