//! `docs/schemas/configuration.json` is made from the list of keys. To write it anew: SNAPSHOTS=overwrite.

use std::path::Path;

use serde_json::{Map, Value, json};
use subunit_run::config::keys::{Dialect, KEYS, Key, Kind, Place};

/// What a value may be. All but tables may be what a command prints.
fn value(key: &Key) -> Value {
    let plain = match key.kind {
        Kind::Tables if key.name == "profiles" => {
            return json!({ "type": "object", "additionalProperties": table(&[Place::Suite]) });
        }
        Kind::Tables if key.name == "coverage" => return table(&[Place::Coverage]),
        Kind::Tables if key.name == "history" => return table(&[Place::History]),
        Kind::Tables => {
            let place = match key.name {
                "group" => Place::Group,
                "instance" => Place::Instance,
                "policy" => Place::Policy,
                "script" => Place::Script,
                "test" => Place::Test,
                _ => Place::Override,
            };
            return json!({ "type": "array", "items": table(&[place]) });
        }
        Kind::Environment => {
            let value =
                json!({ "anyOf": [{ "type": ["string", "integer", "boolean"] }, command()] });
            return json!({ "type": "object", "additionalProperties": value });
        }
        Kind::Files => return json!({ "type": ["string", "array"], "items": { "type": "string" } }),
        Kind::Command | Kind::Text | Kind::Regex | Kind::Order => json!({ "type": "string" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Number => json!({ "type": "integer" }),
        Kind::Limit => json!({ "type": ["string", "number"] }),
        Kind::Words => json!({ "type": ["string", "array"], "items": { "type": "string" } }),
        Kind::Concurrency | Kind::Batch => json!({ "type": ["integer", "string"] }),
    };
    json!({ "anyOf": [plain, command()] })
}

/// A command whose output is the value.
fn command() -> Value {
    json!({ "$ref": "#/$defs/command" })
}

fn table(places: &[Place]) -> Value {
    let mut properties = Map::new();
    let ours = |key: &&Key| places.contains(&key.place) && key.dialects.contains(&Dialect::Subunit);
    for key in KEYS.iter().filter(ours) {
        let mut value = value(key);
        value["description"] = key.help.into();
        properties.insert(key.name.to_owned(), value);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

#[test]
fn the_schema_has_every_key() {
    let mut schema = table(&[Place::Top, Place::Suite]);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "subunit.toml".into();
    schema["description"] =
        "The configuration of `subunit run`, and of the files that go over it: \
        subunit.local.toml and the user's own. For editors."
            .into();
    schema["$defs"] = json!({ "command": {
        "type": "object",
        "additionalProperties": false,
        "required": ["command"],
        "properties": { "command": {
            "type": "string",
            "description": "Run with `sh -c` in the folder of the configuration; its output is the value.",
        } },
    } });
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let file = "../docs/schemas/configuration.json";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    snapbox::assert_data_eq!(text, snapbox::Data::read_from(&file, None).raw());
}
