"""The packages for Debian, by dpkg-deb: `subunit-cli` with the programs, `subunit-server`, and `libsubunit2-dev` for C and C++."""

import gzip
import os
import shutil
from pathlib import Path

from .archive import DOCUMENTS
from .programs import environment
from .project import LICENCES, ROOT, STAGE, VERSION, epoch, fill, fresh, need, run
from .targets import Target


def programs(target: Target, tree: Path, dist: Path) -> None:
    """Writes the package of the programs. Debian's `subunit` has no file of the same name, so both can be there."""
    folder = fresh(STAGE / "deb")
    shutil.copytree(tree, folder / "usr")
    (folder / "usr/share/doc/subunit").rename(folder / "usr/share/doc/subunit-cli")
    _press(folder)
    _pack("subunit-cli", folder, target, dist)


def server(target: Target, tree: Path, dist: Path) -> None:
    """Writes the package of the server, which needs a C library as new as that of this machine."""
    folder = fresh(STAGE / "server-deb")
    shutil.copytree(tree, folder / "usr")
    _press(folder)
    _pack("subunit-server", folder, target, dist, depends=_depends("subunit-server", folder / "usr/bin/subunit-server"))


def library(target: Target, tree: Path, dist: Path) -> None:
    """Writes the package of the C library. Its shared library needs a C library as new as that of this machine."""
    folder = fresh(STAGE / "dev")
    libraries = f"/usr/lib/{target.triple.replace('-unknown', '')}"
    # In a folder of its own: other flags of the compiler would have everything in `target/release` built again.
    built = {**environment([]), "DESTDIR": str(folder), "CARGO_TARGET_DIR": str(ROOT / "target/packaging-c")}
    run(ROOT / "bindings-c/install.sh", "--prefix", "/usr", "--libdir", libraries, env=built)
    documents = folder / "usr/share/doc/libsubunit2-dev"
    documents.mkdir(parents=True)
    for name in (*LICENCES, "THIRD-PARTY.txt"):
        shutil.copy(tree / DOCUMENTS / name, documents / name)
    _pack("libsubunit2-dev", folder, target, dist, depends=_depends("libsubunit2-dev", folder / libraries.lstrip("/") / "libsubunit2.so"))


def _press(folder: Path) -> None:
    """Compresses the manual pages."""
    for page in (folder / "usr/share/man/man1").iterdir():
        page.with_name(f"{page.name}.gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
        page.unlink()


def _depends(name: str, linked: Path) -> str:
    """Returns which packages a program or a shared library needs, in which versions."""
    need("dpkg-shlibdeps", "dpkg-dev")
    source = fresh(STAGE / "shlibdeps")
    (source / "debian").mkdir()
    (source / "debian/control").write_text(f"Source: subunit\n\nPackage: {name}\nArchitecture: any\n")
    said = run("dpkg-shlibdeps", "-O", linked, cwd=source)
    return said.strip().removeprefix("shlibs:Depends=")


def _pack(name: str, folder: Path, target: Target, dist: Path, **values: str) -> None:
    need("dpkg-deb", "dpkg")
    (folder / "usr/share/doc" / name / "copyright").write_text(fill("debian/copyright"))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) // 1024
    (folder / "DEBIAN").mkdir()
    (folder / "DEBIAN/control").write_text(fill(f"debian/{name}", debian=target.debian, size=str(size), **values))
    time = epoch()
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (time, time), follow_symlinks=False)
    package = dist / f"{name}_{VERSION}_{target.debian}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", folder, package, env={"SOURCE_DATE_EPOCH": str(time)})
