"""What a mailbox promises the worker: the same tests for the one in memory and for real servers of several kinds."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from tests.servers.dovecot import BARE, PREFIXED, dovecot
from triage.errors import MailGone
from triage.imap import Mailbox
from triage.memory_mailbox import MemoryMailbox, MemoryServer

FOLDER = "Engagements/Délais à voir"
MAIL = b"Subject: Avis\r\n\r\nTexte\r\n"


@dataclass(frozen=True)
class Post:
    """A mail server, whichever it is."""

    open: Callable[[str], AbstractContextManager[Any]]
    deliver: Callable[[bytes], object]
    put: Callable[[bytes, str], object]
    renumber: Callable[[], object]

    def held(self, *folders: str) -> list[list[str]]:
        """SHA-256 of what these folders hold."""
        with self.open("INBOX") as box:
            return [sorted(sha256 for _, sha256 in box.contents(folder)) for folder in folders]


def memory() -> Post:
    server = MemoryServer()
    return Post(lambda folder: MemoryMailbox(server, folder), server.deliver, server.deliver, lambda: server.renumber("INBOX"))


@contextmanager
def real(more: str, name: Callable[[str], str]) -> Iterator[Post]:
    with dovecot(more) as server:
        yield Post(
            lambda folder: Mailbox(server.url(folder=quote(folder))),
            lambda raw: server.put(raw, "INBOX"),
            lambda raw, folder: server.put(raw, name(folder)),
            server.renumber,
        )


@pytest.fixture(params=["memory", "dovecot", "bare", "prefixed"])
def post(request: pytest.FixtureRequest) -> Iterator[Post]:
    if request.param == "memory":
        yield memory()
        return
    more = {"dovecot": "", "bare": BARE, "prefixed": PREFIXED}[request.param]
    sign = "^" if more == PREFIXED else "."

    def named(folder: str) -> str:
        prefix = "INBOX^" if more == PREFIXED and folder != "INBOX" else ""
        return prefix + folder.replace("/", sign)

    with real(more, named) as found:
        yield found


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def test_mails_are_listed_read_and_moved(post: Post) -> None:
    mails = [MAIL + str(number).encode() for number in range(3)]
    for raw in mails:
        post.deliver(raw)
    with post.open("INBOX") as box:
        assert (box.folder, box.uidvalidity > 0) == ("INBOX", True)
        first, second, third = box.uids()
        assert [b"".join(box.parts(uid)) for uid in (first, second, third)] == mails
        box.move(second, FOLDER)
        assert box.uids() == [first, third]
        box.move(first, FOLDER, again=True)
        with pytest.raises(MailGone):
            b"".join(box.parts(first))
        assert FOLDER in box.folders()
    assert post.held("INBOX", FOLDER) == [[sha(mails[2])], sorted([sha(mails[0]), sha(mails[1])])]


def test_a_watched_folder_is_named_as_the_routing_table_does(post: Post) -> None:
    post.put(MAIL, FOLDER)
    with post.open(FOLDER) as box:
        assert box.folder == FOLDER
        (uid,) = box.uids()
        box.move(uid, "Avis")
        assert box.uids() == []
    assert post.held(FOLDER, "Avis") == [[], [sha(MAIL)]]


def test_a_mail_is_moved_from_a_folder_by_its_content(post: Post) -> None:
    other = MAIL.replace(b"Texte", b"Texto")  # as long as the first
    for raw in (other, MAIL):
        post.put(raw, "Quarantaine")
    post.deliver(MAIL)
    with post.open("INBOX") as box:
        here = box.uids()
        assert box.move_known("Quarantaine", sha(MAIL), len(MAIL), FOLDER)
        assert not box.move_known("Quarantaine", sha(MAIL), len(MAIL), FOLDER)
        assert not box.move_known("Dossier absent", sha(MAIL), len(MAIL), FOLDER)
        assert box.uids() == here  # its own folder is selected again
    assert post.held("Quarantaine", FOLDER) == [[sha(other)], [sha(MAIL)]]


def test_a_big_mail_comes_in_pieces_and_whole(post: Post) -> None:
    raw = b"Subject: gros\r\n\r\n" + b"".join(b"%076d\r\n" % number for number in range(30_000))
    post.deliver(raw)
    with post.open("INBOX") as box:
        parts = list(box.parts(box.uids()[0]))
    assert len(parts) > 2
    assert max(map(len, parts)) <= 1024 * 1024
    assert b"".join(parts) == raw


def test_after_a_restoration_the_folder_has_another_uidvalidity(post: Post) -> None:
    post.deliver(MAIL)
    with post.open("INBOX") as box:
        before = box.uidvalidity
    post.renumber()
    with post.open("INBOX") as box:
        assert box.uidvalidity != before
        assert [b"".join(box.parts(uid)) for uid in box.uids()] == [MAIL]


def test_on_a_server_without_move_a_cut_between_copy_and_deletion_doubles_nothing() -> None:
    with dovecot(BARE) as server:
        server.put(MAIL, "INBOX")
        with server.signed_in() as person:
            person.select_folder("INBOX")
            person.create_folder("Avis")
            person.copy(person.search(), "Avis")  # the link broke here
        with Mailbox(server.url()) as box:
            box.move(box.uids()[0], "Avis", again=True)
            assert box.uids() == []
        assert server.folders() == {"INBOX": [], "Avis": [MAIL]}


def test_what_a_person_marked_as_deleted_stays_theirs() -> None:
    with dovecot(BARE) as server:
        for number in range(2):
            server.put(MAIL + str(number).encode(), "INBOX")
        with server.signed_in() as person:
            person.select_folder("INBOX")
            theirs = person.search()[0]
            person.add_flags([theirs], [b"\\Deleted"])
        with Mailbox(server.url()) as box:
            (uid,) = box.uids()
            box.move(uid, "Avis")
        with server.signed_in() as person:
            person.select_folder("INBOX")
            assert person.search(["DELETED"]) == [theirs]
