"""What packages say about the project. It is read from Cargo.toml, where each fact stands once."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAGE = ROOT / "target/packaging"
TEMPLATES = ROOT / "packaging/templates"

_package = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
VERSION = _package["version"]
ADDRESS = _package["repository"].rstrip("/")
LICENCE = _package["license"]
SUMMARY = "Runs the tests of any runner in parallel, watches them, and keeps a history"
PROGRAMS = ("subunit", "subunit-run")
LICENCES = ("LICENSE-APACHE", "LICENSE-BSD")


class Failure(Exception):
    """What stops the build: one line that names the thing and the way out."""


def run(*command: object, env: dict[str, str] | None = None, cwd: Path = ROOT) -> str:
    """Runs a command, whose messages are shown, and returns its standard output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failure(f"`{' '.join(words)}` failed with status {done.returncode}")
    return done.stdout


def tool(name: str, version: str) -> Path:
    """Returns a subcommand of cargo, installed into target/tools if it is not there."""
    root = ROOT / "target/tools"
    path = root / "bin" / f"cargo-{name}"
    if not path.exists():
        run("cargo", "install", f"cargo-{name}", "--version", version, "--locked", "--quiet", "--root", root)
    return path


def need(program: str, package: str) -> None:
    """Fails if a program of the system is missing."""
    if shutil.which(program) is None:
        raise Failure(f"{program} is missing: install {package}")


def epoch() -> int:
    """Returns the time of the commit, in seconds. All files of all packages have it, so that a build can be repeated.

    SOURCE_DATE_EPOCH stands for it where packagers set that.
    """
    return int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct").strip())


def release_url(file: str) -> str:
    """Returns where a file of the release can be had, as `[package.metadata.binstall]` says too."""
    return f"{ADDRESS}/releases/download/v{VERSION}/{file}"


def fill(template: str, **values: str) -> str:
    """Returns a template with `@NAME@` replaced by values."""
    text = (TEMPLATES / template).read_text()
    facts = {"version": VERSION, "address": ADDRESS, "licence": LICENCE, "summary": SUMMARY}
    for name, value in {**facts, **values}.items():
        text = text.replace(f"@{name.upper()}@", value)
    return text


def fresh(folder: Path) -> Path:
    """Makes an empty folder, in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
