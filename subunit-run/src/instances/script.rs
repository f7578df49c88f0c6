//! What does `sh` do on an instance of `[[instance]]`? Folder, variables and activation, then the command.

use std::fmt::Write as _;

use subunit_formats::report::shell::quoted;

use super::identity::{OF_MACHINE, UNUSABLE};
use crate::config::InstanceSettings;

/// A command that is to run on an instance.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// Its line for `sh`.
    pub line: &'c str,
    /// The file of its ids; empty if it has none.
    pub id_file: &'c str,
    /// Whether it is to take its tests in packets.
    pub takes_packets: bool,
    /// Whether what it prints is text for people, whatever it looks like.
    pub is_console: bool,
    /// The variables that it finds.
    pub environment: &'c [(String, String)],
    /// Whether what ran there before ended badly, so that the instance is checked again.
    pub is_suspect: bool,
}

/// The script of a command on this instance, which has said that it is `identity`.
pub(super) fn script(
    one: &InstanceSettings,
    identity: Option<&str>,
    asks: &str,
    call: &Call<'_>,
) -> String {
    let mut script = String::new();
    if let Some(identity) = identity {
        script.push_str(&is_still(&one.name, identity, asks));
    }
    let is_far = one.host.is_some();
    if is_far && !call.id_file.is_empty() {
        let file = quoted([there(call.id_file).as_str()]);
        let _ = writeln!(script, "trap 'rm -f {file}' EXIT");
    }
    if is_far {
        for (name, value) in call.environment {
            let _ = writeln!(script, "export {}", quoted([format!("{name}={value}").as_str()]));
        }
    }
    if let Some(directory) = &one.directory {
        let _ = writeln!(script, "cd {} || exit {UNUSABLE}", quoted([directory.as_str()]));
    }
    if let Some(activate) = &one.activate {
        let _ = writeln!(script, "{{\n{activate}\n}} || exit {UNUSABLE}");
    }
    if is_far && call.takes_packets {
        let what = format!(
            "instance {} has no program `subunit`: install it there, or set PATH in `activate`",
            one.name
        );
        let what = quoted([what.as_str()]);
        let missing = format!("{{ echo {what} >&2; exit {UNUSABLE}; }}");
        let _ = writeln!(script, "command -v subunit >/dev/null || {missing}");
    }
    let console = call.is_console.then_some("--console");
    match is_far && call.takes_packets && !takes_packets(call.line) {
        true => script.push_str(&format!(
            "exec {}",
            quoted(
                ["subunit", "worker"]
                    .into_iter()
                    .chain(console)
                    .chain(["--", "sh", "-c", call.line])
            )
        )),
        false => script.push_str(call.line),
    }
    script
}

/// The script that puts a file of ids on another machine, from its standard input. Nobody else can have put one there.
pub(super) fn put(id_file: &str) -> String {
    let file = quoted([there(id_file).as_str()]);
    format!("umask 077; set -C; cat > {file}")
}

/// Ends the script if who this is has changed.
pub(super) fn is_still(name: &str, identity: &str, asks: &str) -> String {
    let what = format!("instance {name} is not what it was: another machine, or started again");
    format!(
        "[ \"$({asks}\n)\" = {} ] || {{ echo {} >&2; exit {UNUSABLE}; }}\n",
        quoted([identity]),
        quoted([what.as_str()])
    )
}

/// The line that asks an instance who it is, unless the suite has another one.
pub(super) fn asking(asks: Option<&str>) -> &str {
    asks.unwrap_or(OF_MACHINE)
}

/// Where a file of ids is on another machine.
pub(super) fn there(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    // The other machine may be this one, by another way.
    format!("/tmp/there-{name}")
}

/// Whether a command takes tests in packets by itself.
pub(super) fn takes_packets(line: &str) -> bool {
    ["subunit worker ", "subunit mux "].iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'c>(line: &'c str, environment: &'c [(String, String)]) -> Call<'c> {
        Call {
            line,
            id_file: "",
            takes_packets: true,
            is_console: false,
            environment,
            is_suspect: false,
        }
    }

    #[test]
    fn a_command_finds_its_folder_its_variables_and_what_is_activated() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = InstanceSettings {
            name: "one".into(),
            host: Some("host".into()),
            directory: Some(folder.path().display().to_string()),
            activate: Some("A=\"$V+1\"".into()),
            ..InstanceSettings::default()
        };
        let environment = [("V".to_owned(), "it's".to_owned())];
        let shown = |script: &str| {
            let output = std::process::Command::new("sh").args(["-c", script]).output().unwrap();
            (String::from_utf8(output.stdout).unwrap(), output.status.code())
        };
        let mut of = call("echo \"$A $PWD\"", &environment);
        of.takes_packets = false;
        let expected = format!("it's+1 {}\n", folder.path().canonicalize().unwrap().display());
        assert_eq!(shown(&script(&one, Some("me"), "echo me", &of)), (expected, Some(0)));
        let none = (String::new(), Some(UNUSABLE));
        assert_eq!(shown(&script(&one, Some("me"), "echo other", &of)), none);
        one.activate = Some("false".into());
        assert_eq!(shown(&script(&one, None, "", &of)), none);
        (one.activate, one.directory) = (None, Some("/nowhere".into()));
        assert_eq!(shown(&script(&one, None, "", &of)), none);
    }

    #[test]
    fn what_takes_no_packets_is_run_by_a_worker_that_does() {
        let one = InstanceSettings { host: Some("host".into()), ..InstanceSettings::default() };
        let line = script(&one, None, "", &call("run <&$SUBUNIT_TEST_FD", &[]));
        let last = |line: String| line.lines().next_back().unwrap().to_owned();
        assert_eq!(last(line), "exec subunit worker -- sh -c 'run <&$SUBUNIT_TEST_FD'");
        let of = Call { is_console: true, ..call("run", &[]) };
        assert_eq!(last(script(&one, None, "", &of)), "exec subunit worker --console -- sh -c run");
        let line = script(&one, None, "", &call("subunit mux -n 2", &[]));
        assert_eq!(last(line), "subunit mux -n 2");
        let here = InstanceSettings::default();
        assert_eq!(script(&here, None, "", &call("run", &[])), "run");
    }
}
