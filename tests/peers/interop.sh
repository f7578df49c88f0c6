#!/usr/bin/env bash
# The other implementations of subunit, and the tools that are built on them, beside ours: the same events.
#
#     tests/peers/interop.sh [--quick] [--inquest] [FOLDER]
#
# exchange: events written by one side and read by another, each way; differential: intact streams that no writer
# would make; pipelines: stestr, testrepository and, with --inquest, inquest in one pipeline with our tools.
# --quick is what .ci/run does: fewer events and no pipelines. EVENTS (100000; 5000) is how many each way. --inquest
# builds inquest from source, which takes two minutes of processor time. FOLDER keeps what is installed between
# runs; without it that is in a folder that is removed. Needs Rust and Python 3 with venv.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
quick="" inquest="" work=""
for argument; do
    case $argument in
        --quick) quick=1 ;;
        --inquest) inquest=--inquest ;;
        -*) sed -n 2,11p "$0" >&2; exit 2 ;;
        *) work=$argument ;;
    esac
done
events=${EVENTS:-$([ -n "$quick" ] && echo 5000 || echo 100000)}

if [ -n "$work" ]; then
    mkdir -p "$work"
    work=$(cd "$work" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

cd "$root"
cargo build --release --locked -q -p subunit-filters --bin subunit
cargo build --release --locked -q -p subunit-tests --example crate_peer
release=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release
packages="python-subunit==1.4.6 testtools==2.9.1"
[ -n "$quick" ] || packages+=" stestr==4.2.1 testrepository==0.0.22"
if [ "$(cat "$work/installed" 2> /dev/null)" != "$packages" ]; then
    python3 -m venv "$work/venv"
    # shellcheck disable=SC2086
    "$work/venv/bin/pip" install -q --disable-pip-version-check $packages
    echo "$packages" > "$work/installed"
fi
if [ -n "$inquest" ] && ! [ -x "$work/inquest/bin/inq" ]; then
    cargo install -q inquest --version 0.3.6 --locked --root "$work/inquest"
fi
export PATH="$release:$work/venv/bin:$work/inquest/bin:$PATH" PYTHONDONTWRITEBYTECODE=1

status=0
run() { echo; echo "-- $1"; shift; python "$@" || status=1; }
cd tests/peers/interop
run "exchange" exchange.py "$release/subunit" "$release/examples/crate_peer" "$work" "$events"
run "differential" differential.py "$release/subunit" "$release/examples/crate_peer" "$work" "$events"
[ -n "$quick" ] || run "pipelines" pipelines.py "$work" $inquest
exit "$status"
