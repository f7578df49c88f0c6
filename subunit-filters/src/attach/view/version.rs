//! Is a program of the tree another version than this one?

use subunit_core::{
    Event,
    conventions::{Capabilities, RUN},
};

/// What a person should know of the version that an event tells, if that is not ours.
pub(super) fn mismatch(event: &Event<'_>, ours: &str) -> Option<String> {
    let said = match Capabilities::of(event) {
        Some(capabilities) => capabilities.release?.to_owned(),
        None => of_run(event)?,
    };
    (said != ours)
        .then(|| format!("subunit is version {said} there and {ours} here: install one version"))
}

/// The version in the file `run`, if one of our programs has written it.
fn of_run(event: &Event<'_>) -> Option<String> {
    let file = event.file.filter(|file| file.name == RUN)?;
    let run: serde_json::Value = serde_json::from_slice(file.bytes).ok()?;
    let is_ours = run.get("program")?.as_str()? == "subunit";
    run.get("version")?.as_str().filter(|_| is_ours).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use subunit_core::FileChunk;

    use super::*;

    #[test]
    fn a_version_that_is_not_ours_is_told() {
        for (name, content, expected) in [
            ("run", r#"{"program":"subunit","version":"0.1.0"}"#, None),
            ("run", r#"{"program":"other","version":"0.2.0"}"#, None),
            ("run", r#"{"program":"subunit","version":"0.2.0"}"#, Some("0.2.0")),
            ("run", "{", None),
            ("capabilities", r#"{"version":1,"takes":[]}"#, None),
            ("capabilities", r#"{"version":1,"takes":[],"release":"0.2.1"}"#, Some("0.2.1")),
            ("capabilities", r#"{"version":1,"takes":[],"release":"0.1.0"}"#, None),
        ] {
            let file = Some(FileChunk { name, bytes: content.as_bytes() });
            let told = mismatch(&Event { file, ..Event::default() }, "0.1.0");
            let there = |version| {
                format!("subunit is version {version} there and 0.1.0 here: install one version")
            };
            assert_eq!(told, expected.map(there), "{content}");
        }
    }
}
