"""The processes of one machine, and what is told when they are ready."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
from rich.console import Console

from ecoute.sample_mailbox import MAILBOX, accounts_file, deliver_mails
from ecoute.settings import ROOT, Settings
from ecoute.supervise import Program, Supervisor
from ecoute.training import bot_environment

READY_SECONDS = 180

console = Console(highlight=False)


def run_all(settings: Settings, sample: bool) -> None:
    """Runs until Ctrl-C or SIGTERM. Raises OSError when a port is taken."""
    asyncio.run(_run(settings, sample))


def programs(settings: Settings, sample: bool) -> list[Program]:
    """What runs, with its environment. With `sample` and no mailbox of the Region's, a small mail server runs too."""
    env = dict(os.environ) | {"PYTHONUNBUFFERED": "1"}
    # The slowest to start comes first.
    found = [Program("assistant", _rasa(settings), bot_environment(settings))]
    if own_mailbox(settings, sample):
        password = secrets.token_urlsafe(12)
        login = MAILBOX.replace("@", "%40")
        env |= {
            "ECOUTE_IMAP_URL": f"imap://{login}:{password}@127.0.0.1:{settings.sample_imap_port}/INBOX",
            "ECOUTE_SMTP_URL": settings.smtp_url or f"smtp://127.0.0.1:{settings.sample_smtp_port}",
        }
        found.append(Program("boite-exemple", _sample_mailbox(settings), env | {"MAIL_PASSWORD": password}))
    found.append(Program("site", _web(settings), env))
    if settings.smtp_url or own_mailbox(settings, sample):
        found.append(Program("envoi", ["nice", "-n", "10", _script("ecoute"), "outbox", "run"], env))
    if settings.imap_url or sample:
        # Sorting can wait for the visitors.
        found.append(Program("tri", ["nice", "-n", "10", _script("ecoute"), "triage", "run"], env))
    found.append(Program("actions", [sys.executable, "-m", "ecoute.actions"], env))
    return found


def taken_ports(settings: Settings, sample: bool) -> list[int]:
    """Ports that the system needs and that something else listens on."""
    ports = [settings.web_port, settings.rasa_port, settings.actions_port]
    if own_mailbox(settings, sample):
        ports += [settings.sample_imap_port, settings.sample_smtp_port, settings.sample_http_port]
    return [port for port in ports if listens(port)]


def listens(port: int) -> bool:
    """Whether something on this machine answers on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def own_mailbox(settings: Settings, sample: bool) -> bool:
    """Whether the sample mailbox is to run."""
    return sample and not settings.imap_url


def _web(settings: Settings) -> list[str]:
    # No access log: addresses hold the conversations' tokens. Event streams stay open: they are cut after a while.
    quiet = ["--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3"]
    where = ["--host", settings.host, "--port", str(settings.web_port)]
    return [_script("uvicorn"), "--factory", "ecoute.serve:build_app", *where, *quiet]


def _rasa(settings: Settings) -> list[str]:
    where = ["-i", "127.0.0.1", "-p", str(settings.rasa_port)]
    files = ["--model", str(settings.models / "bot.tar.gz"), "--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml"]
    files += ["--logging-config-file", "bot/logging.yml"]
    return [str(settings.bot_python), "-m", "bot.rasa", "run", *where, *files]


def _sample_mailbox(settings: Settings) -> list[str]:
    ports = ["--imap-port", settings.sample_imap_port, "--smtp-port", settings.sample_smtp_port, "--http-port", settings.sample_http_port]
    # Codes and acknowledgements are for other addresses: each has its own box in the same server.
    return [_script("mail_devel"), "--host", "127.0.0.1", "--user", MAILBOX, "--multi-user", *map(str, ports)]


def _script(name: str) -> str:
    return str(Path(sys.executable).parent / name)


async def _run(settings: Settings, sample: bool) -> None:
    supervisor = Supervisor(programs(settings, sample), settings.var / "log", ROOT, console.print)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, supervisor.stop)
    running = asyncio.create_task(supervisor.run())
    telling = asyncio.create_task(_tell(settings, sample))
    purging = asyncio.create_task(_look_after_daily())
    await running
    for task in (telling, purging):
        task.cancel()
    console.print("Tout est arrêté.")


async def _look_after_daily() -> None:
    while True:
        for task in (("purge",), ("models", "watch")):
            process = await asyncio.create_subprocess_exec("nice", "-n", "15", _script("ecoute"), *task, stdout=asyncio.subprocess.DEVNULL)
            await process.wait()
        await asyncio.sleep(24 * 3600)


async def _tell(settings: Settings, sample: bool) -> None:
    """Waits for each part, delivers the sample mails, then prints where to go."""
    site = f"http://{settings.host}:{settings.web_port}"
    with console.status("Démarrage…") as status:
        await _until_up(f"{site}/sante")
        if own_mailbox(settings, sample):
            status.update("Livraison des courriels d'exemple…")
            await asyncio.to_thread(deliver_mails, settings)
        status.update("Démarrage de l'assistant (une vingtaine de secondes)…")
        await _until_up(f"http://127.0.0.1:{settings.actions_port}/health")
        await _until_up(f"http://127.0.0.1:{settings.rasa_port}/")
    _print_addresses(settings, sample, site, console.print)


async def _until_up(url: str) -> None:
    async with httpx.AsyncClient(timeout=2) as client:
        for _ in range(READY_SECONDS * 4):
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass  # not listening yet
            await asyncio.sleep(0.25)
    console.print(f"{url} ne répond pas après {READY_SECONDS} s : voyez « ecoute doctor » et les journaux.")


def _print_addresses(settings: Settings, sample: bool, site: str, say: Callable[[str], None]) -> None:
    say("\nÉcoute+ est prêt.")
    say(f"  Page d'exemple et assistant   {site}/")
    say(f"  Console des agents            {site}/console")
    say(f"  Résultats publiés             {site}/qualite")
    if own_mailbox(settings, sample):
        say(f"  Courriels envoyés (exemple)   http://127.0.0.1:{settings.sample_http_port}/")
    accounts = accounts_file(settings)
    if accounts.exists():
        say(f"  {accounts.read_text().strip()}")
    say(f"  Journaux                      {settings.var / 'log'}")
    say("Ctrl-C arrête tout.")
