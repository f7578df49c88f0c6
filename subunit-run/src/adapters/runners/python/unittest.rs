//! unittest: a worker of ours loads tests as `python -m unittest` does, and runs them one by one.

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_python,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, quoted},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "unittest",
    looks_for: "test*.py that imports unittest",
    detect,
    recognise,
    commands,
    worker: None,
};

fn detect(project: &Project) -> Option<RunnerSign> {
    let tests = project.files(|name| name.ends_with(".py") && name.starts_with("test"));
    let texts = || tests.iter().map(|path| (path, project.text(path)));
    if texts().any(|(_, text)| text.contains("import pytest") || text.contains("from pytest")) {
        return None;
    }
    let test = texts().find(|(_, text)| text.contains("unittest")).map(|(path, _)| path)?;
    let python = project.python_program("python3").unwrap_or_else(|| "python3".to_owned());
    let mut words = vec![python, "-m".to_owned(), "unittest".to_owned()];
    // What is in no package is found from its own folder only.
    let folder = test.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) =
        folder.filter(|folder| !project.has(&format!("{}/__init__.py", folder.display())))
    {
        words.extend(["discover", "-s"].map(str::to_owned));
        words.push(folder.display().to_string());
    }
    Some(RunnerSign { is_certain: false, found: test.display().to_string(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [python, "-m", "unittest", rest @ ..] = words else { return None };
    let is_run = !rest.iter().any(|word| matches!(*word, "-h" | "--help"));
    (is_run && is_python(python)).then_some(3)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let python = quoted(&line.runner()[..1]);
    let fail_fast = line.has_argument(&["-f", "--failfast"]);
    RunnerCommands {
        command: line.with_runner(&format!("{python} -m subunit_unittest"), "$LISTOPT"),
        list_option: "--subunit-list".to_owned(),
        incremental: true,
        console: true,
        fail_fast: fail_fast.then_some(1),
        needs_python_path: true,
        ..RunnerCommands::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_unittest_are_recognised_and_keep_their_options() {
        let words = ["python3", "-m", "unittest", "discover", "-f", "-s", "a b"];
        assert_eq!(recognise(&words), Some(3));
        assert_eq!(recognise(&["python3", "-m", "unittest", "--help"]), None);
        assert_eq!(recognise(&["python3", "-m", "pytest"]), None);
        let line = CommandWords::new(words.map(str::to_owned).to_vec(), 0..3);
        let made = commands(&line, &Project::new("".as_ref()));
        assert_eq!(made.command, "python3 -m subunit_unittest $LISTOPT discover -f -s 'a b'");
        assert_eq!(made.fail_fast, Some(1));
    }
}
