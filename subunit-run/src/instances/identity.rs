//! Who is an instance? What it says of itself before it gets a test, and again before each process there.

use std::collections::HashMap;

use super::error::InstanceError;

/// Prints who a machine is: its id, a token that is new at each of its starts, and what is a machine of its
/// own within it. A sum, since the id of a machine is not for others to know.
pub(super) const OF_MACHINE: &str = "{ cat /etc/machine-id /proc/sys/kernel/random/boot_id; \
    readlink /proc/self/ns/pid; ls -di /; \
    sysctl -n kern.hostuuid kern.uuid kern.bootsessionuuid kern.boot_id; uname -n; } 2>/dev/null | cksum";

/// The exit status of a worker's line that found out that its instance cannot be used.
pub(crate) const UNUSABLE: i32 = 76;

/// Who the instances of a run are.
#[derive(Debug, Default)]
pub(super) struct KnownIdentities(HashMap<String, String>);

impl KnownIdentities {
    /// An instance has printed this about itself. What it says, or nothing if it says nothing.
    ///
    /// # Errors
    ///
    /// If another one has said the same.
    pub(super) fn add(
        &mut self,
        name: &str,
        printed: &[u8],
    ) -> Result<Option<String>, InstanceError> {
        let said = String::from_utf8_lossy(printed);
        // As a shell gives it that compares it.
        let said = said.trim_end_matches(['\r', '\n']).to_owned();
        if said.trim().is_empty() {
            return Ok(None);
        }
        if let Some(other) = self.0.get(&said) {
            return Err(InstanceError::SameIdentity(other.clone(), name.to_owned()));
        }
        self.0.insert(said.clone(), name.to_owned());
        Ok(Some(said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_of_one_identity_are_an_error() {
        let mut identities = KnownIdentities::default();
        assert_eq!(identities.add("a", b"1 2\n").unwrap().as_deref(), Some("1 2"));
        assert_eq!(identities.add("b", b"1 3\n").unwrap().as_deref(), Some("1 3"));
        assert_eq!(identities.add("c", b" \n").unwrap(), None);
        let error = identities.add("d", b"1 2\n").unwrap_err().to_string();
        assert!(error.starts_with("instances a and d are one and the same"), "{error}");
    }

    #[test]
    fn this_machine_says_the_same_each_time() {
        let ask = || std::process::Command::new("sh").args(["-c", OF_MACHINE]).output().unwrap();
        let (first, second) = (ask(), ask());
        assert!(!first.stdout.trim_ascii().is_empty() && first.stderr.is_empty());
        assert_eq!(first.stdout, second.stdout);
    }
}
