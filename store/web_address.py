"""Addresses of web pages that editors write: a browser must be able to follow them, and do nothing else."""

import re

_PAGE = re.compile(r"https?://[^\s/]\S*")
_OF_THE_SITE = re.compile(r"/(?![/\\])\S*|(mailto|tel):\S+")


def check_page(url: str | None) -> None:
    """Raises ValueError, in words, when this is not the address of a web page. None is no address."""
    if url is not None and not _PAGE.fullmatch(url):
        raise ValueError(f"« {url} » n'est pas une adresse : elle commence par https://")


def check_link(url: str) -> None:
    """The same, for a page of the web or of this site ("/avis"), an e-mail address or a telephone number ("mailto:", "tel:")."""
    if not _PAGE.fullmatch(url) and not _OF_THE_SITE.fullmatch(url):
        raise ValueError(f"« {url} » n'est pas une adresse : elle commence par https://, ou par / pour une page de ce site")
