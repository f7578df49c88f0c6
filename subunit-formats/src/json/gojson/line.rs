//! What a line of `go test -json` says.

use subunit_core::Timestamp;

use crate::text::json_line::Object;

/// What most events carry.
pub(super) struct GoLine<'l> {
    pub(super) object: &'l Object,
    pub(super) action: &'l str,
    pub(super) package: String,
    pub(super) test: String,
    pub(super) at: Option<Timestamp>,
}

impl GoLine<'_> {
    pub(super) fn id(&self) -> String {
        id(&self.package, &self.test)
    }

    /// The id of the package where it fails on its own.
    pub(super) fn build_id(&self) -> String {
        if self.package.is_empty() {
            "[build]".to_owned()
        } else {
            format!("{} [build]", self.package)
        }
    }

    pub(super) fn output(&self) -> &str {
        self.object.str("Output").unwrap_or_default()
    }

    /// Whether the output only frames what events say. Go before 1.26 does not mark such lines: there,
    /// those that name the test itself are taken for them.
    pub(super) fn is_frame(&self) -> bool {
        if let Some(kind) = self.object.str("OutputType") {
            return kind == "frame";
        }
        let line = self.output().trim_end();
        let framed = |prefix| line.strip_prefix(prefix).is_some_and(|name| name == self.test);
        let end = |prefix| {
            let name = line.trim_start().strip_prefix(prefix);
            let rest = name.and_then(|name| name.strip_prefix(self.test.as_str()));
            rest.is_some_and(|rest| rest.starts_with(" (") && rest.ends_with("s)"))
        };
        !self.test.is_empty()
            && (["=== RUN   ", "=== PAUSE ", "=== CONT  ", "=== NAME  "].into_iter().any(framed)
                || ["--- PASS: ", "--- FAIL: ", "--- SKIP: "].into_iter().any(end))
    }
}

/// The id of a test.
pub(super) fn id(package: &str, test: &str) -> String {
    if package.is_empty() { test.to_owned() } else { format!("{package}.{test}") }
}
