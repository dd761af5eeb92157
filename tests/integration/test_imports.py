"""Messages kept elsewhere are imported once, on both databases, and by the real command."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from store.engine import open_engine, session_factory
from triage import store
from triage.archives import Sort, mails
from triage.experiences import Experience, read_experiences
from triage.importing import Importer, Result
from triage.model import Autonomy, Channel, Commitment, Kind, Label, Message, Reading, Route, Sentiment
from triage.parse import parse
from triage.tables import FeedbackItemRow

COMMAND = str(Path(sys.executable).parent / "ecoute")
SAMPLES = sorted((Path(__file__).parents[2] / "ecoute" / "samples" / "mails").glob("*.eml"))
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
EXPORT = (
    "ID expérience;Écrit le;Description;Ressenti usager;Intitulé structure 1;Réponse structure 1;Réactivité\n"
    "A-1;02/03/2026;Cinq mois sans réponse à mon dossier.;Négatif;Service Export;;Négatif\n"
    "A-2;03/03/2026;Accueil parfait.;Positif;Service Export;Merci à vous.;\n"
    "A-3;04/03/2026;;Positif;Service Export;;\n"
    "A-1;02/03/2026;Cinq mois sans réponse à mon dossier.;Négatif;Service Export;;Négatif\n"
)


def read(message: Message, by_person: bool) -> Reading:
    return Reading(Kind.AVIS, 0.9, (Label(Commitment.DELAIS, 0.9, (message.text[:20],)),), Sentiment.NEUTRE, 0.8, False, 0.1, "essai")


def route(_message: Message, _reading: Reading, channel: Channel) -> tuple[Route, date | None]:
    return Route("Délais", "Engagements/Delais", 4, 10, Autonomy.SUGGEST, str(channel)), date(2026, 12, 1)


def importer(sessions: sessionmaker[Session], **given: bool) -> Importer:
    return Importer(sessions, parse, read, route, lambda: NOW, **given)


def mbox_of(paths: list[Path], end: bytes = b"\n") -> bytes:
    parts = [b"From lea@exemple.fr Tue Nov 24 10:00:00 2026\n" + re.sub(rb"(?m)^(>*From )", rb">\1", path.read_bytes()) for path in paths]
    return b"\n".join(part.replace(b"\r\n", b"\n") + b"\n" for part in parts).replace(b"\n", end)


def items(sessions: sessionmaker[Session]) -> list[FeedbackItemRow]:
    with sessions() as session:
        return list(session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id)))


def test_an_mbox_is_imported_once_and_never_acknowledged(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    path = tmp_path / "avis.mbox"
    path.write_bytes(mbox_of(SAMPLES))
    raws = [found.raw or b"" for found in mails(path, Sort.MBOX)]
    assert len(raws) == 30
    dry = Counter(importer(sessions, write=False).take_mail(raw).result for raw in raws)
    assert items(sessions) == []
    first = Counter(importer(sessions).take_mail(raw).result for raw in raws)
    assert first == dry
    assert first[Result.IMPORTED] == len(items(sessions)) == 30 - first[Result.AUTOMATIC]
    again = Counter(importer(sessions).take_mail(raw).result for raw in raws)
    assert again == {Result.KNOWN: first[Result.IMPORTED], Result.AUTOMATIC: first[Result.AUTOMATIC]}
    assert {(row.answered_elsewhere, row.channel, row.status, row.due_on) for row in items(sessions)} == {
        (True, "import", "open", date(2026, 12, 1))
    }
    with sessions() as session:
        assert {store.read_raw(session, row.sha256 or "") for row in items(sessions)} <= set(raws)


def test_the_same_mail_with_other_line_ends_is_known(sessions: sessionmaker[Session]) -> None:
    raw = SAMPLES[0].read_bytes().replace(b"\r\n", b"\n")
    take = importer(sessions).take_mail
    assert [take(raw).result, take(raw.replace(b"\n", b"\r\n")).result] == [Result.IMPORTED, Result.KNOWN]


def test_malformed_mails_are_refused_and_the_others_taken(sessions: sessionmaker[Session]) -> None:
    take = importer(sessions).take_mail
    results = [take(raw).result for raw in (b"", b"\x00\xff" * 50, b"que du texte", SAMPLES[0].read_bytes())]
    assert results == [Result.REFUSED, Result.REFUSED, Result.REFUSED, Result.IMPORTED]


def test_what_had_its_answer_is_stored_as_handled(sessions: sessionmaker[Session]) -> None:
    importer(sessions, answered=True).take_mail(SAMPLES[0].read_bytes())
    assert [(row.status, row.due_on) for row in items(sessions)] == [("closed", None)]


def test_experiences_keep_what_their_author_declared(sessions: sessionmaker[Session]) -> None:
    rows = list(read_experiences(BytesIO(EXPORT.encode()), NOW, ZoneInfo("Europe/Paris")))
    take = importer(sessions).take_experience
    told = [row for row in rows if isinstance(row, Experience)]
    assert [take(row).result for row in told] == [Result.IMPORTED, Result.IMPORTED, Result.KNOWN]
    assert [take(row).result for row in told] == [Result.KNOWN] * 3
    late, kind = items(sessions)
    assert (late.channel, late.status, late.due_on, late.answered_elsewhere) == ("sp_plus", "open", date(2026, 12, 1), True)
    assert (kind.status, kind.due_on) == ("closed", None)
    assert late.origin is not None
    assert late.origin.declared is not None
    assert (late.origin.declared["feeling"], late.origin.declared["criteria"]) == ("negatif", {"reactivite": "negatif"})
    assert late.sentiment == "neutre"
    assert (late.origin.service, late.origin.source_id) == ("Service Export", "sp+:A-1")
    assert late.received_at == datetime(2026, 3, 2, 11, tzinfo=UTC)


# --- the command


def start(url: str, *arguments: str) -> "subprocess.Popen[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")} | {"ECOUTE_DATABASE_URL": url}
    return subprocess.Popen(
        [COMMAND, "triage", "import", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(url: str, *arguments: str) -> tuple[int, str]:
    process = start(url, *arguments)
    out, _ = process.communicate(timeout=300)
    return process.returncode, out


def test_the_command_says_what_it_would_do_then_does_it_once(sessions: sessionmaker[Session], database_url: str, tmp_path: Path) -> None:
    export, box, odd = tmp_path / "export.csv", tmp_path / "avis.mbox", tmp_path / "photo.png"
    export.write_bytes(EXPORT.encode("cp1252"))
    box.write_bytes(mbox_of(SAMPLES[:4], b"\r\n"))
    odd.write_bytes(b"\x89PNG")
    names = (str(export), str(box), str(odd), str(tmp_path / "absent.mbox"))
    status, out = run(database_url, "--dry-run", *names)
    assert (status, items(sessions)) == (0, [])
    assert "rien n'est écrit" in out
    assert "6 importés, 1 déjà présent, 3 refusés" in out
    assert not (tmp_path / "refus.csv").exists()
    status, out = run(database_url, *names)
    assert (status, len(items(sessions))) == (0, 6)
    assert "6 importés, 1 déjà présent, 3 refusés" in out
    assert "file «" in out
    with (tmp_path / "refus.csv").open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file, delimiter=";"))
    assert told[:2] == [["fichier", "endroit", "motif"], ["export.csv", "4", "description vide"]]
    assert [row[0] for row in told[2:]] == ["photo.png", "absent.mbox"]
    _, out = run(database_url, str(export), str(box))
    assert "7 déjà présents, 1 refusé" in out
    assert len(items(sessions)) == 6


def test_an_interrupted_import_goes_on_the_next_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'essai.db'}"
    from store.migrate import upgrade

    engine = open_engine(url)
    upgrade(engine)
    sessions = session_factory(engine)
    box = tmp_path / "avis.mbox"
    sample = SAMPLES[0].read_bytes()
    parts = []
    for n in range(40):
        (tmp_path / f"{n}.eml").write_bytes(re.sub(rb"(?mi)^Message-ID:.*$", f"Message-ID: <{n}@exemple.fr>".encode(), sample, count=1))
        parts.append(tmp_path / f"{n}.eml")
    box.write_bytes(mbox_of(parts))
    process = start(url, str(box))
    try:
        while len(items(sessions)) < 3 and process.poll() is None:
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "reprendra" in err
    assert "Traceback" not in err
    done = len(items(sessions))
    assert f"{done} importés" in out
    assert 3 <= done < 40
    status, out = run(url, str(box))
    assert status == 0
    assert f"{40 - done} importés, {done} déjà présents" in out
    assert len(items(sessions)) == 40
    engine.dispose()


def test_a_database_without_tables_is_told_in_one_line(tmp_path: Path) -> None:
    process = start(f"sqlite:///{tmp_path / 'vide.db'}", str(SAMPLES[0]))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "La base de données ne répond pas" in err
    assert "Traceback" not in err
