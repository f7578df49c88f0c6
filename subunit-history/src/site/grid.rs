//! The tests of a series by its runs.

use std::fmt::Write as _;

use subunit_core::run::counted;

use super::{
    cells::{LEGEND, columns, head, row, row_by_streaks},
    filter::{GridFilter, WORDS},
    frame::{Page, SiteFrame, Text, name},
    links::Encoded,
    view::{RowKind, SeriesView, SiteTest},
};

/// How many tests a grid shows.
const MOST: usize = 2000;

/// What a server is asked for.
#[derive(Clone, Debug, Default)]
pub struct GridQuestion {
    /// Words that say which tests are wanted.
    pub filter: String,
    /// The UUID of the run in the first column, unless that is the last run.
    pub from: Option<String>,
    /// How many columns there are, unless it is the usual number.
    pub columns: Option<usize>,
}

/// What is beside the columns of a grid: the runs to begin with for newer and for older ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

/// The grid of a folder of files.
pub(super) fn page(view: &SeriesView, frame: &SiteFrame) -> String {
    let line = |test: &SiteTest| line(view, test, &row(view, test));
    let rows: String = view.ranked().into_iter().take(MOST).map(line).collect();
    let body = if view.tests.is_empty() {
        "<p>No test was bad or flaky in any of these runs.</p>\n".to_owned()
    } else {
        format!(
            "<p>{}</p>\n{LEGEND}{}{}",
            shown(view),
            table(" data-filter", &head(view), &rows),
            left_out(view.tests.len())
        )
    };
    framed(view, frame, &body)
}

/// The grid of a server: a part of the tests, and of the runs.
pub(super) fn served(
    view: &SeriesView,
    frame: &SiteFrame,
    question: &GridQuestion,
    beside: &Beside,
) -> String {
    let filter = GridFilter::read(&question.filter);
    let ranked = view.ranked();
    let wanted: Vec<&SiteTest> = ranked.iter().copied().filter(|test| filter.fits(test)).collect();
    let mut body = format!("<p>{} <a href=\"../help#grid\">Keys and signs</a></p>\n", shown(view));
    body.push_str(&bar(question, &ranked));
    body.push_str(&pages(question, beside));
    if wanted.is_empty() {
        body.push_str("<p>No test fits the filter: <a href=\"?\">show all</a>.</p>\n");
    } else {
        let line = |test: &&SiteTest| line(view, test, &row_by_streaks(view, test));
        let rows: String = wanted.iter().take(MOST).map(line).collect();
        let _ = write!(
            body,
            "<form action=\"../diff\" class=\"compare\">{}<button>Compare the two marked runs</button></form>\n{}",
            table(" data-grid", &columns(view), &rows),
            left_out(wanted.len())
        );
    }
    body.push_str(LEGEND);
    body.push_str(
        "<details class=\"soft\"><summary>Words of the filter</summary><dl class=\"words\">",
    );
    for (word, meaning) in WORDS {
        let _ = write!(body, "<div><dt><code>{word}</code></dt> <dd>{meaning}</dd></div>");
    }
    body.push_str("</dl></details>\n");
    framed(view, frame, &body)
}

fn framed(view: &SeriesView, frame: &SiteFrame, body: &str) -> String {
    let title = format!("Grid of {}", view.name);
    let above = [
        ("All series", format!("../{}", view.links.index())),
        (view.name.as_str(), format!("../{}", view.links.series(&view.slug))),
    ];
    frame.page(&Page { title: &title, above: &above, depth: 1 }, body)
}

fn shown(view: &SeriesView) -> String {
    format!(
        "{}, bad or flaky in one of {}.",
        counted(view.tests.len(), "test"),
        counted(view.runs.len(), "run")
    )
}

fn line(view: &SeriesView, test: &SiteTest, cells: &str) -> String {
    let name = name(&test.test);
    let (address, name) = (view.address(test), Text(&name));
    format!(
        "<tr><th scope=\"row\"><a href=\"../{}\" title=\"{name}\">{name}</a></th><td>{cells}</td></tr>\n",
        Text(&address)
    )
}

fn table(kind: &str, head: &str, rows: &str) -> String {
    format!(
        "<div class=\"wide tall\" role=\"region\" aria-label=\"Tests by runs\" tabindex=\"0\"><table class=\"grid\"{kind}>\
         <thead><tr><th scope=\"col\">Test</th><th scope=\"col\"><span class=\"said\">Runs </span>{head}</th></tr></thead>\n\
         <tbody>\n{rows}</tbody></table></div>\n"
    )
}

fn left_out(tests: usize) -> String {
    match tests.saturating_sub(MOST) {
        0 => String::new(),
        more => format!("<p class=\"soft\">Not shown: {}.</p>\n", counted(more, "more test")),
    }
}

/// The box of the filter, and the usual filters: frequent ones as buttons, rare ones in a menu.
fn bar(question: &GridQuestion, tests: &[&SiteTest]) -> String {
    let count = |kind| tests.iter().filter(|test| test.kind() == kind).count();
    let link = |kind: RowKind| {
        let words = format!("status:{}", kind.word());
        let here = if question.filter == words { " aria-current=\"true\"" } else { "" };
        format!(
            "<a class=\"button\" href=\"{}\"{here}>{} {}</a>",
            Text(&address(&words, question.from.as_deref(), question.columns)),
            kind.word(),
            count(kind)
        )
    };
    let kept = |name: &str, value: Option<String>| {
        let value = value.map(|value| {
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Text(&value))
        });
        value.unwrap_or_default()
    };
    format!(
        "<form class=\"bar\"><input type=\"search\" name=\"q\" class=\"filter\" value=\"{}\" placeholder=\"Filter: words, -word, package:, status:\" \
         aria-label=\"Filter\">{}{}<button>Filter</button>{}{}<details class=\"menu\"><summary>More</summary>{}{}</details>\
         <a class=\"button\" href=\"?\">all</a></form>\n",
        Text(&question.filter),
        kept("from", question.from.clone()),
        kept("columns", question.columns.map(|columns| columns.to_string())),
        link(RowKind::Failing),
        link(RowKind::Flaky),
        link(RowKind::Stale),
        link(RowKind::Fixed),
    )
}

/// SiteLinks to other runs and to other numbers of columns.
fn pages(question: &GridQuestion, beside: &Beside) -> String {
    let mut links = String::new();
    let mut push = |text: &str, relation: &str, from: Option<&str>, columns: Option<usize>| {
        let address = address(&question.filter, from, columns);
        let _ = write!(links, " <a{relation} href=\"{}\">{text}</a>", Text(&address));
    };
    if let Some(newer) = &beside.newer {
        push("newer runs", " rel=\"prev\"", Some(newer), question.columns);
    }
    if let Some(older) = &beside.older {
        push("older runs", " rel=\"next\"", Some(older), question.columns);
    }
    for columns in [50, 200, 1000] {
        push(&format!("{columns} columns"), "", question.from.as_deref(), Some(columns));
    }
    format!("<p class=\"soft pages\">{}</p>\n", links.trim_start())
}

fn address(filter: &str, from: Option<&str>, columns: Option<usize>) -> String {
    let mut address = format!("?q={}", Encoded(filter));
    if let Some(from) = from {
        let _ = write!(address, "&from={}", Encoded(from));
    }
    if let Some(columns) = columns {
        let _ = write!(address, "&columns={columns}");
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_the_filter_and_the_columns() {
        assert_eq!(
            address("a&b status:x", Some("u"), Some(50)),
            "?q=a%26b%20status%3Ax&from=u&columns=50"
        );
    }
}
