"""The model in force and the others that could be: files. Which one is in force changes whole or not at all."""

import re
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from triage.errors import UnknownVersion
from triage.trained import load_card

MOST_KEPT = 8
"""Versions kept beside the one in force, of 8 MB each."""

_NAME = re.compile(r"[\w.-]{1,100}")


class Versions:
    """`triage.npz` in a folder is in force; the folder `versions` beside it holds what was and what could be."""

    def __init__(self, folder: Path) -> None:
        self.in_force = folder / "triage.npz"
        self._kept = folder / "versions"

    def path(self, version: str) -> Path:
        """Where a version is kept, or would be. Raises UnknownVersion for what is no name."""
        if not _NAME.fullmatch(version) or version.strip(".") == "":
            raise UnknownVersion(f"« {version} » n'est pas un nom de version.")
        return self._kept / f"{version}.npz"

    def current(self) -> str:
        """Name of the version in force; "" without any."""
        return str(self.card().get("version", ""))

    def card(self, version: str = "") -> dict[str, Any]:
        """Card of a version, of the one in force by default. Empty when there is none."""
        path = self.path(version) if version else self.in_force
        return load_card(path) if path.exists() else {}

    def cards(self) -> list[dict[str, Any]]:
        """Cards of the versions kept, the newest first; one in force that was never kept aside is among them."""
        whole = (path for path in self._kept.glob("*.npz") if ".partial" not in path.name)
        paths = sorted(whole, key=lambda path: path.stat().st_mtime_ns, reverse=True)
        found = [card for path in paths if (card := load_card(path)) and card["version"] == path.stem]
        current = self.card()
        return found if not current or current["version"] in {card["version"] for card in found} else [*found, current]

    def keep_current(self) -> str:
        """Puts a copy of the version in force aside, where there is none yet; gives its name."""
        version = self.current()
        if version and not self.path(version).exists():
            self._copy(self.in_force, self.path(version))
        return version

    def put_in_force(self, version: str) -> None:
        """Processes that run take it at the next message that they read. Raises UnknownVersion."""
        path = self.path(version)
        if not path.exists():
            raise UnknownVersion(f"La version {version} n'est plus dans {self._kept}. Lancez : ecoute models list")
        self.keep_current()
        self._copy(path, self.in_force)

    def prune(self, needed: Collection[str]) -> None:
        """Erases the oldest beyond MOST_KEPT, never one that is in force or `needed`."""
        spared = {self.current(), *needed}
        for card in self.cards()[MOST_KEPT:]:
            if card["version"] not in spared:
                self.path(card["version"]).unlink(missing_ok=True)

    def _copy(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        shutil.copyfile(source, partial)
        partial.replace(target)
