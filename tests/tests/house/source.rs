//! What the guards read: the files of the crates, as words without comments, strings and tests.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The crates, by the folders of their sources.
pub(crate) const CRATES: [&str; 11] = [
    "subunit-core/src",
    "subunit-formats/src",
    "subunit-mux/src",
    "subunit-filters/src",
    "subunit-history/src",
    "subunit-run/src",
    "subunit-server/src",
    "bindings-c/src",
    "bindings-c/drop-in/src",
    "bindings-c/shared/src",
    "tests/src",
];

/// A file of a crate.
pub(crate) struct File {
    /// Its path in the repository.
    pub(crate) path: String,
    /// How many lines stand before its tests.
    pub(crate) lines: usize,
    /// Its words: identifiers, `::` and all other characters one by one; no tests.
    pub(crate) words: Vec<String>,
    /// The modules of it that are for tests, in files of their own.
    test_modules: Vec<String>,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All folders below and including one, with the names of what is in them.
pub(crate) fn folders(folder: &Path) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let mut entries: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let below: Vec<_> =
        entries.iter().filter(|path| path.is_dir()).flat_map(|path| folders(path)).collect();
    [(folder.to_owned(), entries)].into_iter().chain(below).collect()
}

/// The path of a file in the repository, with `/` between its parts.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/")
}

/// The sources of a crate before their tests, by their paths.
pub(crate) fn texts(source: &str) -> Vec<(String, String)> {
    let read = |file: File| {
        let text = fs::read_to_string(root().join(&file.path)).unwrap();
        let lines: Vec<&str> = text.lines().take(file.lines).collect();
        (file.path, lines.join("\n"))
    };
    files(source).into_values().map(read).collect()
}

/// The files of a crate, by their modules: `["run", "summary"]`. A program's `main.rs` and files that are
/// tests as a whole are left out.
pub(crate) fn files(source: &str) -> BTreeMap<Vec<String>, File> {
    let source = root().join(source);
    let mut files = BTreeMap::new();
    for path in folders(&source).into_iter().flat_map(|(_, entries)| entries) {
        if path.extension().is_none_or(|extension| extension != "rs")
            || path.ends_with("src/main.rs")
        {
            continue;
        }
        let inside = path.strip_prefix(&source).unwrap().with_extension("");
        let mut module: Vec<_> =
            inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        if matches!(module.last().unwrap().as_str(), "mod" | "lib") {
            module.pop();
        }
        files.insert(module, File::new(shown(&path), &fs::read_to_string(&path).unwrap()));
    }
    let mut tests = Vec::new();
    for (module, file) in &files {
        let below = |name| [&module[..], std::slice::from_ref(name)].concat();
        tests.extend(file.test_modules.iter().map(below));
    }
    files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    files
}

impl File {
    pub(crate) fn new(path: String, text: &str) -> Self {
        let (words, test_modules) = without_tests(&words(text));
        Self { path, lines: lines_before_tests(text), words, test_modules }
    }

    /// The types and traits that it defines and others can name.
    pub(crate) fn types(&self) -> Vec<&str> {
        let (mut types, mut depth) = (Vec::new(), 0);
        for trio in self.words.windows(3) {
            match trio[1].as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                // Behind `pub` or `pub(crate)`.
                "struct" | "enum" | "trait" | "union" | "type"
                    if depth == 0 && (trio[0] == "pub" || trio[0] == ")") =>
                {
                    types.push(trio[2].as_str());
                }
                _ => {}
            }
        }
        types
    }
}

/// Lines up to the first module of tests that stands in the file.
fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    let begins = |at: &usize| {
        let item = lines[at + 1..].iter().find(|line| !line.starts_with("#["));
        lines[*at].starts_with("#[cfg(test)]")
            && item.is_some_and(|line| line.contains("mod ") && line.ends_with('{'))
    };
    (0..lines.len()).find(begins).unwrap_or(lines.len())
}

/// A text of Rust in words.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = string(rest) {
            length
        } else if name > 0 {
            words.push(rest[..name].to_owned());
            name
        } else if rest.starts_with("::") {
            words.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                words.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    words
}

/// How long the string or character is that begins here, if one does.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c", ""].into_iter().find(|prefix| {
        let rest = text.strip_prefix(prefix).unwrap_or("");
        let raw = prefix.ends_with('r');
        rest.starts_with('"')
            || raw && rest.starts_with("#") && rest.trim_start_matches('#').starts_with('"')
    });
    let Some(prefix) = prefix else { return character(text) };
    let body = &text[prefix.len()..];
    let hashes = body.len() - body.trim_start_matches('#').len();
    let begin = prefix.len() + hashes + 1;
    if prefix.ends_with('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(text[begin..].find(&end).map_or(text.len(), |at| begin + at + end.len()));
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(begin) {
        match byte {
            b'"' if !escaped => return Some(at + 1),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    Some(text.len())
}

/// How long the character is that begins here: no lifetime.
fn character(text: &str) -> Option<usize> {
    let prefix = if text.starts_with("b'") { 2 } else { 1 };
    let rest = text.strip_prefix("b'").or_else(|| text.strip_prefix('\''))?;
    if let Some(escaped) = rest.strip_prefix('\\') {
        return Some(prefix + 2 + escaped[1..].find('\'')? + 1);
    }
    let length = rest.chars().next()?.len_utf8();
    rest[length..].starts_with('\'').then_some(prefix + length + 1)
}

/// The words without items that are for tests, and the names of modules among these.
fn without_tests(words: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut modules, mut at) = (Vec::new(), Vec::new(), 0);
    while at < words.len() {
        if words[at] != "#" || !for_tests(&words[at..close(words, at)]) {
            kept.push(words[at].clone());
            at += 1;
            continue;
        }
        while words[at] == "#" {
            at = close(words, at);
        }
        let end = item_end(words, at);
        if let Some(found) = words[at..end].iter().position(|word| word == "mod") {
            modules.push(words[at + found + 1].clone());
        }
        at = end;
    }
    (kept, modules)
}

fn for_tests(attribute: &[String]) -> bool {
    let has = |name: &str| attribute.iter().any(|word| word == name);
    has("cfg") && has("test") && !has("any") && !has("not")
}

/// Behind the bracket that closes the first one from here on.
fn close(words: &[String], at: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(at) {
        match word.as_str() {
            "[" | "{" | "(" => depth += 1,
            "]" | "}" | ")" if depth == 1 => return at + 1,
            "]" | "}" | ")" => depth -= 1,
            _ => {}
        }
    }
    words.len()
}

/// Behind the item, the field or the statement that begins here.
fn item_end(words: &[String], at: usize) -> usize {
    let import = words[at..].iter().take(5).any(|word| word == "use");
    let item = ["mod", "fn", "impl", "struct", "enum", "trait", "const", "static", "type"];
    let item = words[at..].iter().take(6).any(|word| item.contains(&word.as_str()));
    let mut next = at;
    while next < words.len() {
        match words[next].as_str() {
            ";" => return next + 1,
            "," if !item && !import => return next + 1,
            "}" => return next,
            "{" if !import => return close(words, next),
            "{" | "(" | "[" => next = close(words, next),
            _ => next += 1,
        }
    }
    next
}
