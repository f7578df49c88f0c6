//! Looks for runs that have come in, puts what is to be said of them into the outbox, and sends it.

use std::{
    collections::HashMap,
    io::{self, Write as _},
    path::Path,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use subunit_history::{
    History,
    query::{RunRow, StoreStamp},
};
use subunit_run::commands::FolderPolicies;

use super::{
    notice::ChangeNotice,
    outbox::{Letter, NextTry, NoticeOutbox},
    receiver::NoticeReceiver,
    settings::NotifySettings,
};
use crate::store_place::StorePlace;

/// A run that began longer ago, in microseconds, is not news: somebody loads old runs.
const OLD: i64 = 24 * 3600 * 1_000_000;

/// Tells receivers of a history from now on, in a thread of its own: of the runs that come in after this. `url` is where the pages
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
    let url = settings.url.clone().unwrap_or_else(|| url.to_owned());
    let mut watcher = Watcher { settings, place, url, outbox, stamp: None, said: String::new() };
    let mut history = None;
    if watcher.outbox.seen()?.is_none() {
        watcher.look(&mut history)?;
    }
    let named = thread::Builder::new().name("notify".into());
    named.spawn(|| watcher.run(history))?;
    Ok(())
}

struct Watcher {
    settings: NotifySettings,
    place: StorePlace,
    url: String,
    outbox: NoticeOutbox,
    /// Of the history when it was looked at.
    stamp: Option<StoreStamp>,
    /// What was wrong the last time it was looked at: it is told once.
    said: String,
}

/// What went wrong, for people.
type Failure = Box<dyn std::error::Error>;

impl Watcher {
    fn run(mut self, mut history: Option<History>) {
        loop {
            let looked = self.look(&mut history);
            let said = looked.err().map(|error| error.to_string()).unwrap_or_default();
            if !said.is_empty() && said != self.said {
                say(&said);
            }
            self.said = said;
            if let Err(error) = self.send() {
                say(&format!("the outbox: {error}"));
            }
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
        let Some(seen) = self.outbox.seen()?.filter(|seen| *seen <= last) else {
            return Ok(self.outbox.set_seen(last)?);
        };
        runs.retain(|run| run.id > seen);
        runs.sort_unstable_by_key(|run| run.id);
        if runs.is_empty() {
            return Ok(());
        }
        let policies = FolderPolicies::read(Path::new("."))?;
        for run in &runs {
            self.note_run(history, run, &policies)?;
            self.outbox.set_seen(run.id)?;
        }
        Ok(())
    }

    fn note_run(
        &self,
        history: &History,
        run: &RunRow,
        policies: &FolderPolicies,
    ) -> Result<(), Failure> {
        let now = now();
        if run.started < now.as_micros() as i64 - OLD {
            return Ok(());
        }
        let notice = ChangeNotice::of(history, run, |test| policies.of_test(&test.id), &self.url)?;
        let Some(notice) = notice else { return Ok(()) };
        for receiver in &*self.settings.receivers {
            self.outbox.put(&notice, &receiver.key(), now)?;
        }
        Ok(())
    }

    /// Sends what is due, to all receivers at the same time: none waits for another one that does not answer.
    fn send(&self) -> io::Result<()> {
        let mut due: HashMap<_, Vec<_>> = HashMap::new();
        for letter in self.outbox.due(now())? {
            due.entry(letter.receiver.clone()).or_default().push(letter);
        }
        // What is for nobody of the settings stays, for settings that name its receiver again.
        let receivers = self.settings.receivers.iter();
        let sent = receivers.filter_map(|one| Some((one, due.remove(&one.key())?)));
        thread::scope(|scope| {
            let sent: Vec<_> =
                sent.map(|(one, letters)| scope.spawn(|| self.send_to(one, letters))).collect();
            sent.into_iter().try_for_each(|sent| sent.join().unwrap_or(Ok(())))
        })
    }

    /// Sends what is due to one receiver. After the first letter that it does not take, the others wait for the next time.
    fn send_to(&self, receiver: &NoticeReceiver, letters: Vec<Letter>) -> io::Result<()> {
        for letter in letters {
            match receiver.send(&letter.id, &letter.notice) {
                Ok(refused) => {
                    self.outbox.remove(&letter)?;
                    refused.iter().for_each(|what| say(&format!("{}: {what}", receiver.name())));
                }
                Err(error) => {
                    return self.wait(letter, &format!("{}: {error}", receiver.name()));
                }
            }
        }
        Ok(())
    }

    fn wait(&self, letter: Letter, what: &str) -> io::Result<()> {
        match self.outbox.put_back(letter, self.settings.every, now())? {
            NextTry::After(pause) => say(&format!("{what}: it is sent again in {pause:?}")),
            NextTry::Never => say(&format!("{what}: it is given up after three days")),
        }
        Ok(())
    }
}

/// Since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn say(what: &str) {
    // There is nobody else to tell.
    let _ = writeln!(io::stderr(), "subunit serve: notify: {what}");
}
