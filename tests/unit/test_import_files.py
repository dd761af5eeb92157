"""Mails cut out of an mbox, experiences out of a CSV: whatever the bytes."""

import csv
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.archives import Found, Sort, mails, sort_of
from triage.experiences import Experience, Refused, read_experiences
from triage.mbox import Piece, split

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
FROM = b"From lea@exemple.fr Tue Nov 24 10:00:00 2026\n"
FULL = (
    "ID expérience;Etat expérience;Date de publication;Titre;Description;Ressenti usager;Intitulé structure 1;Réponse structure 1;"
    "Accessibilité;Information/Explication;Relation;Réactivité;Simplicité/Complexité;Autre"
)
ROW = 'X-1;Avec réponse;2026-03-02T10:30:00+01:00;Un titre;"Deux lignes,\nici";Négatif;Région;Bonjour;Positif;;Neutre;Négatif;;rien'


def read(text: str | bytes) -> list[Experience | Refused]:
    raw = text.encode() if isinstance(text, str) else text
    return list(read_experiences(io.BytesIO(raw), NOW, ZONE))


def refusals(text: str | bytes) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in read(text) if isinstance(row, Refused)]


# --- Services Publics+


def test_a_row_of_the_export_keeps_what_its_author_declared() -> None:
    (row,) = read(f"{FULL}\n{ROW}\n")
    assert row == Experience(
        line=2,
        id="X-1",
        title="Un titre",
        author="",
        text="Deux lignes,\nici",
        received_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        declared={
            "source": "Services Publics+",
            "id": "X-1",
            "feeling": "negatif",
            "criteria": {"accessibilite": "positif", "relation": "neutre", "reactivite": "negatif"},
            "state": "Avec réponse",
            "structure": "Région",
            "reply": "Bonjour",
        },
        answered=True,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_any_usual_spelling_of_the_export_reads_the_same(encoding: str, separator: str) -> None:
    out = io.StringIO()
    rows = [
        ["RESSENTI  USAGER", "colonne de plus", "description", "Écrit le"],
        ["Négatif", "x", "L'été, « rien » ; deux mois", "02/03/2026"],
    ]
    csv.writer(out, delimiter=separator).writerows(rows)
    (row,) = read(out.getvalue().encode(encoding))
    assert isinstance(row, Experience)
    assert row.text == "L'été, « rien » ; deux mois"
    assert row.declared["feeling"] == "negatif"
    assert row.received_at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert not row.answered


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1;;2026-01-01;Positif", "description vide"),
        ("1;a;2026-01-01;Mitigé", "ressenti inconnu « Mitigé » ; attendu : Positif, Neutre ou Négatif"),
        ("1;a;demain;Positif", "date illisible « demain »"),
        ("1;a;0001-01-01;Positif", "date illisible « 0001-01-01 »"),
        ("1;a;2027-01-01;Positif", "date dans l'avenir « 2027-01-01 »"),
        ("1;a;2026-01-01;Positif;en trop", "5 cases au lieu de 4 : un guillemet manque peut-être"),
        (f"{'1' * 101};a;2026-01-01;Positif", "identifiant trop long"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_the_others_are_taken(row: str, reason: str) -> None:
    text = f'Identifiant;Description;Date;Ressenti\n2;"un\ndeux";;\n\n{row}\n3;bien;;positif\n'
    assert refusals(text) == [(5, reason)]
    assert [found.id for found in read(text) if isinstance(found, Experience)] == ["2", "3"]


def test_what_is_no_export_is_said_once() -> None:
    assert refusals("nom;prénom\nPetit;Léa\n") == [(1, "colonne absente : Description")]
    assert refusals("") == [(1, "fichier vide")]
    assert refusals("\n\n") == [(1, "fichier vide")]


def test_an_unclosed_quote_does_not_stop_what_follows() -> None:
    text = 'Description;Date\nbien;\n"jamais fermé;\n' + "a" * 150_000 + "\nencore;\n"
    found = read(text)
    assert isinstance(found[1], Refused)
    assert found[1].line == 3
    assert isinstance(found[-1], Experience)
    assert found[-1].text == "encore"


@pytest.mark.parametrize(
    ("state", "answered"), [("Répondue", True), ("Traité", True), ("Sans réponse", False), ("Non traité", False), ("", False)]
)
def test_the_platform_tells_what_was_answered(state: str, answered: bool) -> None:
    (row,) = read(f"Description;Statut\na;{state}\n")
    assert isinstance(row, Experience)
    assert row.answered is answered


@given(st.binary())
def test_any_bytes_give_rows_or_refusals(raw: bytes) -> None:
    for rest in (raw, f"{FULL}\n".encode() + raw):
        assert all(isinstance(row, Experience | Refused) for row in read(rest))


LINE = st.lists(st.text(alphabet='ab;",\n\r\x00é/:-+0123456789TZ', max_size=25), min_size=1, max_size=15)


@given(st.lists(LINE, max_size=4), st.sampled_from(";,\t"))
def test_any_cells_give_rows_or_refusals(rows: list[list[str]], separator: str) -> None:
    text = "\n".join([FULL.replace(";", separator), *(separator.join(row) for row in rows)])
    for row in read(text):
        assert isinstance(row, Experience | Refused)
        assert row.line >= 1


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1).map(str.strip).filter(bool), min_size=1, max_size=5)
)
def test_every_description_written_is_read_back(texts: list[str]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Id expérience", "Description"])
    writer.writerows([n, text] for n, text in enumerate(texts))
    assert [(row.id, row.text) for row in read(out.getvalue()) if isinstance(row, Experience)] == [
        (str(n), text) for n, text in enumerate(texts)
    ]


# --- mbox


def cut(raw: bytes, most: int = 1000) -> list[Piece]:
    return list(split(io.BytesIO(raw), most))


def test_an_mbox_is_cut_at_its_separators() -> None:
    raw = FROM + b"Subject: a\n\n>From moi\nFrom toi, rien\n\n" + FROM + b"Subject: b\n\nfin"
    assert cut(raw) == [Piece(1, b"Subject: a\n\nFrom moi\nFrom toi, rien\n"), Piece(7, b"Subject: b\n\nfin")]


def test_lines_may_end_as_in_windows_and_the_file_may_have_a_mark() -> None:
    raw = b"\xef\xbb\xbf" + FROM.replace(b"\n", b"\r\n") + b"Subject: a\r\n\r\nb\r\n\r\n" + FROM.replace(b"\n", b"\r\n") + b"x"
    assert cut(raw) == [Piece(1, b"Subject: a\r\n\r\nb\r\n"), Piece(6, b"x")]


@pytest.mark.parametrize(
    "separator",
    [
        b"From - Mon Jan 02 10:10:10 2024\n",
        b"From 1789@xxx Tue Jan 02 10:10:10 +0000 2024\n",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
        b'From "lea petit"@exemple.fr Fri Jul  8 12:08 2011\n',
    ],
)
def test_separators_of_usual_programs(separator: bytes) -> None:
    assert [piece.raw for piece in cut(separator + b"a\n\n" + separator + b"b\n")] == [b"a\n", b"b\n"]


def test_a_mail_cut_short_does_not_swallow_the_next() -> None:
    assert [piece.raw for piece in cut(FROM + b"Subject: coupe\n\ndebut de phr\n" + FROM + b"b")] == [
        b"Subject: coupe\n\ndebut de phr\n",
        b"b",
    ]


def test_a_sentence_that_begins_with_from_is_no_separator() -> None:
    text = b"Hi\n\nFrom Monday at 10:00 we are closed\nFrom a Tue Nov 24 we are open\n"
    assert cut(FROM + text) == [Piece(1, text)]


def test_a_mail_too_heavy_is_told_and_the_next_one_taken() -> None:
    assert cut(FROM + b"a" * 1001 + b"\n\n" + FROM + b"b") == [Piece(1, None), Piece(4, b"b")]


def test_what_is_no_mbox_has_no_mail() -> None:
    assert cut(b"") == cut(b"PK\x03\x04") == cut(b"Bonjour\n") == []


@given(st.binary())
def test_any_bytes_are_cut_without_error(raw: bytes) -> None:
    for rest in (raw, FROM + raw):
        pieces = cut(rest, 50)
        assert len(pieces) <= rest.count(b"From ")


@given(
    st.lists(st.lists(st.sampled_from([b"", b"a", b"From b", b">From c", b">>From d", FROM.strip(), b"\xff\x00"])), min_size=1),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_mails_written_as_mboxrd_are_read_back(mails: list[list[bytes]], end: bytes) -> None:
    raw = b""
    for lines in mails:
        escaped = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
        raw += FROM.strip() + end + b"".join(line + end for line in escaped) + end
    assert [piece.raw for piece in cut(raw, 10_000)] == [b"".join(line + end for line in lines) for lines in mails]


# --- files


def names(found: list[Found]) -> list[tuple[str, bytes | None, str]]:
    return [(one.place, one.raw, one.reason) for one in found]


def test_a_maildir_gives_its_mails_and_those_of_its_folders(tmp_path: Path) -> None:
    for place in ("cur/1:2,S", "cur/2:2,DS", "new/3", "tmp/4", ".Sent/cur/5:2,T", "cur/.cache"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(place.encode())
    assert sort_of(tmp_path) is Sort.MAILDIR
    assert names(list(mails(tmp_path, Sort.MAILDIR))) == [
        (".Sent/cur/5:2,T", None, "message supprimé"),
        ("cur/1:2,S", b"cur/1:2,S", ""),
        ("cur/2:2,DS", None, "brouillon"),
        ("new/3", b"new/3", ""),
    ]


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret, given = tmp_path / "secret", tmp_path / "donné"
    for folder in (secret / "cur", given / "new"):
        folder.mkdir(parents=True)
    (secret / "cur" / "1").write_bytes(b"secret")
    (secret / "mot.eml").write_bytes(b"secret")
    (given / "un.eml").write_bytes(b"un")
    (given / "lien.eml").symlink_to(secret / "mot.eml")
    (given / "new" / "2").symlink_to(secret / "mot.eml")
    (given / "cur").symlink_to(secret / "cur")
    assert names(list(mails(given, Sort.FOLDER))) == [("un.eml", b"un", "")]
    assert names(list(mails(given, Sort.MAILDIR))) == []


def test_a_zip_gives_its_mails_and_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "mails.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/un.EML", b"Subject: un\n\n" + b"1" * 100)
        archive.writestr("notes.txt", b"rien")
        archive.writestr("__MACOSX/._un.eml", b"rien")
        archive.writestr("bombe.eml", b"0" * 50_000_001)
    assert sort_of(path) is Sort.ZIP
    assert names(list(mails(path, Sort.ZIP)))[1:] == [
        ("notes.txt", None, "ce n'est pas un fichier .eml"),
        ("bombe.eml", None, "message trop lourd : 50 Mo au plus"),
    ]
    raw = bytearray(path.read_bytes())
    raw[42:46] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(raw))
    assert "abîmé" in next(mails(path, Sort.ZIP)).reason


@given(st.binary())
def test_a_broken_zip_is_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("zip") / "mails.zip"
    path.write_bytes(b"PK\x03\x04" + raw)
    assert [found.raw for found in mails(path, Sort.ZIP)] == [None]


def test_files_are_told_apart(tmp_path: Path) -> None:
    for name, content, sort in (
        ("a.eml", b"Subject: a", Sort.EML),
        ("b", FROM, Sort.MBOX),
        ("c.CSV", b"a;b", Sort.CSV),
        ("d.pdf", b"%PDF", None),
        ("vide.mbox", b"", Sort.MBOX),
    ):
        (tmp_path / name).write_bytes(content)
        assert sort_of(tmp_path / name) is sort
    assert sort_of(tmp_path) is Sort.FOLDER
    assert [found.place for found in mails(tmp_path, Sort.FOLDER)] == ["a.eml"]
    assert "pas une boîte mbox" in next(mails(tmp_path / "vide.mbox", Sort.MBOX)).reason
