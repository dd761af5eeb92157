"""Keeps what the author wrote and puts aside quoted replies, forwards and signatures. Pure, in time linear in the text."""

import re
from collections.abc import Iterable
from itertools import pairwise

MAX_ATTRIBUTION_LINES = 4
MAX_SIGNATURE_LINES = 8

_BLANKS = re.compile(r"\n[ \t\xa0]*(?:\n[ \t\xa0]*){2,}(?=\n)")
_DECORATION = str.maketrans({"\xa0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "*": None, "’": "'"})

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2}")
_MONTH = r"(?:janv|f[ée]v|mars|avr|mai|juin|juil|ao[uû]|sept|oct|nov|d[ée]c|jan|feb|apr|may|jun|jul|aug)[a-zéû]{0,8}\.?"
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:er)? {_MONTH},?(?: \d{{2,4}})?|\b{_MONTH} \d{{1,2}},? \d{{4}}|\b\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}", re.IGNORECASE
)
_TIME = re.compile(r"\b\d{1,2} ?[:h] ?\d{2}")

_WROTE = re.compile(r"(?:\b(?<!m')(?<!t')(?<!l')(?:a|ont) écrit(?: le .{4,60})?|\bécrivait|\bécrit|\bwrote|\ba ecrit) ?:$", re.IGNORECASE)
_TO_SOMEONE = re.compile(r"\b(?:m'|nous|vous|lui|leur|qui|on|j'|il|elle) ?(?:a|ont|avez|avais|avait)? ?écrit", re.IGNORECASE)
_OPENING = re.compile(r"(?:le|on|en date du)\b", re.IGNORECASE)
_HEADER = re.compile(
    r"(de|from|expéditeur|envoyé(?: le| par)?|sent|date|à|a|to|pour|destinataires?|cc|copie(?: à)?|objet|sujet|subject|répondre à|reply-to)"
    r" ?:(?: |$)",
    re.IGNORECASE,
)
_FROM = {"de", "from", "expéditeur", "envoyé par"}
_SEPARATOR = re.compile(
    r"[-_=]{2,} ?.{0,12}\b(?:message|mail|courriel|e-mail|forwarded|original)\b.{0,40}[-_=]{2,}$"
    r"|(?:début du (?:message|courriel|mail) (?:transféré|réexpédié)|begin forwarded message) ?:$"
    r"|message du \d{1,2}/\d{1,2}/\d{2,4}.{0,20}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-_=]{5,}$")
_DEVICE = re.compile(
    r"(?:envoyé|sent|télécharge[rz]|obtenir|obtenez|get|provenance)\b.{0,30}"
    r"\b(?:iphone|ipad|mac|android|samsung|galaxy|mobile|smartphone|portable|téléphone|yahoo|outlook|orange|proton ?mail|gmail|sfr|free|"
    r"laposte|huawei|xiaomi|redmi|blackberry|windows|courrier|mail|messagerie|thunderbird)\b.{0,40}$",
    re.IGNORECASE,
)


def cut(text: str) -> tuple[str, str]:
    """(what is kept, what was cut). When nothing would be left, everything is kept: a bare forward is a message."""
    text = _BLANKS.sub("\n\n", text)
    lines = text.split("\n")
    bare = [line.translate(_DECORATION).strip() for line in lines]
    gone = _quoted(bare)
    _mark_signature(bare, gone)
    kept = _join(line for line, out in zip(lines, gone) if not out)
    if not any(sign.isalnum() for sign in kept):
        return text.strip(), ""
    return kept, _join(line for line, out in zip(lines, gone) if out)


def _join(lines: Iterable[str]) -> str:
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def _quoted(bare: list[str]) -> list[bool]:
    """Which lines are quoted: lines with `>`, attributions, and all that follows one without `>` or a header block."""
    gone = [False] * len(bare)
    attributed = False
    for at, line in enumerate(bare):
        if line.startswith(">"):
            gone[at] = True
            continue
        start = _attribution(bare, at)
        if start is not None:
            attributed = True
            gone[start : at + 1] = [True] * (at + 1 - start)
            if not _quote_follows(bare, at):
                return _all_after(gone, start)
        elif _starts_forward(bare, at):
            return _all_after(gone, _with_rule(bare, at))
    return gone if attributed else _without_lone_signs(gone)


