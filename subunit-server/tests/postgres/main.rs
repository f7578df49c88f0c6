//! What a history does with runs if its index is in PostgreSQL: the suite of `subunit-history`, and what is of PostgreSQL
//! alone. `.ci/postgres cargo test ...` starts the server that they need.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../subunit-history/tests/store/adoption.rs"]
mod adoption;
#[path = "../../../subunit-history/tests/store/definitions.rs"]
mod definitions;
mod engine;
#[path = "../../../subunit-history/tests/store/faults.rs"]
mod faults;
#[path = "../../../subunit-history/tests/store/index.rs"]
mod index;
#[path = "../../../subunit-history/tests/store/metrics.rs"]
mod metrics;
mod project;
#[path = "../../../subunit-history/tests/store/site.rs"]
mod site;
#[path = "../../../subunit-history/tests/store/smaller.rs"]
mod smaller;
#[path = "../../../subunit-history/tests/store/stale.rs"]
mod stale;
#[path = "../../../subunit-history/tests/store/support.rs"]
mod support;
mod tls;
mod verbs;
#[path = "../../../subunit-history/tests/store/weeks.rs"]
mod weeks;
