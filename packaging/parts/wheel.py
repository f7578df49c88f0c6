"""The Python wheel `subunit-cli`: the programs as scripts, and nothing in Python."""

import base64
import hashlib
import stat
import time
import zipfile
from pathlib import Path

from .archive import DOCUMENTS
from .project import ADDRESS, LICENCE, LICENCES, PROGRAMS, ROOT, SUMMARY, VERSION, epoch
from .targets import Target

_NAME = f"subunit_cli-{VERSION}"
_INFO = f"{_NAME}.dist-info"


def make(target: Target, tree: Path, dist: Path) -> None:
    """Writes the wheel. Installers put `.data/scripts` where commands are looked for."""
    files = {f"{_NAME}.data/scripts/{name}": (tree / "bin" / name).read_bytes() for name in PROGRAMS}
    for name in (*LICENCES, "THIRD-PARTY.txt"):
        files[f"{_INFO}/licenses/{name}"] = (tree / DOCUMENTS / name).read_bytes()
    files[f"{_INFO}/METADATA"] = _metadata().encode()
    tags = "".join(f"Tag: py3-none-{platform}\n" for platform in target.wheel.split("."))
    files[f"{_INFO}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: packaging/build\nRoot-Is-Purelib: false\n{tags}".encode()
    files[f"{_INFO}/RECORD"] = _record(files).encode()
    with zipfile.ZipFile(dist / f"{_NAME}-py3-none-{target.wheel}.whl", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, content in files.items():
            wheel.writestr(_entry(name), content)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, time.gmtime(epoch())[:6])
    mode = 0o755 if "/scripts/" in name else 0o644
    entry.external_attr = (stat.S_IFREG | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix: installers read the mode then
    return entry


def _metadata() -> str:
    head = [
        "Metadata-Version: 2.4",
        "Name: subunit-cli",
        f"Version: {VERSION}",
        f"Summary: {SUMMARY}",
        f"License-Expression: {LICENCE}",
        *(f"License-File: {name}" for name in (*LICENCES, "THIRD-PARTY.txt")),
        f"Project-URL: Repository, {ADDRESS}",
        "Requires-Python: >=3.7",
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(head) + "\n\n" + (ROOT / "README.md").read_text()


def _record(files: dict[str, bytes]) -> str:
    def digest(content: bytes) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()

    lines = [f"{name},sha256={digest(content)},{len(content)}" for name, content in files.items()]
    return "\n".join([*lines, f"{_INFO}/RECORD,,"]) + "\n"
