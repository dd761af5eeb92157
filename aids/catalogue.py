"""The live catalogue: the content files as they are now."""

from pathlib import Path

from aids.model import Aid
from store.content import LiveFolder, Problem

CONTENT = Path(__file__).parent / "content"


class Catalogue:
    """Aid schemes by slug, read again whenever a file has changed."""

    def __init__(self, folder: Path = CONTENT) -> None:
        self.files: LiveFolder[Aid] = LiveFolder(folder, Aid, _slug_is_file_name)

    def aids(self) -> list[Aid]:
        """All valid schemes, by name."""
        return sorted(self.files.values().values(), key=lambda aid: aid.name)

    def get(self, slug: str) -> Aid | None:
        return self.files.values().get(slug)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the files, by file and line."""
        return self.files.problems()


def _slug_is_file_name(path: Path, aid: Aid) -> None:
    if aid.slug != path.stem:
        raise ValueError(f"« slug » doit valoir « {path.stem} », comme le nom du fichier")
