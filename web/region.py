"""What a Region sets of its own on the pages. Pure."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from web.contrast import TEXT, contrast


@dataclass(frozen=True)
class Region:
    """Name without its article, and three colours ("#rrggbb") of the light theme; the dark theme keeps its own.

    Raises ValueError, in words for who writes the settings, when a text would be hard to read with a colour.
    """

    name: str = "Région Exemple"
    primary: str = "#0b5d5e"
    primary_soft: str = "#e3f0ef"
    accent: str = "#b4491a"
    zone: str = "Europe/Paris"

    def __post_init__(self) -> None:
        for text, ground in ((self.primary, "#ffffff"), (self.accent, "#ffffff"), ("#1b2a33", self.primary_soft)):
            if contrast(text, ground) < TEXT:
                raise ValueError(f"{text} sur {ground} se lit mal : contraste {contrast(text, ground):.1f}, il faut {TEXT}")

    def timezone(self) -> ZoneInfo:
        """Where days begin and hours are told."""
        return ZoneInfo(self.zone)

    def css(self) -> str:
        """The colours as a rule that follows the tokens."""
        rules = f"--primary: {self.primary}; --primary-soft: {self.primary_soft}; --accent: {self.accent};"
        return f"@media not all and (prefers-color-scheme: dark) {{ :root {{ {rules} }} }}\n"
