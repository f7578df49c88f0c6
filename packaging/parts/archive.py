"""The tree that packages hold, and the tar archive of it.

The tree is laid out as below `/usr/local`, so that it can be unpacked there.
"""

import gzip
import io
import shutil
import tarfile
from pathlib import Path

from . import notices
from .project import LICENCES, PROGRAMS, ROOT, STAGE, VERSION, Failure, epoch, fresh, run
from .targets import Target

COMPLETIONS = {
    "bash": "share/bash-completion/completions/subunit",
    "zsh": "share/zsh/site-functions/_subunit",
    "fish": "share/fish/vendor_completions.d/subunit.fish",
}
DOCUMENTS = "share/doc/subunit"
# So that the programs find each other, and none that this machine has besides.
ALONE = {"PATH": ""}


def name(target: Target) -> str:
    """Returns what the archive and its one folder are called; `[package.metadata.binstall]` says the same."""
    return f"subunit-{VERSION}-{target.triple}"


def tree(target: Target, programs: dict[str, Path]) -> Path:
    """Lays out programs, manual pages, completions and licences, and returns the folder."""
    folder = fresh(STAGE / name(target))
    (folder / "bin").mkdir()
    for program in PROGRAMS:
        shutil.copy(programs[program], folder / "bin" / program)
    subunit = folder / "bin/subunit"
    try:
        run(subunit, "man", "-d", folder / "share/man/man1", env=ALONE)
    except OSError as error:
        raise Failure(f"{target.triple}: its programs write their own manual pages, so build on a machine that runs them: {error}") from None
    for shell, path in COMPLETIONS.items():
        file = folder / path
        file.parent.mkdir(parents=True)
        file.write_text(run(subunit, "completions", shell, env=ALONE))
    documents = folder / DOCUMENTS
    documents.mkdir(parents=True)
    for file in ("README.md", "CHANGELOG.md", *LICENCES):
        shutil.copy(ROOT / file, documents / file)
    (documents / "THIRD-PARTY.txt").write_text(notices.text(target, "subunit-filters", "subunit-run"))
    allow(folder)
    return folder


def allow(folder: Path) -> None:
    """Lets everybody read all files, and run the programs."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def make(target: Target, folder: Path, dist: Path) -> None:
    """Writes the archive."""
    write(dist / f"{name(target)}.tar.gz", folder, folder.name)


def write(file: Path, folder: Path, top: str) -> None:
    """Packs a folder under another name. The same files give the same bytes: names are sorted, times and owners are fixed."""
    packed = io.BytesIO()
    time = epoch()

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.mtime, info.uid, info.gid, info.uname, info.gname = time, 0, 0, "", ""
        return info

    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in [folder, *sorted(folder.rglob("*"))]:
            inside = Path(top) / path.relative_to(folder)
            tar.add(path, arcname=str(inside), recursive=False, filter=plain)
    with file.open("wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as pack:
        pack.write(packed.getvalue())
