//! Which file of a crate imports which, as far as paths tell.
//!
//! A path (`crate::a::B`, `super::c`, `a::B` where `a` is imported or a module of the file) leads to the file that
//! defines what it names: what a file only hands on, by `use` of a name or of `*`, is the file's that defines it. Not seen
//! are files that meet without a path: by methods of a type that another file defines, by `impl` of one file for a type of
//! another, by macros, and by bare names that a file hands on and uses as well.

use std::collections::{BTreeMap, BTreeSet};

use super::source::File;

pub(crate) type Module = Vec<String>;

/// The modules that each module imports.
pub(crate) type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// What the paths of a crate lead to.
pub(crate) struct Crate<'a> {
    files: &'a BTreeMap<Module, File>,
    /// Names that a file imports or hands on, with the paths that they stand for.
    names: BTreeMap<Module, BTreeMap<String, Module>>,
    /// What a file imports all of.
    globs: BTreeMap<Module, Vec<Module>>,
    /// What a file uses beside its imports.
    paths: BTreeMap<Module, BTreeSet<Module>>,
}

impl<'a> Crate<'a> {
    pub(crate) fn new(files: &'a BTreeMap<Module, File>) -> Self {
        let mut this =
            Self { files, names: BTreeMap::new(), globs: BTreeMap::new(), paths: BTreeMap::new() };
        for (module, file) in files {
            this.read(module, &file.words);
        }
        this
    }

    fn read(&mut self, module: &Module, words: &[String]) {
        let mut at = 0;
        while at < words.len() {
            let follows = at > 0 && (words[at - 1] == "::" || words[at - 1] == ".");
            // `impl Trait + use<'a>` imports nothing.
            if words[at] == "use" && words[at + 1] != "<" {
                let end = at + words[at..].iter().position(|word| word == ";").unwrap();
                let handed_on = at > 0 && (words[at - 1] == "pub" || words[at - 1] == ")");
                let mut rest = &words[at + 1..end];
                self.tree(module, &[], &mut rest, handed_on);
                at = end;
            } else if is_name(&words[at])
                && words.get(at + 1).is_some_and(|word| word == "::")
                && !follows
            {
                let mut path = vec![words[at].clone()];
                let pairs = words[at + 1..].chunks_exact(2);
                let pairs = pairs.take_while(|pair| pair[0] == "::" && is_name(&pair[1]));
                path.extend(pairs.map(|pair| pair[1].clone()));
                self.paths.entry(module.clone()).or_default().insert(path);
            }
            at += 1;
        }
    }

    /// Reads one branch of a `use`.
    fn tree(&mut self, module: &Module, stem: &[String], rest: &mut &[String], handed_on: bool) {
        let mut path = stem.to_vec();
        let mut name = None;
        while let Some((word, after)) = rest.split_first() {
            match word.as_str() {
                "}" | "," => break,
                "{" => {
                    *rest = after;
                    while rest.first().is_some_and(|word| word != "}") {
                        self.tree(module, &path, rest, handed_on);
                        *rest = rest.strip_prefix(&[",".to_owned()]).unwrap_or(rest);
                    }
                    *rest = &rest[1..];
                    return;
                }
                "*" => self.globs.entry(module.clone()).or_default().push(path.clone()),
                "as" => {
                    name = Some(after[0].clone());
                    *rest = &after[1..];
                    continue;
                }
                "self" if !path.is_empty() => {}
                "::" => {}
                _ => path.push(word.clone()),
            }
            if word == "*" {
                *rest = after;
                return;
            }
            *rest = after;
        }
        let Some(last) = path.last().cloned() else { return };
        let name = name.unwrap_or(last);
        if !handed_on {
            self.paths.entry(module.clone()).or_default().insert(path.clone());
        }
        self.names.entry(module.clone()).or_default().insert(name, path);
    }

