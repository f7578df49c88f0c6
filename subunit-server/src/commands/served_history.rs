//! A history that is to be served, alone or as a project beside others.

use std::{net::SocketAddr, path::PathBuf};

use subunit_filters::exit::Error;
use subunit_history::{History, Store};

use crate::{neighbour::Neighbour, project::PROJECTS, store_place::StorePlace};

/// What may stand in the name of a project, besides letters and digits.
const MARKS: &str = "-._";
/// How long the name of a project may be.
const LONGEST: usize = 64;

/// `NAME=DIR` or `NAME=ADDRESS`.
#[derive(Clone, Debug)]
pub(super) struct ProjectArg {
    name: String,
    place: PathBuf,
}

impl ProjectArg {
    /// Reads what follows `--project`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (name, place) = text.split_once('=').ok_or("say NAME=DIR or NAME=ADDRESS")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || MARKS.contains(c);
        let is_begun = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !is_begun || !name.chars().all(is_plain) || name.len() > LONGEST {
            return Err(format!(
                "the name of a project has at most {LONGEST} letters, digits, `-`, `.` and `_`, and begins with a letter or a digit"
            ));
        }
        if place.is_empty() {
            return Err("after the `=` comes a folder or the address of a database".into());
        }
        Ok(Self { name: name.to_owned(), place: place.into() })
    }
}

/// A history that can be read, and that no other server of this machine shows.
#[derive(Debug)]
pub(super) struct ServedHistory {
    /// What stands before all its addresses.
    pub(super) base: String,
    pub(super) place: StorePlace,
    /// The name of the store.
    pub(super) store: String,
}

impl ServedHistory {
    /// The only history of a server. It is made if it is missing and `creates`.
    pub(super) fn alone(place: PathBuf, creates: bool) -> Result<Self, Error> {
        Self::open(String::new(), place, creates)
    }

    /// All projects of a server. Those that are missing are made if it `creates`.
    pub(super) fn projects(arguments: Vec<ProjectArg>, creates: bool) -> Result<Vec<Self>, Error> {
        let mut all: Vec<Self> = Vec::new();
        for ProjectArg { name, place } in arguments {
            let one = Self::open(format!("{PROJECTS}{name}"), place, creates)?;
            if let Some(other) =
                all.iter().find(|other| other.base == one.base || other.store == one.store)
            {
                let what = if other.base == one.base { "name" } else { "history" };
                return Err(Error::Usage(format!(
                    "--project {name}={}: another project has this {what}: leave one of them out",
                    one.place
                )));
            }
            all.push(one);
        }
        Ok(all)
    }

    fn open(base: String, place: PathBuf, creates: bool) -> Result<Self, Error> {
        let place = StorePlace::new(place).map_err(of_history)?;
        let store = opened(&place, creates)?.uuid().map_err(of_history)?;
        let one = Self { base, place, store };
        if let Some(url) = one.folder().and_then(|folder| Neighbour::answering(folder, &one.store))
        {
            return Err(Error::Usage(format!(
                "{}: a server of this history answers at {url}: open that, or end it first",
                one.place
            )));
        }
        Ok(one)
    }

    /// Says in the folder of the history where its server is. Best effort: without it, the next server does not find this one.
    pub(super) fn announce(&self, address: SocketAddr) -> Option<Neighbour> {
        Neighbour::announce(self.folder()?, address, &self.base).ok()
    }

    /// The name of the project, if it is one.
    pub(super) fn project(&self) -> Option<&str> {
        self.base.strip_prefix(PROJECTS)
    }

    /// Where its pages are on the server at this address.
    pub(super) fn url(&self, server: &str) -> String {
        match self.project() {
            Some(name) => format!("{server}p/{name}/"),
            None => server.to_owned(),
        }
    }

    /// The folder of the history. A database may have several servers, on several machines.
    fn folder(&self) -> Option<&std::path::Path> {
        self.place.files().filter(|_| !self.place.is_database())
    }
}

fn opened(place: &StorePlace, creates: bool) -> Result<History, Error> {
    let open = || History::open(place.path()).map_err(of_history);
    let mut history = open()?;
    if history.is_none() && creates {
        drop(Store::open(place.path()).map_err(of_history)?);
        history = open()?;
    }
    history.ok_or_else(|| {
        Error::Usage(format!(
            "{place}: there is no history: `subunit run` and `subunit load` make one, and --create an empty one"
        ))
    })
}

/// A history that cannot be used.
pub(super) fn of_history(error: subunit_history::Error) -> Error {
    Error::Usage(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_project_is_part_of_an_address() {
        let long = format!("{}=d", "a".repeat(LONGEST + 1));
        for text in ["app=d", "App-2.x_y=postgres://h/d?project=p&files=f", "7=.subunit"] {
            let read = ProjectArg::read(text).unwrap();
            assert_eq!(format!("{}={}", read.name, read.place.display()), text);
        }
        for text in ["app", "=d", "app=", "a/b=d", ".=d", "..=d", "a b=d", "\u{e4}=d", &long] {
            assert!(ProjectArg::read(text).is_err(), "{text}");
        }
    }
}
