//! One test in one series: its results, how long it took, when it changed, and why it failed.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    cells::{LEGEND, row},
    frame::{Page, SiteFrame, Text, facts, name, run_link, seconds, table, time},
    view::{SeriesView, SiteTest, TestCell},
};
use crate::query::RunRow;

/// How many rows a table has.
const MOST: usize = 100;

pub(super) fn page(view: &SeriesView, test: &SiteTest, frame: &SiteFrame) -> String {
    let results = || view.runs.iter().zip(&test.cells);
    let told = || results().filter(|(_, cell)| cell.outcome.is_telling());
    let mut times: Vec<u64> = results()
        .filter(|(_, cell)| cell.outcome.is_good())
        .map(|(_, cell)| cell.time.get())
        .collect();
    times.sort_unstable();
    let bad = told().filter(|(_, cell)| cell.outcome.is_bad()).count();
    let mut body = String::new();
    if let Some((_, cell)) = told().next() {
        let class = if cell.outcome.is_bad() { "bad" } else { "good" };
        let _ =
            writeln!(body, "<p class=\"verdict {class}\">Last result: {}</p>", cell.outcome.word());
    }
    body.push_str(&facts(&[
        ("results", told().count().to_string()),
        ("bad", bad.to_string()),
        ("median time", percentile(&times, 50)),
        ("95 of 100 took at most", percentile(&times, 95)),
    ]));
    let _ = writeln!(
        body,
        "<h2>Results</h2>\n<div class=\"wide\" role=\"region\" aria-label=\"Results\" tabindex=\"0\">{}</div>\n{LEGEND}",
        row(view, test)
    );
    body.push_str(&chart(&test.cells));
    let told: Vec<(&RunRow, &TestCell)> = told().collect();
    let changes = told.windows(2).filter_map(|pair| match pair {
        [(run, now), (_, before)] if now.outcome.is_bad() != before.outcome.is_bad() => {
            Some(format!(
                "<td>{}</td><td>{}</td><td><b class=\"{}\">{}</b></td><td><code>{}</code></td>",
                run_link(run, view.links),
                time(run.started),
                if now.outcome.is_bad() { "bad" } else { "good" },
                if now.outcome.is_bad() { "broke" } else { "fixed" },
                Text(run.revision.as_deref().unwrap_or_default())
            ))
        }
        _ => None,
    });
    let columns = ["Run", "Began", "What", "Revision"];
    body.push_str(&table("Changes", &columns, &changes.collect::<Vec<_>>(), MOST));
    body.push_str(&messages(view, test));
    let title = name(&test.test);
    let above = [
        ("All series", format!("../{}", view.links.index())),
        (view.name.as_str(), format!("../{}", view.links.series(&view.slug))),
    ];
    frame.page(&Page { title: &title, above: &above, depth: 1 }, &body)
}

/// The nearest rank.
fn percentile(times: &[u64], percent: usize) -> String {
    let rank = (times.len() * percent).div_ceil(100);
    rank.checked_sub(1).and_then(|at| times.get(at)).map_or_else(String::new, |time| seconds(*time))
}

/// Why it failed: each message, how often, and the last run that had it.
fn messages(view: &SeriesView, test: &SiteTest) -> String {
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (nth, cell) in test.cells.iter().enumerate() {
        if let Some(message) = &cell.message {
            found.entry(message).or_insert((0, nth)).0 += 1;
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (_, nth))| *nth);
    let rows = found.iter().map(|(message, (count, nth))| {
        let last = view.runs.get(*nth);
        let last = last.map(|run| {
            let page = view.links.result(run, &test.test, &test.anchor);
            format!("<a href=\"../{}\">@{}</a>", Text(&page), run.id)
        });
        format!(
            "<td><code>{}</code></td><td class=\"number\">{count}</td><td>{}</td>",
            Text(message),
            last.unwrap_or_default()
        )
    });
    table("Messages", &["Message", "Times", "Last run"], &rows.collect::<Vec<_>>(), MOST)
}

/// How long it took, a point for each good result, the latest on the right.
fn chart(cells: &[TestCell]) -> String {
    let points: Vec<(usize, u64)> = cells
        .iter()
        .rev()
        .enumerate()
        .filter(|(_, cell)| cell.outcome.is_good())
        .map(|(nth, cell)| (nth, cell.time.get()))
        .collect();
    let most = points.iter().map(|(_, time)| *time).max().unwrap_or_default();
    if points.len() < 2 || most == 0 {
        return String::new();
    }
    let mut line = String::new();
    for (nth, time) in &points {
        let _ = write!(line, "{},{:.1} ", nth * 10, 58.0 - 56.0 * *time as f64 / most as f64);
    }
    format!(
        "<h2>Time</h2>\n<svg class=\"chart\" viewBox=\"0 0 {} 60\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"How long it took in each run, up to {}\"><polyline points=\"{}\"></polyline></svg>\n\
         <p class=\"soft\">The top is {}, the latest run is on the right.</p>\n",
        (cells.len().saturating_sub(1) * 10).max(1),
        seconds(most),
        line.trim_end(),
        seconds(most)
    )
}
