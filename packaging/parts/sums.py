"""SHA256SUMS, as `sha256sum --check` reads it."""

import hashlib
from pathlib import Path

NAME = "SHA256SUMS"


def of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def write(dist: Path) -> None:
    """Writes the sums of all files of a folder."""
    files = sorted(file for file in dist.iterdir() if file.is_file() and file.name != NAME)
    (dist / NAME).write_text("".join(f"{of(file)}  {file.name}\n" for file in files))
