//! What is a page of the guide made of? Its text, and its blocks of code with what they are marked with.
//!
//! * A `console` block is a session: what stands below a line `$ COMMAND` is all that it prints, on both
//!   outputs. `[..]` stands for any text in a line. A command goes on in lines that begin with `> `.
//! * A `sh` block is run as a script. A line that does not end with the exit status 0 says so in a comment:
//!   `# exit status 1`.
//! * A block with `file=NAME` is a file of that name in the folder where the next ones are run.
//! * The blocks of a page are run in order, in one folder, which is empty at first. A comment
//!   `<!-- folder: NAME -->` begins a new one, a copy of `docs/examples/NAME`, or of
//!   the project of that name with which the adapter of a runner is tested.
//! * Further words after a comma say why a block is not run: see [`Mark`].
//! * Languages of [`SHOWN`] are shown only.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Languages of blocks that hold no commands.
const SHOWN: [&str; 10] =
    ["toml", "text", "json", "yaml", "python", "c", "javascript", "go", "java", "rust"];

/// A page.
pub(crate) struct Page {
    /// Its path in `docs`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// What a block is, and where it is run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mark {
    /// It is run wherever the tests are.
    Run,
    /// It needs this runner: `runner-NAME`. It is run with a feature, see [`Mark::is_run`].
    Runner,
    /// It needs another machine.
    Ssh,
    /// It needs what a CI service says of itself.
    Ci,
    /// It needs a person who types at a terminal.
    Terminal,
    /// It installs programs, which takes minutes.
    Install,
    /// It runs until it is told to end.
    Endless,
}

/// What a part of a page means for what is run.
#[derive(Debug)]
pub(crate) enum Part<'p> {
    /// The next ones are run in a new folder, a copy of this one in `docs/examples`.
    Folder(&'p str),
    /// A file.
    File { name: &'p str, content: &'p str },
    /// Commands with what they print.
    Console(Mark, &'p str),
    /// A script.
    Script(Mark, &'p str),
}

/// A part, and the range of its content in the page.
pub(crate) struct Placed<'p> {
    pub(crate) part: Part<'p>,
    /// Where the content begins: the number of a byte.
    pub(crate) at: usize,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All pages of the guide.
pub(crate) fn pages() -> Vec<Page> {
    let docs = root().join("docs");
    let mut names = Vec::new();
    collect(&docs, &docs, &mut names);
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(docs.join(&name)).unwrap();
        Page { name, text }
    };
    names.into_iter().map(read).collect()
}

fn collect(docs: &Path, folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(docs, &path, names);
        } else if path.extension().is_some_and(|end| end == "md") {
            names.push(path.strip_prefix(docs).unwrap().to_str().unwrap().to_owned());
        }
    }
}

impl Page {
    /// What is run of the page, in order.
    pub(crate) fn parts(&self) -> Vec<Placed<'_>> {
        let mut parts = Vec::new();
        let mut at = 0;
        let mut open: Option<(&str, usize)> = None;
        for line in self.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let fence = line.strip_prefix("```").map(str::trim_end);
            match (open, fence) {
                (None, Some(info)) => open = Some((info, at)),
                (Some((info, from)), Some("")) => {
                    open = None;
                    let part = self.part(info, &self.text[from..start]);
                    parts.extend(part.map(|part| Placed { part, at: from }));
                }
                (Some(_), _) => {}
                (None, None) => {
                    let folder = line.trim().strip_prefix("<!-- folder: ");
                    let folder = folder.and_then(|rest| rest.strip_suffix(" -->"));
                    let part = folder.map(Part::Folder);
                    parts.extend(part.map(|part| Placed { part, at: start }));
                }
            }
        }
        assert!(open.is_none(), "docs/{}: a block has no end", self.name);
        parts
    }

    fn part<'p>(&self, info: &'p str, content: &'p str) -> Option<Part<'p>> {
        let (language, mark) = info.split_once(',').unwrap_or((info, ""));
        if let Some(name) = mark.strip_prefix("file=") {
            return Some(Part::File { name, content });
        }
        match language {
            "console" => Some(Part::Console(self.mark(mark), content)),
            "sh" => Some(Part::Script(self.mark(mark), content)),
            language if SHOWN.contains(&language) => None,
            _ => panic!(
                "docs/{}: a block of `{info}` is neither run nor shown: {content}",
                self.name
            ),
        }
    }

    fn mark(&self, mark: &str) -> Mark {
        match mark {
            "" => Mark::Run,
            "ssh" => Mark::Ssh,
            "ci" => Mark::Ci,
            "terminal" => Mark::Terminal,
            "install" => Mark::Install,
            "endless" => Mark::Endless,
            _ if mark.starts_with("runner-") => Mark::Runner,
            _ => panic!("docs/{}: `{mark}` is no reason not to run a block", self.name),
        }
    }
}

impl Mark {
    /// Whether it is run with the features that are on. Runners need `runner-tests`, and what `.ci/runners` and
    /// `.ci/pytest` install.
    pub(crate) fn is_run(self) -> bool {
        self == Self::Run || self == Self::Runner && cfg!(feature = "runner-tests")
    }
}

#[test]
fn a_block_that_is_neither_run_nor_shown_is_an_error() {
    for text in ["```bash\nls\n```\n", "```\nls\n```\n", "```sh,later\nls\n```\n"] {
        let page = Page { name: "x.md".to_owned(), text: text.to_owned() };
        assert!(std::panic::catch_unwind(|| page.parts().len()).is_err(), "{text}");
    }
}
