//! Which suites a flow is in: their names are in front of those of its tests.

use std::{collections::HashMap, sync::Arc};

/// So many suites may be open in each other.
const DEEPEST: usize = 256;

/// So many bytes their names may have together: the id of each test in them repeats these.
const LONGEST: usize = 4096;

/// The suites that are open, by flow.
///
/// Memory: 4 KiB of names for each flow, which it shares with the flows that it has started.
#[derive(Clone, Debug, Default)]
pub(super) struct Suites {
    flows: HashMap<String, Flow>,
}

#[derive(Clone, Debug, Default)]
struct Flow {
    innermost: Option<Arc<Suite>>,
    /// How many are open in the innermost beyond what is kept.
    left_out: u64,
}

/// A suite, and the one that it is in.
#[derive(Debug)]
struct Suite {
    name: String,
    outer: Option<Arc<Self>>,
    depth: usize,
    /// Of its name and those around it.
    length: usize,
}

impl Suites {
    /// A suite starts. False where it is in too many others, or the names are too long: it has no place in
    /// ids.
    pub(super) fn start(&mut self, flow: &str, name: &str) -> bool {
        let flow = self.flows.entry(flow.to_owned()).or_default();
        let outer = flow.innermost.as_deref();
        let depth = outer.map_or(0, |suite| suite.depth) + 1;
        let length = outer.map_or(0, |suite| suite.length) + name.len();
        if flow.left_out > 0 || depth > DEEPEST || length > LONGEST {
            flow.left_out += 1;
            return false;
        }
        let outer = flow.innermost.take();
        flow.innermost = Some(Arc::new(Suite { name: name.to_owned(), outer, depth, length }));
        true
    }

    /// A suite finishes, and with it those that are open in it.
    pub(super) fn finish(&mut self, flow: &str, name: &str) {
        let Some(open) = self.flows.get_mut(flow) else { return };
        if open.left_out > 0 {
            open.left_out -= 1;
            return;
        }
        let mut suite = open.innermost.as_ref();
        while let Some(other) = suite.filter(|suite| suite.name != name) {
            suite = other.outer.as_ref();
        }
        if let Some(suite) = suite.cloned() {
            open.innermost.clone_from(&suite.outer);
        }
        if open.innermost.is_none() {
            self.flows.remove(flow);
        }
    }

    /// A flow starts in the suites of another.
    pub(super) fn start_flow(&mut self, flow: &str, parent: &str) {
        if let Some(suites) = self.flows.get(parent).cloned() {
            self.flows.insert(flow.to_owned(), suites);
        }
    }

    pub(super) fn finish_flow(&mut self, flow: &str) {
        self.flows.remove(flow);
    }

    /// The id of a test, or of whatever else has a name, in the suites of a flow.
    pub(super) fn id(&self, flow: &str, name: &str) -> String {
        let innermost = self.flows.get(flow).and_then(|flow| flow.innermost.as_deref());
        innermost.map_or_else(|| name.to_owned(), |suite| format!("{}: {name}", suite.path()))
    }

    /// Takes out the innermost suites that are open, by their paths.
    pub(super) fn take_open(&mut self) -> Vec<String> {
        let mut open: Vec<_> = self.flows.drain().filter_map(|(_, flow)| flow.innermost).collect();
        open.sort_unstable_by_key(Arc::as_ptr);
        open.dedup_by(|one, other| Arc::ptr_eq(one, other));
        let mut paths: Vec<_> = open.iter().map(|suite| suite.path()).collect();
        paths.sort_unstable();
        paths
    }
}

impl Suite {
    fn path(&self) -> String {
        let around = std::iter::successors(Some(self), |suite| suite.outer.as_deref());
        let mut names: Vec<&str> = around.map(|suite| &*suite.name).collect();
        names.reverse();
        names.join(": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_too_deep_is_left_out_and_ends_in_its_order() {
        let mut suites = Suites::default();
        for nth in 0..DEEPEST + 2 {
            assert_eq!(suites.start("", &nth.to_string()), nth < DEEPEST);
        }
        let path = suites.id("", "a");
        assert!(path.starts_with("0: 1: ") && path.ends_with(": 255: a"), "{path}");
        suites.finish("", "257");
        suites.finish("", "256");
        assert_eq!(suites.id("", "a"), path);
        suites.finish("", "255");
        assert!(suites.id("", "a").ends_with(": 254: a"));
        suites.finish("", "0");
        assert_eq!((suites.id("", "a"), suites.take_open()), ("a".to_owned(), vec![]));
        assert!(!suites.start("", &"x".repeat(LONGEST + 1)));
    }
}
