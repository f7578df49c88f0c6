//! What changes events before they are judged: whose tests these are, and what an unexpected success is.

use subunit_core::{Event, RouteCode, Status, TagsBuf, conventions::XPASS, run::is_place};

/// What a flag makes of something.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(super) enum Word {
    #[default]
    Pass,
    Fail,
}

/// Changes events before anything else sees them.
#[derive(Clone, Debug, Default)]
pub(super) struct Edit {
    uxsuccess: Option<Word>,
    label: Option<String>,
    /// The last route, and the last tags, that were put together.
    route: String,
    tags: TagsBuf,
}

impl Edit {
    /// What an unexpected success counts as; unless told otherwise, it stays.
    pub(super) fn new(uxsuccess: Option<Word>) -> Self {
        Self { uxsuccess, ..Self::default() }
    }

    /// What comes from here on is of an input of this name.
    pub(super) fn set_label(&mut self, label: Option<String>) {
        self.label = label;
    }

    /// Whether events stay as they are.
    #[inline]
    pub(super) fn is_none(&self) -> bool {
        self.label.is_none() && self.uxsuccess.is_none()
    }

    /// Whether the event has the name of the input in its route.
    pub(super) fn is_labelled(&self, event: &Event<'_>) -> bool {
        let Some((label, route)) = self.label.as_ref().zip(event.route_code) else { return false };
        let names = route.as_str().split('/').skip_while(|hop| is_place(hop));
        let mut labels = label.split('/');
        names.zip(&mut labels).all(|(name, label)| name == label) && labels.next().is_none()
    }

    /// The event as it is judged.
    pub(super) fn of<'a>(&'a mut self, event: &Event<'a>) -> Event<'a> {
        let mut edited = *event;
        if let Some(label) = &self.label {
            self.route.clear();
            self.route.push_str(label);
            if let Some(route) = event.route_code {
                self.route.push('/');
                self.route.push_str(route.as_str());
            }
            edited.route_code = Some(RouteCode::new(&self.route));
        }
        let is_xpass = |tag: &str| tag == XPASS;
        let has_xpass = event.tags.is_some_and(|tags| tags.iter().any(is_xpass));
        match (self.uxsuccess, event.status) {
            (Some(Word::Pass), Some(Status::UnexpectedSuccess)) => {
                let tags = event.tags.into_iter().flatten().filter(|tag| !is_xpass(tag));
                self.tags = tags.chain([XPASS]).collect();
                edited.status = Some(Status::Success);
                edited.tags = Some(self.tags.as_tags());
            }
            (Some(Word::Fail), Some(Status::Success)) if has_xpass => {
                edited.status = Some(Status::UnexpectedSuccess);
            }
            _ => {}
        }
        edited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_as_passed_may_be_told() {
        let tags: TagsBuf = ["a", XPASS].into_iter().collect();
        let strict = Event::status("t", Status::UnexpectedSuccess);
        let loose = Event { tags: Some(tags.as_tags()), ..Event::status("t", Status::Success) };
        let edited = |uxsuccess, event: &Event<'_>| {
            let mut edit = Edit::new(uxsuccess);
            let event = edit.of(event);
            let tags: Vec<String> = event.tags.into_iter().flatten().map(str::to_owned).collect();
            (event.status.map_or("", Status::name), tags.join(" "))
        };
        assert_eq!(edited(Some(Word::Pass), &strict), ("success", "xpass".into()));
        assert_eq!(edited(Some(Word::Fail), &strict), ("uxsuccess", String::new()));
        assert_eq!(edited(Some(Word::Fail), &loose), ("uxsuccess", "a xpass".into()));
        assert_eq!(edited(Some(Word::Pass), &loose), ("success", "a xpass".into()));
        let plain = Event::status("t", Status::Success);
        assert_eq!(edited(Some(Word::Fail), &plain), ("success", String::new()));
    }
}
