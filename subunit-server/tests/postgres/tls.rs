//! Connections that are encrypted, and those that are refused.

use std::path::{Path, PathBuf};

use subunit_history::{History, Store};

use crate::{
    engine::client,
    support::{Place, Run},
};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("no {name}: run these tests by .ci/postgres"))
}

/// The address of a history by way of this host, with more in its query.
fn by(place: &Place, host: &str, more: &str) -> PathBuf {
    let address = place.address().display().to_string();
    let (user, rest) = address.split_once('@').unwrap();
    let (_, path) = rest.split_once('/').unwrap();
    format!("{user}@{host}:{}/{path}&{more}", variable("SUBUNIT_POSTGRES_PORT")).into()
}

/// Whether the connection of this program is encrypted.
fn is_encrypted(place: &Place, name: &str) -> bool {
    let find =
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING(pid) WHERE application_name = $1";
    client(&place.address()).query_one(find, &[&name]).unwrap().get(0)
}

#[test]
fn a_mode_says_what_is_encrypted() {
    let place = Place::new();
    place.load(Run { tests: "a.", ..Run::default() });
    let full = format!("verify-full&sslrootcert={}", variable("SUBUNIT_POSTGRES_ROOTS"));
    for (nth, (host, mode, is)) in [
        ("localhost", &*full, true),
        ("localhost", "require", true),
        ("127.0.0.1", "require", true),
        ("localhost", "prefer", true),
        ("localhost", "disable", false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("tls-{}-{nth}", std::process::id());
        let address = by(&place, host, &format!("application_name={name}&sslmode={mode}"));
        let history = History::open(&address).unwrap().unwrap();
        assert_eq!(is_encrypted(&place, &name), is, "{mode}");
        assert_eq!(history.runs(None).unwrap().len(), 1);
    }
    // A socket of this machine is never encrypted, whatever the mode says.
    let socket = |mode: &str| format!("{}&sslmode={mode}", place.address().display());
    for mode in ["prefer", "require"] {
        assert!(History::open(Path::new(&socket(mode))).unwrap().is_some());
    }
}

#[test]
fn a_server_that_cannot_say_who_it_is_is_refused() {
    let place = Place::new();
    drop(place.store());
    let roots = variable("SUBUNIT_POSTGRES_ROOTS");
    for (host, more, part) in [
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={roots}"), "certificate"),
        // Of the system: none of them has signed it.
        ("localhost", "sslmode=verify-full".to_owned(), "certificate"),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=/none.pem".to_owned(),
            "sslrootcert /none.pem: ",
        ),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=/dev/null".to_owned(),
            "there is no certificate in it",
        ),
        (
            "localhost",
            "sslmode=verify-ca".to_owned(),
            "say disable, prefer, require or verify-full",
        ),
    ] {
        let said = Store::open(&by(&place, host, &more)).unwrap_err().to_string();
        assert!(said.contains(part) && said.lines().count() == 1, "{more}: {said}");
    }
}
