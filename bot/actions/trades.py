"""Trades: the words that tell them, the NAF sections that they may belong to, and who works in them. Pure."""

import re
from dataclasses import dataclass

from aids.model import Audience
from bot.actions.quantities import flat
from language.normalise import fold

# Beginning of a word, or words, without accents | NAF sections | audiences.
_TABLE = """
boulang|CG|artisan commercant
patiss|CG|artisan commercant
boucher|CG|artisan commercant
charcut|CG|artisan commercant
fromager|CG|artisan commercant
chocolat|CG|artisan commercant
traiteur|CI|artisan commercant
poissonn|G|commercant
primeur|G|commercant
epicer|G|commercant
epicier|G|commercant
fleurist|G|commercant artisan
librair|G|commercant
quincaill|G|commercant
pharmaci|G|commercant
opticien|G|commercant
bureau de tabac|G|commercant
bar tabac|GI|commercant
boutique|G|commercant
magasin|G|commercant
superette|G|commercant
camion de tournee|G|commercant
restaurant|I|commercant
restaurat|I|commercant
resto|I|commercant
bistrot|I|commercant
pizzeria|I|commercant
creperie|I|commercant
food truck|I|commercant
salon de the|I|commercant
cafe|I|commercant
hotel|I|commercant
camping|I|commercant
gite|I|
chambre d'hote|I|
brasserie|CI|commercant
brasseu|C|artisan
coiffeu|S|artisan
coiffure|S|artisan
barbier|S|artisan
esthetic|S|artisan
institut de beaute|S|artisan
toiletteu|S|artisan
cordonn|S|artisan
pressing|S|artisan commercant
laverie|S|commercant
blanchisser|S|artisan
tatoueu|S|
garagist|G|artisan commercant
garage|G|artisan commercant
carross|G|artisan
mecanique auto|G|artisan
menuis|CF|artisan
ebenist|C|artisan
charpent|CF|artisan
maconn|F|artisan
plomb|F|artisan
electricien|F|artisan
couvreu|F|artisan
carrel|F|artisan
platrer|F|artisan
platrier|F|artisan
peintre en batiment|F|artisan
chauffagist|F|artisan
terrassement|F|artisan
batiment et travaux|F|
btp|F|
serrur|CF|artisan
chaudronn|C|
soudeu|CF|artisan
metallurg|C|
metallerie|CF|artisan
usinage|C|
usine|C|
industri|C|
agroalimentaire|C|
conserverie|C|
savonner|C|artisan
ceram|C|artisan
potier|C|artisan
poterie|C|artisan
coutel|C|artisan
tapiss|C|artisan
bijou|CG|artisan commercant
joaill|CG|artisan
verrier|C|artisan
vitrail|C|artisan
luthier|C|artisan
lutherie|C|artisan
ferronn|C|artisan
coutur|C|artisan
textile|C|
maroquin|C|artisan
imprimer|C|
scierie|C|
chantier naval|C|
miroiter|CF|artisan
start-up|J|
startup|J|
editeur de logiciel|J|
developpeu|J|
agence web|J|
transporteur|H|
taxi|H|artisan
ambulanc|H|
demenag|H|
agricult|A|agriculteur
maraich|A|agriculteur
viticult|A|agriculteur
vigneron|A|agriculteur
vigne|A|agriculteur
eleveu|A|agriculteur
elevage|A|agriculteur
apicult|A|agriculteur
horticult|A|agriculteur
arboricult|A|agriculteur
cerealier|A|agriculteur
exploitation agricole|A|agriculteur
exploitant|A|agriculteur
gaec|A|agriculteur
earl|A|agriculteur
cuma|A|agriculteur
paysan|A|agriculteur
pecheu|A|
sylvicult|A|
paysagist|N|artisan
nettoyage|N|
agence immobili|L|
architect|M|profession_liberale
avocat|M|profession_liberale
notaire|M|profession_liberale
expert-comptable|M|profession_liberale
geometre|M|profession_liberale
veterinaire|M|profession_liberale
bureau d'etudes|M|
consultant|M|
graphist|M|
photograph|M|artisan
kine|Q|profession_liberale
osteopath|Q|profession_liberale
infirmi|Q|profession_liberale
medecin|Q|profession_liberale
dentist|Q|profession_liberale
sage-femme|Q|profession_liberale
orthophonist|Q|profession_liberale
psycholog|Q|profession_liberale
creche|Q|
banque|K|
assurance|K|
courtier|K|
organisme de formation|P|
theatre|R|
compagnie de danse|R|
"""


@dataclass(frozen=True)
class Trade:
    """A trade found: its word as typed, the NAF sections that it may belong to, who works in it."""

    word: str
    sections: frozenset[str]
    audiences: frozenset[Audience]


def _rows() -> list[tuple[re.Pattern[str], frozenset[str], frozenset[Audience]]]:
    rows = (line.split("|") for line in _TABLE.split("\n") if line)
    # "Embaucher un mécanicien", "former un apprenti boulanger": a trade that is looked for is not one's own.
    return [
        (
            re.compile(rf"(?<!embaucher un )(?<!embaucher une )(?<![\w])({stem}\w*)"),
            frozenset(sections),
            frozenset(map(Audience, who.split())),
        )
        for stem, sections, who in rows
    ]


_ROWS = _rows()


def without_trades(plain: str) -> str:
    """The sentence without the words that tell a trade; `plain` as `quantities.flat` writes it."""
    for row, _, _ in _ROWS:
        plain = row.sub(" ", plain)
    return plain


def find_trade(text: str) -> Trade | None:
    """The first trade told."""
    plain = flat(text)
    found = [(match.start(), match.group(1), sections, who) for row, sections, who in _ROWS if (match := row.search(plain))]
    if not found:
        return None
    _, word, sections, who = min(found, key=lambda each: each[0])
    typed = {fold(each): each if each.isupper() else each.lower() for each in re.findall(r"\w+", text)}
    return Trade(" ".join(typed.get(fold(each), each) for each in word.split()), sections, who)
