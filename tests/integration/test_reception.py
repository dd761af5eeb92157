"""What is typed into our forms is read, routed, stored and dated, with its files, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ecoute.reception import Reception
from ecoute.settings import Settings
from ecoute.wire import Parts
from triage import store
from triage.attachments import read_attachment
from triage.model import Channel, File, Letter, Origin
from triage.tables import AttachmentFileRow, FeedbackItemRow, FeedbackOriginRow

TEXT = "Le guichet était fermé trois fois de suite. Personne ne répond au téléphone. Je suis très mécontent."
PHOTO = File("été.jpg", "image/jpeg", b"\xff\xd8" * 5000)
ENTERED = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def receive(sessions: sessionmaker[Session], database_url: str) -> Iterator[Reception]:
    """The reception, with the trained model."""
    parts = Parts(Settings(database_url=database_url))
    yield Reception(parts)
    parts.sessions.kw["bind"].dispose()


def stored(sessions: sessionmaker[Session], reference: str) -> FeedbackItemRow:
    with sessions() as session:
        row = store.get_item(session, reference)
        assert row is not None
        return row


def test_files_are_kept_once_by_content_and_given_back(receive: Reception, sessions: sessionmaker[Session]) -> None:
    first = receive(Letter("", "", "Avis", TEXT, files=(PHOTO, File("note.txt", "text/plain", b"vu"))))
    second = receive(Letter("", "", "Avis", TEXT, files=(File("copie.jpg", "image/jpeg", PHOTO.content),)))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(AttachmentFileRow)) == 2
        assert read_attachment(session, first.reference, 1) == PHOTO
        assert read_attachment(session, first.reference, 2).content == b"vu"
        assert read_attachment(session, second.reference, 1).name == "copie.jpg"
        for reference, number in ((first.reference, 3), (first.reference, 0), ("AV-0", 1)):
            with pytest.raises(KeyError):
                read_attachment(session, reference, number)
        assert session.scalar(select(func.max(func.length(AttachmentFileRow.compressed)))) < 1000
    assert stored(sessions, first.reference).attachments[0]["size"] == 10_000


def test_the_deadline_counts_from_the_day_received(receive: Reception, sessions: sessionmaker[Session]) -> None:
    origin = Origin("02 43 00 00 00", "1 rue du Pont", "Export", "Agnès Martin", ENTERED, "saisie:abcdefgh")
    letter = Letter("Léa", "", "Guichet", TEXT, "", Channel.COUNTER, (), datetime(2025, 11, 3, 11, tzinfo=UTC), origin)
    kept = receive(letter)
    row = stored(sessions, kept.reference)
    assert (row.channel, row.received_at, row.status) == ("guichet", datetime(2025, 11, 3, 11, tzinfo=UTC), "open")
    # Ten working days at most from 3 November, the 11th being a holiday.
    assert kept.due_on is not None
    assert date(2025, 11, 4) <= kept.due_on <= date(2025, 11, 18)
    assert row.kind in ("avis", "demande")
    assert row.origin is not None
    assert (row.origin.entered_by, row.origin.entered_at, row.origin.service) == ("Agnès Martin", ENTERED, "Export")
    assert receive(letter) == kept
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackItemRow)) == 1
        assert store.services(session) == ["Export"]


def test_a_text_full_of_links_goes_to_a_person(receive: Reception, sessions: sessionmaker[Session]) -> None:
    kept = receive(Letter("", "", "Avis", "Merci " + " ".join(f"https://exemple{n}.fr" for n in range(5))))
    row = stored(sessions, kept.reference)
    assert (row.queue, row.rule, row.autonomy) == ("À qualifier", "beaucoup de liens", "suggest")


def test_without_a_model_a_person_reads(sessions: sessionmaker[Session], database_url: str, tmp_path: Path) -> None:
    parts = Parts(Settings(database_url=database_url, models=tmp_path))
    kept = Reception(parts)(Letter("", "", "Avis", TEXT))
    assert stored(sessions, kept.reference).rule == "non lu par la machine"
    parts.sessions.kw["bind"].dispose()


def test_an_item_takes_its_origin_with_it(receive: Reception, sessions: sessionmaker[Session]) -> None:
    kept = receive(Letter("", "", "Avis", TEXT, origin=Origin(source_id="essai:1"), answered_elsewhere=True))
    assert stored(sessions, kept.reference).answered_elsewhere is True
    with sessions.begin() as session:
        session.delete(store.get_item(session, kept.reference))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackOriginRow)) == 0


def test_the_same_letter_sent_many_times_at_once_is_stored_once(receive: Reception, sessions: sessionmaker[Session]) -> None:
    letter = Letter("", "", "Avis", "Merci.", files=(PHOTO,), origin=Origin(source_id="formulaire:1"))
    others = [Letter("", "", "Avis", f"Merci {n}.", files=(PHOTO,)) for n in range(3)]
    with ThreadPoolExecutor(6) as pool:
        kept = list(pool.map(receive, [letter, letter, letter, *others]))
    assert len({one.reference for one in kept[:3]}) == 1
    assert len({one.reference for one in kept}) == 4
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(AttachmentFileRow)) == 1


def test_what_is_written_beside_a_letter_stands_or_falls_with_it(receive: Reception, sessions: sessionmaker[Session]) -> None:
    first = receive(Letter("", "", "Avis", TEXT))

    def beside(session: Session, item: FeedbackItemRow) -> None:
        item.follows_id = session.scalars(select(FeedbackItemRow.id).filter_by(reference=first.reference)).one()
        if item.text == "Refusé":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        receive(Letter("", "", "Avis", "Refusé", beside=beside))
    part = Letter("", "", "Avis", TEXT, origin=Origin(source_id="partie 1"), beside=beside)
    assert receive(part) == receive(part)
    with sessions() as session:
        assert session.scalars(select(FeedbackItemRow.follows_id).order_by(FeedbackItemRow.id)).all() == [None, 1]
