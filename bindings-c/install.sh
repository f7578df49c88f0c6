#!/bin/sh
# Builds the C libraries with plain cargo and installs them:
#
#   install.sh --prefix DIR [--libdir DIR] [--drop-in]
#
# Always libsubunit2 (subunit.h, the C++ headers, pkg-config, CMake). With --drop-in also libsubunit, which
# takes the place of the old library: its files are those of a system's libsubunit-dev, so give it a prefix
# of its own. DESTDIR is put in front of every path that is written to. Needs cargo, and a linker for ELF.
set -eu

usage() { echo "usage: install.sh --prefix DIR [--libdir DIR] [--drop-in]" >&2; exit 2; }

prefix= libdir= drop_in=no
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) [ $# -gt 1 ] || usage; prefix=$2; shift ;;
        --prefix=*) prefix=${1#*=} ;;
        --libdir) [ $# -gt 1 ] || usage; libdir=$2; shift ;;
        --libdir=*) libdir=${1#*=} ;;
        --drop-in) drop_in=yes ;;
        *) usage ;;
    esac
    shift
done
case $prefix in /*) ;; *) echo "install.sh: --prefix must be an absolute path" >&2; exit 2 ;; esac
case $(uname -s) in
    Darwin | *MINGW* | *CYGWIN*) echo "install.sh: only systems with ELF are known" >&2; exit 2 ;;
esac
: "${libdir:=$prefix/lib}"
includedir=$prefix/include
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${DESTDIR:-}
built=${CARGO_TARGET_DIR:-$here/../target}/release
version=$(sed -n 's/^#define SUBUNIT_VERSION_\(MAJOR\|MINOR\|PATCH\) //p' "$here/include/subunit.h" | paste -sd.)

build() { # package, crate type, then arguments for cargo, --, arguments for rustc
    package=$1 type=$2
    shift 2
    cargo rustc --quiet --release --manifest-path "$here/Cargo.toml" -p "$package" --lib \
        --crate-type "$type" "$@"
}

shared() { # name, number in the soname, number in the file's name
    rm -f "$root$libdir/lib$1.so" "$root$libdir/lib$1.so.$2"
    install -m 755 "$built/lib$1.so" "$root$libdir/lib$1.so.$3"
    ln -s "lib$1.so.$3" "$root$libdir/lib$1.so.$2"
    ln -s "lib$1.so.$3" "$root$libdir/lib$1.so"
}

fill() { # template, target
    mkdir -p "$root$(dirname "$2")"
    sed -e "s|@PREFIX@|$prefix|g" -e "s|@LIBDIR@|$libdir|g" -e "s|@INCLUDEDIR@|$includedir|g" \
        -e "s|@VERSION@|$version|g" -e "s|@NATIVE@|$native|g" "$here/install/$1" > "$root$2"
}

mkdir -p "$root$libdir" "$root$includedir/subunit"

# One static library holds both, as two of Rust's in one program collide.
native=$(build subunit-c staticlib --features drop-in -- --print native-static-libs 2>&1 |
    sed -n 's/.*native-static-libs: //p' | tail -n 1)
[ -n "$native" ] || { echo "install.sh: building the static library failed" >&2; exit 1; }
install -m 644 "$built/libsubunit2.a" "$root$libdir/libsubunit2.a"

build subunit-c cdylib -- -C strip=symbols -C link-arg=-Wl,-soname,libsubunit2.so.0
shared subunit2 0 "$version"
install -m 644 "$here/include/subunit.h" "$here/include/subunit.hpp" "$root$includedir"
install -m 644 "$here"/include/subunit/*.hpp "$root$includedir/subunit"
fill libsubunit2.pc.in "$libdir/pkgconfig/libsubunit2.pc"
fill subunit2-config.cmake.in "$libdir/cmake/subunit2/subunit2-config.cmake"
fill subunit2-config-version.cmake.in "$libdir/cmake/subunit2/subunit2-config-version.cmake"

[ "$drop_in" = yes ] || exit 0
build subunit-c-drop-in cdylib -- -C strip=symbols -C link-arg=-Wl,-soname,libsubunit.so.0
shared subunit 0 0.0.0
ln -sf libsubunit2.a "$root$libdir/libsubunit.a"
install -m 644 "$here/include/subunit/child.h" "$root$includedir/subunit"
version=1.4.0 # of the old library, whose users may ask for it
fill libsubunit.pc.in "$libdir/pkgconfig/libsubunit.pc"
fill subunit-config.cmake.in "$libdir/cmake/subunit/subunit-config.cmake"
fill subunit-config-version.cmake.in "$libdir/cmake/subunit/subunit-config-version.cmake"
