"""The npm package `subunit-cli`: the programs themselves are its commands. It runs no script and fetches nothing when it is installed."""

import json
import shutil
from pathlib import Path

from . import archive
from .project import ADDRESS, LICENCE, LICENCES, PROGRAMS, ROOT, STAGE, SUMMARY, VERSION, fresh
from .targets import Target


def make(target: Target, tree: Path, dist: Path) -> None:
    """Writes the package. `npx subunit-cli` runs the command that is called like the package."""
    folder = fresh(STAGE / "npm")
    (folder / "bin").mkdir()
    for name in PROGRAMS:
        shutil.copy(tree / "bin" / name, folder / "bin" / name)
    for name in (*LICENCES, "THIRD-PARTY.txt", "README.md"):
        shutil.copy(tree / archive.DOCUMENTS / name, folder / name)
    commands = {name: f"bin/{name}" for name in PROGRAMS}
    system, cpu = target.npm
    says = {
        "name": "subunit-cli",
        "version": VERSION,
        "description": SUMMARY,
        "license": f"({LICENCE})",
        "repository": {"type": "git", "url": f"git+{ADDRESS}.git"},
        "keywords": ["test", "runner", "parallel", "junit", "tap"],
        "bin": {**commands, "subunit-cli": commands["subunit"]},
        "os": [system],
        "cpu": [cpu],
    }
    (folder / "package.json").write_text(json.dumps(says, indent=2) + "\n")
    archive.write(dist / f"subunit-cli-npm-{VERSION}-{target.triple}.tgz", folder, "package")
