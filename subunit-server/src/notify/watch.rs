//! Looks for runs that have come in or gone on, and puts what is to be said of them into the outbox.

use std::{path::Path, thread};

use subunit_history::{
    History,
    query::{RunRow, StoreStamp},
};
use subunit_run::commands::FolderPolicies;

use super::{
    deliver::NoticeDelivery,
    notice::{ChangeNotice, NoticePlace},
    now,
    outbox::NoticeOutbox,
    say,
    seen::SeenRuns,
    settings::NotifySettings,
};
use crate::store_place::StorePlace;

/// A run that began longer ago, in microseconds, is not news: somebody loads old runs.
const OLD: i64 = 24 * 3600 * 1_000_000;

/// Tells receivers of a history from now on, in threads of its own: of the runs that come in after this. `url` is where the pages
/// are if the settings do not say it.
///
/// # Errors
///
/// If there is no folder for what is to be sent, or the history cannot be read.
pub(crate) fn start(settings: NotifySettings, place: StorePlace, url: &str) -> Result<(), Failure> {
    let of_files = || place.files().map(|files| files.join("notify"));
    let folder = settings.outbox.clone().or_else(of_files).ok_or(
        "say `outbox = \"FOLDER\"` in the file: the address of the history names no folder",
    )?;
    let outbox =
        NoticeOutbox::open(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let shown = NoticePlace {
        project: settings.project.clone(),
        url: settings.url.clone().unwrap_or_else(|| url.to_owned()),
    };
    let mut watcher = Watcher { settings, place, shown, outbox, stamp: None, said: String::new() };
    let mut history = None;
    if watcher.outbox.seen()?.is_none() {
        watcher.look(&mut history)?;
    }
    let NotifySettings { receivers, every, .. } = &watcher.settings;
    let delivery = NoticeDelivery::start(receivers, &watcher.outbox, *every)?;
    let named = thread::Builder::new().name("notify".into());
    named.spawn(|| watcher.run(history, delivery))?;
    Ok(())
}

struct Watcher {
    settings: NotifySettings,
    place: StorePlace,
    /// Where people see it.
    shown: NoticePlace,
    outbox: NoticeOutbox,
    /// Of the history when it was looked at.
    stamp: Option<StoreStamp>,
    /// What was wrong the last time it was looked at: it is told once.
    said: String,
}

/// What went wrong, for people.
type Failure = Box<dyn std::error::Error>;

impl Watcher {
    fn run(mut self, mut history: Option<History>, delivery: NoticeDelivery) {
        loop {
            let looked = self.look(&mut history);
            let said = looked.err().map(|error| error.to_string()).unwrap_or_default();
            if !said.is_empty() && said != self.said {
                say(&said);
            }
            self.said = said;
            delivery.wake();
            thread::sleep(self.settings.every);
        }
    }

    /// Puts what is to be said of new runs into the outbox.
    fn look(&mut self, open: &mut Option<History>) -> Result<(), Failure> {
        // A folder may get another index; a database is asked by the names of its tables.
        let known =
            open.take().filter(|history| self.place.is_database() && history.stamp().is_ok());
        let Some(history) =
            known.map_or_else(|| History::open(self.place.path()), |one| Ok(Some(one)))?
        else {
            return Ok(());
        };
        let stamp = history.stamp()?;
        if stamp.is_none() || stamp != self.stamp {
            self.note(&history)?;
            self.stamp = stamp;
        }
        *open = Some(history);
        Ok(())
    }

    fn note(&self, history: &History) -> Result<(), Failure> {
        let mut runs = history.runs(None)?;
        let last = runs.iter().map(|run| run.id).max().unwrap_or_default();
        // What was there before is no news. Neither is what is in a history that was made anew.
        let Some(mut seen) = self.outbox.seen()?.filter(|seen| seen.last() <= last) else {
            return Ok(self.outbox.set_seen(&SeenRuns::all(&runs))?);
        };
        let old = now().as_micros() as i64 - OLD;
        // What began long ago is not told if it goes on: it need not be known.
        seen.keep(|id| runs.iter().any(|run| run.id == id && run.started >= old));
        runs.retain(|run| seen.is_news(run));
        runs.sort_unstable_by_key(|run| run.id);
        if runs.is_empty() {
            return Ok(());
        }
        let policies = FolderPolicies::read(Path::new("."))?;
        for run in &runs {
            if run.started >= old {
                self.note_run(history, run, &policies)?;
            }
            seen.add(run);
            self.outbox.set_seen(&seen)?;
        }
        Ok(())
    }

    fn note_run(
        &self,
        history: &History,
        run: &RunRow,
        policies: &FolderPolicies,
    ) -> Result<(), Failure> {
        let notice =
            ChangeNotice::of(history, run, |test| policies.of_test(&test.id), &self.shown)?;
        let Some(notice) = notice else { return Ok(()) };
        for receiver in &*self.settings.receivers {
            self.outbox.put(&notice, run.raw_bytes, &receiver.key(), now())?;
        }
        Ok(())
    }
}
