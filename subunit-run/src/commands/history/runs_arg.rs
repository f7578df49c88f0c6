//! Which runs are meant, by their names and by their series.

use subunit_filters::{console::Console, exit::Error};
use subunit_history::{
    History, Store,
    query::{BrokenTest, RunRow},
};

use super::place::{HistoryArg, error};

/// Which runs are meant, of which history.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct RunsArg {
    /// Only runs of these series, such as a branch; `*` is any text, `?` any character [default: all]
    #[arg(long, value_name = "GLOB")]
    series: Option<String>,
    #[command(flatten)]
    pub(super) history: HistoryArg,
}

impl RunsArg {
    /// Opens the history to read it.
    pub(super) fn read(&self) -> Result<History, Error> {
        self.history.read()
    }

    /// Opens the history to write it, and tells what was put right.
    pub(super) fn write(&self, console: &mut Console<'_>) -> Result<Store, Error> {
        self.history.write(console)
    }

    /// Whether runs of this series are meant.
    pub(super) fn fits(&self, series: &str) -> bool {
        self.series.as_deref().is_none_or(|glob| fits(glob, series))
    }

    /// The run that is meant.
    pub(super) fn find(&self, history: &History, meant: &str) -> Result<RunRow, Error> {
        find(history, meant, self.series.as_deref())
    }

    /// The runs that are meant, of a history that is to be written then.
    pub(super) fn find_all(&self, meant: &[String]) -> Result<Vec<RunRow>, Error> {
        let history = self.read()?;
        meant.iter().map(|run| self.find(&history, run)).collect()
    }

    /// The series that are meant; none stands for that of the run that came last.
    pub(super) fn names(&self, history: &History) -> Result<Vec<Option<String>>, Error> {
        let Some(glob) = &self.series else { return Ok(vec![None]) };
        let names = history.series_names().map_err(error)?;
        let found: Vec<_> = names.into_iter().filter(|name| fits(glob, name)).map(Some).collect();
        if found.is_empty() {
            return Err(Error::Usage(format!("no series is called {}", glob.escape_debug())));
        }
        Ok(found)
    }

    /// When a test last turned bad, in one of the series that are meant; of several series the latest one.
    pub(super) fn turned_bad(
        &self,
        history: &History,
        test: &str,
    ) -> Result<Option<BrokenTest>, Error> {
        let mut found: Option<BrokenTest> = None;
        let began = |one: &BrokenTest| one.first_bad.as_ref().map(|run| run.started);
        for series in self.names(history)? {
            let one = history.turned_bad(test, series.as_deref()).map_err(error)?;
            let is_later =
                |one: &BrokenTest| found.as_ref().is_none_or(|known| began(one) > began(known));
            if let Some(one) = one.filter(is_later) {
                found = Some(one);
            }
        }
        Ok(found)
    }
}

/// The run that is meant, of the series that fit a glob if there is one.
pub(super) fn find(history: &History, meant: &str, series: Option<&str>) -> Result<RunRow, Error> {
    let is_wanted = |run: &RunRow| series.is_none_or(|series| fits(series, &run.series));
    let found = history.find(meant, is_wanted).map_err(error)?;
    found.ok_or_else(|| {
        let known = "use a number such as @12, @last, @last-green, or the beginning of a name";
        let of = series.map(|series| format!(" of the series {}", series.escape_debug()));
        let of = of.unwrap_or_default();
        Error::Usage(format!(
            "there is no run {meant}{of}: {known}; `subunit history list` lists them"
        ))
    })
}

pub(super) fn is_glob(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether a name fits a pattern, in which `*` is any text and `?` any character.
pub(super) fn fits(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the last `*` is, and how much of the name it takes up to.
    let mut star = None;
    while let Some(next) = name.get(place) {
        match glob.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(c) if *c == '?' || c == next => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((begin, taken)) = star else { return false };
                star = Some((begin, taken + 1));
                (at, place) = (begin + 1, taken + 1);
            }
        }
    }
    glob.get(at..).unwrap_or_default().iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_series() {
        for (glob, name, does) in [
            ("*", "", true),
            ("*", "main/x", true),
            ("main", "main", true),
            ("main", "main2", false),
            ("main/*", "main/asan", true),
            ("main/*", "main", false),
            ("*/asan", "a/b/asan", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("v?.?", "v1.2", true),
            ("v?.?", "v1.20", false),
            ("ä*", "äöü", true),
        ] {
            assert_eq!(fits(glob, name), does, "{glob} {name}");
        }
    }
}
