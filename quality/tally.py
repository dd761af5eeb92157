"""Opinions counted by commitment and feeling, and what is said of them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from quality.results import SMALL, shown, shown_total

FEELINGS = ("negatif", "neutre", "positif")
# Word for word, as the Region undertook them.
COMMITMENTS = {
    "accueil": "Vous êtes accueillis avec bienveillance et informés des erreurs les plus fréquentes",
    "contact": "Vous pouvez facilement entrer en contact avec nos services",
    "accompagnement": "Vous bénéficiez d'un accompagnement adapté à votre situation personnelle",
    "delais": "Votre demande est traitée dans les délais annoncés",
    "information": "Vous disposez d'une information claire, simple et accessible",
    "resultats": "Vous pouvez consulter les résultats de notre qualité de service",
    "amelioration": "Avec vous, nous améliorons notre qualité de service",
    "environnement": "Avec vous, nous nous engageons à poursuivre nos actions pour limiter notre impact sur l'environnement",
}


@dataclass(frozen=True)
class Line:
    """One commitment: how many opinions carry it, by feeling."""

    slug: str
    name: str
    negatif: int
    neutre: int
    positif: int

    def counts(self) -> list[int]:
        return [self.negatif, self.neutre, self.positif]

    def published(self) -> list[int | None]:
        """The three counts, then their total; None when too small to be published."""
        return [*shown(self.counts()), shown_total(self.counts())]


FEWEST = 10
"""Opinions under which a percentage would say more than is known."""


@dataclass(frozen=True)
class Tally:
    """`opinions`: how many there are; by feeling; and by commitment (an opinion may carry several, or none)."""

    opinions: int
    feelings: dict[str, int]
    lines: tuple[Line, ...]

    def sentence(self) -> str:
        """The result in one sentence, said before any table."""
        if not self.opinions:
            return "Nous n'avons pas encore reçu d'avis : il n'y a pas de résultat à publier."
        if self.opinions < FEWEST:
            received = f"{self.opinions} avis reçus" if self.opinions >= SMALL else f"Moins de {SMALL} avis reçus"
            return f"{received} : c'est trop peu pour en tirer un pourcentage."
        if 0 < self.feelings["positif"] < SMALL or 0 < self.opinions - self.feelings["positif"] < SMALL:
            return f"{self.opinions} avis reçus. La part d'avis positifs n'est pas publiée : l'un des nombres est trop petit."
        share = round(100 * self.feelings["positif"] / self.opinions)
        return f"{share}\u00a0% d'avis positifs, sur {self.opinions} avis reçus."

    def published(self) -> dict[str, int | None]:
        """Opinions by feeling; None when too few to be published."""
        return dict(zip(FEELINGS, shown([self.feelings[one] for one in FEELINGS])))

    def published_opinions(self) -> int | None:
        return shown_total(list(self.feelings.values()))


def build_tally(feelings: Mapping[str, int], cells: Mapping[tuple[str, str], int]) -> Tally:
    """`feelings`: opinions by feeling; `cells`: opinions by (commitment, feeling)."""
    lines = tuple(Line(slug, name, *(cells.get((slug, feeling), 0) for feeling in FEELINGS)) for slug, name in COMMITMENTS.items())
    return Tally(sum(feelings.values()), {feeling: feelings.get(feeling, 0) for feeling in FEELINGS}, lines)
