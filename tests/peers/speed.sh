#!/usr/bin/env bash
# All measurements of speed in one run: the library and the commands beside their peers, as tables in Markdown.
#
#     tests/peers/speed.sh [FOLDER]               prints them
#     tests/peers/speed.sh --update [FOLDER]      puts them into BENCHMARKS.md
#
# FOLDER keeps what is fetched and made (4 GB of streams) between runs; without it, it is made in a folder that is
# removed. SECTIONS picks some: "library verbs pipe start mux growth inquest" (all but inquest, which is a long
# build). PACKETS (1000000) is the length of the streams, ROUNDS (7) how often each contender runs; contenders take
# turns, and medians are compared. PACKETS=20000 ROUNDS=1 is a quick look.
#
# Needs Rust, Python 3 with venv, and GNU time, which it installs with apt-get if it may. Fetches python-subunit from
# PyPI and, for inquest, that crate.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
sections=${SECTIONS:-library verbs pipe start mux growth}
export PACKETS=${PACKETS:-1000000} ROUNDS=${ROUNDS:-7}

fail() { echo "speed.sh: $*" >&2; exit 2; }
if ! [ -x /usr/bin/time ]; then
    { apt-get update && apt-get install -y time; } > /dev/null 2>&1 || fail "GNU time is needed: install 'time'"
fi
update=
if [ "${1-}" = --update ]; then update=1; shift; fi
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

cd "$root"
cargo build --release --locked -q -p subunit-filters --bin subunit
cargo build --release --locked -q -p subunit-tests --examples
release=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release
if ! [ -x "$work/venv/bin/subunit-stats" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install -q --disable-pip-version-check python-subunit==1.4.6 junitxml
fi
if [[ " $sections " == *" inquest "* ]] && ! [ -x "$work/inquest/bin/inq" ]; then
    cargo install -q --locked --root "$work/inquest" inquest --version 0.3.5
fi

tables() {
    echo "$(rustc --version), $(python3 --version), $(nproc) cores: $(sed -n '/model name/{s/.*: //p;q}' /proc/cpuinfo);" \
        "load before: $(cut -d ' ' -f 1 /proc/loadavg)"
    echo
    for section in $sections; do
        if [ "$section" = library ]; then
            PACKETS=$((PACKETS < 300000 ? PACKETS : 300000)) "$release/examples/speed"
        else
            python3 tests/peers/speed.py "$section" "$release" "$work"
        fi
    done
}

if [ -z "$update" ]; then
    tables
    exit
fi
tables | tee /dev/stderr > "$work/tables.md"
sed '/^<!-- measured -->$/q' BENCHMARKS.md > "$work/head.md"
{ cat "$work/head.md"; echo; cat -s "$work/tables.md"; } > BENCHMARKS.md
