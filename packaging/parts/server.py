"""The server: an archive and a package for Debian. It is apart from the programs, as it is not static."""

import shutil
from pathlib import Path

from . import archive, deb, notices, programs
from .project import LICENCES, ROOT, STAGE, VERSION, fresh, run
from .targets import Target


def make(target: Target, tree: Path, dist: Path) -> None:
    """Writes the archive, and the package where Debian has the platform."""
    folder = _tree(target, programs.server(target), pages=tree / "share/man/man1")
    archive.write(dist / f"{folder.name}.tar.gz", folder, folder.name)
    if target.has("deb"):
        deb.server(target, folder, dist)


def _tree(target: Target, program: Path, pages: Path) -> Path:
    """Lays out the server as below `/usr/local`, with the manual pages that the other programs do not have."""
    folder = fresh(STAGE / f"subunit-server-{VERSION}-{target.triple}")
    (folder / "bin").mkdir()
    shutil.copy(program, folder / "bin/subunit-server")
    manual = folder / "share/man/man1"
    run(folder / "bin/subunit-server", "man", "-d", manual, env=archive.ALONE)
    for page in manual.iterdir():
        if (pages / page.name).exists():
            page.unlink()
    documents = folder / "share/doc/subunit-server"
    documents.mkdir(parents=True)
    for name in LICENCES:
        shutil.copy(ROOT / name, documents / name)
    (documents / "THIRD-PARTY.txt").write_text(notices.text(target, "subunit-server"))
    units = folder / "lib/systemd/system"
    units.mkdir(parents=True)
    shutil.copy(ROOT / "subunit-server/systemd/subunit-serve.service", units)
    archive.allow(folder)
    return folder