def _without_lone_signs(gone: list[bool]) -> list[bool]:
    """With no attribution, a single line with `>` is the author's own sign ("> 3 mois")."""
    around = [False, *gone, False]
    return [here and (around[at] or around[at + 2]) for at, here in enumerate(gone)]


def _all_after(gone: list[bool], start: int) -> list[bool]:
    return gone[:start] + [True] * (len(gone) - start)


def _attribution(bare: list[str], at: int) -> int | None:
    """First line of the attribution that ends at this line ("Le 3 mai 2026 à 10:12, X a écrit :"), None when there is none."""
    if len(bare[at]) > 400 or not bare[at].endswith(":"):
        return None
    for start in range(at, max(-1, at - MAX_ATTRIBUTION_LINES), -1):
        if not bare[start] or bare[start].startswith(">") or len(bare[start]) > 400:
            return None
        whole = " ".join(bare[start : at + 1])
        if not _WROTE.search(whole) or _TO_SOMEONE.search(whole):
            continue
        address = _ADDRESS.search(whole)
        if (_OPENING.match(whole) and _dated(whole, bare, at)) or (address and start == at and not _is_continued(bare, at)):
            return start
    return None


def _dated(whole: str, bare: list[str], at: int) -> bool:
    """It holds an address, or a date that nothing but a quote can follow."""
    if _ADDRESS.search(whole):
        return True
    return bool(_DATE.search(whole)) and (bool(_TIME.search(whole)) or _quote_follows(bare, at))


def _is_continued(bare: list[str], at: int) -> bool:
    """An earlier line opens this attribution: it belongs to it."""
    return any(_OPENING.match(line) and _DATE.search(line) for line in bare[max(0, at - MAX_ATTRIBUTION_LINES + 1) : at])


def _quote_follows(bare: list[str], at: int) -> bool:
    following = next((line for line in bare[at + 1 : at + 4] if line), "")
    return following.startswith(">")


def _starts_forward(bare: list[str], at: int) -> bool:
    """A separator ("-----Message d'origine-----") or a block of headers begins here."""
    if _SEPARATOR.match(bare[at][:120]):
        return bare[at].startswith(("-", "_", "=")) or any(_HEADER.match(line) for line in bare[at + 1 : at + 4])
    return bool(_HEADER.match(bare[at][:60])) and _is_block(bare[at : at + 12])


def _is_block(lines: list[str]) -> bool:
    """Three headers or more with their author, among them an address, or a date and a time."""
    names: set[str] = set()
    block: list[str] = []
    misses = 0
    for line in lines:
        found = _HEADER.match(line[:60])
        misses = 0 if found else misses + 1
        if misses > 1:
            break
        if found:
            names.add(found[1].lower())
        block.append(line[:500])
    whole = "\n".join(block)
    proven = bool(_ADDRESS.search(whole)) or any(_DATE.search(line) and _TIME.search(line) for line in block)
    return len(names) >= 3 and bool(names & _FROM) and proven


def _with_rule(bare: list[str], at: int) -> int:
    """The line drawn above a forward goes with it."""
    above = at - 1
    while above >= 0 and above >= at - 3 and not bare[above]:
        above -= 1
    return above if above >= 0 and _RULE.match(bare[above][:200]) else at


def _mark_signature(bare: list[str], gone: list[bool]) -> None:
    """Marks what follows a "-- " line, and what a telephone or a mail program adds under the text."""
    written = [at for at, line in enumerate(bare) if line and not gone[at]]
    for place in range(len(written) - 1, max(-1, len(written) - MAX_SIGNATURE_LINES - 2), -1):
        if bare[written[place]] in ("--", "—") and place > 0:
            for at in written[place:]:
                gone[at] = True
            written = written[:place]
            break
    for at, after in reversed(list(pairwise([*written[-3:], len(bare)]))):
        if len(bare[at]) <= 90 and _DEVICE.match(bare[at]) and all(gone[i] or not bare[i] for i in range(at + 1, after)):
            gone[at] = True
