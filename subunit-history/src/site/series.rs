//! One series: its last runs, what fails, what is flaky, one message of many tests, what grew slow.

use std::fmt::Write as _;

use super::{
    frame::{Page, SiteFrame, Text, run_link, seconds, table, time, verdict},
    links::SiteLinks,
    run::counted,
    view::SeriesView,
};
use crate::{
    Error,
    query::{FlakyProof, History, RunRow, TestIdentity, WeekTrend},
};

/// How many rows a table has.
const MOST: usize = 100;
/// How many runs have a bar.
const BARS: usize = 50;
/// How many weeks back messages and times are looked at.
const WEEKS: u32 = 26;

pub(super) fn page(
    history: &History,
    view: &SeriesView,
    frame: &SiteFrame,
) -> Result<String, Error> {
    let series = Some(view.name.as_str());
    let mut body = String::new();
    if let Some(last) = view.runs.first() {
        let (class, word) = verdict(last);
        let _ = writeln!(
            body,
            "<p class=\"verdict {class}\">{word}: {}</p>\n<p>{}, {}. <a href=\"../{}\">Tests by runs</a></p>",
            counted(last),
            run_link(last, view.links),
            time(last.started),
            view.links.grid(&view.slug)
        );
    }
    body.push_str(&bars(view));
    let link = |test: &TestIdentity| view.link(test);
    let run = |id: Option<i64>| {
        let known = view.runs.iter().find(|run| Some(run.id) == id);
        let unknown = || id.map(|id| format!("@{id}")).unwrap_or_default();
        known.map_or_else(unknown, |run| run_link(run, view.links))
    };
    let failing = history.failing(series)?;
    let rows = failing.iter().map(|one| {
        let since = if one.is_born_broken { "always".to_owned() } else { run(one.since) };
        format!(
            "<td>{}</td><td>{since}</td><td><code>{}</code></td>",
            link(&one.test),
            Text(&one.message)
        )
    });
    let columns = ["Test", "Since", "Message"];
    body.push_str(&table("Failing now", &columns, &rows.collect::<Vec<_>>(), MOST));
    let clusters = history.clusters(series, 4, 20)?;
    let rows = clusters.iter().filter(|one| one.tests > 1).map(|one| {
        format!(
            "<td><code>{}</code></td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td>",
            Text(&one.message),
            one.tests,
            one.failures,
            run(Some(one.last_run))
        )
    });
    let columns = ["Message", "Tests", "Failures", "Last run"];
    body.push_str(&table("One message, several tests", &columns, &rows.collect::<Vec<_>>(), 20));
    let flaky = history.flaky(series)?;
    let rows = flaky.iter().map(|one| {
        let proof = match one.proof {
            FlakyProof::Proved => "passed and failed on the same thing",
            FlakyProof::Suspected => "changes often",
        };
        format!(
            "<td>{}</td><td>{proof}</td><td class=\"number\">{:.0} %</td><td class=\"number\">{}</td><td class=\"number\">{:.1} s</td>",
            link(&one.test),
            one.rate * 100.0,
            one.failures,
            one.cost
        )
    });
    let columns = ["Test", "Why", "Changes", "Failures", "Cost"];
    body.push_str(&table("Flaky", &columns, &rows.collect::<Vec<_>>(), MOST));
    let trends = history.trends(series, WEEKS, 20)?;
    let rows = trends.packages.iter().filter(|one| one.broke > 0).map(|one| {
        format!(
            "<td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>",
            Text(&one.package),
            one.broke,
            one.failures
        )
    });
    let columns = ["Package", "Newly broken", "Failures"];
    body.push_str(&table("Most fragile packages", &columns, &rows.collect::<Vec<_>>(), 20));
    let rows = trends.grown.iter().map(|one| {
        let (before, now) = (seconds(one.before), seconds(one.now));
        let since = run(Some(one.since));
        format!(
            "<td>{}</td><td class=\"number\">{before}</td><td class=\"number\">{now}</td><td>{since}</td>",
            link(&one.test)
        )
    });
    let columns = ["Test", "Before", "Now", "Since"];
    body.push_str(&table("Grown slow", &columns, &rows.collect::<Vec<_>>(), 20));
    body.push_str(&rate(&trends.weeks));
    let rows = trends.weeks.iter().rev().map(|week| {
        let day: String = time(week.start).chars().take(10).collect();
        format!(
            "<td>{day}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>",
            week.runs, week.failed_runs, week.broke
        )
    });
    let columns = ["Week", "Runs", "Failed", "Newly broken"];
    body.push_str(&table("Weeks", &columns, &rows.collect::<Vec<_>>(), 26));
    let rows: Vec<String> = view.runs.iter().map(|run| run_row(run, view.links)).collect();
    body.push_str(&table("Runs", &["Run", "Result", "Began", "Revision", "Counts"], &rows, 1000));
    let above = [("All series", format!("../{}", view.links.index()))];
    Ok(frame.page(&Page { title: &view.name, above: &above, depth: 1 }, &body))
}

