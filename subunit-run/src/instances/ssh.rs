//! How is a line of `sh` run on a machine that ssh reaches? One connection to each instance, closed with the run.

use std::{io, process::Command};

use subunit_formats::report::shell::quoted;
use tempfile::TempDir;

/// What all calls of a run have in common: nobody is asked for a password, and a machine that is gone is
/// noticed within half a minute.
const OPTIONS: [&str; 5] = [
    "-T",
    "-oBatchMode=yes",
    "-oConnectTimeout=10",
    "-oServerAliveInterval=10",
    "-oServerAliveCountMax=2",
];

/// How long a connection stays that nothing uses, in seconds: longer than between two tests, in case that
/// nobody is left to close it.
const PERSIST: &str = "-oControlPersist=60";

/// A path of a socket has 104 bytes at most, and ssh appends 17 while it makes it.
const LONGEST_PATH: usize = 104 - 17 - 1;

/// The connections of a run. Each has the name of its instance: two instances never share one, whatever the
/// configuration of ssh says of their hosts.
#[derive(Debug)]
pub(super) struct Connections {
    folder: TempDir,
    /// The lines that close those that were opened.
    closing: Vec<String>,
}

impl Connections {
    /// A folder for them that only this user can enter.
    ///
    /// # Errors
    ///
    /// If there is no room for it.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            folder: tempfile::Builder::new().prefix("subunit-").tempdir()?,
            closing: Vec::new(),
        })
    }

    /// The option that says which connection is used. None if the folder has too long a path: then each call
    /// makes its own.
    fn control_path(&self, name: &str) -> String {
        let path = self.folder.path().join(name).display().to_string();
        let path =
            if path.len() > LONGEST_PATH { "none".to_owned() } else { path.replace('%', "%%") };
        format!("-oControlPath={path}")
    }

    /// The line for `sh` here that opens the connection and runs a script there.
    pub(super) fn opening(&mut self, name: &str, host: &str, script: &str) -> String {
        self.closing.push(self.closing(name, host));
        let call = self.call(name, host, script, &["-oControlMaster=auto", PERSIST]);
        // What stays in the background must not keep our error output open.
        let errors = self.folder.path().join(format!("{name}.errors")).display().to_string();
        let errors = quoted([errors.as_str()]);
        format!("{call} 2>{errors}; status=$?; cat {errors} >&2; exit $status")
    }

    /// The line for `sh` here that runs a script there.
    pub(super) fn line(&self, name: &str, host: &str, script: &str) -> String {
        self.call(name, host, script, &["-oControlMaster=no"])
    }

    /// The line that closes the connection, if it is open.
    fn closing(&self, name: &str, host: &str) -> String {
        let path = self.control_path(name);
        let words = ["ssh", &path, "-O", "exit", host];
        format!("{} >/dev/null 2>&1", quoted(words))
    }

    /// Whether a command line is that of a connection.
    pub(super) fn has(&self, command: &str) -> bool {
        command.contains(&self.folder.path().display().to_string())
    }

    fn call(&self, name: &str, host: &str, script: &str, control: &[&str]) -> String {
        let path = self.control_path(name);
        // The shell of the user there may be another one than `sh`.
        let there = format!("exec {}", quoted(["sh", "-c", script]));
        let words = ["ssh"].into_iter().chain(OPTIONS).chain(control.iter().copied());
        quoted(words.chain([path.as_str(), host, &there]))
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        for line in &self.closing {
            // Best effort: it closes by itself after a while.
            let _ = Command::new("sh").args(["-c", line]).status();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instance_has_a_connection_of_its_name() {
        let connections = Connections::new().unwrap();
        let folder = connections.folder.path().display().to_string();
        let line = connections.line("one", "user@host", "echo 'a b'");
        assert!(line.starts_with("ssh -T -oBatchMode=yes "), "{line}");
        assert!(line.contains(&format!(" -oControlPath={folder}/one user@host ")), "{line}");
        let other = connections.line("two", "user@host", "echo");
        assert!(other.contains(&format!(" -oControlPath={folder}/two user@host ")), "{other}");
        let closing = connections.closing("one", "user@host");
        assert!(closing.starts_with(&format!("ssh -oControlPath={folder}/one -O exit user@host ")));
    }

    #[test]
    fn a_path_that_is_too_long_is_not_used() {
        let connections = Connections::new().unwrap();
        let name = "n".repeat(100);
        assert!(connections.line(&name, "h", "true").contains(" -oControlPath=none h "));
    }

    #[test]
    fn a_script_arrives_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let ssh = folder.path().join("ssh");
        // As sshd does it: the last word is for the shell of the user.
        std::fs::write(&ssh, "#!/bin/sh\nfor last; do :; done\nexec sh -c \"$last\"\n").unwrap();
        std::fs::set_permissions(&ssh, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let line =
            Connections::new().unwrap().line("one", "host", "printf '%s|' 'a  b' \"$0\" \\$x");
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        let output = Command::new("sh").args(["-c", &line]).env("PATH", path).output();
        assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap(), "a  b|sh|$x|");
    }
}
