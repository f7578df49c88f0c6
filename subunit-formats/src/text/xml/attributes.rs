//! The name and the attributes of a start tag.

use std::ops::Range;

use quick_xml::events::attributes::Attributes;

use super::{references::resolve_into, tokens::local_name};

/// A start tag, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Element {
    /// All names and values.
    strings: String,
    name: Range<usize>,
    attributes: Vec<(Range<usize>, Range<usize>)>,
    raw: Vec<u8>,
}

impl Element {
    /// The element's name without a namespace's prefix.
    pub fn name(&self) -> &str {
        &self.strings[self.name.clone()]
    }

    /// The value of the first attribute of this name, its references resolved. Newlines stay what
    /// they are: writers that forget to escape them are common, and XML would make them spaces.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The value of the first of these attributes that is there and not empty.
    pub fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().filter_map(|name| self.attribute(name)).find(|value| !value.is_empty())
    }

    /// All attributes, names without a prefix, in their order.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let string = |range: &Range<usize>| &self.strings[range.clone()];
        self.attributes.iter().map(move |(name, value)| (string(name), string(value)))
    }

    /// The tag as it stood in the document.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Whether the tag closes itself.
    pub fn is_empty(&self) -> bool {
        self.raw.ends_with(b"/>")
    }

    /// Takes apart a whole tag. `false` where attributes could not be read; those before are kept.
    pub(super) fn read(&mut self, tag: &[u8], decoded: &str) -> bool {
        self.strings.clear();
        self.attributes.clear();
        self.raw.clear();
        self.raw.extend_from_slice(tag);
        let inside = decoded.strip_prefix('<').unwrap_or(decoded);
        let inside = inside.strip_suffix('>').unwrap_or(inside);
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let end = inside.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inside.len());
        self.name = self.push_name(&inside[..end]);
        let mut attributes = Attributes::new(inside, end);
        for attribute in attributes.with_checks(false) {
            let Ok(attribute) = attribute else {
                return false;
            };
            let name = self.push_name(attribute.key.into_inner());
            let start = self.strings.len();
            resolve_into(&mut self.strings, &attribute.value);
            self.attributes.push((name, start..self.strings.len()));
        }
        true
    }

    fn push_name(&mut self, name: &str) -> Range<usize> {
        let start = self.strings.len();
        let local = local_name(name.as_bytes()).len();
        self.strings.push_str(&name[name.len() - local..]);
        start..self.strings.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: &str) -> (Element, bool) {
        let mut element = Element::default();
        let whole = element.read(tag.as_bytes(), tag);
        (element, whole)
    }

    #[test]
    fn names_and_values_with_references_and_raw_newlines() {
        let (element, whole) = read("<n:case a='x &lt; y' b=\"1\n2\" n:c='&nope; &' a='again'/>");
        assert!(whole && element.is_empty());
        assert_eq!(element.name(), "case");
        assert_eq!(element.attribute("a"), Some("x < y"));
        assert_eq!(element.attribute("b"), Some("1\n2"));
        assert_eq!(element.attribute("c"), Some("&nope; &"));
        assert_eq!(element.first_of(&["none", "b"]), Some("1\n2"));
    }

    #[test]
    fn what_stands_before_a_broken_attribute_is_kept() {
        let (element, whole) = read("<case a='1' b=x c='2'>");
        assert!(!whole);
        assert_eq!(element.attribute("a"), Some("1"));
    }
}
