//! What the OpenAPI document says of addresses that take something.

use serde_json::{Map, Value as Json, json};

/// Addresses with a method that takes something, and what is said of it.
pub(super) fn writes() -> Vec<(&'static str, &'static str, Json)> {
    vec![(RUNS, "post", post()), (STREAM, "put", put()), (STREAM, "head", head())]
}

const RUNS: &str = "/api/v1/runs";
const STREAM: &str = "/api/v1/runs/{run}/stream";

/// The methods of an address, for the header `Allow`.
pub(super) fn allowed(path: &str) -> &'static str {
    match path {
        RUNS => "GET, HEAD, POST",
        STREAM => "GET, HEAD, PUT",
        _ => "GET, HEAD",
    }
}

/// Schemas that only these addresses have.
pub(super) fn add_schemas(schemas: &mut Map<String, Json>) {
    schemas.insert("Received".into(), received());
}

/// See docs/schemas/received.json.
fn received() -> Json {
    json!({
        "type": "object",
        "required": ["version", "uuid", "offset", "complete", "run"],
        "properties": {
            "version": { "type": "integer" },
            "uuid": { "type": "string", "description": "The name of the run." },
            "offset": { "type": "integer", "description": "How many bytes of the stream the disk has." },
            "complete": { "type": "boolean", "description": "Whether the run has ended." },
            "run": {
                "description": "The run, once it has ended; else null.",
                "anyOf": [{ "$ref": "#/components/schemas/Run" }, { "type": "null" }],
            },
        },
    })
}

fn post() -> Json {
    json!({
        "operationId": "add_run",
        "summary": "Adds a run: a file of any format that `subunit load` reads",
        "parameters": [
            query("series", "The series of the run [default: what the stream says: its series or its branch]"),
            truth("partial", "Whether only a selection of the tests was asked for"),
            truth("live", "Whether the run took place now: it is later than all that the series has"),
            query("format", "The format of the file [default: found out]"),
        ],
        "requestBody": {
            "required": true,
            "content": { "*/*": { "schema": { "type": "string", "format": "binary" } } },
        },
        "responses": responses(),
    })
}

fn put() -> Json {
    json!({
        "operationId": "send_stream",
        "summary": "Takes a piece of the stream of a run, or all of it",
        "description": "Without Content-Range the body is the whole stream. A piece that is there already changes nothing. \
                        The answer says what the disk has.",
        "parameters": [
            uuid(),
            query("series", "As of POST; counts with the first piece"),
            truth("partial", "As of POST; counts with the first piece"),
            truth("live", "As of POST; counts with the first piece"),
            {
                "name": "Content-Range",
                "in": "header",
                "required": false,
                "description": "`bytes FIRST-LAST/*`; of the last piece `bytes FIRST-LAST/LENGTH`, or `bytes */LENGTH` with no body",
                "schema": { "type": "string", "pattern": "^bytes ([0-9]+-[0-9]+/([0-9]+|\\*)|\\*/[0-9]+)$" },
            },
        ],
        "requestBody": {
            "required": false,
            "content": { "application/vnd.subunit.v2": { "schema": { "type": "string", "format": "binary" } } },
        },
        "responses": responses(),
    })
}

fn head() -> Json {
    json!({
        "operationId": "sent_stream",
        "summary": "How much of the stream of a run does the disk have?",
        "parameters": [uuid()],
        "responses": {
            "200": { "description": "The headers say it", "headers": headers() },
            "304": { "description": "The client has the stream: it has said the ETag of it" },
            "4XX": { "description": "There is no such run: send it from its first byte on" },
            "5XX": { "description": "Ask again, after the time that Retry-After says" },
        },
    })
}

fn responses() -> Json {
    let content = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "application/json": { "schema": schema } })
    };
    let taken = |about: &str| json!({ "description": about, "headers": headers(), "content": content("Received") });
    let error = |about: &str| json!({ "description": about, "content": content("Error") });
    json!({
        "200": taken("The piece is there, or the run was known"),
        "201": taken("The run has ended and is kept"),
        "4XX": error("It is not taken"),
        "5XX": error("It could not be written: send it again, after the time that Retry-After says"),
    })
}

fn headers() -> Json {
    json!({
        "Upload-Offset": {
            "description": "How many bytes of the stream the disk has",
            "schema": { "type": "integer" },
        },
        "Upload-Complete": {
            "description": "Whether the run has ended: `?1` or `?0`",
            "schema": { "type": "string", "enum": ["?0", "?1"] },
        },
    })
}

fn uuid() -> Json {
    json!({
        "name": "run",
        "in": "path",
        "required": true,
        "description": "The UUID of the run, in small letters, which its sender chooses",
        "schema": { "type": "string" },
    })
}

fn query(name: &str, about: &str) -> Json {
    let schema = json!({ "type": "string" });
    json!({ "name": name, "in": "query", "required": false, "description": about, "schema": schema })
}

fn truth(name: &str, about: &str) -> Json {
    let schema = json!({ "type": "boolean", "default": false });
    json!({ "name": name, "in": "query", "required": false, "description": about, "schema": schema })
}