fn run_row(run: &RunRow, links: SiteLinks) -> String {
    let (class, word) = verdict(run);
    let revision: String = run.revision.as_deref().unwrap_or_default().chars().take(12).collect();
    format!(
        "<td>{}</td><td><b class=\"{class}\">{word}</b></td><td>{}</td><td><code>{}</code></td><td>{}</td>",
        run_link(run, links),
        time(run.started),
        Text(&revision),
        counted(run)
    )
}

/// How many of the runs of each week did not pass, the last week on the right.
fn rate(weeks: &[WeekTrend]) -> String {
    let weeks: Vec<&WeekTrend> = weeks.iter().filter(|week| week.runs > 0).collect();
    let Some(last) = weeks.last().filter(|_| weeks.len() > 1) else { return String::new() };
    let percent = |week: &WeekTrend| 100.0 * week.failed_runs as f64 / week.runs as f64;
    let mut points = String::new();
    for (nth, week) in weeks.iter().enumerate() {
        let _ = write!(points, "{},{:.1} ", nth * 10, 58.0 - 0.56 * percent(week));
    }
    format!(
        "<h2>Runs that did not pass</h2>\n<svg class=\"chart\" viewBox=\"0 0 {} 60\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"Runs that did not pass in each week, from 0 to 100 %; the table of weeks has the numbers\">\
         <polyline points=\"{}\"></polyline></svg>\n<p class=\"soft\">The top is 100 %; the last week, on the right, {:.0} %.</p>\n",
        (weeks.len() - 1) * 10,
        points.trim_end(),
        percent(last)
    )
}

/// A bar for each of the last runs: how many tests ran, and how many of them were bad, the latest on the right.
fn bars(view: &SeriesView) -> String {
    let runs: Vec<&RunRow> = view.runs.iter().take(BARS).collect();
    let most = runs.iter().map(|run| run.counts.tests()).max().unwrap_or_default();
    if runs.len() < 2 || most == 0 {
        return String::new();
    }
    let mut html = format!(
        "<svg class=\"bars\" viewBox=\"0 0 {} 60\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"Tests of the last {} runs, and how many were bad; the table of runs has the numbers\">",
        runs.len() * 10,
        runs.len()
    );
    for (nth, run) in runs.iter().rev().enumerate() {
        let bad = run.bad();
        let height = |count: u64| 58.0 * count as f64 / most as f64;
        // What is bad is to be seen, however little it is.
        let red = if bad == 0 { 0.0 } else { height(bad).max(4.0) };
        let all = height(run.counts.tests()).max(red);
        let x = nth * 10;
        let _ = write!(
            html,
            "<rect class=\"good\" x=\"{x}\" y=\"{:.1}\" width=\"8\" height=\"{:.1}\"></rect>\
             <rect class=\"bad\" x=\"{x}\" y=\"{:.1}\" width=\"8\" height=\"{red:.1}\"></rect>",
            60.0 - all,
            all - red,
            60.0 - red
        );
    }
    html.push_str("</svg>\n");
    html
}
