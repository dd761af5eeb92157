"""Writes what a bench has measured between its marks in a document."""

from pathlib import Path


def placed(document: str, text: str, mark: str, end: str) -> str:
    """The document with `text` between its marks. Raises ValueError when it has none."""
    before, found, rest = document.partition(mark)
    _, closing, after = rest.partition(end)
    if not (found and closing):
        raise ValueError(f"no {mark} … {end}")
    return f"{before}{mark}\n{text}\n{end}{after}"


def place(path: Path, text: str, mark: str, end: str) -> None:
    """The same in a file."""
    path.write_text(placed(path.read_text(encoding="utf-8"), text, mark, end), encoding="utf-8")
