//! `subunit history prune`: old runs go.

use std::{
    io::Write,
    time::{Duration, SystemTime},
};

use subunit_filters::{
    cli::duration,
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::Keep;

use crate::commands::history::{
    json::{self, JsonArg, Runs},
    place::{HistoryArg, error},
    table,
};

/// Remove runs that are too old, too many or too large
///
/// What they say about their tests stays known: since when a test fails, how long it takes. The last run of each series, its
/// last one that passed, and runs that are pinned stay. Exit status: 0; 2 nothing could be removed.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "what", required = true, multiple = true, args = ["keep", "older_than", "max_size"])]
pub(super) struct PruneArgs {
    /// Keep this number of runs of each series, the last ones
    #[arg(long, value_name = "N")]
    keep: Option<u64>,
    /// Remove runs that began longer ago than this
    #[arg(long, value_name = "TIME", value_parser = parse_age)]
    older_than: Option<Duration>,
    /// Remove the oldest runs until all together have this size
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_size: Option<u64>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    history: HistoryArg,
}

/// A time as all options take it, and days and weeks.
fn parse_age(text: &str) -> Result<Duration, String> {
    const DAY: f64 = 86_400.0;
    let unit = [("d", DAY), ("w", 7.0 * DAY)];
    let of_days = unit.iter().find_map(|(unit, seconds)| {
        let count: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Duration::try_from_secs_f64(count * seconds).ok()
    });
    of_days.map_or_else(|| duration::parse(text).map_err(|error| error.to_string()), Ok)
}

fn parse_size(text: &str) -> Result<u64, &'static str> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, ""),
    };
    let shift = match unit {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("use a number of bytes, or one with K, M, G or T"),
    };
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    size.ok_or("use a number of bytes, or one with K, M, G or T")
}

impl PruneArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut store = self.history.write(console)?;
        let since = self.older_than.map(|age| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            i64::try_from(now.saturating_sub(age).as_micros()).unwrap_or(i64::MAX)
        });
        let keep = Keep { runs: self.keep, since, bytes: self.max_size };
        let pruned = store.to_prune(keep).map_err(error)?;
        if !self.dry_run {
            store.prune(&pruned).map_err(error)?;
        }
        if self.form.json {
            json::write(&Runs::of(pruned.iter().map(|one| &one.run)), console)?;
            return Ok(Exit::Passed);
        }
        let word = if self.dry_run { "would be removed" } else { "removed" };
        for one in &pruned {
            let (id, started) = (one.run.id, table::time(one.run.started));
            writeln!(console.stdout, "@{id} {started} {word}")?;
        }
        if pruned.is_empty() {
            console.say("all runs stay")?;
        }
        Ok(Exit::Passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes() {
        let day = Duration::from_secs(86_400);
        for (text, age) in [("30d", 30 * day), ("1w", 7 * day), ("36h", day + day / 2)] {
            assert_eq!(parse_age(text), Ok(age), "{text}");
        }
        assert!(parse_age("-1d").is_err() && parse_age("d").is_err());
        for (text, size) in [("7", 7), ("5G", 5 << 30), ("2M", 2 << 20), ("1k", 1024)] {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
        for text in ["", "G", "1X", "-1", "99999999999T"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
