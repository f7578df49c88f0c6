//! `/badge/SERIES.svg`: what the last run of a series came to, as a picture.

use subunit_history::{History, query::RunRow, site::Text};

use super::{
    api_error::{ApiError, Unanswered},
    asked::ApiQuestion,
    parameters::NAMED_SERIES,
};

/// How wide a character is, about, and how much room is around a text.
const CHARACTER: usize = 7;
const ROOM: usize = 12;
/// How much of the name of a series is shown.
const NAME: usize = 40;

pub(super) fn badge(asked: &ApiQuestion, history: &History) -> Result<String, Unanswered> {
    let series = asked.needed(&NAMED_SERIES);
    let Some(run) = history.last(Some(series))? else {
        let message = format!("no series is called {}", series.escape_debug());
        return Err(ApiError::missing("no_series", message).into());
    };
    let name: String = series.chars().take(NAME).collect();
    Ok(picture(&name, &said(&run), colour(&run)))
}

fn said(run: &RunRow) -> String {
    match run.bad() {
        0 => run.word().to_owned(),
        bad => format!("{}: {bad} of {}", run.word(), run.counts.tests()),
    }
}

/// White text on each of them can be read.
fn colour(run: &RunRow) -> &'static str {
    match run.word() {
        "passed" => "#1a7f37",
        "failed" => "#b42318",
        _ => "#595f69",
    }
}

fn picture(name: &str, said: &str, colour: &str) -> String {
    let width = |text: &str| text.chars().count() * CHARACTER + ROOM;
    let (left, right) = (width(name), width(said));
    let (all, half, rest) = (left + right, left / 2, left + right / 2);
    let (name, said) = (Text(name), Text(said));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" aria-label=\"{name}: {said}\">\
         <title>{name}: {said}</title><rect width=\"{left}\" height=\"20\" fill=\"#333\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,sans-serif\" font-size=\"11\">\
         <text x=\"{half}\" y=\"14\">{name}</text><text x=\"{rest}\" y=\"14\">{said}</text></g></svg>\n"
    )
}
