# What the checks have in common. Read by `packaging/test`, which sets root, dist, work, version, triple and debian.

fail() { echo "packaging/test${part:+: $part}: $*" >&2; exit 1; }

# Fails unless the file is there, and prints its path.
made() {
    [ -f "$dist/$1" ] || fail "$dist/$1 is missing: run packaging/build"
    echo "$dist/$1"
}

# Installs a package of Debian that has a program, if the program is missing.
need() { # program, package
    command -v "$1" > /dev/null && return
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2"; } > "$work/apt" 2>&1 ||
        fail "$1 is missing, and apt-get cannot install it: install $2: $(tail -n 1 "$work/apt")"
}

# Runs a command for two minutes at most; a function of these checks limits its command itself.
limited() {
    if [ "$(type -t "$1")" = function ]; then "$@"; else timeout -k 2 120 "$@"; fi
}

# Fails unless a command ends with a status and prints a text.
expect() { # status, text, command...
    local status=0 wanted=$1 text=$2
    shift 2
    limited "$@" > "$work/said" 2>&1 < /dev/null || status=$?
    if [ "$status" != "$wanted" ] || { [ -n "$text" ] && ! grep -qF -- "$text" "$work/said"; }; then
        tail -n 20 "$work/said" >&2
        fail "\`$*\` ended with $status and the lines above, not with $wanted and '$text'"
    fi
}

# Unpacks the archive into a folder, without its top folder.
unpack() { # folder
    mkdir -p "$1"
    tar xzf "$(made "subunit-$version-$triple.tar.gz")" --strip-components 1 -C "$1"
}

# Makes the root of a clean Debian, from a tar file that is made once.
debian_root() { # suite, folder, packages with commas
    local kept="$root/target/roots/$1${3:+-with-tools}.tar"
    if [ ! -f "$kept" ]; then
        need debootstrap debootstrap
        mkdir -p "$root/target/roots"
        debootstrap --variant=minbase ${3:+--include="$3"} "$1" "$work/bootstrap" > "$work/log" 2>&1 ||
            fail "debootstrap $1 failed: $(tail -n 1 "$work/log")"
        tar cf "$kept.part" -C "$work/bootstrap" . && mv "$kept.part" "$kept"
        rm -rf "$work/bootstrap"
    fi
    mkdir -p "$2"
    tar xf "$kept" -C "$2"
}

# Runs a command in a root, with a /proc of its own, as containers and systems have one.
within() { # root, command...
    mkdir -p "$1/proc"
    unshare --mount --pid --fork --root="$1" --mount-proc timeout -k 2 120 "${@:2}"
}

# Runs the example suite of the guide in a root: four tests, of which one fails.
runs_the_suite() { # root
    cp -r "$root/docs/examples/shop" "$1/shop"
    expect 1 "FAILED  4 tests" within "$1" sh -c 'cd /shop && subunit run -- tests.d'
    expect 1 "tests.d/checkout" within "$1" sh -c 'cd /shop && subunit last --no-pager'
}
