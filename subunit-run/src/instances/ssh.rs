//! How is a line of `sh` run on a machine that ssh reaches?

use subunit_formats::report::shell::quoted;

/// What all calls have in common: nobody is asked for a password, and a machine that is gone is noticed
/// within half a minute. No call shares a connection with another one, whatever the configuration of ssh says
/// of the host: who holds a shared one would keep the output of a worker open after its end, and what runs there.
const OPTIONS: [&str; 7] = [
    "-T",
    "-oBatchMode=yes",
    "-oConnectTimeout=10",
    "-oServerAliveInterval=10",
    "-oServerAliveCountMax=2",
    "-oControlMaster=no",
    "-oControlPath=none",
];

/// The line for `sh` here that runs a script there.
pub(super) fn line(host: &str, script: &str) -> String {
    // The shell of the user there may be another one than `sh`.
    let there = format!("exec {}", quoted(["sh", "-c", script]));
    quoted(["ssh"].into_iter().chain(OPTIONS).chain([host, &there]))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, process::Command};

    use super::*;

    #[test]
    fn a_script_arrives_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let ssh = folder.path().join("ssh");
        // As sshd does it: the last word is for the shell of the user.
        fs::write(&ssh, "#!/bin/sh\nfor last; do :; done\nexec sh -c \"$last\"\n").unwrap();
        fs::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).unwrap();
        let line = line("host", "printf '%s|' 'a  b' \"$0\" \\$x");
        assert!(line.starts_with("ssh -T -oBatchMode=yes "), "{line}");
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        let output = Command::new("sh").args(["-c", &line]).env("PATH", path).output();
        assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap(), "a  b|sh|$x|");
    }
}
