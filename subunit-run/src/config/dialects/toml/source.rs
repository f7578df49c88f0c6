//! Where TOML is from: a file, what it includes, what a command prints.

use std::{
    io,
    path::Path,
    process::{Command, Stdio},
};

use crate::config::{
    Mistake, Origin,
    keys::Dialect,
    tree::{self, Entry, Node, Table, Value},
};

/// Runs a command line, and gives what it printed.
pub type RunLine<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// How deep files may include others.
const DEPTH: usize = 8;

/// Runs command lines with `sh -c` in a folder.
pub fn shell(folder: &Path) -> impl Fn(&str) -> io::Result<Vec<u8>> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder }.to_owned();
    move |line| {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(&folder);
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(io::Error::other(output.status.to_string())),
        }
    }
}

/// The keys of one file, or of what one command printed.
#[derive(Clone, Debug)]
pub(in crate::config) struct Layer {
    pub(super) source: LayerSource,
    pub(super) table: Table,
}

/// What a layer was read from.
#[derive(Clone, Debug)]
pub(super) struct LayerSource {
    pub(super) file: String,
    pub(super) command: Option<String>,
    pub(super) dialect: Dialect,
}

impl LayerSource {
    pub(super) fn mistake(&self, line: usize, key: &str, what: impl Into<String>) -> Mistake {
        Mistake::new(&self.file, line, key, what)
    }

    pub(super) fn origin(&self, line: usize) -> Origin {
        Origin { place: self.file.clone(), line: Some(line), command: self.command.clone() }
    }
}

/// How files and commands are reached.
#[derive(Clone, Copy)]
pub(in crate::config) struct Access<'a> {
    /// The folder that names of files start from.
    pub(in crate::config) folder: &'a Path,
    pub(in crate::config) run: RunLine<'a>,
}

/// Reads a file and what it includes. What counts more comes later: a file after what it includes.
pub(in crate::config) fn layers(
    file: &str,
    bytes: &[u8],
    dialect: Dialect,
    access: Access<'_>,
) -> Result<Vec<Layer>, Mistake> {
    let mut layers = Vec::new();
    let source = LayerSource { file: file.to_owned(), command: None, dialect };
    collect(source, bytes, access, 0, &mut layers)?;
    Ok(layers)
}

fn collect(
    source: LayerSource,
    bytes: &[u8],
    access: Access<'_>,
    depth: usize,
    layers: &mut Vec<Layer>,
) -> Result<(), Mistake> {
    let table = tree::parse(&source.file, bytes)?;
    let include = table.get("include").filter(|_| source.dialect == Dialect::Subunit);
    for (line, name) in include.map_or_else(|| Ok(Vec::new()), |entry| names(&source, entry))? {
        let bad = |what: String| source.mistake(line, "include", what);
        if depth == DEPTH {
            return Err(bad(format!("files include each other more than {DEPTH} deep")));
        }
        let (inner, bytes) = match name.strip_prefix('!') {
            Some(command) => {
                let bytes = (access.run)(command);
                let inner = LayerSource {
                    file: format!("`{command}`"),
                    command: Some(command.to_owned()),
                    dialect: source.dialect,
                };
                (inner, bytes.map_err(|error| bad(format!("`{command}` failed: {error}")))?)
            }
            None => {
                let bytes = std::fs::read(access.folder.join(&name));
                let inner =
                    LayerSource { file: name.clone(), command: None, dialect: source.dialect };
                (inner, bytes.map_err(|error| bad(format!("cannot read {name}: {error}")))?)
            }
        };
        collect(inner, &bytes, access, depth + 1, layers)?;
    }
    layers.push(Layer { source, table });
    Ok(())
}

fn names(source: &LayerSource, entry: &Entry) -> Result<Vec<(usize, String)>, Mistake> {
    let name = |node: &Node| match &node.value {
        Value::Text(text) => Ok((node.line, text.clone())),
        other => {
            let what = format!("must be a list of strings, and has {}", other.kind());
            Err(source.mistake(node.line, "include", what))
        }
    };
    match &entry.node.value {
        Value::List(nodes) => nodes.iter().map(name).collect(),
        _ => name(&entry.node).map(|name| vec![name]),
    }
}
