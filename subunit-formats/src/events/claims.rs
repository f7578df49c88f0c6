//! What reports count of themselves, compared with what was read of them.

/// The parts of a report that are open, the outermost first: what each says of itself, and what was read in it.
///
/// More failures read than counted are no fault: some writers count tests and list assertions, others count
/// neither flaky attempts nor failures of suites.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims(Vec<Part>);

/// What a part of a report says of itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Claim {
    /// How many failures and errors it counts.
    pub(crate) failures: u64,
    /// It says that it failed.
    pub(crate) failed: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Part {
    claim: Claim,
    /// The failures and errors read in it, and those that parts in it had counted.
    read: u64,
}

impl Claims {
    /// A part begins.
    pub(crate) fn begin(&mut self, claim: Claim) {
        self.0.push(Part { claim, read: 0 });
    }

    /// The whole report says this of itself.
    pub(crate) fn of_whole(&mut self, claim: Claim) {
        if let Some(whole) = self.0.first_mut() {
            whole.claim.failures = whole.claim.failures.max(claim.failures);
            whole.claim.failed |= claim.failed;
        }
    }

    /// A failure or an error was read in the innermost part.
    pub(crate) fn read(&mut self) {
        if let Some(part) = self.0.last_mut() {
            part.read += 1;
        }
    }

    /// The innermost part ends. What it says of itself, if that is worse than what was read in it.
    pub(crate) fn end(&mut self) -> Option<String> {
        let Part { claim, read } = self.0.pop()?;
        let said = claim.failures.max(u64::from(claim.failed));
        if let Some(outer) = self.0.last_mut() {
            outer.read += read.max(said);
        }
        let (failures, were) = (counted(claim.failures), if read == 1 { "was" } else { "were" });
        match claim {
            _ if said <= read => None,
            Claim { failures: 0, .. } => Some("says that it failed, and shows no failure".into()),
            _ => Some(format!("counts {failures}, {read} {were} read")),
        }
    }

    /// The report ends early, which is red by itself.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

fn counted(failures: u64) -> String {
    match failures {
        1 => "1 failure or error".to_owned(),
        _ => format!("{failures} failures and errors"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(failures: u64) -> Claim {
        Claim { failures, failed: false }
    }

    #[test]
    fn what_was_not_read_is_told_once_where_it_is_counted() {
        let mut claims = Claims::default();
        claims.begin(failures(5));
        claims.read();
        claims.begin(failures(3));
        claims.read();
        assert_eq!(claims.end().as_deref(), Some("counts 3 failures and errors, 1 was read"));
        claims.begin(failures(1));
        assert_eq!(claims.end().as_deref(), Some("counts 1 failure or error, 0 were read"));
        assert_eq!(claims.end(), None);
    }

    #[test]
    fn who_failed_shows_a_failure() {
        let mut claims = Claims::default();
        let failed = Claim { failures: 0, failed: true };
        for read in [false, true] {
            claims.begin(Claim::default());
            claims.of_whole(failed);
            if read {
                claims.read();
            }
            let said = (!read).then_some("says that it failed, and shows no failure");
            assert_eq!(claims.end().as_deref(), said);
        }
        assert_eq!(claims.end(), None);
    }

    #[test]
    fn more_failures_than_are_counted_are_no_fault() {
        let mut claims = Claims::default();
        claims.begin(failures(1));
        claims.read();
        claims.read();
        assert_eq!(claims.end(), None);
    }
}
