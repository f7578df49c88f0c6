//! Files that tests leave: each process has a folder of its own, `$SUBUNIT_ARTIFACTS`. What is in it when a test
//! ends belongs to the test, and what is left at the end of the process to no test.

mod attach;
mod folder;

pub(super) use self::folder::{ArtifactFolder, Artifacts};
