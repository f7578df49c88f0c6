#!/usr/bin/env bash
# Sends what the OpenAPI document allows and forbids to a server with made-up runs, and fails if an answer is an error of the
# server, or is not what the document says.
#
#   tests/peers/openapi.sh SERVER SCHEMATHESIS [EXAMPLES]
set -euo pipefail
server=$1 schemathesis=$2 examples=${3:-20}

# Not asked: whether what the document allows is accepted. A cursor or the name of a run is allowed, and need not exist.
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance,negative_data_rejection,unsupported_method

exec 3< <(exec "$server" serve --demo --listen 127.0.0.1:0 2> /dev/null)
pid=$!
trap 'kill $pid' EXIT
read -r url <&3
"$schemathesis" run "${url}api/v1/openapi.json" --checks "$checks" --max-examples "$examples" --workers 1 --no-color
