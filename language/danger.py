"""Words of a person in danger: whatever else a message says, help comes first. Pure."""

from __future__ import annotations

import re
from enum import Enum

from language.normalise import fold


class Danger(Enum):
    """What threatens; the value names the answer that editors wrote for it."""

    SUICIDE = "danger_suicide"
    VIOLENCE = "danger_violence"
    HEALTH = "danger_secours"
    DISTRESS = "danger_detresse"
    RUIN = "danger_faillite"


# On text without accents, apostrophes or case. Broad on purpose: an answer too many costs a reader ten seconds.
_SIGNS = {
    Danger.SUICIDE: (
        r"\b(?:me|m|se|moi) (?:suicide\w*|pendre|tuer|flinguer|ouvrir les veines|foutre en l air|jeter sous)\b",
        r"\b(?:envie|besoin) (?:de|d) (?:mourir|crever|en finir|disparaitre)\b",
        r"\b(?:veux|voudrais|vais|voulais|prefere|pense a|aimerais) (?:mourir|crever|en finir)\b(?! avec (?:cette|ce|mon dossier|ma demande))",
        r"\bplus (?:du tout )?(?:envie|gout|la force|le courage) (?:de|a) (?:vivre|la vie)\b",
        r"\b(?:peux|peu|pe) (?:plus|pu|pas) de (?:la|cette) vie\b",
        r"\b(?:fin|terme) a (?:mes|ses) jours\b",
        r"\bje vais (?:me suicider|sauter)\b",
        r"\bidees? (?:suicidaires?|noires)\b",
        r"\b(?:autant|mieux) (?:mourir|crever|en finir)\b",
    ),
    Danger.VIOLENCE: (
        r"\b(?:mari|compagnon|conjoint|copain|ex|femme|compagne|pere|mere|frere|patron|il|elle|on) (?:me|m|nous|la|le) (?:frappe|tape|bat|cogne|viole|sequestre|agresse|a (?:frappe|tapee?|battue?|violee?|agressee?))\b",
        r"\b(?:je suis|suis|etre) (?:battue?|violee?|frappee?)\b",
        r"\b(?:je|j|moi|me|m) menaces? de (?:me )?mort\b",
        r"\bmenace de (?:me|nous) (?:tuer|frapper)\b",
        r"\bviolences? (?:conjugales?|a la maison|de mon (?:mari|conjoint|compagnon|pere))\b",
    ),
    Danger.HEALTH: (
        r"\bau secours\b",
        r"\b(?:fais|fait|en train de faire) (?:un|une) (?:malaise|avc|crise cardiaque|infarctus|overdose|hemorragie)\b",
        r"\b(?:appelez|appeler|envoyez) (?:les |le |vite )*(?:secours|pompiers|samu|ambulance)\b",
        r"\b(?:avale|avaler|bu) (?:une pile|de la javel|des medicaments|des cachets)\b",
        r"\bne respire (?:plus|pas)\b",
    ),
    # "Je n'en peux plus de vos formulaires" is anger; without an object it is more.
    Danger.DISTRESS: (
        r"\ba quoi bon (?:continuer|vivre|se lever|me lever|tout ca)\b",
        r"\b(?:n )?en peux plus(?! (?:de|d|du|des|que)\b)",
        r"\b(?:je|j) (?:ne |n )?(?:en )?dors plus\b",
        r"\b(?:je suis|suis) (?:a bout|au bout du rouleau|au fond du trou)\b(?! de (?:patience|nerfs))",
    ),
    Danger.RUIN: (
        r"\b(?:je|on|nous) (?:mets|met|mettons|vais mettre|va mettre|allons mettre|mettrai|mettra|mettrons|devrai mettre|dois mettre) la clef? sous la porte\b",
        r"\b(?:je|on|nous) (?:vais|va|allons|risque|risquons|dois|doit|devons|devrai|devra) (?:de |d )?(?:couler|faire faillite|deposer (?:le|mon|notre) bilan|fermer boutique)\b",
        r"\b(?:je|on|nous) (?:suis|est|sommes) (?:au bord de|a deux doigts de) la (?:faillite|ruine)\b",
        r"\b(?:je|on|nous) (?:suis|est|sommes) en cessation de paiements?\b",
        r"\b(?:expulses?|expulsee|a la rue|coupure d eau|huissiers?) (?:demain|apres demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|cette semaine)\b",
    ),
}
_COMPILED = {danger: re.compile("|".join(signs)) for danger, signs in _SIGNS.items()}


def find_danger(text: str) -> Danger | None:
    """The danger that a message tells of; None when it tells of none."""
    folded = fold(text[:20_000])
    return next((danger for danger, signs in _COMPILED.items() if signs.search(folded)), None)
