"""The commands that others rely on, run as they run them, with the trained models."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.servers.dovecot import MailServer

COMMAND = str(Path(sys.executable).parent / "ecoute")
SAMPLES = Path(__file__).parents[2] / "ecoute" / "samples" / "mails"


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


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    done = run("triage", "run", "--once")
    assert (done.returncode, done.stderr.decode().count("\n")) == (1, 1)
    assert "ECOUTE_IMAP_URL" in done.stderr.decode()
    done = run("evaluate", "triage", str(tmp_path / "absent.jsonl"))
    assert done.returncode == 1
    assert "absent.jsonl" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
