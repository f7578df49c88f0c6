//! Does the page about the configuration have every key? Its tables are made of the code's own list.
//! `SNAPSHOTS=overwrite` writes them.

use std::{collections::BTreeSet, fmt::Write};

use subunit_run::config::keys::{Dialect, KEYS, Key, Kind, Place};

use crate::pages::root;

const BEGIN: &str = "<!-- keys: ";
const END: &str = "<!-- end of keys -->\n";

/// The places of the page, as its comments name them.
const PLACES: [(&str, Place); 10] = [
    ("suite", Place::Suite),
    ("top", Place::Top),
    ("group", Place::Group),
    ("override", Place::Override),
    ("instance", Place::Instance),
    ("script", Place::Script),
    ("coverage", Place::Coverage),
    ("history", Place::History),
    ("policy", Place::Policy),
    ("test", Place::Test),
];

/// What a value is, in words.
fn value(kind: Kind) -> &'static str {
    match kind {
        Kind::Command => "command",
        Kind::Text => "text",
        Kind::Regex => "regex",
        Kind::Flag => "`true`, `false`",
        Kind::Number => "number",
        Kind::Limit => "limit of time",
        Kind::Words => "list, or words",
        Kind::Concurrency => "number, or command",
        Kind::Batch => "`list`, `auto`, time, number",
        Kind::Order => "order",
        Kind::Environment => "table of variables",
        Kind::Files => "file, or list",
        Kind::Tables => "table",
    }
}

/// Which configurations have the key.
fn dialects(key: &Key) -> String {
    let name = |dialect: &Dialect| match dialect {
        Dialect::Subunit => "subunit",
        Dialect::Testr => "testr",
        Dialect::Stestr => "stestr",
        Dialect::Inquest => "inquest",
    };
    key.dialects.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The table of the keys of a place.
fn table(place: Place) -> String {
    let mut table = "| key | value | meaning | of |\n|---|---|---|---|\n".to_owned();
    for key in KEYS.iter().filter(|key| key.place == place) {
        // In a table a line would end a cell.
        let help = key.help.replace('|', "\\|");
        writeln!(table, "| `{}` | {} | {help} | {} |", key.name, value(key.kind), dialects(key))
            .unwrap();
    }
    table
}

/// The page with the tables as they are now, and the places that it has.
fn page(text: &str) -> (String, BTreeSet<&str>) {
    let mut pieces = text.split(BEGIN);
    let mut page = pieces.next().unwrap().to_owned();
    let mut places = BTreeSet::new();
    for piece in pieces {
        let (name, rest) = piece.split_once(" -->\n").unwrap();
        let (_, rest) = rest.split_once(END).unwrap();
        let (name, place) = PLACES.iter().find(|(known, _)| *known == name).unwrap();
        assert!(places.insert(*name), "{name} is there twice");
        write!(page, "{BEGIN}{name} -->\n\n{}\n{END}{rest}", table(*place)).unwrap();
    }
    (page, places)
}

#[test]
fn the_page_of_the_configuration_has_every_key() {
    let path = root().join("docs/configuration.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (page, places) = page(&text);
    assert_eq!(places, PLACES.iter().map(|(name, _)| *name).collect());
    assert!(KEYS.iter().all(|key| page.contains(&format!("| `{}` |", key.name))));
    snapbox::assert_data_eq!(page, snapbox::Data::read_from(&path, None).raw());
}
