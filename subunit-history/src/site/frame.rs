//! What all pages have in common: the head, where one is, and how text, times and links are written.

use std::fmt::{self, Write as _};

use subunit_core::Timestamp;
use twox_hash::XxHash3_128;

use super::links::SiteLinks;
use crate::query::{RunRow, TestIdentity};

/// The style of all pages.
pub(super) const STYLE: &str = include_str!("style.css");
/// The script of all pages; they work without it, too.
pub(super) const SCRIPT: &str = include_str!("script.js");

/// The frame of the pages of one site.
#[derive(Clone, Debug)]
pub struct SiteFrame {
    kind: FrameKind,
}

#[derive(Clone, Debug)]
enum FrameKind {
    /// Pages are files. The word allows style and script; a server says it in a header.
    Files { nonce: String },
    /// A server makes the pages of a history.
    Served,
    /// A server makes pages that stand before those of its histories: there is nothing to search.
    Before,
}

/// What a page is.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    /// Its heading.
    pub title: &'p str,
    /// SiteLinks to what it is part of, the widest first: a name, and an address.
    pub above: &'p [(&'p str, String)],
    /// How many folders it is below the index.
    pub depth: usize,
}

impl SiteFrame {
    /// Of pages that are files. Style and script are allowed by a word that stands in no test: it comes from the name of the
    /// store. Pages that say the same stay the same.
    pub(super) fn files(store: &str) -> Self {
        let nonce = format!("{:032x}", XxHash3_128::oneshot(store.as_bytes()));
        Self { kind: FrameKind::Files { nonce } }
    }

    /// Of pages that a server makes. It sends the policy of contents in a header.
    pub fn served() -> Self {
        Self { kind: FrameKind::Served }
    }

    /// Of pages that a server makes before one has chosen a history.
    pub fn before() -> Self {
        Self { kind: FrameKind::Before }
    }

    /// How its pages lead to each other.
    pub fn links(&self) -> SiteLinks {
        match self.kind {
            FrameKind::Files { .. } => SiteLinks::Files,
            FrameKind::Served | FrameKind::Before => SiteLinks::Served,
        }
    }

    /// A page with this body.
    pub fn page(&self, page: &Page<'_>, body: &str) -> String {
        let (title, up) = (Text(page.title), "../".repeat(page.depth));
        let (policy, allowed) = match &self.kind {
            FrameKind::Files { nonce } => (
                format!(
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'nonce-{nonce}'; \
                     script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'\">\n"
                ),
                format!(" nonce=\"{nonce}\""),
            ),
            FrameKind::Served | FrameKind::Before => Default::default(),
        };
        // Without one a browser asks the server for it.
        let icon = if policy.is_empty() { "<link rel=\"icon\" href=\"data:,\">\n" } else { "" };
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{policy}\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n{icon}\
             <link rel=\"stylesheet\" href=\"{up}style.css\"{allowed}>\n\
             <script src=\"{up}script.js\"{allowed} defer></script>\n</head>\n<body>\n"
        );
        if matches!(self.kind, FrameKind::Served) {
            let _ = writeln!(html, "{}", tools(&up));
        }
        if !page.above.is_empty() {
            html.push_str("<nav aria-label=\"Above\">");
            for (nth, (name, address)) in page.above.iter().enumerate() {
                let separator = if nth == 0 { "" } else { " / " };
                let _ = write!(html, "{separator}<a href=\"{}\">{}</a>", Text(address), Text(name));
            }
            html.push_str("</nav>\n");
        }
        let _ = write!(html, "<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n");
        html
    }
}

/// What stands at the top of each page of a server: the way to the first page, the search, and the help.
fn tools(up: &str) -> String {
    let home = if up.is_empty() { "./" } else { up };
    format!(
        "<header class=\"tools\"><a href=\"{home}\">Test runs</a>\
         <form role=\"search\" action=\"{up}search\"><input type=\"search\" name=\"q\" class=\"filter\" placeholder=\"Search ids and messages\" \
         aria-label=\"Search ids and messages\"><button>Search</button></form>\
         <a class=\"help\" href=\"{up}help\" title=\"Keys, signs and definitions\" aria-label=\"Help\">?</a></header>"
    )
}

/// Text that is no markup.
#[derive(Clone, Copy, Debug)]
pub struct Text<'t>(pub &'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // No other control character is allowed on a page, and none can be seen.
                '\n' | '\t' => f.write_char(character)?,
                _ if character.is_control() => write!(f, "{}", character.escape_unicode())?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// A point in time, in microseconds since 1970, to the second.
pub fn time(micros: i64) -> String {
    let seconds = u32::try_from(micros / 1_000_000).unwrap_or_default();
    let text = Timestamp::new(seconds, 0).to_rfc3339();
    text.replace('T', " ").replace(".000000000Z", " UTC")
}

/// A test by its id, with the names in its route before it.
pub fn name(test: &TestIdentity) -> String {
    if test.scope.is_empty() { test.id.clone() } else { format!("[{}] {}", test.scope, test.id) }
}

/// A link to a run, from a page in a folder beside that of runs.
pub(super) fn run_link(run: &RunRow, links: SiteLinks) -> String {
    format!("<a href=\"../{}\">@{}</a>", links.run(run), run.id)
}

/// How a run came out: the class of its colour, and the word.
pub fn verdict(run: &RunRow) -> (&'static str, &'static str) {
    let word = run.word();
    let class = match word {
        "passed" => "good",
        "failed" => "bad",
        _ => "dim",
    };
    (class, word)
}

/// A table under a heading, or nothing if it has no rows. Rows are markup; at most `most` of them are shown.
pub fn table(heading: &str, columns: &[&str], rows: &[String], most: usize) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let columns: String =
        columns.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    let shown: String = rows.iter().take(most).map(|row| format!("<tr>{row}</tr>\n")).collect();
    let more = match rows.len().saturating_sub(most) {
        0 => String::new(),
        more => format!("<p class=\"soft\">{more} more are not shown.</p>\n"),
    };
    format!(
        "<section>\n<h2>{heading}</h2>\n<div class=\"wide\" role=\"region\" aria-label=\"{heading}\" tabindex=\"0\">\
         <table><thead><tr>{columns}</tr></thead>\n<tbody>\n{shown}</tbody></table></div>\n{more}</section>\n"
    )
}

/// Names and values, one beside the other. Values are markup; empty ones are left out.
pub fn facts(facts: &[(&str, String)]) -> String {
    let told = facts.iter().filter(|(_, value)| !value.is_empty());
    let told: String =
        told.map(|(name, value)| format!("<div><dt>{name}</dt> <dd>{value}</dd></div>")).collect();
    if told.is_empty() { told } else { format!("<dl>{told}</dl>\n") }
}

/// Microseconds as seconds.
pub fn seconds(micros: u64) -> String {
    format!("{:.3} s", micros as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup_and_times_are_for_people() {
        assert_eq!(
            Text("<a href='x'>\u{1b}&\"").to_string(),
            "&lt;a href=&#39;x&#39;&gt;\\u{1b}&amp;&quot;"
        );
        assert_eq!(time(1_700_000_000_999_999), "2023-11-14 22:13:20 UTC");
        assert_eq!(table("Empty", &["a"], &[], 3), "");
        assert!(
            table("Two", &["a"], &["x".into(), "y".into()], 1).contains("1 more are not shown")
        );
    }
}
