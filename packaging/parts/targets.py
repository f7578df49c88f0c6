"""The platforms, and what each kind of package calls them."""

import subprocess
from dataclasses import dataclass

LINUX_PARTS = ("archive", "deb", "wheel", "npm", "container", "dev", "server", "sbom")
MAC_PARTS = ("archive", "wheel", "npm", "server", "sbom")

# A static program needs no C library, so the wheel is for old ones, and for musl. It needs Linux 3.2, which systems of manylinux2014 have.
_WHEEL = "manylinux_2_17_{0}.manylinux2014_{0}.musllinux_1_1_{0}"


@dataclass(frozen=True)
class Target:
    """A platform: the compiler's name for it, and the names that packages use."""

    triple: str
    parts: tuple[str, ...]
    wheel: str
    npm: tuple[str, str]
    nix: str
    debian: str = ""
    is_static: bool = False

    def has(self, part: str) -> bool:
        return part in self.parts


def _linux(cpu: str, libc: str, debian: str, npm: str) -> Target:
    # The musl builds are archives only: packages of one name cannot hold two builds of one program.
    parts = LINUX_PARTS if libc == "gnu" else ("archive", "server", "sbom")
    return Target(f"{cpu}-unknown-linux-{libc}", parts, _WHEEL.format(cpu), ("linux", npm), f"{cpu}-linux", debian, is_static=True)


TARGETS = {
    target.triple: target
    for target in (
        _linux("x86_64", "gnu", "amd64", "x64"),
        _linux("x86_64", "musl", "amd64", "x64"),
        _linux("aarch64", "gnu", "arm64", "arm64"),
        _linux("aarch64", "musl", "arm64", "arm64"),
        Target("x86_64-apple-darwin", MAC_PARTS, "macosx_10_12_x86_64", ("darwin", "x64"), "x86_64-darwin"),
        Target("aarch64-apple-darwin", MAC_PARTS, "macosx_11_0_arm64", ("darwin", "arm64"), "aarch64-darwin"),
    )
}


def host() -> str:
    """Returns the compiler's name for this machine."""
    said = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    return next(line.removeprefix("host: ") for line in said.splitlines() if line.startswith("host: "))
