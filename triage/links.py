"""Sees when a text is mostly addresses of pages. Pure."""

import re

MOST_LINKS = 3
"""Links that a person may need to tell what happened; with more, a person looks first."""

_LINK = re.compile(r"\bhttps?://|\bwww\.\w|\[url\b", re.IGNORECASE)


def many_links(text: str) -> bool:
    """Whether a text holds more links than people write."""
    return sum(1 for _ in _LINK.finditer(text)) > MOST_LINKS
