//! What `go build` said of packages that did not build.

use std::collections::BTreeMap;

use crate::events::push::Push;

/// How much of a build's output is kept for the packages that needed it; what is more goes out at once.
const MOST: usize = 256 << 10;

/// Failed builds by import path. A package's failure names the build that it failed for, later.
///
/// Memory: 256 KiB for each build that said something.
#[derive(Clone, Debug, Default)]
pub(super) struct Builds {
    builds: BTreeMap<String, Build>,
}

#[derive(Clone, Debug, Default)]
struct Build {
    output: String,
    failed: bool,
    /// Whether a package has failed for it.
    named: bool,
}

impl Builds {
    pub(super) fn output(&mut self, path: &str, output: &str, push: &mut Push<'_>) {
        let build = self.builds.entry(path.to_owned()).or_default();
        if build.output.len() + output.len() <= MOST {
            build.output.push_str(output);
        } else {
            push.file(None, &format!("{path} build-output"), output.as_bytes(), true);
        }
    }

    pub(super) fn fail(&mut self, path: &str) {
        self.builds.entry(path.to_owned()).or_default().failed = true;
    }

    /// What a failed build said, for a package that failed for it.
    pub(super) fn errors(&mut self, path: &str) -> Option<&str> {
        let build = self.builds.get_mut(path)?;
        build.named = true;
        Some(&build.output)
    }

    /// Reports the builds that no package has named: the failed ones are failures of their own.
    pub(super) fn finish(&mut self, push: &mut Push<'_>) {
        for (path, build) in std::mem::take(&mut self.builds) {
            if build.named {
                continue;
            }
            if build.failed {
                let id = format!("{path} [build]");
                push.file(Some(&id), "traceback", build.output.as_bytes(), true);
                push.group_failure(&id, "the build failed", None, None);
            } else {
                push.file(None, &format!("{path} build-output"), build.output.as_bytes(), true);
            }
        }
    }
}

/// The package of a line that tells of a failed build in the middle of JSON: Go before 1.24 writes
/// `FAIL\t<package> [build failed]`, and nothing else, for a package that it could not build.
pub(super) fn build_failure(line: &[u8]) -> Option<&str> {
    let rest = std::str::from_utf8(line).ok()?.trim_end().strip_prefix("FAIL\t")?;
    rest.strip_suffix(" [build failed]").or_else(|| rest.strip_suffix(" [setup failed]"))
}
