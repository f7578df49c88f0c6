//! Which modules does a project of Maven have, and which classes of tests? The pom.xml of each is read; nothing is run.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use quick_xml::{Reader, events::Event};

/// How many modules, and how many files of a module, are looked at.
const MODULES: usize = 2_000;
const FILES: usize = 10_000;

/// In so many folders above are parents looked for.
const DEPTH: usize = 8;

/// The modules of a project.
#[derive(Debug, Default)]
pub(super) struct MavenModules {
    folders: Vec<PathBuf>,
    /// What is said to Maven: each pom.xml, those of parents, and options.
    texts: Vec<String>,
}

impl MavenModules {
    /// Those of this pom.xml, or of the one in this folder, and all below.
    pub(super) fn of(pom: &Path) -> Self {
        let mut found = Self::default();
        let mut known = HashSet::new();
        let mut poms = vec![pom.to_owned()];
        while let Some(pom) = poms.pop() {
            let pom = if pom.is_dir() { pom.join("pom.xml") } else { pom };
            let folder = pom.parent().map(Path::to_owned).unwrap_or_default();
            let Ok(text) = fs::read_to_string(&pom) else { continue };
            if found.folders.len() >= MODULES || !known.insert(pom.canonicalize().ok()) {
                continue;
            }
            poms.extend(modules(&text).into_iter().map(|module| folder.join(module)));
            found.folders.push(folder);
            found.texts.push(text);
        }
        found.texts.extend(above(pom));
        found
    }

    pub(super) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Whether one of these words is said anywhere.
    pub(super) fn say(&self, words: &[&str]) -> bool {
        self.texts.iter().any(|text| words.iter().any(|word| text.contains(word)))
    }

    /// The classes that have tests, by their sources, and are named as Surefire expects.
    pub(super) fn classes(&self) -> Vec<String> {
        let mut classes: Vec<String> =
            self.folders.iter().flat_map(|folder| classes_below(folder)).collect();
        classes.sort();
        classes
    }
}

/// What the folders of a pom.xml and above it say, where parents are, and the variables of Maven.
fn above(pom: &Path) -> Vec<String> {
    let files = ["pom.xml", ".mvn/maven.config", ".mvn/jvm.config"];
    let pom = pom.canonicalize().unwrap_or_default();
    let folders = pom.ancestors().skip(1).take(DEPTH);
    let read = |folder: &Path| files.map(|file| fs::read_to_string(folder.join(file)).ok());
    let variables = ["MAVEN_ARGS", "MAVEN_OPTS"].map(|name| std::env::var(name).ok());
    folders.flat_map(read).chain(variables).flatten().collect()
}

/// What `<module>` says, of profiles as well.
fn modules(pom: &str) -> Vec<String> {
    let mut reader = Reader::from_str(pom);
    let mut modules = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if start.name().as_ref() == "module" => {
                let text = reader.read_text(start.name());
                modules.extend(text.map(|name| name.trim().to_owned()));
            }
            Ok(Event::Eof) | Err(_) => return modules,
            Ok(_) => {}
        }
    }
}

fn classes_below(module: &Path) -> Vec<String> {
    let sources = module.join("src/test/java");
    let mut classes = Vec::new();
    let mut folders = vec![sources.clone()];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            looked_at += 1;
            if looked_at > FILES {
                return classes;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ => classes.extend(class_of(&path, &sources, module)),
            }
        }
    }
    classes
}

/// The class of a source, if it is compiled and has tests.
fn class_of(path: &Path, sources: &Path, module: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(".java")?;
    let is_named = name.starts_with("Test")
        || ["Test", "Tests", "TestCase"].iter().any(|end| name.ends_with(end));
    let below = path.strip_prefix(sources).ok()?.with_extension("class");
    if !is_named || !module.join("target/test-classes").join(&below).is_file() {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let has_tests = ["@Test", "@ParameterizedTest", "@RepeatedTest", "@TestFactory"]
        .iter()
        .any(|mark| text.contains(mark));
    let is_abstract = text.contains(&format!("abstract class {name}"));
    let class = below.with_extension("").to_str()?.replace('/', ".");
    (has_tests && !is_abstract).then_some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_those_that_each_pom_names() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "pom.xml",
            "<project><modules><module>a</module>\n<!-- <module>no</module> -->\
             <module> b/pom.xml </module><module>.</module></modules></project>",
        );
        write("a/pom.xml", "<project><modules><module>../c</module></modules></project>");
        write("b/pom.xml", "<project><x>rerunFailingTestsCount</x></project>");
        write("c/pom.xml", "<project>");
        write("no/pom.xml", "<project/>");
        write(".mvn/maven.config", "-Dgroups=slow");
        let child = MavenModules::of(&folder.path().join("a/pom.xml"));
        assert!(child.say(&["-Dgroups="]), "{child:?}");
        assert!(!child.say(&["rerunFailingTestsCount"]), "{child:?}");
        let modules = MavenModules::of(&folder.path().join("pom.xml"));
        let full = |path: &Path| path.canonicalize().unwrap();
        let mut found: Vec<_> = modules.folders().iter().map(|path| full(path)).collect();
        found.sort();
        assert_eq!(found, ["", "a", "b", "c"].map(|name| full(&folder.path().join(name))));
        assert!(modules.say(&["rerunFailingTestsCount"]) && !modules.say(&["<excludes>"]));
    }

    #[test]
    fn classes_of_tests_are_compiled_and_named_so() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("ATest", "class ATest { @Test void a() {} }"),
            ("TestHelper", "class TestHelper {}"),
            ("BaseTest", "abstract class BaseTest { @Test void a() {} }"),
            ("Other", "class Other { @Test void a() {} }"),
        ] {
            let source = folder.path().join(format!("src/test/java/shop/{name}.java"));
            let class = folder.path().join(format!("target/test-classes/shop/{name}.class"));
            for (path, text) in [(source, text), (class, "")] {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        }
        fs::write(folder.path().join("src/test/java/shop/NewTest.java"), "@Test").unwrap();
        assert_eq!(classes_below(folder.path()), ["shop.ATest"]);
    }
}
