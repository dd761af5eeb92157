"""Mailboxes as the settings name them."""

import pytest

from triage.addresses import Address, read_addresses


def test_one_address_keeps_its_meaning() -> None:
    assert read_addresses("imaps://avis%40region.fr:p%2Fw@imap.region.fr:1993/INBOX") == [
        Address("imap.region.fr", "avis@region.fr", "p/w", "INBOX", True, 1993)
    ]
    assert read_addresses("") == []


def test_several_mailboxes_and_folders() -> None:
    found = read_addresses(" imaps://a:x@un.fr/inbox,Avis%20papier,Engagements/Delais  imap://b@localhost ")
    assert [(one.name, one.folder, one.password, one.secure) for one in found] == [
        ("a@un.fr", "INBOX", "x", True),
        ("a@un.fr", "Avis papier", "x", True),
        ("a@un.fr", "Engagements/Delais", "x", True),
        ("b@localhost", "INBOX", None, False),
    ]


@pytest.mark.parametrize(
    "wrong",
    ["http://a:secret@un.fr/", "imaps://a:secret@/INBOX", "imaps://a:se/secret@un.fr/INBOX", "imaps://a:secret@[un.fr/", "a:secret@un.fr"],
)
def test_what_is_wrong_is_told_without_the_password(wrong: str) -> None:
    with pytest.raises(ValueError, match="ECOUTE_IMAP_URL : l'adresse n°\u00a02") as told:
        read_addresses(f"imaps://a:x@un.fr/ {wrong}")
    assert "secret" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_folder_given_twice_is_told() -> None:
    with pytest.raises(ValueError, match="deux fois"):
        read_addresses("imaps://a:x@un.fr/INBOX,inbox")


def test_a_password_shows_in_no_trace() -> None:
    (address,) = read_addresses("imaps://avis:secret@un.fr/")
    assert "secret" not in repr(address)
    assert (address.label, address.name) == ("un.fr/INBOX", "avis@un.fr")
