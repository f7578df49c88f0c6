//! The first page: all series, and how their last runs came out.

use std::fmt::Write as _;

use subunit_core::run::counted;

use super::{
    frame::{Page, SiteFrame, Text, time, verdict},
    view::SeriesSummary,
};

/// How many runs of a series are shown.
const RUNS: usize = 50;

pub(super) fn page(frame: &SiteFrame, series: &[SeriesSummary]) -> String {
    let mut body = String::new();
    if series.is_empty() {
        body.push_str("<p>There is no run.</p>\n");
    }
    for one in series {
        let Some(last) = one.runs.first() else { continue };
        let (class, word) = verdict(last);
        let (name, slug) = (Text(&one.name), &one.slug);
        let _ = writeln!(
            body,
            "<section class=\"series\">\n<h2><a href=\"series/{slug}.html\">{name}</a></h2>\n\
             <p><b class=\"{class}\">{word}</b> <a href=\"run/{}.html\">@{}</a>, {}: {}, {} bad. \
             <a href=\"grid/{slug}.html\">Grid<span class=\"said\"> of {name}</span></a></p>",
            last.uuid,
            last.id,
            time(last.started),
            counted(last.counts.tests(), "test"),
            last.bad(),
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
                "<a class=\"{class}\" href=\"run/{}.html\" title=\"@{} {word}\" aria-label=\"run {}: {word}\">{letter}</a>",
                run.uuid, run.id, run.id
            );
        }
        body.push_str("</p>\n</section>\n");
    }
    frame.page(&Page { title: "Test runs", above: &[], depth: 0 }, &body)
}
