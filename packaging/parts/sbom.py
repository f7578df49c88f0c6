"""What the programs are made of, as CycloneDX JSON, by cargo-cyclonedx."""

import os
from pathlib import Path

from .project import ROOT, VERSION, epoch, run, tool
from .targets import Target

# The crate of each program.
_CRATES = {"subunit": "subunit-filters", "subunit-run": "subunit-run", "subunit-server": "subunit-server"}


def make(target: Target, tree: Path, dist: Path) -> None:
    """Writes one list for each program. The tool writes beside the manifests, from where they are taken."""
    path = f"{tool('cyclonedx', '0.5.9').parent}{os.pathsep}{os.environ['PATH']}"
    stem = "subunit-sbom"
    words = ("--format", "json", "--spec-version", "1.5", "--target", target.triple, "--no-build-deps", "--override-filename", stem, "--quiet")
    try:
        run("cargo", "cyclonedx", *words, env={"SOURCE_DATE_EPOCH": str(epoch()), "PATH": path})
        for program, crate in _CRATES.items():
            said = (ROOT / crate / f"{stem}.json").read_text()
            # Our crates are named by their folders, which are elsewhere on each machine.
            said = said.replace(f"file://{ROOT}", "file:///subunit")
            (dist / f"{program}-{VERSION}-{target.triple}.cdx.json").write_text(said)
    finally:
        for left in ROOT.glob(f"**/{stem}.json"):
            left.unlink()
