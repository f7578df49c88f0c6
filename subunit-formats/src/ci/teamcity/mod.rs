//! TeamCity service messages, as build servers and the runners of JetBrains' editors talk:
//! `##teamcity[testStarted name='a']`. The form is described in TeamCity's documentation, under
//! "Service Messages".

mod message;
mod read;
mod write;

pub use read::TeamCityReader;
pub(crate) use write::REPORT;
pub use write::TeamCityWriter;

use crate::format::{Row, Signs};

/// TeamCity service messages.
pub(crate) const ROW: Row = Row {
    name: "teamcity",
    title: "TeamCity service messages",
    examples: &[
        r###"echo "##teamcity[testStarted name='a']" | subunit from-teamcity | subunit stats"###,
        r###"printf "##teamcity[testStarted name='a']\n##teamcity[testFinished name='a']\n" | subunit from-teamcity | subunit ls"###,
    ],
    signs: Signs {
        first: &[
            "##teamcity[testCount ",
            "##teamcity[testStarted ",
            "##teamcity[testSuiteStarted ",
        ],
        anywhere: &["##teamcity["],
        ..Signs::NONE
    },
    ..Row::new(|| Box::new(TeamCityReader::new()))
};
