//! A folder of pages about a history, for a browser: nothing is loaded from elsewhere, and nothing serves them.
//!
//! ```text
//! index.html            the series
//! series/NAME.html      what fails, is flaky, broke and grew in one of them
//! grid/NAME.html        its tests by its runs
//! run/UUID.html         one run
//! test/HASH.html        one test in one series: those that were bad or flaky in one of its runs
//! ```
//!
//! Each page is made by a function of what [`History`] answers, so that a server can make the same ones.

mod cells;
mod files;
mod filter;
mod frame;
mod grid;
mod index;
mod links;
mod run;
mod series;
mod served;
mod test;
mod view;

use std::path::Path;

use self::files::SiteFolder;
pub use self::files::WrittenSite;
use self::view::{SeriesView, Which};
pub use subunit_core::run::cause::is_text;

pub use self::{
    frame::{Page, SiteFrame, Text, facts, name, seconds, table, time, verdict},
    grid::GridQuestion,
    links::{Encoded, SiteLinks},
    served::{SERVED_SCRIPT, SERVED_STYLE, ServedPages, image_type},
};
use crate::{Error, query::History};

impl History {
    /// Writes pages about the last runs of each series that is meant, at most `most`, into a folder; those that are there and have not
    /// changed stay as they are.
    ///
    /// # Errors
    ///
    /// If the index cannot be read, or the folder not be written. A folder that holds other files is left alone.
    pub fn write_site(
        &self,
        folder: &Path,
        most: usize,
        is_meant: impl Fn(&str) -> bool,
    ) -> Result<WrittenSite, Error> {
        let mut site = SiteFolder::open(folder)?;
        let frame = SiteFrame::files(&self.uuid()?);
        site.put("style.css", frame::STYLE)?;
        site.put("script.js", frame::SCRIPT)?;
        let mut all = Vec::new();
        for name in self.series_names()?.into_iter().filter(|name| is_meant(name)) {
            let runs = self.runs_back(&name, None, most)?;
            let view = SeriesView::read(self, &name, SiteLinks::Files, runs, Which::BadOrFlaky)?;
            if !view.runs.is_empty() {
                self.write_series(&view, &frame, &mut site)?;
                all.push(view.into_summary());
            }
        }
        site.put("index.html", &index::page(&frame, &all, &[], None, None))?;
        site.finish()
    }

    fn write_series(
        &self,
        view: &SeriesView,
        frame: &SiteFrame,
        site: &mut SiteFolder,
    ) -> Result<(), Error> {
        let slug = &view.slug;
        site.put(&view.links.series(slug), &series::page(self, view, frame)?)?;
        site.put(&view.links.grid(slug), &grid::page(view, frame))?;
        for nth in 0..view.runs.len() {
            let Some((name, page)) = run::page(self, view, nth, frame)? else { continue };
            site.put(&name, &page)?;
        }
        for test in &view.tests {
            site.put(&view.address(test), &test::page(view, test, frame))?;
        }
        Ok(())
    }
}
