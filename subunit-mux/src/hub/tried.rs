//! Attempts at tests that are tried again, at any input: a test that failed at one may pass at another.

use subunit_core::{
    Event, RouteCode, RouteCodeBuf, Status,
    conventions::attempt,
    run::{Attempt, Attempts, Judged},
    sink::Verdict,
};

/// An attempt at a test that failed before, or failed.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    number: u32,
    status: Status,
    route_code: RouteCodeBuf,
    test_id: String,
}

impl Tried {
    /// The attempt that an event of the input `route` ends, if other attempts are needed to judge it.
    pub(super) fn of(event: &Event<'_>, route: &RouteCodeBuf) -> Option<Self> {
        let number = attempt(event.tags?)?;
        let status = event.status.filter(|status| status.is_final())?;
        if number == 1 && !status.is_failure() {
            return None;
        }
        let (route_code, test_id) = (route.join(event.route_code), event.test_id?.to_owned());
        Some(Self { number, status, route_code, test_id })
    }
}

/// The verdict on attempts that came through several inputs, in the order of their numbers.
pub(super) fn verdict<'t>(tried: impl Iterator<Item = &'t Tried>) -> Verdict {
    let mut tried: Vec<&Tried> = tried.collect();
    if tried.is_empty() {
        return Verdict::NoTests;
    }
    tried.sort_by_key(|tried| tried.number);
    let mut attempts = Attempts::<()>::default();
    for Tried { number, status, route_code, test_id } in tried {
        let route_code: Option<RouteCode<'_>> = Some(route_code.as_route());
        let (number, status) = (Some(*number), Some(*status));
        let attempt = Attempt { route_code, test_id, number, status, runnable: true };
        if let Judged::Held(replaced) = attempts.judge(&attempt) {
            attempts.hold(&attempt, replaced, ());
        }
    }
    if attempts.finish().is_empty() { Verdict::Passed } else { Verdict::Failed }
}

#[cfg(test)]
mod tests {
    use subunit_core::TagsBuf;

    use super::*;

    fn judged(said: &[(&str, &str, Status)]) -> Verdict {
        let tried: Vec<Tried> = said
            .iter()
            .filter_map(|(input, tag, status)| {
                let tags: TagsBuf = [*tag].into_iter().collect();
                let event = Event { tags: Some(tags.as_tags()), ..Event::status("a", *status) };
                Tried::of(&event, &RouteCodeBuf::new(*input))
            })
            .collect();
        verdict(tried.iter())
    }

    #[test]
    fn what_failed_at_one_input_may_pass_at_another_in_any_order() {
        let (failed, passed) = (Status::Fail, Status::Success);
        let first = ("0", "attempt-1", failed);
        assert_eq!(judged(&[first, ("1", "attempt-2", passed)]), Verdict::Passed);
        assert_eq!(judged(&[("1", "attempt-2", passed), first]), Verdict::Passed);
        assert_eq!(judged(&[first]), Verdict::Failed);
        assert_eq!(judged(&[first, ("1", "attempt-2", failed)]), Verdict::Failed);
        assert_eq!(judged(&[first, ("go", "attempt-2", passed)]), Verdict::Failed);
        assert_eq!(judged(&[("0", "attempt-1", passed), ("0", "x", failed)]), Verdict::NoTests);
    }
}
