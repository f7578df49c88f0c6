//! Which addresses are there?

use super::{
    badge, feed,
    parameters::{
        COUNT, CURSOR, ID, LIMIT, NAMED_SERIES, NEW, OLD, RUN, RUNS, SERIES, TEXT,
        WEEKS_OF_CLUSTERS, WEEKS_OF_TRENDS,
    },
    route::{ApiAnswer, ApiRoute},
    runs, tests, views,
};

pub(super) const ROUTES: &[ApiRoute] = &[
    ApiRoute {
        path: "/api/v1/openapi.json",
        summary: "This document",
        parameters: &[],
        answer: ApiAnswer::Document,
    },
    ApiRoute {
        path: "/api/v1/runs",
        summary: "The runs, the last one first: `subunit history list`",
        parameters: &[&SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["runs"], make: runs::list },
    },
    ApiRoute {
        path: "/api/v1/runs/{run}",
        summary: "A run, and what failed in it: `subunit history show`",
        parameters: &[&RUN, &SERIES],
        answer: ApiAnswer::Json { keys: &["run", "failures"], make: runs::show },
    },
    ApiRoute {
        path: "/api/v1/runs/{run}/stream",
        summary: "The stream of a run, as it was received: `subunit history show --subunit`",
        parameters: &[&RUN, &SERIES],
        answer: ApiAnswer::Stream,
    },
    ApiRoute {
        path: "/api/v1/runs/{run}/slowest",
        summary: "The tests that took longest in a run: `subunit slowest RUN`",
        parameters: &[&RUN, &SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["tests"], make: tests::slowest_in },
    },
    ApiRoute {
        path: "/api/v1/runs/{run}/clusters",
        summary: "The messages that tests failed with in a run: `subunit history clusters RUN`",
        parameters: &[&RUN, &SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["clusters"], make: views::clusters_in },
    },
    ApiRoute {
        path: "/api/v1/failing",
        summary: "The tests that fail now, and since when: `subunit failing`",
        parameters: &[&SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["tests"], make: tests::failing },
    },
    ApiRoute {
        path: "/api/v1/flaky",
        summary: "The flaky tests, the most costly ones first: `subunit flaky`",
        parameters: &[&SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["tests"], make: tests::flaky },
    },
    ApiRoute {
        path: "/api/v1/slowest",
        summary: "The tests that took longest in the last run: `subunit slowest`",
        parameters: &[&SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["tests"], make: tests::slowest },
    },
    ApiRoute {
        path: "/api/v1/broken",
        summary: "The tests that are broken, and by which revisions: `subunit broken`",
        parameters: &[&SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["tests"], make: tests::broken },
    },
    ApiRoute {
        path: "/api/v1/test",
        summary: "One test in all runs: `subunit history test`",
        parameters: &[&ID, &SERIES],
        answer: ApiAnswer::Json { keys: &["tests"], make: tests::one_test },
    },
    ApiRoute {
        path: "/api/v1/grid",
        summary: "Tests by runs: `subunit history grid`",
        parameters: &[&TEXT, &RUNS, &SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["runs", "tests"], make: views::grid },
    },
    ApiRoute {
        path: "/api/v1/clusters",
        summary: "The messages that tests fail with: `subunit history clusters`",
        parameters: &[&WEEKS_OF_CLUSTERS, &SERIES, &LIMIT, &CURSOR],
        answer: ApiAnswer::Json { keys: &["clusters"], make: views::clusters },
    },
    ApiRoute {
        path: "/api/v1/trends",
        summary: "What becomes of a series over weeks: `subunit history trends`",
        parameters: &[&WEEKS_OF_TRENDS, &COUNT, &SERIES],
        answer: ApiAnswer::Json {
            keys: &["weeks", "packages", "grown", "grown_metrics"],
            make: views::trends,
        },
    },
    ApiRoute {
        path: "/api/v1/diff",
        summary: "What is different between two runs: `subunit history diff`",
        parameters: &[&OLD, &NEW, &SERIES],
        answer: ApiAnswer::Json {
            keys: &["old", "new", "newly_failing", "fixed", "still_failing", "added", "removed"],
            make: runs::diff,
        },
    },
    ApiRoute {
        path: "/badge/{series}.svg",
        summary: "What the last run of a series came to, as a picture",
        parameters: &[&NAMED_SERIES],
        answer: ApiAnswer::File { mime_type: "image/svg+xml", make: badge::badge },
    },
    ApiRoute {
        path: "/feed.atom",
        summary: "The tests that are broken, those that broke last first, as a feed",
        parameters: &[&SERIES],
        answer: ApiAnswer::File { mime_type: "application/atom+xml", make: feed::feed },
    },
];
