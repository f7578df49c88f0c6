"""The licences of what is linked into the programs: most of them ask to be passed on with it."""

import json
from pathlib import Path

from .project import Failure, run
from .targets import Target

_HEAD = """\
The programs of this package hold the following libraries. The Linux programs also hold parts of the C library: the GNU C
library under LGPL-2.1, or musl under MIT. All of them hold Rust's standard library under MIT or Apache-2.0, and SQLite,
which is in the public domain.
"""
_NAMES = ("license", "licence", "copying", "notice", "unlicense", "copyright")


def linked(target: Target, *packages: str) -> list[tuple[str, str]]:
    """Returns name and version of each crate that the programs of packages link, our own left out."""
    crates = set()
    for package in packages:
        words = ("--edges", "normal,no-proc-macro", "--target", target.triple, "--prefix", "none", "--format", "{p}")
        for line in run("cargo", "tree", "--locked", "-p", package, *words).splitlines():
            name, version, *rest = line.split()
            if not any(word.startswith("(/") for word in rest):
                crates.add((name, version.removeprefix("v")))
    return sorted(crates)


def text(target: Target, *packages: str) -> str:
    """Returns all notices for what these packages link, each text once."""
    metadata = json.loads(run("cargo", "metadata", "--format-version", "1", "--locked"))
    known = {(package["name"], package["version"]): package for package in metadata["packages"]}
    texts: dict[str, list[str]] = {}
    for crate in linked(target, *packages):
        package = known[crate]
        title = f"{crate[0]} {crate[1]} ({package['license']})"
        files = _files(Path(package["manifest_path"]).parent)
        if not files and not package["license"]:
            raise Failure(f"{title}: the crate says no licence")
        for file in files or [None]:
            said = file.read_text(errors="replace").strip() if file else f"Licence: {package['license']}"
            texts.setdefault(said, []).append(title)
    parts = [_HEAD] + [f"{chr(10).join(dict.fromkeys(titles))}\n\n{said}\n" for said, titles in texts.items()]
    return ("\n" + "-" * 78 + "\n\n").join(parts)


def _files(folder: Path) -> list[Path]:
    """Returns the licences of a crate, also those of the C sources that it carries."""
    below = [file for file in folder.glob("*") if file.name.lower().startswith(_NAMES)]
    carried = [file for file in folder.glob("*/*") if file.name.lower().startswith(_NAMES)]
    return sorted(file for file in below + carried if file.is_file())
