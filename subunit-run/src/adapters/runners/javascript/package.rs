//! What do runners of JavaScript have in common? The files of a project that name them, and ids.

use crate::adapters::{
    adapter::RunnerSign,
    project::Project,
    words::{looked_through, option_name, test_script},
    worker,
};

/// Where a project has its programs.
pub(in crate::adapters::runners) const PROGRAMS: &str = "node_modules/.bin";

/// A runner that is called as its package.
pub(in crate::adapters::runners) struct PackageRunner {
    pub(in crate::adapters::runners) package: &'static str,
    /// How the names of its configurations begin.
    pub(in crate::adapters::runners) configurations: &'static [&'static str],
    /// The command that runs the tests.
    pub(in crate::adapters::runners) command: &'static [&'static str],
    pub(in crate::adapters::runners) recognise: fn(&[&str]) -> Option<usize>,
}

impl PackageRunner {
    /// The sign of it: the script `test`, a configuration, or a dependency.
    pub(in crate::adapters::runners) fn sign(&self, project: &Project) -> Option<RunnerSign> {
        let script = script(project, self.recognise);
        let configuration = project
            .entries()
            .into_iter()
            .find(|name| self.configurations.iter().any(|begin| name.starts_with(begin)));
        let named = match (&script, configuration) {
            (Some(_), _) => Some("package.json: its script `test`".to_owned()),
            // A script of its own says how they run.
            (None, _) if test_script(&project.path("")).is_some() => None,
            (None, Some(file)) => Some(file),
            (None, None) => depends(project, self.package).then(|| "package.json".to_owned()),
        };
        let command = || self.command.iter().map(|word| (*word).to_owned()).collect();
        let words = script.unwrap_or_else(command);
        named.map(|found| RunnerSign { is_certain: true, found, words })
    }
}

/// The script `test`, if it starts this runner.
fn script(project: &Project, recognise: fn(&[&str]) -> Option<usize>) -> Option<Vec<String>> {
    let seen = looked_through(&["npm", "test"], &project.path(""))?;
    let words: Vec<&str> = seen.all[seen.runner..].iter().map(String::as_str).collect();
    recognise(&words).is_some().then_some(seen.all)
}

fn depends(project: &Project, package: &str) -> bool {
    let text = project.text("package.json");
    let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    ["devDependencies", "dependencies"].iter().any(|kind| !read[*kind][package].is_null())
}

/// The file of an id, and the titles below it: `FILE > a > b`.
pub(super) fn divided(id: &str) -> (&str, Vec<&str>) {
    let mut parts = id.split(" > ");
    (parts.next().unwrap_or(id), parts.collect())
}

/// The files of these ids, each once.
pub(super) fn files(ids: &[String]) -> Vec<&str> {
    let mut files: Vec<&str> = Vec::new();
    for (file, _) in ids.iter().map(|id| divided(id)) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// A title in a regex of JavaScript.
pub(in crate::adapters::runners) fn escaped(title: &str) -> String {
    worker::escaped(title, "\\^$.[]{}()*+?|/")
}

/// The options of a command without those that choose tests. A word after an option that is none of the flags is its
/// value, and others are files.
pub(super) fn options(arguments: &[String], flags: &[&str], choose: &[&str]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            continue;
        }
        let name = option_name(word);
        let has_value = name == word && !flags.contains(&name);
        let value = words.next_if(|next| has_value && !next.starts_with('-'));
        if !choose.contains(&name) {
            kept.push(word.clone());
            kept.extend(value.cloned());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_file_and_titles() {
        let ids = ["a.js > s > t", "b.js > t", "a.js > u"].map(str::to_owned);
        assert_eq!(files(&ids), ["a.js", "b.js"]);
        assert_eq!(divided("a.js > s > t"), ("a.js", vec!["s", "t"]));
        assert_eq!(escaped("a (b/c)"), r"a \(b\/c\)");
    }

    #[test]
    fn what_chooses_tests_is_left_out() {
        let words = ["--ci", "src", "--config", "x.js", "-t", "name", "--bail=1", "-t=y"];
        let words = words.map(str::to_owned);
        assert_eq!(options(&words, &["--ci"], &["-t"]), ["--ci", "--config", "x.js", "--bail=1"]);
    }
}
