"""The whole system, started by the real command, on ports and a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from ecoute.settings import ROOT
from store.round_trip import rewrite
from tests.servers.dovecot import MailServer
from tests.servers.process import free_port, listens, start, stop, wait_until

COMMAND = str(Path(sys.executable).parent / "ecoute")
READY = "Écoute+ est prêt."


@dataclass(frozen=True)
class System:
    """A running system. `aids`: folder of its content files, which a test may edit."""

    site: str
    aids: Path
    env: Mapping[str, str]
    process: "subprocess.Popen[bytes]"
    log: Path

    def run(self, *arguments: str) -> str:
        """Output of an `ecoute` command on the same settings."""
        done = subprocess.run([COMMAND, *arguments], env=dict(self.env), capture_output=True, text=True, check=True)
        return done.stdout


@contextmanager
def system(folder: Path, mail: MailServer, **settings: str) -> Iterator[System]:
    """Starts `ecoute up` on the mail server given, and waits until it says that it is ready."""
    aids = folder / "aids"
    shutil.copytree(ROOT / "aids" / "content", aids)
    answers = folder / "answers"
    shutil.copytree(ROOT / "answers" / "content", answers)
    _open_at_all_hours(answers / "service" / "service.yml")
    ports = {name: str(free_port()) for name in ("WEB_PORT", "RASA_PORT", "ACTIONS_PORT")}
    values = (
        ports
        | {"VAR": str(folder / "var"), "AIDS": str(aids), "ANSWERS": str(answers), "IMAP_URL": mail.url(), "SMTP_URL": mail.smtp_url}
        | settings
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")}
    env = kept | {f"ECOUTE_{name}": value for name, value in values.items()}
    prepared = subprocess.run([COMMAND, "prepare"], env=env, capture_output=True, text=True, check=False)
    assert prepared.returncode == 0, prepared.stderr
    log = folder / "up.log"
    process = start([COMMAND, "up"], log, env=env)
    try:
        wait_until(lambda: READY in log.read_text() or process.poll() is not None, 180, "le système est prêt")
        assert process.poll() is None, log.read_text()
        yield System(f"http://127.0.0.1:{ports['WEB_PORT']}", aids, env, process, log)
    finally:
        assert process.poll() is None, log.read_text()
        assert stop(process, signal.SIGINT, 40) == 0
        # Ctrl-C leaves no process behind.
        assert [name for name, port in ports.items() if listens(int(port))] == []


def _open_at_all_hours(path: Path) -> None:
    """Agents answer whenever the tests run."""
    text = path.read_text(encoding="utf-8")
    service = yaml.safe_load(text)
    service["agent_hours"] = {day: ["00:00-24:00"] for day in service["agent_hours"]}
    path.write_text(rewrite(text, service), encoding="utf-8")


def answers(site: str, *texts: str) -> list[list[dict[str, object]]]:
    """What a new conversation answers to each text, as the widget gets it."""
    with httpx.Client(base_url=site, timeout=30) as client:
        token = client.post("/api/conversations").json()["token"]
        said = []
        for text in texts:
            answer = client.post(f"/api/conversations/{token}/messages", json={"text": text})
            assert answer.status_code == 200, answer.text
            said.append(answer.json()["messages"])
        return said
