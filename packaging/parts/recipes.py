"""Files by which other tools install the archives: Containerfile, Homebrew formula, Nix expression."""

from pathlib import Path

from . import archive, sums
from .project import fill, release_url
from .targets import TARGETS, Target


def container(target: Target, tree: Path, dist: Path) -> None:
    """Writes the Containerfile, which is built in the unpacked archive."""
    (dist / "Containerfile").write_text(fill("Containerfile"))


def write(dist: Path) -> None:
    """Writes formula and expression for the archives that are in the folder."""
    found = _archives(dist)
    if not found:
        return
    (dist / "subunit-cli.rb").write_text(fill("subunit-cli.rb", platforms="\n".join(_brew(*entry) for entry in found)))
    (dist / "subunit-cli.nix").write_text(fill("subunit-cli.nix", platforms="\n".join(_nix(*entry) for entry in found)))


def _archives(dist: Path) -> list[tuple[Target, Path]]:
    """Returns one archive for each platform: where there are two, the first of the table."""
    found: dict[str, tuple[Target, Path]] = {}
    for target in TARGETS.values():
        file = dist / f"{archive.name(target)}.tar.gz"
        if file.exists():
            found.setdefault(target.nix, (target, file))
    return list(found.values())


def _brew(target: Target, file: Path) -> str:
    cpu, system = target.nix.split("-")
    on_cpu = {"x86_64": "on_intel", "aarch64": "on_arm"}[cpu]
    on_system = {"linux": "on_linux", "darwin": "on_macos"}[system]
    return (
        f"  {on_system} do\n    {on_cpu} do\n"
        f'      url "{release_url(file.name)}"\n      sha256 "{sums.of(file)}"\n'
        "    end\n  end"
    )


def _nix(target: Target, file: Path) -> str:
    return f'    {target.nix} = {{\n      url = "{release_url(file.name)}";\n      sha256 = "{sums.of(file)}";\n    }};'
