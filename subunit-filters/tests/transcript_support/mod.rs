//! Documents with sessions of a shell in their `console` blocks, played again. `subunit-run` has such documents, too.

use std::{fs, path::Path, process::Command};

/// Stands between the outputs of two commands.
const SEPARATOR: char = '\u{1e}';

/// Where sessions take place.
pub(crate) struct Sessions<'s> {
    /// A program that is found in `PATH`, as are those beside it.
    pub(crate) program: &'s str,
    /// Fills the folder of a session, and sets its environment.
    pub(crate) prepare: &'s dyn Fn(&Path, &mut Command),
}

impl Sessions<'_> {
    /// All documents of a folder say what their commands say now.
    pub(crate) fn check_all(&self, folder: &Path) {
        let mut documents = 0;
        for entry in fs::read_dir(folder).unwrap() {
            self.check(&entry.unwrap().path());
            documents += 1;
        }
        assert!(documents > 0);
    }

    /// A document says what its commands say now.
    pub(crate) fn check(&self, path: &Path) {
        let document = fs::read_to_string(path).unwrap();
        let expected = snapbox::Data::read_from(path, None);
        snapbox::assert_data_eq!(self.replayed(&document), expected.raw());
    }

    /// The document with the outputs that its commands have now.
    fn replayed(&self, document: &str) -> String {
        let mut replayed = String::new();
        let mut rest = document;
        while let Some((before, block)) = rest.split_once("```console\n") {
            let (block, after) = block.split_once("```").unwrap();
            replayed.push_str(before);
            replayed.push_str("```console\n");
            replayed.push_str(&self.session(block));
            replayed.push_str("```");
            rest = after;
        }
        replayed + rest
    }

    fn session(&self, block: &str) -> String {
        let commands: Vec<&str> =
            block.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
        let outputs = self.run(&commands);
        let transcript = commands.iter().zip(outputs.split(SEPARATOR));
        transcript.map(|(command, output)| format!("$ {command}\n{output}")).collect()
    }

    fn run(&self, commands: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let mut script = "exec 2>&1\n".to_owned();
        for command in commands {
            script += command;
            script += &format!("\nstatus=$?; printf '{SEPARATOR}'; (exit $status)\n");
        }
        let program = Path::new(self.program).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]).current_dir(folder.path()).env("PATH", path);
        bash.env_remove("NO_COLOR").env("COLUMNS", "100");
        (self.prepare)(folder.path(), &mut bash);
        let output = bash.output().unwrap();
        // Whether other programs are there depends on what was built before.
        String::from_utf8(output.stdout).unwrap().replace(" (not installed)", "")
    }
}
