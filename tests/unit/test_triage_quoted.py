"""Quoted replies, forwards and signatures are cut, and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.quoted import cut

ANSWER = "Bonjour,\n\nJe n'ai toujours rien reçu.\n\nCordialement,\nJeanne"
QUOTE = "Votre dossier est complet."

REGION = "Région - Votre avis <avis@region.exemple.fr>"

CUT = {
    "gmail": f"Le jeu. 12 nov. 2026 à 15:08, {REGION} a\nécrit :\n\n> {QUOTE}\n>\n> Le service",
    "gmail without signs": f"Le jeu. 12 nov. 2026 à 15:08, {REGION} a écrit\xa0:\n\n{QUOTE}\nLe service",
    "thunderbird": f"Le 19/11/2026 à 11:20, Région a écrit\xa0:\n> {QUOTE}",
    "thunderbird, signs lost": f"Le 19/11/2026 à 11:20, Région a écrit :\n{QUOTE}",
    "three lines": f"Le lundi 10 novembre 2026\nà 15:08:22 UTC+1, Région\n<avis@region.exemple.fr> a écrit :\n\n{QUOTE}",
    "outlook": f"{'_' * 32}\nDe : {REGION}\nEnvoyé : mardi 10 novembre 2026 16:21\nÀ : Jeanne\nObjet : Votre dossier\n\n{QUOTE}",
    "outlook, stars": f"*De :* Région\n*Envoyé :* mardi 10 novembre 2026 16:21\n*À :* Jeanne\n*Objet :* Dossier\n\n{QUOTE}",
    "outlook, old": f"-----Message d'origine-----\nDe : Région\nEnvoyé : mardi 10 novembre 2026 16:21\nObjet : Dossier\n\n{QUOTE}",
    "webmail": f"Message du 10/11/26 15:08\nDe : {REGION}\nA : jeanne@exemple.fr\nObjet : Dossier\n\n{QUOTE}",
    "zimbra": f"----- Mail original -----\nDe: {REGION}\nÀ: jeanne@exemple.fr\nObjet: Dossier\n\n{QUOTE}",
    "english": f"On Tue, Nov 10, 2026 at 3:08 PM {REGION} wrote:\n\n> {QUOTE}",
    "forward, gmail": f"---------- Forwarded message ---------\nDe : {REGION}\nDate: mar. 10 nov. 2026 à 15:08\nTo: j@exemple.fr\n\n{QUOTE}",
    "forward, apple": f"Début du message réexpédié :\n\nDe: {REGION}\nObjet: Dossier\nDate: 10 novembre 2026\n\n{QUOTE}",
    "forward, thunderbird": f"-------- Message transféré --------\nSujet : Dossier\nDate : Tue, 10 Nov 2026 16:21\nDe : {REGION}\n\n{QUOTE}",
}
REPLIES = {name: f"{ANSWER}\n\n{below}" for name, below in CUT.items()} | {
    "bottom posted": f"Le 19/11/2026 à 11:20, Région a écrit :\n> {QUOTE}\n> Le service\n\n{ANSWER}"
}

TRAPS = [
    "Bonjour,\nLe 3 mars votre agent m'a écrit :\n« Votre dossier est complet. »\nOr il ne l'était pas.",
    "Le conseiller a écrit :\ndossier refusé. Pourquoi ?",
    "Le 12/11/2026 à 10:00 vous m'avez écrit :\nla date est passée.",
    "Voici mon trajet :\nDe : Nantes\nÀ : Angers\nDate : lundi\nMerci de le rembourser.",
    "Objet : réclamation\nDate : 3 mai 2026\n\nMadame,\nJe me plains.",
    "J'ai attendu\n> 3 mois\nc'est trop.",
    "Voici le message d'origine de votre agent, qui disait non.",
    "-- premier point --\nRien ne marche.\n-- second point --\nPersonne ne répond.",
    "Envoyé de mon bureau le 3 mai, le dossier n'est jamais arrivé.",
    "De : quoi vous plaignez-vous ?\nMoi de tout.",
]


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_keeps_the_new_text_only(name: str) -> None:
    kept, gone = cut(REPLIES[name])
    assert kept == ANSWER
    assert QUOTE in gone


@pytest.mark.parametrize("text", TRAPS)
def test_what_looks_like_a_quote_stays(text: str) -> None:
    assert cut(text) == (text, "")


def test_answers_between_quoted_lines_stay() -> None:
    kept, _ = cut("Le 19/11/2026 à 11:20, Région a écrit :\n> Avez-vous le RIB ?\nOui.\n> Et le devis ?\nNon.")
    assert kept == "Oui.\nNon."


@pytest.mark.parametrize(
    "end", ["-- \nJeanne Durand\n02 61 91 00 00", "Envoyé de mon iPhone", "Télécharger Outlook pour iOS", "Envoyé depuis Yahoo Mail"]
)
def test_signatures_are_cut(end: str) -> None:
    assert cut(f"Merci pour tout.\n\n{end}") == ("Merci pour tout.", end.strip())


def test_a_bare_forward_is_kept_whole() -> None:
    text = f"---------- Forwarded message ---------\nDe : a@b.fr\nDate: 3 mai\n\n{QUOTE}"
    assert cut(text) == (text, "")


@given(st.text(alphabet=st.sampled_from(list(">-_:\n \xa0abéDLe12/@.*")), max_size=400))
def test_no_line_is_lost(text: str) -> None:
    kept, gone = cut(text)
    assert sorted("".join((kept + gone).split())) == sorted("".join(text.split()))
    assert bool(kept) == bool(text.strip())


@pytest.mark.parametrize(
    "line",
    [
        "Date : 10/11/2026 10:00\n",
        "De : a@b.fr\n",
        "Le 10/11/2026\n",
        "a écrit :\n",
        "\n \n",
        "> ",
        ">\n",
        "-- \n",
        "_",
        "De : ",
        "Le 3 mai a écrit : ",
        "envoyé ",
        "Message du 1/1/20 ",
        "1 mai ",
        "-" * 40,
        "a@" * 20,
    ],
)
def test_time_is_linear(line: str) -> None:
    text = line * (200_000 // len(line))
    start = time.perf_counter()
    cut(text)
    assert time.perf_counter() - start < 3
