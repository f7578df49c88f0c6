//! Pages that a server makes when they are asked for.

mod diff;
mod help;
mod result;
mod search;

use subunit_core::sink::Attachment;

pub use self::result::image_type;
use super::{
    frame::SiteFrame,
    grid::{self, Beside, GridQuestion},
    index,
    links::{SiteLinks, slug},
    run, series, test,
    view::{SeriesSummary, SeriesView, Which},
};
use crate::{
    Error,
    query::{History, LiveRun, RecordedResult, RunRow, TestIdentity},
    sql::SqlDialect,
};

/// How many runs of a series are on its page, and on that of a test.
const RUNS: usize = 100;
/// How many columns a grid has.
const COLUMNS: usize = 50;
/// How many columns it has at most. A cell takes 32 bytes while a page is made.
const MOST_COLUMNS: usize = 1000;
/// How many runs before a run tell which of its failures are new.
const BEFORE: usize = 20;

/// The style of pages of a server.
pub const SERVED_STYLE: &str = concat!(include_str!("../style.css"), include_str!("app.css"));
/// The script of pages of a server; they work without it, too.
pub const SERVED_SCRIPT: &str = concat!(include_str!("../script.js"), include_str!("app.js"));

/// Pages of a history, made when they are asked for. Each function returns `None` if there is no such page.
#[derive(Debug)]
pub struct ServedPages<'h> {
    history: &'h History,
    frame: SiteFrame,
}

impl History {
    /// Its pages, for a server.
    pub fn served(&self) -> ServedPages<'_> {
        ServedPages { history: self, frame: SiteFrame::served() }
    }
}

impl ServedPages<'_> {
    /// The first page: these runs that go on, and all series. `project` is the name of the history, if its server has several.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn index(&self, live: &[LiveRun], project: Option<&str>) -> Result<String, Error> {
        let summary = |name: String| {
            let runs = self.history.runs_back(&name, None, COLUMNS)?;
            Ok(SeriesSummary { slug: slug(&name), name, runs })
        };
        let names = self.history.series_names()?.into_iter();
        let all = names.map(summary).collect::<Result<Vec<_>, Error>>()?;
        Ok(index::page(&self.frame, &all, live, self.note_on_live(), project))
    }

    /// What to know of runs that go on: those of a database come in on any machine.
    fn note_on_live(&self) -> Option<&'static str> {
        if self.history.index.connection().dialect() == SqlDialect::Sqlite {
            return None;
        }
        Some(match self.history.folder.is_nowhere() {
            true => {
                "Runs that go on are not shown: the address of this history names no folder of run files, &files=FOLDER."
            }
            false => "A run that another machine takes in is shown when it has ended.",
        })
    }

    /// A series, by its name in addresses.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn series(&self, slug: &str) -> Result<Option<String>, Error> {
        let Some(name) = self.name(slug)? else { return Ok(None) };
        let view = self.view(&name, RUNS, Which::BadOrFlaky)?;
        series::page(self.history, &view, &self.frame).map(Some)
    }

    /// The tests of a series by its runs, by its name in addresses.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn grid(&self, slug: &str, question: &GridQuestion) -> Result<Option<String>, Error> {
        let Some(name) = self.name(slug)? else { return Ok(None) };
        let from = match &question.from {
            None => None,
            Some(uuid) => match self.run_of(uuid)?.filter(|run| run.series == name) {
                None => return Ok(None),
                from => from,
            },
        };
        let columns = question.columns.unwrap_or(COLUMNS).clamp(1, MOST_COLUMNS);
        let mut runs = self.history.runs_back(&name, from.as_ref(), columns + 1)?;
        let older = if runs.len() > columns { runs.pop() } else { None };
        let newer = from.map(|from| self.history.run_after(&from, columns)).transpose()?.flatten();
        let uuid = |run: RunRow| run.uuid;
        let beside = Beside { newer: newer.map(uuid), older: older.map(uuid) };
        let view =
            SeriesView::read(self.history, &name, SiteLinks::Served, runs, Which::BadOrFlaky)?;
        Ok(Some(grid::served(&view, &self.frame, question, &beside)))
    }

    /// A run, by its UUID.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn run(&self, uuid: &str) -> Result<Option<String>, Error> {
        let Some(run) = self.run_of(uuid)? else { return Ok(None) };
        let runs = self.history.runs_back(&run.series, Some(&run), BEFORE)?;
        let view = SeriesView::read(
            self.history,
            &run.series,
            SiteLinks::Served,
            runs,
            Which::BadOrFlaky,
        )?;
        let page = run::page(self.history, &view, 0, &self.frame)?;
        Ok(page.map(|(_, page)| page))
    }

    /// A test in a series, by the name of the series in addresses.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn test(&self, slug: &str, test: &TestIdentity) -> Result<Option<String>, Error> {
        let Some(name) = self.name(slug)? else { return Ok(None) };
        let view = self.view(&name, RUNS, Which::Only(test))?;
        Ok(view.tests.first().map(|test| test::page(&view, test, &self.frame)))
    }

    /// A test in a run, with all of its files.
    ///
    /// # Errors
    ///
    /// If the index or the stream of the run cannot be read.
    pub fn result(&self, uuid: &str, test: &TestIdentity) -> Result<Option<String>, Error> {
        let Some(run) = self.run_of(uuid)? else { return Ok(None) };
        let results = self.history.recorded(&run, test)?;
        let page = || result::page(&self.frame, &run, test, &results);
        Ok((!results.is_empty()).then(page))
    }

    /// A file of a test in a run, by its place on the page of the result.
    ///
    /// # Errors
    ///
    /// If the index or the stream of the run cannot be read.
    pub fn file(
        &self,
        uuid: &str,
        test: &TestIdentity,
        nth: usize,
    ) -> Result<Option<Attachment>, Error> {
        let Some(run) = self.run_of(uuid)? else { return Ok(None) };
        let results = self.history.recorded(&run, test)?;
        Ok(RecordedResult::files(&results).nth(nth).cloned())
    }

    /// Two runs side by side, the earlier one first, by their UUIDs.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn diff(&self, one: &str, other: &str) -> Result<Option<String>, Error> {
        let (Some(one), Some(other)) = (self.run_of(one)?, self.run_of(other)?) else {
            return Ok(None);
        };
        let is_in_order = (one.seq, one.loaded) <= (other.seq, other.loaded);
        let (old, new) = if is_in_order { (one, other) } else { (other, one) };
        diff::page(self.history, &self.frame, &old, &new).map(Some)
    }

    /// The tests and the messages that have this text in them.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn search(&self, text: &str) -> Result<String, Error> {
        search::page(self.history, &self.frame, text)
    }

    /// What keys, signs and words mean.
    pub fn help(&self) -> String {
        help::page(&self.frame)
    }

    fn run_of(&self, uuid: &str) -> Result<Option<RunRow>, Error> {
        Ok(self.history.run_named(uuid)?.filter(|run| run.is_kept))
    }

    fn view(&self, name: &str, most: usize, which: Which<'_>) -> Result<SeriesView, Error> {
        let runs = self.history.runs_back(name, None, most)?;
        SeriesView::read(self.history, name, SiteLinks::Served, runs, which)
    }

    fn name(&self, wanted: &str) -> Result<Option<String>, Error> {
        Ok(self.history.series_names()?.into_iter().find(|name| slug(name) == wanted))
    }
}
