//! `subunit man`: the manual pages.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use clap_mangen::Man as Page;

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::DirectoryOrWord,
};

/// Write the manual pages into a folder
///
/// There is a page for `subunit`, one for each verb, such as `subunit-rename.1`, and one for each
/// traditional name, such as `subunit2csv.1`. If a verb and a traditional name share a page, as `subunit
/// stats` and `subunit-stats` do, it holds both, each under its name. The verbs of `subunit-run` and
/// `subunit-server` have pages if these programs are installed.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Man {
    #[command(flatten)]
    directory: DirectoryOrWord,
}

impl Command for Man {
    const NAME: &'static str = "man";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit man -d man1
  $ subunit man -d man1 && ls man1/subunit-stats.1 man1/subunit2csv.1

Exit status: 0, or 2 if the folder cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let folder = self.directory.path();
        let failed = |source| Error::File { name: folder.display().to_string(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        let mut command = (console.definitions.verbs)();
        let tools = (console.definitions.tools)();
        // Fills in what the verbs have from the whole, such as --color.
        command.build();
        write(&folder, "subunit", &page("subunit", &command)?)?;
        for verb in command.get_subcommands() {
            let name = format!("subunit-{}", verb.get_name());
            let tool = tools.iter().find(|tool| tool.get_name() == name);
            let page = match tool {
                Some(tool) => shared_page(&name, verb, tool)?,
                None => page(&name, verb)?,
            };
            write(&folder, &name, &page)?;
            for inner in verb.get_subcommands() {
                let name = format!("{name}-{}", inner.get_name());
                write(&folder, &name, &self::page(&name, inner)?)?;
            }
        }
        let has_page = |tool: &clap::Command| {
            let verb = tool.get_name().strip_prefix("subunit-");
            verb.is_some_and(|verb| command.find_subcommand(verb).is_some())
        };
        for tool in tools.iter().filter(|tool| !has_page(tool)) {
            write(&folder, tool.get_name(), &page(tool.get_name(), tool)?)?;
        }
        console.flush()?;
        Ok(Exit::Passed)
    }
}

fn write(folder: &Path, name: &str, page: &[u8]) -> Result<(), Error> {
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page)
        .map_err(|source| Error::File { name: path.display().to_string(), source })
}

/// The page of one command.
fn page(name: &str, definition: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    head(name, definition, &mut page)?;
    page.extend(body(definition)?.bytes());
    Ok(page)
}

/// The page of a verb and of the traditional tool of that name.
fn shared_page(name: &str, verb: &clap::Command, tool: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    head(name, tool, &mut page)?;
    let typed = verb.get_bin_name().unwrap_or_default();
    let (typed, traditional) = (roff(typed), roff(name));
    writeln!(
        page,
        ".SH DESCRIPTION\n\
         Two commands share this page. Under the traditional name \\fB{traditional}\\fR, a link that \
         \\fBsubunit links\\fR makes, the command has the options and the exit status of \
         python\\-subunit\\*(Aqs tool of that name. As \\fB{typed}\\fR it has those of all verbs."
    )?;
    for (word, definition) in [(traditional, tool), (typed, verb)] {
        writeln!(page, ".SH \"{}\"", word.to_uppercase())?;
        let body = body(definition)?;
        page.extend(body.replace("\n.SH ", "\n.SS ").replacen(".SH ", ".SS ", 1).bytes());
    }
    Ok(page)
}

/// Title and name.
fn head(name: &str, definition: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let source = concat!("subunit ", env!("CARGO_PKG_VERSION"));
    Page::new(definition.clone()).title(name).source(source).render_title(page)?;
    let about = definition.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(page, ".SH NAME\n{} \\- {}", roff(name), roff(&about))
}

/// All but title and name.
fn body(definition: &clap::Command) -> io::Result<String> {
    let page = Page::new(definition.clone());
    let mut body = Vec::new();
    page.render_synopsis_section(&mut body)?;
    page.render_description_section(&mut body)?;
    page.render_options_section(&mut body)?;
    if definition.has_subcommands() {
        page.render_subcommands_section(&mut body)?;
    }
    page.render_extra_section(&mut body)?;
    let body = String::from_utf8(body).map_err(io::Error::other)?;
    Ok(body.replace("\n.SH EXTRA\n", "\n.SH NOTES\n"))
}

/// Text that is safe in the middle of a line.
fn roff(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}
