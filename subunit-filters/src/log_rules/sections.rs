//! Which sections of the log are open?

use subunit_core::run::counted;

use super::rules::Section;

/// What has been seen of each section.
#[derive(Clone, Debug, Default)]
struct Seen {
    begun: u64,
    is_open: bool,
}

/// What has been seen of all sections.
#[derive(Clone, Debug)]
pub(super) struct SeenSections {
    seen: Vec<Seen>,
}

impl SeenSections {
    pub(super) fn new(count: usize) -> Self {
        Self { seen: vec![Seen::default(); count] }
    }

    pub(super) fn is_open(&self, nth: usize) -> bool {
        self.seen.get(nth).is_some_and(|seen| seen.is_open)
    }

    /// A line begins the section, which says whether it was closed. Where it is open until a line ends it, such a line
    /// is just a line of it.
    pub(super) fn begin(&mut self, nth: usize, section: &Section) -> bool {
        let Some(seen) = self.seen.get_mut(nth) else { return false };
        if seen.is_open && section.has_end {
            return false;
        }
        seen.is_open = true;
        seen.begun += 1;
        true
    }

    pub(super) fn end(&mut self, nth: usize) {
        if let Some(seen) = self.seen.get_mut(nth) {
            seen.is_open = false;
        }
    }

    /// What is wrong with the section at the end of the log. None of what it does not ask for.
    pub(super) fn problem(&self, nth: usize, section: &Section) -> Option<String> {
        let seen = self.seen.get(nth)?;
        if let Some(times) = section.times
            && seen.begun > times
        {
            return Some(format!(
                "began {}, {times} at most are allowed\n",
                counted(seen.begun, "time")
            ));
        }
        if !section.is_required {
            return None;
        }
        match seen {
            Seen { begun: 0, .. } => Some("never began\n".to_owned()),
            Seen { is_open: true, .. } if section.has_end => Some("never ended\n".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(has_end: bool, times: Option<u64>, is_required: bool) -> Section {
        Section { name: "s".to_owned(), has_end, times, is_required }
    }

    #[test]
    fn a_required_section_begins_and_ends() {
        let (wanted, mut sections) = (section(true, None, true), SeenSections::new(1));
        assert_eq!(sections.problem(0, &wanted).unwrap(), "never began\n");
        assert!(sections.begin(0, &wanted));
        assert_eq!(sections.problem(0, &wanted).unwrap(), "never ended\n");
        sections.end(0);
        assert_eq!(sections.problem(0, &wanted), None);
    }

    #[test]
    fn a_section_without_an_end_goes_on_to_the_end_of_the_log() {
        let (wanted, mut sections) = (section(false, Some(1), true), SeenSections::new(1));
        assert!(sections.begin(0, &wanted));
        assert_eq!(sections.problem(0, &wanted), None);
        assert!(sections.begin(0, &wanted));
        assert!(sections.problem(0, &wanted).unwrap().contains("began 2 times"));
    }

    #[test]
    fn the_beginning_of_an_open_section_is_a_line_of_it() {
        let (wanted, mut sections) = (section(true, Some(1), false), SeenSections::new(1));
        assert!(sections.begin(0, &wanted));
        assert!(!sections.begin(0, &wanted));
        assert_eq!(sections.problem(0, &wanted), None);
    }
}
