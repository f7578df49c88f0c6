#!/usr/bin/env bash
# Time and peak memory of the traditional tools beside python-subunit's, in one run.
#
#     tests/peers/speed.sh [FOLDER]
#
# FOLDER keeps the virtual environment and the streams between runs; without it they are made in a folder
# that is removed. PACKETS (100000) is the length of the streams, RUNS (5) how often each tool is run. The two
# sides take turns, and the medians are compared, so a machine that is busy slows both down. Prints a table in
# Markdown. Needs Rust, Python 3 with venv, bash 5, and GNU time, which it installs with apt-get if it may.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
packets=${PACKETS:-100000} runs=${RUNS:-5}
reference=python-subunit==1.4.6

fail() { echo "speed.sh: $*" >&2; exit 2; }
[ -n "${EPOCHREALTIME:-}" ] || fail "bash 5 is needed"
[ -x /usr/bin/time ] || apt-get install -y time > /dev/null || fail "GNU time is needed: install 'time'"

if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

cd "$root"
cargo build --release --locked -q -p subunit-filters --bin subunit
cargo build --release --locked -q -p subunit-tests --example corpora
release=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release
"$release/subunit" links --force "$work/ours"
if ! [ -x "$work/venv/bin/subunit-stats" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install -q --disable-pip-version-check "$reference" junitxml
fi
ours=$work/ours theirs=$work/venv/bin
"$release/examples/corpora" small --packets "$packets" --seed 1 -o "$work/v2" > /dev/null
# Version 1 of the same tests, so 1to2 and 2to1 have as much to do.
"$ours/subunit-2to1" < "$work/v2" > "$work/v1"
# The reference's subunit2csv crashes at the first test that failed without a traceback.
"$release/subunit" filter --status success "$work/v2" > "$work/passed"

# Runs a command on a stream; sets `microseconds`. Exit status 1 is the verdict of a report.
microseconds=0
timed() {
    local input=$1 status=0 start stop
    shift
    start=$EPOCHREALTIME
    "$@" < "$input" > "$work/out" 2> "$work/err" || status=$?
    stop=$EPOCHREALTIME
    microseconds=$((${stop/[.,]/} - ${start/[.,]/}))
    if [ "$status" -gt 1 ] || grep -q '^Traceback' "$work/err"; then
        tail -n 3 "$work/err" >&2
        fail "$*: exit status $status, so its time says nothing"
    fi
}

# Peak memory in KiB.
memory() {
    local input=$1
    shift
    /usr/bin/time -v -o "$work/time" "$@" < "$input" > /dev/null 2>&1 || true
    sed -n 's/.*Maximum resident set size (kbytes): //p' "$work/time"
}

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# compare LABEL STREAM TOOL [ARGUMENT...]
compare() {
    local label=$1 input=$2 tool=$3 our_times="" their_times="" run
    shift 3
    for ((run = 0; run < runs; run++)); do
        timed "$input" "$ours/$tool" "$@"
        our_times+="$microseconds"$'\n'
        timed "$input" "$theirs/$tool" "$@"
        their_times+="$microseconds"$'\n'
    done
    awk -v label="$label" \
        -v ours="$(printf %s "$our_times" | median)" -v theirs="$(printf %s "$their_times" | median)" \
        -v our_memory="$(memory "$input" "$ours/$tool" "$@")" \
        -v their_memory="$(memory "$input" "$theirs/$tool" "$@")" 'BEGIN {
            printf "| %s | %.3f s | %.3f s | %.0f | %.1f MiB | %.1f MiB | %.1f |\n", label, ours / 1e6,
                theirs / 1e6, theirs / ours, our_memory / 1024, their_memory / 1024, their_memory / our_memory
        }'
}

# start LABEL RUNS COMMAND...
start() {
    local label=$1 runs=$2 times="" run
    shift 2
    for ((run = 0; run < runs; run++)); do
        timed /dev/null "$@"
        times+="$microseconds"$'\n'
    done
    awk -v label="$label" -v time="$(printf %s "$times" | median)" \
        'BEGIN { printf "| %s | %.1f ms |\n", label, time / 1e3 }'
}

echo "$packets packets, $(stat -c %s "$work/v2") bytes; medians of $runs runs that take turns; $(nproc) cores"
echo
echo "| tool | ours | $reference | times as fast | peak, ours | peak, theirs | times as small |"
echo "|---|---|---|---|---|---|---|"
compare stats "$work/v2" subunit-stats
compare ls "$work/v2" subunit-ls
compare filter "$work/v2" subunit-filter --success
compare tags "$work/v2" subunit-tags worker
compare to-junit "$work/v2" subunit2junitxml
compare "to-csv, passed tests" "$work/passed" subunit2csv
compare 1to2 "$work/v1" subunit-1to2
compare 2to1 "$work/v2" subunit-2to1
echo
echo "| started on empty input | median |"
echo "|---|---|"
start /bin/true 41 /bin/true
start "subunit-stats, ours" 41 "$ours/subunit-stats"
start "subunit-stats, $reference" "$runs" "$theirs/subunit-stats"
