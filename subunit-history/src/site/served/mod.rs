//! Pages that a server makes when they are asked for.

use super::{
    frame::SiteFrame,
    grid, index,
    links::{SiteLinks, slug},
    run, series, test,
    view::{SeriesSummary, SeriesView, Which},
};
use crate::{
    Error,
    query::{History, TestIdentity},
};

/// How many runs of a series are on its page, and on that of a test.
const RUNS: usize = 100;
/// How many columns a grid has.
const COLUMNS: usize = 50;
/// How many runs before a run tell which of its failures are new.
const BEFORE: usize = 20;

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
    /// The first page: all series.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn index(&self) -> Result<String, Error> {
        let summary = |name: String| {
            let runs = self.history.runs_back(&name, None, COLUMNS)?;
            Ok(SeriesSummary { slug: slug(&name), name, runs })
        };
        let names = self.history.series_names()?.into_iter();
        let all = names.map(summary).collect::<Result<Vec<_>, Error>>()?;
        Ok(index::page(&self.frame, &all))
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
    pub fn grid(&self, slug: &str) -> Result<Option<String>, Error> {
        let Some(name) = self.name(slug)? else { return Ok(None) };
        let view = self.view(&name, COLUMNS, Which::BadOrFlaky)?;
        Ok(Some(grid::page(&view, &self.frame)))
    }

    /// A run, by its UUID.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn run(&self, uuid: &str) -> Result<Option<String>, Error> {
        let Some(run) = self.history.run_named(uuid)?.filter(|run| run.is_kept) else {
            return Ok(None);
        };
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

    fn view(&self, name: &str, most: usize, which: Which<'_>) -> Result<SeriesView, Error> {
        let runs = self.history.runs_back(name, None, most)?;
        SeriesView::read(self.history, name, SiteLinks::Served, runs, which)
    }

    fn name(&self, wanted: &str) -> Result<Option<String>, Error> {
        Ok(self.history.series_names()?.into_iter().find(|name| slug(name) == wanted))
    }
}
