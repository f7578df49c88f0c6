"""Builds the programs: static on Linux, without symbols, and without paths of this machine in them."""

import os
from pathlib import Path

from .project import PROGRAMS, ROOT, epoch, run
from .targets import Target

# What separates flags in CARGO_ENCODED_RUSTFLAGS, so that paths may hold spaces.
_SEPARATOR = "\x1f"


def _renamed() -> list[tuple[str, str]]:
    """Returns which folders the programs would name in messages, and what stands there instead."""
    home = Path.home()
    cargo = os.environ.get("CARGO_HOME", str(home / ".cargo"))
    sysroot = run("rustc", "--print", "sysroot").strip()
    return [(cargo, "/cargo"), (sysroot, "/rust"), (str(ROOT), "/subunit")]


def environment(flags: list[str]) -> dict[str, str]:
    """Returns the variables of a build that can be repeated elsewhere, with further flags of rustc."""
    renamed = _renamed()
    rust = [f"--remap-path-prefix={folder}={name}" for folder, name in renamed]
    c = [f"-ffile-prefix-map={folder}={name}" for folder, name in renamed]
    return {
        "CARGO_ENCODED_RUSTFLAGS": _SEPARATOR.join(["-C", "strip=symbols", *flags, *rust]),
        "CFLAGS": " ".join(c),
        "CARGO_INCREMENTAL": "0",
        "SOURCE_DATE_EPOCH": str(epoch()),
    }


def build(target: Target) -> dict[str, Path]:
    """Builds the programs for a platform and returns where they are."""
    # `+crt-static` holds for the programs only if the target is given: without, build scripts and macros would get it too.
    flags = ["-C", "target-feature=+crt-static"] if target.is_static else []
    packages = ["-p", "subunit-filters", "-p", "subunit-run"]
    bins = [word for name in PROGRAMS for word in ("--bin", name)]
    folder = _compile(target, ROOT / "target", flags, *packages, *bins)
    return {name: folder / name for name in PROGRAMS}


def server(target: Target) -> Path:
    """Builds the server and returns where it is. It looks up names of hosts, for which the GNU C library must not be static."""
    flags = ["-C", "target-feature=+crt-static"] if target.triple.endswith("-musl") else []
    # In a folder of its own: other flags would have everything that the programs share built again, in turns.
    return _compile(target, ROOT / "target/packaging-server", flags, "-p", "subunit-server") / "subunit-server"


def _compile(target: Target, folder: Path, flags: list[str], *words: str) -> Path:
    """Builds for release and returns the folder of the programs."""
    run("cargo", "build", "--release", "--locked", "--target", target.triple, "--target-dir", folder, *words, env=environment(flags))
    return folder / target.triple / "release"
