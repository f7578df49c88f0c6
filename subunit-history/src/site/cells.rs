//! What a test came to in runs, in a letter for each: the same on grids and on the pages of tests.

use std::fmt::Write as _;

use super::{
    frame::Text,
    view::{SeriesView, SiteTest, TestCell},
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

/// The same for a server: a streak of one result, for one reason, is one link, to the last of its runs. So a row takes few
/// bytes however many runs there are; the script finds the column that is meant.
pub(super) fn row_by_streaks(view: &SeriesView, test: &SiteTest) -> String {
    let mut html = String::from("<code class=\"cells\">");
    let mut at = 0;
    while let Some(cell) = test.cells.get(at) {
        let is_same =
            |next: &&TestCell| next.outcome == cell.outcome && next.message == cell.message;
        let same = test.cells.iter().skip(at).take_while(is_same).count();
        let (letter, class) = sign(cell.outcome);
        let letters = letter.to_string().repeat(same);
        match view.runs.get(at).filter(|_| is_told(cell.outcome)) {
            Some(run) => {
                let message = cell.message.as_deref().unwrap_or_default();
                let _ = write!(
                    html,
                    "<a class=\"{class}\" href=\"../{}\" title=\"@{} {}: {}\">{letters}</a>",
                    Text(&view.links.result(run, &test.test, &test.anchor)),
                    run.id,
                    cell.outcome.word(),
                    Text(message)
                );
            }
            None => {
                let _ = write!(html, "<span class=\"{class}\">{letters}</span>");
            }
        }
        at += same;
    }
    html.push_str("</code>");
    html
}

/// The runs above the cells of a server: the day, the revision and the author of each, and a box to compare it with another.
pub(super) fn columns(view: &SeriesView) -> String {
    let mut html = String::from("<span class=\"columns\">");
    for run in &view.runs {
        let (class, word) = super::frame::verdict(run);
        let when = super::frame::time(run.started);
        let revision: String =
            run.revision.as_deref().unwrap_or_default().chars().take(8).collect();
        let author = run.meta.get("author").and_then(|author| author.as_str()).unwrap_or_default();
        let (day, author): (String, String) =
            (when.chars().skip(5).take(5).collect(), author.chars().take(10).collect());
        let label = format!("{day} {revision} {author}");
        let _ = write!(
            html,
            "<span><a class=\"{class}\" href=\"../{}\" title=\"@{} {word}, {when} {} {}\">{}</a>\
             <input type=\"checkbox\" name=\"run\" value=\"{}\" aria-label=\"Compare run {}\"></span>",
            view.links.run(run),
            run.id,
            Text(&revision),
            Text(&author),
            Text(label.trim_end()),
            run.uuid,
            run.id
        );
    }
    html.push_str("</span>");
    html
}
