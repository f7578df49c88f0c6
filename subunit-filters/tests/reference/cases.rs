//! The recorded runs.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// A recorded run.
#[derive(Default)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) argv: Vec<String>,
    pub(crate) stdin: Vec<u8>,
    /// Files in the working directory.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) status: i32,
    pub(crate) compare: String,
    /// What is expected, as `collect.py` wrote it.
    pub(crate) expected: Value,
}

impl Case {
    /// The expected content under a key, where there is one.
    pub(crate) fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        self.expected[key].as_str().map(unpacked)
    }

    /// Expected files by name.
    pub(crate) fn output_files(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.expected["output_files"])
    }

    /// Whether this depends on the clock.
    pub(crate) fn is_volatile(&self, what: &str) -> bool {
        self.expected["volatile"].as_array().is_some_and(|all| all.iter().any(|one| one == what))
    }
}

pub(crate) fn load(json: &str) -> Vec<Case> {
    let all: Value = serde_json::from_str(json).unwrap();
    all["cases"].as_array().unwrap().iter().map(|case| load_case(case, &all["inputs"])).collect()
}

fn load_case(case: &Value, inputs: &Value) -> Case {
    let words = case["argv"].as_array().unwrap().iter();
    Case {
        name: case["name"].as_str().unwrap().into(),
        argv: words.map(|word| word.as_str().unwrap().into()).collect(),
        stdin: unpacked(inputs[case["stdin"].as_str().unwrap()].as_str().unwrap()),
        files: files(&case["files"]),
        status: case["exit_code"].as_i64().unwrap() as i32,
        compare: case["compare"].as_str().unwrap().into(),
        expected: case.clone(),
    }
}

fn files(object: &Value) -> BTreeMap<String, Vec<u8>> {
    let files = object.as_object().into_iter().flatten();
    files.map(|(name, content)| (name.clone(), unpacked(content.as_str().unwrap()))).collect()
}

fn unpacked(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}
