//! Where the tests of a TRX are defined: their classes, which results do not name.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::{dialect::file_name, held::Named};
use crate::{events::ids::Ids, text::xml::Element};

/// So many bytes of definitions are kept; what is defined beyond them has no class.
const MOST: usize = 64 << 20;

/// The definitions of a report, as far as they have been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Definitions {
    tests: HashMap<String, Test>,
    bytes: usize,
    /// The test whose definition is being read.
    open: String,
    /// All have been read, or are not waited for.
    pub(super) complete: bool,
}

#[derive(Clone, Debug)]
struct Test {
    class: String,
    assembly: String,
}

impl Definitions {
    /// Takes note of an element in the definitions.
    pub(super) fn read(&mut self, element: &Element, parent: &str) {
        let attribute = |name| element.attribute(name).unwrap_or_default();
        if parent == "TestDefinitions" {
            self.open.clear();
            // Names that have their class in them need no other.
            if !is_qualified(attribute("name")) {
                self.open.push_str(attribute("id"));
            }
        }
        if element.name() != "TestMethod" || self.open.is_empty() || self.bytes >= MOST {
            return;
        }
        // `Shop.CartTests, Shop, Version=1.0.0.0`
        let class = attribute("className").split(',').next().unwrap_or_default().trim();
        let assembly = file_name(attribute("codeBase"));
        let test = Test { class: class.to_owned(), assembly: assembly.to_owned() };
        self.bytes += self.open.len() + class.len() + assembly.len() + size_of::<Test>();
        self.tests.insert(std::mem::take(&mut self.open), test);
    }

    /// Whether the id of a case is known: no definition will tell more.
    pub(super) fn knows(&self, case: &Named) -> bool {
        self.complete
            || case.definition.is_empty()
            || is_qualified(&case.name)
            || self.tests.contains_key(&case.definition)
    }

    /// The id of a case by what is known of it.
    pub(super) fn id(&self, case: Named, ids: &mut Ids) -> String {
        let Some(test) = self.tests.get(&case.definition).filter(|_| !is_qualified(&case.name))
        else {
            return ids.of(case.name, ["", ""]);
        };
        let class: Cow<'_, str> = match &*test.class {
            "" => "".into(),
            class => format!("{class}.").into(),
        };
        let id = match case.name.starts_with(&*class) {
            true => case.name,
            false => format!("{class}{}", case.name),
        };
        let assembly = match &*test.assembly {
            "" => String::new(),
            assembly => format!("{assembly}::"),
        };
        ids.of(id, [&assembly, ""])
    }
}

/// Whether a name has a class in it, as `N.C.works(1.5)` has; MSTest writes `works (1.5)`.
fn is_qualified(name: &str) -> bool {
    let end = name.find(['(', ' ', ',', '"']).unwrap_or(name.len());
    let head = &name[..end];
    let is_word = |word: &str| word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    head.contains('.') && head.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_class_in_them() {
        for name in ["N.C.a", "N.C.a(1.5)", "C.a [x]", "_C.été(\"a, b\")"] {
            assert!(is_qualified(name), "{name}");
        }
        for name in ["", "a", "a (1.5)", "a(1.5)", "v1.2 works", ".a", "a.", "says a.b"] {
            assert!(!is_qualified(name), "{name}");
        }
    }
}
