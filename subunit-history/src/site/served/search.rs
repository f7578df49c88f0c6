//! Tests and messages that have a text in them.

use crate::site::{
    frame::{Page, SiteFrame, Text, name, table},
    links::SiteLinks,
};
use crate::{
    Error,
    query::{History, TestIdentity},
};

/// How many tests, and how many messages, are shown.
const MOST: usize = 200;

pub(super) fn page(history: &History, frame: &SiteFrame, text: &str) -> Result<String, Error> {
    let links = SiteLinks::Served;
    let mut body = String::new();
    let title = if text.is_empty() { "Search".to_owned() } else { format!("Search: {text}") };
    if !text.is_empty() {
        let series = history.last(None)?.map(|run| run.series).unwrap_or_default();
        let link = |test: &TestIdentity| {
            let address = links.test(&series, test, "");
            format!("<td><a href=\"{}\">{}</a></td>", Text(&address), Text(&name(test)))
        };
        let tests = history.search(text, MOST)?;
        let rows: Vec<String> = tests.iter().map(link).collect();
        body.push_str(&table("Tests", &["Id"], &rows, MOST));
        let messages = history.messages(text, MOST)?;
        let rows = messages.iter().map(|found| {
            let result = links.result(&found.run, &found.test, "");
            format!(
                "<td><code>{}</code></td><td><a href=\"{}\">{}</a></td><td><a href=\"{}\">@{}</a></td>",
                Text(&found.message),
                Text(&result),
                Text(&name(&found.test)),
                links.run(&found.run),
                found.run.id
            )
        });
        let rows: Vec<String> = rows.collect();
        body.push_str(&table("Messages", &["Message", "Last test", "Last run"], &rows, MOST));
        if tests.is_empty() && messages.is_empty() {
            body.push_str("<p>No id and no message has this text. Case matters.</p>\n");
        }
    }
    let above = [("All series", "./".to_owned())];
    Ok(frame.page(&Page { title: &title, above: &above, depth: 0 }, &body))
}
