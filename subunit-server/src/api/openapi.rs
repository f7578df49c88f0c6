//! The OpenAPI document, made from the table of routes.

use serde_json::{Map, Value as Json, json};

use super::{
    parameters::{Parameter, ParameterPlace, ParameterValue},
    route::{ApiAnswer, ApiRoute},
    table::ROUTES,
    writes::{add_schemas, writes},
};

/// The parts of docs/schemas/history.json that answers have: `keys` of objects, and the `schemas` that they refer to.
const SCHEMAS: &str = include_str!("schemas.json");

/// The document, as JSON.
pub(super) fn document(base: &str) -> String {
    let mut parts: Json = serde_json::from_str(SCHEMAS).unwrap_or_default();
    let mut paths: Map<String, Json> =
        ROUTES.iter().map(|route| (route.path.to_owned(), path(route, &parts))).collect();
    for (path, method, operation) in writes() {
        if let Some(methods) = paths.get_mut(path).and_then(Json::as_object_mut) {
            methods.insert(method.to_owned(), operation);
        }
    }
    if let Some(schemas) = parts["schemas"].as_object_mut() {
        add_schemas(schemas);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Runs of tests",
            "version": "1",
            "summary": "What the verbs of kept runs show. Answers are the objects that they write with --json.",
            "license": { "name": "Apache-2.0 OR BSD-3-Clause", "identifier": "Apache-2.0 OR BSD-3-Clause" },
        },
        "servers": [{ "url": format!("{base}/") }],
        "paths": paths,
        "components": { "schemas": parts["schemas"] },
    });
    format!("{document:#}\n")
}

fn path(route: &ApiRoute, parts: &Json) -> Json {
    let parameters: Vec<Json> = route.parameters.iter().map(|one| parameter(one)).collect();
    let error = json!({
        "description": "There is no answer",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    json!({ "get": {
        "operationId": operation(route.path),
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The answer",
                "headers": headers(route),
                "content": { route.answer.mime_type(): { "schema": schema(&route.answer, parts) } },
            },
            "304": { "description": "The client has the answer: it has said the ETag of it" },
            "4XX": error,
            "5XX": error,
        },
    } })
}

fn headers(route: &ApiRoute) -> Json {
    let text = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    let mut headers = Map::new();
    headers.insert("ETag".into(), text("What changes with each write to the history"));
    if route.parameters.iter().any(|one| one.name == "cursor") {
        headers.insert("Link".into(), text("The address of the next page, with rel=\"next\""));
    }
    headers.into()
}

fn schema(answer: &ApiAnswer, parts: &Json) -> Json {
    let ApiAnswer::Json { keys, .. } = answer else {
        return json!({ "type": if matches!(answer, ApiAnswer::Document) { "object" } else { "string" } });
    };
    let keys = ["version"].into_iter().chain(keys.iter().copied());
    let properties: Map<String, Json> =
        keys.map(|key| (key.to_owned(), parts["keys"][key].clone())).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn parameter(one: &Parameter) -> Json {
    let schema = match one.value {
        // Nothing is no name of anything.
        ParameterValue::Text if one.place != ParameterPlace::Optional => {
            json!({ "type": "string", "minLength": 1 })
        }
        ParameterValue::Text => json!({ "type": "string" }),
        ParameterValue::Count { usual, most } => {
            json!({ "type": "integer", "minimum": 1, "maximum": most, "default": usual })
        }
    };
    json!({
        "name": one.name,
        "in": if one.place == ParameterPlace::Path { "path" } else { "query" },
        "required": one.place != ParameterPlace::Optional,
        "description": one.about,
        "schema": schema,
    })
}

/// A name for functions of clients: `/api/v1/runs/{run}/slowest` is `runs_run_slowest`.
fn operation(path: &str) -> String {
    let path = path.trim_start_matches("/api/v1");
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}
