"""The commands that others rely on, run as they run them, with the trained models."""

import json
import os
import subprocess
import sys
from email.utils import formatdate
from pathlib import Path

import yaml

from tests.servers.dovecot import USER, MailServer
from tests.servers.process import free_port

COMMAND = str(Path(sys.executable).parent / "ecoute")
ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "ecoute" / "samples" / "mails"
ROUTING = ROOT / "triage" / "routing.yml"


def run(*arguments: str, given: bytes = b"", **settings: str) -> "subprocess.CompletedProcess[bytes]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")}
    env |= {f"ECOUTE_{name}": value for name, value in settings.items()}
    return subprocess.run([COMMAND, *arguments], input=given, capture_output=True, env=env, check=False)


def test_mails_are_classified_one_object_a_line_in_order_with_exact_evidence() -> None:
    files = [str(path) for path in sorted(SAMPLES.glob("*.eml"))[:4]]
    done = run(
        "triage", "classify", "--json", *files, "-", "/inconnu.eml", given=b"Subject: Merci\n\nAccueil tres aimable au guichet, merci."
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [line["file"] for line in lines] == [*files, "-", "/inconnu.eml"]
    assert "error" in lines[-1]
    for line in lines[:-1]:
        assert set(line) == {"file", "text", "kind", "commitments", "sentiment", "urgent", "queue", "autonomy"}
        assert all(sentence in line["text"] for label in [*line["commitments"], line["sentiment"]] for sentence in label["evidence"])
    assert lines[4]["sentiment"]["label"] == "positif"


def test_triage_is_scored_and_absent_labels_are_not(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "subject": "Merci", "body": "Accueil parfait, merci beaucoup pour votre gentillesse !", "sentiment": "positif"},
        {"id": "b", "subject": "", "body": "Six mois sans réponse, c'est inadmissible.", "sentiment": "positif", "kind": "avis"},
    ]
    file = tmp_path / "mails.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    report = json.loads(run("evaluate", "triage", str(file), "--json").stdout)
    assert report["sentiment"]["accuracy"] == 0.5
    assert report["kind"]["count"] == 1
    assert report["errors"] == ["b"]
    assert "urgent" not in report


def test_the_assistant_is_scored_by_rasa_itself(tmp_path: Path) -> None:
    rows = [
        {
            "text": "Quel est le montant du contrat export ?",
            "intent": "montant_aide",
            "entities": [{"entity": "aide", "value": "contrat export"}],
        },
        {
            "text": "Où en est mon dossier EXP-2026-00123 ?",
            "intent": "statut_dossier",
            "entities": [{"entity": "numero_dossier", "value": "EXP-2026-00123"}],
        },
        {"text": "merci beaucoup", "intent": "remercier", "entities": []},
    ]
    file = tmp_path / "phrases.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    done = run("evaluate", "nlu", str(file), "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["intent"] == {"accuracy": 1.0, "macro_f1": 1.0}
    assert report["entity"]["micro_f1"] == 1.0
    assert {"recall", "rejected"} <= {*report["out_of_scope"], *report["in_scope"]}


def test_triage_run_once_empties_the_mailbox(mail_server: MailServer, tmp_path: Path) -> None:
    settings = {"VAR": str(tmp_path / "var"), "IMAP_URL": mail_server.url()}
    for path in sorted(SAMPLES.glob("*.eml"))[:5]:
        mail_server.deliver(path.read_bytes())
    assert run("prepare", **settings).returncode == 0
    done = run("triage", "run", "--once", **settings)
    assert done.returncode == 0, done.stderr
    assert sum(json.loads(done.stdout).values()) == 5
    assert mail_server.folders()["INBOX"] == []


