//! An attempt at a test that has ended, and what names a test.

use std::time::Duration;

use subunit_core::{
    Event, RouteCode, RouteCodeBuf, Status,
    run::{Held, Mark, cause::SourceLocation},
};

use super::detail::Details;

/// What names a test.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Name {
    /// The test's id; `None` where a result is of no test.
    pub test_id: Option<String>,
    /// Where it ran.
    pub route_code: Option<RouteCodeBuf>,
}

/// An attempt at a test that has ended, or never will.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ended {
    /// Which test.
    pub name: Name,
    /// How it ended; `None` if it never did.
    pub status: Option<Status>,
    /// How long it took, by the stream's times.
    pub time: Option<Duration>,
    /// Its attachments.
    pub details: Details,
    /// Where it failed, if it did and that is known.
    pub place: Option<SourceLocation>,
    /// How often it had failed before, in attempts that are marked.
    pub failed_before: u64,
    /// Which attempt it is, if it failed and there may be another one: it is no result then.
    pub held: Option<u32>,
    /// Whether it is a test that can be run by itself.
    pub runnable: bool,
    /// Whether the failure is new, where the run is compared with an earlier one.
    pub mark: Option<Mark>,
}

impl Held for Ended {
    fn size(&self) -> usize {
        self.named() + self.details.size()
    }

    fn shed(&mut self) {
        self.details = self.details.without_content();
    }
}

impl Ended {
    /// How many bytes say which test it is, roughly.
    pub fn named(&self) -> usize {
        self.name.size() + self.place.as_ref().map_or(0, |place| place.file.len())
    }

    /// What to say of the attempt after its name: why it was not run, or that it was not the
    /// first. May be empty.
    pub fn note(&self) -> String {
        if let Some(number) = self.held.filter(|_| self.runnable) {
            return format!("attempt {number}");
        }
        match (self.status, self.failed_before) {
            (Some(Status::Skip | Status::ExpectedFailure), _) => {
                self.details.reason().unwrap_or_default()
            }
            (Some(Status::Success), 1) => "had failed once".into(),
            (Some(Status::Success), times @ 2..) => format!("had failed {times} times"),
            (Some(status), 1..) if status.is_failure() => "failed again".into(),
            _ => String::new(),
        }
    }
}

impl Name {
    pub(super) fn of(event: &Event<'_>) -> Self {
        Self {
            test_id: event.test_id.map(str::to_owned),
            route_code: event.route_code.map(RouteCode::to_buf),
        }
    }

    /// The id, or words that say that there is none.
    pub fn id(&self) -> &str {
        self.test_id.as_deref().unwrap_or("(no test id)")
    }

    /// The route code's path.
    pub fn route(&self) -> Option<&str> {
        self.route_code.as_ref().map(|route| route.as_route().as_str())
    }

    /// The route code.
    pub fn as_route(&self) -> Option<RouteCode<'_>> {
        self.route_code.as_ref().map(RouteCodeBuf::as_route)
    }

    /// How many bytes it takes, roughly.
    pub fn size(&self) -> usize {
        self.route().map_or(0, str::len) + self.test_id.as_ref().map_or(0, String::len) + 64
    }
}

impl std::fmt::Display for Name {
    /// The route code where there is one, and the id.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(route) = self.route() {
            write!(f, "[{route}] ")?;
        }
        f.write_str(self.id())
    }
}
