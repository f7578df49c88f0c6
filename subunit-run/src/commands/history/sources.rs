//! What is asked of several histories, or several series, at once.

use std::{path::PathBuf, rc::Rc};

use subunit_filters::exit::Error;
use subunit_history::{History, query::RunRow, shown_place};

use super::{
    json::{JsonArg, JsonTest},
    place::{self, error},
    runs_arg::{find, fits, is_glob},
};
use crate::commands::pager::PagerArg;

/// Which histories are meant.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct HistoriesArg {
    /// Use the history in this folder, or at this postgres:// address; several are shown together [default: $SUBUNIT_HISTORY, or .subunit]
    #[arg(long, value_name = "DIR")]
    history: Vec<PathBuf>,
}

/// Which series of them.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SeriesArg {
    /// Only runs of these series, such as a branch; `*` is any text, `?` any character [default: that of the last run]
    #[arg(long, value_name = "GLOB")]
    pub(super) series: Option<String>,
}

/// What is asked of which histories, and how the answer is written.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct QueryArgs {
    #[command(flatten)]
    pub(super) form: JsonArg,
    #[command(flatten)]
    pub(super) series: SeriesArg,
    #[command(flatten)]
    pub(super) histories: HistoriesArg,
    #[command(flatten)]
    pub(super) pager: PagerArg,
}

/// A series of a history, about which something is asked.
pub(super) struct SeriesSource {
    pub(super) history: Rc<History>,
    series: Option<String>,
    /// The folder and the series, where there are several sources.
    named: Option<(String, String)>,
}

impl QueryArgs {
    /// What is asked about; one at least.
    pub(super) fn sources(&self) -> Result<Vec<SeriesSource>, Error> {
        self.histories.sources(&self.series)
    }
}

impl HistoriesArg {
    /// The histories, each with its folder.
    pub(super) fn open(&self) -> Result<Vec<(PathBuf, History)>, Error> {
        let folders = match &self.history[..] {
            [] => vec![place::usual()],
            several => several.to_vec(),
        };
        let open = |folder: PathBuf| place::open(&folder).map(|history| (folder, history));
        folders.into_iter().map(open).collect()
    }

    /// The series that are meant, of all histories.
    pub(super) fn sources(&self, series: &SeriesArg) -> Result<Vec<SeriesSource>, Error> {
        let mut sources = Vec::new();
        for (folder, history) in self.open()? {
            let names = match &series.series {
                None => vec![None],
                Some(name) if !is_glob(name) => vec![Some(name.clone())],
                Some(glob) => {
                    let all = history.series_names().map_err(error)?.into_iter();
                    all.filter(|name| fits(glob, name)).map(Some).collect()
                }
            };
            let history = Rc::new(history);
            sources.extend(names.into_iter().map(|series| {
                let source = SeriesSource { history: Rc::clone(&history), series, named: None };
                (shown_place(&folder), source)
            }));
        }
        if let ([], Some(glob)) = (&sources[..], &series.series) {
            return Err(Error::Usage(format!("no series is called {}", glob.escape_debug())));
        }
        let are_several = sources.len() > 1;
        let named = |(folder, source): (String, SeriesSource)| {
            if are_several { source.with_name(folder) } else { Ok(source) }
        };
        sources.into_iter().map(named).collect()
    }
}

impl SeriesSource {
    /// With the name by which it is told from other ones.
    fn with_name(self, folder: String) -> Result<Self, Error> {
        let series = match &self.series {
            Some(series) => series.clone(),
            None => {
                let last = self.history.last(None).map_err(error)?;
                last.map_or_else(String::new, |run| run.series)
            }
        };
        Ok(Self { named: Some((folder, series)), ..self })
    }

    /// The series, if it is not that of the run that came last.
    pub(super) fn series(&self) -> Option<&str> {
        self.series.as_deref()
    }

    /// A row with the name of the source in front, where there are several.
    pub(super) fn row(&self, row: Vec<String>) -> Vec<String> {
        let name = self.named.as_ref().map(|(folder, series)| format!("{folder}:{series}"));
        name.into_iter().chain(row).collect()
    }

    /// A test with the name of the source, where there are several.
    pub(super) fn json<'s>(&'s self, test: JsonTest<'s>) -> JsonTest<'s> {
        let (history, series) = match &self.named {
            Some((folder, series)) => (Some(&**folder), Some(&**series)),
            None => (None, None),
        };
        JsonTest { history, series, ..test }
    }
}

/// The run that came last, and its history.
pub(super) fn last(
    sources: Vec<SeriesSource>,
    series: &SeriesArg,
) -> Result<(Rc<History>, RunRow), Error> {
    let mut found: Option<(Rc<History>, RunRow)> = None;
    for SeriesSource { history, series, .. } in sources {
        let last = history.last(series.as_deref()).map_err(error)?;
        let is_later =
            |run: &RunRow| found.as_ref().is_none_or(|(_, known)| run.started > known.started);
        if let Some(run) = last.filter(is_later) {
            found = Some((history, run));
        }
    }
    found.ok_or_else(|| match &series.series {
        Some(series) => Error::Usage(format!("there is no run of the series {series}")),
        None => Error::Usage("there is no run: `subunit run` and `subunit load` keep runs".into()),
    })
}

/// The run that is meant, of the first history that has it.
pub(super) fn find_in(
    sources: Vec<SeriesSource>,
    meant: &str,
) -> Result<(Rc<History>, RunRow), Error> {
    let mut wrong = None;
    for SeriesSource { history, series, .. } in sources {
        match find(&history, meant, series.as_deref()) {
            Ok(run) => return Ok((history, run)),
            Err(error) => wrong = Some(error),
        }
    }
    Err(wrong.unwrap_or_else(|| Error::Usage(format!("there is no run {meant}"))))
}