    /// The module in which a path ends, and whether it names the module itself.
    fn resolve(&self, from: &Module, path: &[String], depth: usize) -> Option<(Module, bool)> {
        let (first, mut rest) = path.split_first()?;
        if depth > 16 {
            return None;
        }
        let mut here = match first.as_str() {
            "crate" => Vec::new(),
            "self" => from.clone(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            _ => {
                rest = path;
                from.clone()
            }
        };
        let local = rest.len() == path.len();
        while let Some((name, after)) = rest.split_first() {
            let child = [&here[..], std::slice::from_ref(name)].concat();
            if name == "super" {
                here.pop();
            } else if self.files.contains_key(&child) {
                here = child;
            } else if let Some(target) = self.names.get(&here).and_then(|names| names.get(name)) {
                if *target == path[..] && here == *from {
                    return None;
                }
                let (module, whole) = self.resolve(&here, target, depth + 1)?;
                if !whole || after.is_empty() {
                    return Some((module, whole));
                }
                here = module;
            } else if let Some(module) = self.by_glob(&here, name, depth) {
                return Some((module, false));
            } else {
                // A name of another crate, or of the prelude.
                return (!local || here != *from).then_some((here, false));
            }
            rest = after;
        }
        Some((here, true))
    }

    fn by_glob(&self, here: &Module, name: &str, depth: usize) -> Option<Module> {
        self.globs.get(here)?.iter().find_map(|glob| {
            let (module, whole) = self.resolve(here, glob, depth + 1)?;
            let defines = |file: &File| {
                file.words
                    .windows(2)
                    .any(|pair| DEFINES.contains(&pair[0].as_str()) && pair[1] == name)
            };
            if whole && self.files.get(&module).is_some_and(defines) {
                return Some(module);
            }
            let handed_on = self.names.get(&module)?.get(name)?;
            self.resolve(&module, handed_on, depth + 1).map(|(module, _)| module)
        })
    }

    /// The modules that each imports. One that is named as a whole, to name something in it, is not imported.
    pub(crate) fn imports(&self) -> Imports {
        let mut imports = BTreeMap::new();
        for module in self.files.keys() {
            let paths = self.paths.get(module).into_iter().flatten();
            let found = paths.filter_map(|path| self.resolve(module, path, 0));
            let found = found.filter(|(to, whole)| to != module && !whole).map(|(to, _)| to);
            imports.insert(module.clone(), found.collect::<BTreeSet<_>>());
        }
        imports
    }
}

const DEFINES: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "static", "union"];

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The imports that are part of a circle, of however many files.
pub(crate) fn in_circles(imports: &Imports) -> BTreeSet<(Module, Module)> {
    let reached: BTreeMap<_, _> =
        imports.keys().map(|from| (from, reachable(imports, from))).collect();
    let all = imports.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let back = all.filter(|(from, to)| reached[to].contains(*from));
    back.map(|(from, to)| (from.clone(), to.clone())).collect()
}

fn reachable(imports: &Imports, from: &Module) -> BTreeSet<Module> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        for to in &imports[module] {
            if reached.insert(to.clone()) {
                next.push(to);
            }
        }
    }
    reached
}

#[test]
fn paths_lead_to_the_file_that_defines() {
    let texts = [
        (
            "lib",
            "mod a; mod room; pub use room::Deep; macro_rules! m { () => { \"use crate::a::No;\" } }",
        ),
        (
            "a",
            "use crate::{Deep, room::{self, Thing as Other}}; // use crate::b::X;\nfn f(_: room::Far) {}",
        ),
        (
            "b",
            "use std::fmt; use super::a::*; fn f() { crate::a::g(); b'\"'; '{'; r#\"crate::room::Deep\"#; }",
        ),
        (
            "room/mod",
            "mod deep; mod far; pub use deep::*; pub(crate) use self::far::Far; pub struct Thing;",
        ),
        ("room/deep", "pub struct Deep; #[cfg(test)] mod tests { use crate::a::g; }"),
        (
            "room/far",
            "use super::Deep; pub struct Far; #[cfg(test)] use crate::b::f; fn g() { super::far::h() }",
        ),
    ];
    let module = |name: &str| -> Module {
        let name = name.trim_end_matches("/mod");
        name.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
    };
    let file = |(name, text): &(&str, &str)| (module(name), File::new((*name).to_owned(), text));
    let files = texts.iter().map(file).collect();
    let imports = Crate::new(&files).imports();
    let imports =
        |name: &str| imports[&module(name)].iter().map(|to| to.join("/")).collect::<Vec<_>>();
    assert!(imports("lib").is_empty(), "{:?}", imports("lib"));
    assert_eq!(imports("a"), ["room", "room/deep", "room/far"]);
    assert_eq!(imports("b"), ["a"]);
    assert!(imports("room/mod").is_empty() && imports("room/deep").is_empty());
    assert_eq!(imports("room/far"), ["room/deep"]);
}

#[test]
fn circles_are_found_however_long() {
    let imports = |pairs: &[(&str, &str)]| {
        let mut imports = Imports::new();
        for (from, to) in pairs {
            imports.entry(vec![(*to).to_owned()]).or_default();
            imports.entry(vec![(*from).to_owned()]).or_default().insert(vec![(*to).to_owned()]);
        }
        imports
    };
    assert_eq!(in_circles(&imports(&[("a", "b"), ("b", "c"), ("a", "c")])).len(), 0);
    assert_eq!(in_circles(&imports(&[("a", "b"), ("b", "c"), ("c", "a"), ("a", "d")])).len(), 3);
}