def test_every_mailbox_is_settled_read_again_and_held_against_the_ledger(mail_server: MailServer, tmp_path: Path) -> None:
    other = "second@region.exemple.fr"
    for path in sorted(SAMPLES.glob("*.eml"))[:2]:
        mail_server.deliver(path.read_bytes())
        mail_server.deliver(path.read_bytes(), other)
    mail_server.put(b"Subject: Avis papier\r\n\r\nUn accueil parfait, merci.\r\n", "Papier")
    good = f"{mail_server.url(folder='INBOX,Papier')} {mail_server.url(other)}"
    settings = {"VAR": str(tmp_path / "var"), "IMAP_URL": f"{good} imap://mort:tres-secret@127.0.0.1:{free_port()}/INBOX"}
    assert run("prepare", **settings).returncode == 0
    done = run("triage", "run", "--once", **settings)
    assert done.returncode == 1
    told = done.stderr.decode()
    assert "mort@127.0.0.1, dossier INBOX" in told
    assert "tres-secret" not in told
    assert "Traceback" not in told
    assert sum(json.loads(done.stdout).values()) == 5
    settings["IMAP_URL"] = good
    assert run("triage", "run", "--once", **settings).returncode == 0
    checked = run("triage", "reconcile", "--json", **settings)
    assert checked.returncode == 0, checked.stdout
    found = json.loads(checked.stdout)
    assert [(one["mailbox"], one["agreed"]) for one in found["mailboxes"]] == [(f"{USER}@127.0.0.1", 3), (f"{other}@127.0.0.1", 2)]
    mail_server.put(b"Subject: Jamais lu\r\n\r\nTexte\r\n", "Automatique", other)
    checked = run("triage", "reconcile", **settings)
    assert checked.returncode == 1
    assert "1  jamais lus" in checked.stdout.decode()
    assert run("triage", "replay", "--all", **settings).returncode == 0
    unknown = run("triage", "replay", "1", **settings)
    assert (unknown.returncode, unknown.stderr.decode()) == (1, "Le message 1 n'est pas en quarantaine.\n")
    assert run("triage", "replay", **settings).returncode == 1


def test_triage_run_once_acknowledges_what_people_wrote(mail_server: MailServer, tmp_path: Path) -> None:
    settings = {"VAR": str(tmp_path / "var"), "IMAP_URL": mail_server.url(), "SMTP_URL": mail_server.smtp_url}
    date = formatdate()
    mail_server.deliver(
        f"From: Jeanne <jeanne@exemple.fr>\nSubject: Merci\nDate: {date}\n\nAccueil très aimable au guichet, merci.".encode()
    )
    assert run("prepare", **settings).returncode == 0
    done = run("triage", "run", "--once", **settings)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"imported": 1, "unmoved": 0}
    (raw,) = mail_server.folders("jeanne@exemple.fr")["INBOX"]
    assert b"Auto-Submitted: auto-replied" in raw
    assert b"Reply-To: avis+AV-" in raw
    done = run("outbox", "run", "--once", **settings)
    assert (done.returncode, done.stdout.decode()) == (0, "0 envoyés, 0 à retenter, 0 en échec\n")


def test_where_a_message_goes_is_explained(tmp_path: Path) -> None:
    mail = b"From: j@exemple.fr\nSubject: Help\n\nI have been waiting for an answer about my file for three months."
    done = run("triage", "route", "--explain", "-", given=mail, VAR=str(tmp_path))
    told = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr
    assert any(line.startswith("OUI   autre langue") for line in told)
    assert "non   personne en danger : danger : non, attendu oui" in told
    assert told[-1].startswith("Accusé de réception : ")
    assert len(told) == len(yaml.safe_load(ROUTING.read_text())["rows"]) + 4


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    done = run("triage", "run", "--once")
    assert (done.returncode, done.stderr.decode().count("\n")) == (1, 1)
    assert "ECOUTE_IMAP_URL" in done.stderr.decode()
    done = run("evaluate", "triage", str(tmp_path / "absent.jsonl"))
    assert done.returncode == 1
    assert "absent.jsonl" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
