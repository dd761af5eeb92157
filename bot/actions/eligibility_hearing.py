"""Whether a message goes on with the search of an aid or is about something else. Pure."""

import re

from aids.eligibility import Dimension
from bot.actions.aid_named import points_only
from bot.actions.eligibility_state import Search
from bot.actions.profile import Reading
from bot.actions.turn import UNKNOWN, Turn
from language.normalise import fold

OURS = frozenset({"chercher_aide", "conditions_aide", "affirmer", "nier"})
"""Intents under which a message goes on with the search; any other is a subject of its own when it asks something."""
SMALL_TALK = frozenset({"affirmer", "nier", "remercier", "saluer", UNKNOWN})
"""What does not change the subject."""
NEVER_OURS = frozenset({"parler_agent", "statut_dossier", "retrouver_numero", "insulte"})
SURE = 0.7
"""Probability from which an intent is believed over what the message tells of the person."""
_ON_AN_AID = frozenset({"depenses_eligibles", "montant_aide", "deposer_demande"})
"""Questions about an aid: with none in hand, what they tell of the project is looked for."""
LONG = 12
"""Words from which a message understood as another subject is one, even when it tells something of the person."""
_ASKS = re.compile(
    r"\?|^(?:quels?|quelles?|qui|que|quoi|quand|ou|comment|combien|pourquoi|est ce que|c est quoi|c quoi|c koi|peut on|puis je|pouvez vous|y a t il)\b"
)
ONESELF = re.compile(
    r"\b(?:droit|eligibles?|concernee?s?|puis je|pouvons nous|peut on|suis je|sommes nous|ai je|avons nous|est ce que (?:je|j|on|nous)|c est (?:bon|mort|possible) pour|"
    r"pour (?:moi|nous|mon|ma|notre)|mon cas|notre cas|dans les clous|je rentre|on rentre|je remplis|on remplit|je corresponds|on correspond|je peux|on peut)\b"
)
RIGHT_ASKED = re.compile(
    r"\b(?:j y|on y|nous y|y) (?:ai|a|avons)(?: je| on| nous)?(?: bien| vraiment| aussi)? droit\b|\b(?:j ai|on a|ai je|avons nous|a t on)(?: bien| vraiment| aussi)? (?:le )?droit\b|"
    r"\beligibles?\b|\bpourquoi (?:celle la |celui la |ca |elle |il )?(?:ne |n )?(?:marche|convient|va|correspond|passe)(?: t elle)? pas\b|\b(?:ca|c est) (?:marche|bon) pour (?:moi|nous)\b|\bet pour (?:moi|nous)\b|"
    r"\b(?:je peux|on peut|puis je|peut on|nous pouvons|pouvons nous)(?: bien| quand meme)? (?:l avoir|l obtenir|la toucher|le toucher|y pretendre|en beneficier|en profiter)\b"
)
"""What asks whether one may have it, whatever else the words look like."""
_SUPPOSES = re.compile(
    r"(?:et |mais |alors |ou |ok |bon |d accord |oui |non )*(?:(?P<if>(?:si (?:j|je|on|nous|c|ma|mon|notre|l)|a|au|aux|en|dans)\b)|pour (?:une?|des|du|de la|de l|le|la|les|l|son|sa|ses|mon|ma|mes|notre|nos)\b)"
)
"""What is asked by supposing: "et si on habite à Rennes ?", "et pour une fête ?"."""
_FILE = re.compile(
    r"\b(?:dossiers?|demandes?|formulaires?|rib|iban|courriers?|e mails?|mails?|factures?|justificatifs?|pieces?|rendez vous)\b"
)
_CORRECTS = re.compile(r"\b(?:en fait|trompe\w*|non|pardon|plutot|finalement|erreur|corrig\w*|rectifi\w*|oublie\w*|pas (?:\d+|une?))\b")


def asks(turn: Turn) -> bool:
    return "?" in turn.text or bool(_ASKS.search(fold(turn.text)))


def points(turn: Turn, search: Search, reading: Reading) -> bool:
    """Whether the message points at one of the schemes listed: "la 2" does, "2" answers a question that waits for a number."""
    offered = len(turn.slots.get("aides_proposees") or ())
    named = bool(re.match(r"(?:la|le|celle|celui)\b", fold(turn.text)))
    return points_only(turn.text, offered) and (named or search.waiting not in reading.tells())


def off_subject(turn: Turn, search: Search, reading: Reading) -> bool:
    """Whether the message is about something else, whatever it tells of the person on the way."""
    answers = search.waiting in reading.tells()
    if turn.intent in OURS or (turn.intent in _ON_AN_AID and answers and not turn.slots.get("aide")):
        return False
    folded = fold(turn.text)
    supposes = _SUPPOSES.match(folded)
    if supposes and reading.tells() and (search.active if supposes["if"] else Dimension.PROJECT in reading.tells()):
        return False
    corrects = bool(_CORRECTS.search(folded))
    if not search.waiting and not search.active and not corrects:
        return True
    if turn.intent == UNKNOWN:
        return asks(turn) and not answers
    long = len(folded.split()) > LONG and not corrects
    believed = turn.intent in NEVER_OURS and not answers and len(folded.split()) > 2 and (turn.sure >= SURE or turn.intent != "insulte")
    file = bool(_FILE.search(folded)) or believed
    return asks(turn) or long or file or not reading.tells()
