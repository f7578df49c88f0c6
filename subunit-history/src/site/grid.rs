//! The tests of a series by its runs.

use subunit_core::run::counted;

use super::{
    cells::{LEGEND, head, row},
    frame::{Page, SiteFrame, Text, name},
    view::{SeriesView, SiteTest},
};

/// How many tests a grid shows.
const MOST: usize = 2000;

pub(super) fn page(view: &SeriesView, frame: &SiteFrame) -> String {
    let title = format!("Grid of {}", view.name);
    let above = [
        ("All series", format!("../{}", view.links.index())),
        (view.name.as_str(), format!("../{}", view.links.series(&view.slug))),
    ];
    let line = |test: &SiteTest| {
        let name = name(&test.test);
        format!(
            "<tr><th scope=\"row\"><a href=\"../{}\">{}</a></th><td>{}</td></tr>\n",
            Text(&view.address(test)),
            Text(&name),
            row(view, test)
        )
    };
    let rows: String = view.ranked().into_iter().take(MOST).map(line).collect();
    let more = match view.tests.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!("<p class=\"soft\">Not shown: {}.</p>\n", counted(more, "more test")),
    };
    let body = if view.tests.is_empty() {
        "<p>No test was bad or flaky in any of these runs.</p>\n".to_owned()
    } else {
        format!(
            "<p>{}, bad or flaky in one of the last {}.</p>\n{LEGEND}\
             <div class=\"wide\" role=\"region\" aria-label=\"Tests by runs\" tabindex=\"0\"><table class=\"grid\" data-filter>\
             <thead><tr><th scope=\"col\">Test</th><th scope=\"col\"><span class=\"said\">Runs </span>{}</th></tr></thead>\n\
             <tbody>\n{rows}</tbody></table></div>\n{more}",
            counted(view.tests.len(), "test"),
            counted(view.runs.len(), "run"),
            head(view)
        )
    };
    frame.page(&Page { title: &title, above: &above, depth: 1 }, &body)
}
