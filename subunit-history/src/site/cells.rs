//! What a test came to in runs, in a letter for each: the same on grids and on the pages of tests.

use std::fmt::Write as _;

use super::{
    frame::Text,
    view::{SeriesView, SiteTest},
};
use crate::OutcomeCode;

/// The letter and the class of its colour. The letter says it by itself.
pub(super) fn sign(outcome: OutcomeCode) -> (char, &'static str) {
    match outcome {
        OutcomeCode::SUCCESS | OutcomeCode::XFAIL => ('\u{b7}', "good"),
        OutcomeCode::FLAKY => ('f', "dim"),
        OutcomeCode::FAIL => ('F', "bad"),
        OutcomeCode::UXSUCCESS => ('U', "bad"),
        OutcomeCode::UNFINISHED => ('!', "bad"),
        OutcomeCode::SKIP => ('-', "soft"),
        OutcomeCode::EXISTS => ('?', "soft"),
        _ => ('\u{a0}', "soft"),
    }
}

/// What the letters mean.
pub(super) const LEGEND: &str = "<p class=\"soft\">The latest run is on the left. <code>\u{b7}</code> passed, <code>F</code> failed, \
    <code>f</code> flaky: it passed after it had failed, <code>!</code> never ended, <code>U</code> passed unexpectedly, <code>-</code> skipped, \
    <code>?</code> not run; blank: not there.</p>\n";

/// The cells of a test. A bad or flaky one is a link to the test in its run.
pub(super) fn row(view: &SeriesView, test: &SiteTest) -> String {
    let mut html = String::from("<code class=\"cells\">");
    let mut at = 0;
    while let Some(cell) = test.cells.get(at) {
        let (letter, class) = sign(cell.outcome);
        if is_told(cell.outcome)
            && let Some(run) = view.runs.get(at)
        {
            let message = cell.message.as_deref().unwrap_or_default();
            let _ = write!(
                html,
                "<a class=\"{class}\" href=\"../{}\" title=\"@{} {}: {}\">{letter}</a>",
                Text(&view.links.result(run, &test.test, &test.anchor)),
                run.id,
                cell.outcome.word(),
                Text(message)
            );
            at += 1;
            continue;
        }
        let same =
            test.cells.iter().skip(at).take_while(|next| next.outcome == cell.outcome).count();
        let _ = write!(html, "<span class=\"{class}\">{}</span>", letter.to_string().repeat(same));
        at += same;
    }
    html.push_str("</code>");
    html
}

/// Whether a run tells more of it than that it was so.
fn is_told(outcome: OutcomeCode) -> bool {
    outcome.is_bad()
}

/// The runs above the cells: the last digit of each number, as a link.
pub(super) fn head(view: &SeriesView) -> String {
    let mut html = String::from("<code class=\"cells\">");
    for run in &view.runs {
        let (class, word) = super::frame::verdict(run);
        let when = super::frame::time(run.started);
        let _ = write!(
            html,
            "<a class=\"{class}\" href=\"../{}\" title=\"@{} {word}, {when}\">{}</a>",
            view.links.run(run),
            run.id,
            run.id % 10
        );
    }
    html.push_str("</code>");
    html
}
