//! The first page: all series, and how their last runs came out.

use std::fmt::Write as _;

use subunit_core::run::counted;

use super::{
    frame::{Page, SiteFrame, Text, table, time, verdict},
    view::SeriesSummary,
};
use crate::query::LiveRun;

/// How many runs of a series are shown.
const RUNS: usize = 50;

/// `note` is what to know of the runs that go on; `project` is the name of the history, if its server has several.
pub(super) fn page(
    frame: &SiteFrame,
    series: &[SeriesSummary],
    live: &[LiveRun],
    note: Option<&str>,
    project: Option<&str>,
) -> String {
    let links = frame.links();
    let mut body = running(live);
    if let Some(note) = note {
        let _ = writeln!(body, "<p>{}</p>", Text(note));
    }
    if series.is_empty() {
        body.push_str("<p>There is no run.</p>\n");
    }
    for one in series {
        let Some(last) = one.runs.first() else { continue };
        let (class, word) = verdict(last);
        let (name, slug) = (Text(&one.name), &one.slug);
        let _ = writeln!(
            body,
            "<section class=\"series\">\n<h2><a href=\"{}\">{name}</a></h2>\n\
             <p><b class=\"{class}\">{word}</b> <a href=\"{}\">@{}</a>, {}: {}, {} bad. \
             <a href=\"{}\">Grid<span class=\"said\"> of {name}</span></a></p>",
            links.series(slug),
            links.run(last),
            last.id,
            time(last.started),
            counted(last.counts.tests(), "test"),
            last.bad(),
            links.grid(slug),
        );
        body.push_str("<p class=\"strip\">");
        for run in one.runs.iter().take(RUNS) {
            let (class, word) = verdict(run);
            let letter = match class {
                "good" => '\u{b7}',
                "bad" => 'F',
                _ => '?',
            };
            let _ = write!(
                body,
                "<a class=\"{class}\" href=\"{}\" title=\"@{} {word}\" aria-label=\"run {}: {word}\">{letter}</a>",
                links.run(run),
                run.id,
                run.id
            );
        }
        body.push_str("</p>\n</section>\n");
    }
    let above: &[_] = if project.is_some() { &[("Projects", "../../".to_owned())] } else { &[] };
    frame.page(&Page { title: project.unwrap_or("Test runs"), above, depth: 0 }, &body)
}

/// The runs that go on.
fn running(live: &[LiveRun]) -> String {
    let row = |run: &LiveRun| {
        format!(
            "<td><a href=\"live/{}\">{}</a></td><td>{}</td>",
            run.uuid,
            time(run.begun),
            Text(run.series.as_deref().unwrap_or_default())
        )
    };
    let rows: Vec<String> = live.iter().map(row).collect();
    table("Running now", &["Began", "Series"], &rows, RUNS)
}
