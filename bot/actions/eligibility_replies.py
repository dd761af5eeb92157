"""What the search of an aid answers: a question, what fits, what a new fact changes, what one scheme asks. Pure but for the live catalogue."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aids.eligibility import FIRST, Dimension, Match, Verdict, rank
from aids.model import Aid
from aids.places import gazetteer
from aids.profile import Profile
from bot.actions import eligibility_words as words
from bot.actions.aid_answers import next_questions
from bot.actions.aid_named import unknown_name
from bot.actions.eligibility_hearing import LONG
from bot.actions.eligibility_state import FEW, MOST_CARDS, MOST_NAMED, MOST_TIMES, SLOT, Search, fitting, is_open, left_aside, next_question
from bot.actions.eligibility_words import NOT_KNOWN, RESTART, Option
from bot.actions.messages import AGENT, Message, choices, text, written
from bot.actions.profile import Reading, is_restart, learn, project_words, read_profile
from bot.actions.services import Services
from bot.actions.sheet import criteria_card, warning
from bot.actions.turn import Reply, Turn
from language.normalise import fold, tidy
from language.private import redact


def begin(turn: Turn, reading: Reading, services: Services) -> Reply:
    """A new search: from what is told, else from the question that editors wrote."""
    if not reading.told.projects:
        # What the sheets speak of is a project too, whatever its kind.
        wanted = redact(project_words(turn.text))
        if any(match.relevance for match in _rank(Profile(words=wanted), services)) and not is_restart(turn.text):
            reading = replace(reading, told=replace(reading.told, words=wanted))
    if reading.tells() - {Dimension.SECTOR} or reading.told.words:
        return again(Search(profile=Profile(words=reading.told.words)), reading, services)
    answer = services.answers.get("chercher_aide")
    if answer is None:
        return ask(Search(), Dimension.AUDIENCE, services, "")
    said = written(answer, plain=turn.slots.get(SLOT) is not None)
    search = Search(asked={Dimension.AUDIENCE: 1}, waiting=Dimension.AUDIENCE)
    return Reply(said, _slots(search) | {"derniere_reponse": "chercher_aide"})


def again(search: Search, reading: Reading, services: Services, before: str = "") -> Reply:
    """A search with what is known so far, from its first question on."""
    told = replace(search, profile=learn(search.profile, reading))
    matches = _rank(told.profile, services)
    asking = next_question(told, matches)
    if before and asking in FIRST and not reading.tells():
        return ask(told, asking, services, before, matches, restart=True)
    return _next(told, matches, services, words.described(told.profile), reading)


def no_such_aid(search: Search | None, turn: Turn, services: Services) -> Reply:
    """An aid that is not ours: said so, and looked for by need."""
    name = unknown_name(turn, services)
    said = f"« {name} » n'est pas dans notre catalogue d'aides. Un agent peut vérifier si elle existe ailleurs.\nLa recherche peut aussi se faire par besoin."
    fresh = Search(search.profile if search else Profile())
    return ask(fresh, Dimension.PROJECT, services, said)


def _no_sheet(search: Search, phrase: str, services: Services) -> Reply:
    """A project that no sheet speaks of: said so, and another may be told."""
    said = f"Aucune de nos fiches ne parle de ce projet : « {phrase} ». Un agent peut connaître une autre aide."
    times = search.asked.get(Dimension.PROJECT, 0)
    # What it costs is the price of that project only.
    left = replace(search.profile, budget=None, words="")
    asked = {**search.asked, Dimension.PROJECT: min(times + 1, MOST_TIMES)}
    search = replace(search, profile=left, asked=asked, waiting=Dimension.PROJECT, offered=())
    return Reply([text(said), choices([("Un autre projet", "Je cherche une aide pour mon projet"), AGENT])], _slots(search))


def go_on_with(search: Search, reading: Reading, services: Services) -> Reply:
    """What follows from what was just told."""
    before = search.profile
    known = learn(before, reading)
    told = replace(search, profile=known)
    if reading.wish and (search.waiting is Dimension.PROJECT or not (known.projects or known.words)):
        return _by_words(told, reading.wish, services, words.news(before, known), before)
    if reading.unknown_place and not reading.told.places:
        return _unknown_place(told, reading, services)
    if len(known.places) > 1 and known.places != before.places:
        return _which_place(told, services)
    return go_on(told, services, words.news(before, known), before, reading)


def go_on(search: Search, services: Services, news: Sequence[str], before: Profile | None = None, reading: Reading | None = None) -> Reply:
    if search.focus:
        return focus_on(search, services, news, before)
    matches = _rank(search.profile, services)
    if search.told:
        return _update(search, matches, services, news, before or search.profile, reading)
    return _next(search, matches, services, news, reading)


def _next(search: Search, matches: list[Match], services: Services, news: Sequence[str], reading: Reading | None) -> Reply:
    """The next question, or what fits: at once when it can be read at a glance, after the project in any case."""
    asking = next_question(search, matches)
    no_project = not search.profile.projects and not search.profile.words
    if asking in FIRST and (len(fitting(matches)) > FEW or (no_project and asking in (Dimension.AUDIENCE, Dimension.PROJECT))):
        return ask(search, asking, services, "\n".join(filter(None, (_noted(news, reading), _possible(search, matches)))), matches)
    return _show(search, matches, services, asking)


def _possible(search: Search, matches: list[Match]) -> str:
    """The schemes for the project, by name, to who has told nothing but the project: what is asked next sorts them."""
    fits = [match.aid.name for match in fitting(matches) if match.relevance or match.verdict(Dimension.PROJECT) is Verdict.MET]
    known = search.profile
    fresh = (known.projects or known.words) and not known.audiences and not search.shown and 1 < len(fits) <= MOST_NAMED
    return f"Pour ce projet, {len(fits)} aides existent : {_joined(fits)}. Une réponse ou deux les trient." if fresh else ""


def _show(search: Search, matches: list[Match], services: Services, asking: Dimension | None) -> Reply:
    """What fits, what does not and why, and what is asked next. What was shown before is only named."""
    fits = fitting(matches)
    head = [words.situation(search.profile)]
    if len(fits) == 1:
        head.append("Une aide peut convenir :")
    elif fits:
        head.append(f"{len(fits)} aides peuvent convenir, la plus proche en premier :")
    else:
        head.append(words.nothing_fits(matches, search.profile))
    said: list[Message] = [text("\n".join(filter(None, head)))]
    new = [(at, match) for at, match in enumerate(fits, 1) if match.aid.slug not in search.seen]
    said += [criteria_card(match, _numbered(at, match, fits), opened=match is new[0][1]) for at, match in new[:MOST_CARDS]]
    cautions = [caution for _, match in new[:MOST_CARDS] if (caution := warning(match.aid, services.clock().date()))]
    said += [text("\n".join(cautions))] if cautions else []
    named = [(at, match) for at, match in enumerate(fits, 1) if (at, match) not in new[:MOST_CARDS]]
    if named:
        rest = [f"{_numbered(at, match, fits)} : {match.aid.short_title}" for at, match in named]
        said.append(text("\n".join([*(["Possibles aussi :"] if new else []), *rest])))
    aside = (
        words.aside_card(matches, [match for match in matches if is_open(match) and match not in fits]) if new or not search.seen else None
    )
    said += [aside] if aside else []
    seen = search.seen | {match.aid.slug for _, match in new[:MOST_CARDS]}
    search = replace(search, told=True, shown=tuple(match.aid.slug for match in fits), seen=seen, waiting=None, offered=())
    return _ending(search, matches, services, said, asking)


def _numbered(at: int, match: Match, fits: Sequence[Match]) -> str:
    return f"{at}. {match.aid.name}" if len(fits) > 1 else match.aid.name


def _update(
    search: Search, matches: list[Match], services: Services, news: Sequence[str], before: Profile, reading: Reading | None
) -> Reply:
    """What a new fact changes in what was shown: only that is said."""
    fits = fitting(matches)
    now = tuple(match.aid.slug for match in fits)
    asking = next_question(search, matches)
    if set(now) - set(search.shown) or search.profile.projects != before.projects:
        return _show(search, matches, services, asking)
    old = {match.aid.slug: match for match in _rank(before, services)}
    changed: dict[str, list[str]] = {}
    for match in matches:
        if match.aid.slug in search.shown:
            was = set(old[match.aid.slug].criteria)
            for criterion in match.criteria:
                if criterion not in was and criterion.verdict is not Verdict.UNKNOWN:
                    changed.setdefault(criterion.text, []).append(match.aid.name)
    noted = _noted(news, reading)
    same = now == search.shown and not changed
    if not same:
        lines = [noted]
    elif noted:
        lines = [f"{noted.rstrip('.')}. Cela ne change pas le résultat."]
    else:
        lines = ["C'est bien noté. Cela ne change pas le résultat." if reading else "C'est noté : ce point reste à vérifier."]
    if same and not noted and asking:
        lines = []
    alone = len(search.shown) == 1
    lines += [f"- {reason}" if alone else f"- {reason.rstrip('.')} ({_joined(names)})." for reason, names in changed.items()]
    if not now and search.shown:
        lines.append(words.nothing_fits(matches, search.profile))
    elif now != search.shown:
        kept = [match.aid.name for match in fits]
        lines.append(f"Reste{'nt' if len(kept) > 1 else ''} : {_joined(kept)}.")
    told = "\n".join(filter(None, lines))
    said: list[Message] = [text(told)] if told else []
    return _ending(replace(search, shown=now, waiting=None, offered=()), matches, services, said, asking)


def _ending(search: Search, matches: list[Match], services: Services, said: list[Message], asking: Dimension | None) -> Reply:
    """The next question, or where to go from here."""
    slots: dict[str, Any] = {
        "question_en_attente": None,
        "derniere_reponse": SLOT,
        # "Celle-là" is then the one shown, "la deuxième" the second.
        "aide": search.shown[0] if len(search.shown) == 1 else None,
        "aides_proposees": list(search.shown) or _near_miss(matches),
    }
    if asking:
        reply = ask(search, asking, services, "", matches, sharpening=True)
        return Reply([*said, *reply.messages], reply.slots | slots)
    first = services.catalogue.get(search.shown[0]) if len(search.shown) == 1 else None
    if first:
        return Reply([*said, next_questions(first, ("chercher_aide",))], _slots(search) | slots)
    names = [services.catalogue.get(slug) for slug in search.shown[:MOST_CARDS]]
    pairs = [(aid.name, aid.name) for aid in names if aid]
    other = [] if pairs else [("Un autre projet", "Je cherche une aide pour mon projet")]
    return Reply([*said, choices([*pairs, *other, RESTART, AGENT])], _slots(search) | slots)


def _near_miss(matches: list[Match]) -> list[str] | None:
    """When nothing fits, "celle-là" is the scheme said to come nearest."""
    near = words.nearest(matches)
    return [near.aid.slug] if near else None


def say_simpler(search: Search, services: Services) -> Reply:
    """The last result in simpler words."""
    aids = [aid for slug in search.shown if (aid := services.catalogue.get(slug))]
    lines = ["En bref, vous pouvez peut-être avoir :" if aids else "En bref, nos fiches n'ont pas d'aide pour vous."]
    lines += [f"- {aid.name} : {aid.purpose}" for aid in aids[:MOST_CARDS]]
    lines.append("Il reste des points à vérifier. Une personne peut vous aider." if aids else "Une personne peut chercher avec vous.")
    return Reply(
        [text("\n".join(lines)), choices([*((aid.name, aid.name) for aid in aids[:MOST_CARDS]), AGENT])], {"derniere_reponse": None}
    )


def ask(
    search: Search,
    dimension: Dimension,
    services: Services,
    before: str,
    matches: list[Match] | None = None,
    *,
    sharpening: bool = False,
    resumed: bool = False,
    counted: bool = True,
    restart: bool = False,
) -> Reply:
    """Asks for `dimension`, `before` first; in other words when it was asked before. Asked again by the person, it is not `counted`."""
    matches = matches if matches is not None else _matches(search, services)
    times = search.asked.get(dimension, 0)
    offered = words.options(dimension, search.profile, matches)
    asked = words.question(dimension, search.profile, again=times > 0 and not resumed)
    if resumed or (sharpening and not times):
        asked = f"{'Reprenons' if resumed else 'Pour préciser'} : {_small(asked)}"
    search = replace(search, asked={**search.asked, dimension: min(times + counted, MOST_TIMES)}, waiting=dimension, offered=tuple(offered))
    pairs = [(label, label) for label, _ in offered] + [NOT_KNOWN, *([RESTART] if restart else []), AGENT]
    question = choices(pairs) | {"text": "\n".join(filter(None, (before, asked)))}
    return Reply([question], _slots(search) | {"derniere_reponse": None})


def _by_words(search: Search, phrase: str, services: Services, news: Sequence[str], before: Profile) -> Reply:
    """A project in words of its own: the sheets may speak of it, or none does."""
    told = replace(search, profile=replace(search.profile, words=redact(project_words(phrase))))
    if any(match.relevance for match in _rank(told.profile, services)):
        return go_on(left_aside(replace(told, waiting=Dimension.PROJECT)), services, news, before)
    return _no_sheet(search, phrase, services)


def not_understood(search: Search, turn: Turn, services: Services) -> Reply:
    """An answer that tells nothing known: asked once in other words, then left aside."""
    waiting = search.waiting or Dimension.AUDIENCE
    again = turn.intent == "chercher_aide"
    if waiting is Dimension.PROJECT and not again and 1 < len(fold(turn.text).split()) <= LONG:
        return _by_words(search, tidy(turn.text).rstrip(" .!?"), services, (), search.profile)
    if search.asked.get(waiting, 0) < MOST_TIMES:
        return ask(search, waiting, services, "" if again else "Cette réponse n'a pas été comprise.")
    return go_on(left_aside(search), services, ())


def _unknown_place(search: Search, reading: Reading, services: Services) -> Reply:
    """A name that no place of France has: said so, with those like it, never taken for one of them."""
    said = f"« {reading.unknown_place} » n'est pas dans la liste des communes de France."
    if search.asked.get(Dimension.PLACE, 0) >= MOST_TIMES or (search.told and not search.waiting):
        reply = go_on(left_aside(replace(search, waiting=Dimension.PLACE)), services, ())
        return replace(reply, messages=[text(f"{said} Le lieu reste à vérifier."), *reply.messages])
    offered = words.shared_name(reading.near)
    asked = "Est-ce l'une de celles-ci ?" if offered else "Écrivez une commune voisine, un département ou un code postal."
    return _ask_place(search, f"{said}\n{asked}", offered)


def _which_place(search: Search, services: Services) -> Reply:
    name = search.profile.places[0].name
    return _ask_place(search, f"Plusieurs lieux s'appellent {name}. Lequel ?", words.shared_name(search.profile.places))


def _ask_place(search: Search, asked: str, offered: list[Option]) -> Reply:
    times = search.asked.get(Dimension.PLACE, 0) + 1
    search = replace(
        search, asked={**search.asked, Dimension.PLACE: min(times, MOST_TIMES)}, waiting=Dimension.PLACE, offered=tuple(offered)
    )
    pairs = [(label, label) for label, _ in offered] + [NOT_KNOWN, AGENT]
    return Reply([choices(pairs) | {"text": asked}], _slots(search))


def focus_on(search: Search, services: Services, news: Sequence[str] = (), before: Profile | None = None) -> Reply:
    """What one scheme asks, held against what is known; after an answer, only what it changes."""
    aid = services.catalogue.get(search.focus or "")
    if aid is None:
        return _next(replace(search, focus=None), _rank(search.profile, services), services, news, None)
    (match,) = rank(search.profile, [aid], services.clock().date())
    said: list[Message] = []
    caution = warning(aid, services.clock().date())
    if before is None:
        said += [text(caution)] if caution else []
        said.append(criteria_card(match, f"{aid.name} : et pour vous ?", opened=True))
        said.append(text(_conclusion(match)))
    else:
        (old,) = rank(before, [aid], services.clock().date())
        was = set(old.criteria)
        changed = [f"- {c.text}" for c in match.criteria if c not in was]
        said.append(text("\n".join([*changed, _conclusion(match)] if changed else [_noted(news, None), "Rien ne change pour cette aide."])))
    asking = next_question(search, [match]) if not match.excluded else None
    slots: dict[str, Any] = {"aide": aid.slug, "question_en_attente": None, "derniere_reponse": None}
    if asking:
        reply = ask(replace(search, told=True), asking, services, "", [match])
        return Reply([*said, *reply.messages], reply.slots | slots)
    search = replace(search, told=True, waiting=None, offered=())
    return Reply([*said, _after_focus(aid, match)], _slots(search) | slots)


def _after_focus(aid: Aid, match: Match) -> Message:
    if match.excluded:
        return choices([("Chercher une autre aide", "Je cherche une aide pour mon projet"), AGENT])
    return next_questions(aid, ("conditions_aide",))


def _conclusion(match: Match) -> str:
    left, against = len(match.having(Verdict.UNKNOWN)), match.having(Verdict.NOT_MET)
    if against:
        return "D'après ce que vous avez dit, cette aide ne convient pas."
    points = f"{left} point{'s' if left > 1 else ''} rest{'ent' if left > 1 else 'e'} à vérifier" if left else "tout correspond"
    return f"Rien de ce que vous avez dit ne s'y oppose : {points}. La décision revient à la Région."


def _noted(news: Sequence[str], reading: Reading | None) -> str:
    others = (
        [f"{number}\u00a0n'est pas un nombre de salariés" for number in sorted(reading.others)]
        if reading and reading.denied and not news
        else []
    )
    found = [*news, *others]
    return f"C'est noté : {_joined(found)}." if found else ""


def read(turn: Turn, search: Search, services: Services) -> Reading:
    return read_profile(
        turn.text,
        turn.values("lieu"),
        turn.values("secteur"),
        services.clock().date(),
        gazetteer(),
        asked=search.waiting,
        known=search.profile,
        served=_served(services),
    )


def _served(services: Services) -> frozenset[str]:
    """Regions that the catalogue's schemes ask for."""
    return frozenset(
        region for aid in services.catalogue.aids() for condition in aid.eligibility.conditions for region in condition.regions
    )


def _rank(profile: Profile, services: Services) -> list[Match]:
    return rank(profile, services.catalogue.aids(), services.clock().date())


def _matches(search: Search, services: Services) -> list[Match]:
    focus = services.catalogue.get(search.focus) if search.focus else None
    return rank(search.profile, [focus] if focus else services.catalogue.aids(), services.clock().date())


def _slots(search: Search) -> dict[str, Any]:
    return {SLOT: replace(search, active=True).to_slot(), "question_en_attente": None}


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(parts)


def _small(words_: str) -> str:
    return words_[:1].lower() + words_[1:]
