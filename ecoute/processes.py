"""The processes of one machine, and what is told when they are ready."""

import asyncio
import os
import secrets
import signal
import sys
from pathlib import Path

import httpx

from ecoute import sample as sample_content
from ecoute.settings import ROOT, Settings
from ecoute.supervise import Program, Supervisor
from ecoute.training import bot_environment

READY_SECONDS = 120


def run_all(settings: Settings, sample: bool) -> None:
    """Runs until Ctrl-C or SIGTERM."""
    asyncio.run(_run(settings, sample))


def programs(settings: Settings, sample: bool) -> list[Program]:
    """What runs, with its environment."""
    env = dict(os.environ) | {"ECOUTE_VAR": str(settings.var)}
    found = []
    if sample and not settings.imap_url:
        password = secrets.token_urlsafe(12)
        login = sample_content.MAILBOX.replace("@", "%40")
        env |= {
            "ECOUTE_IMAP_URL": f"imap://{login}:{password}@127.0.0.1:{settings.sample_imap_port}/INBOX",
            "ECOUTE_SMTP_URL": f"smtp://127.0.0.1:{settings.sample_smtp_port}",
        }
        found.append(Program("boite-exemple", _sample_mailbox(settings), env | {"MAIL_PASSWORD": password}))
    scripts = Path(sys.executable).parent
    web = [str(scripts / "uvicorn"), "--factory", "ecoute.serve:build_app", "--host", settings.host, "--port", str(settings.web_port)]
    found.append(Program("web", web, env))
    if settings.imap_url or sample:
        found.append(Program("tri", [str(scripts / "ecoute"), "triage", "run"], env))
    if (settings.models / "bot.tar.gz").exists():
        rasa = [str(settings.bot_python), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(settings.rasa_port)]
        files = ["--model", str(settings.models / "bot.tar.gz"), "--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml"]
        found.append(Program("actions", [sys.executable, "-m", "ecoute.actions"], env))
        found.append(Program("rasa", [*rasa, *files], bot_environment(settings)))
    return found


def _sample_mailbox(settings: Settings) -> list[str]:
    ports = ["--imap-port", settings.sample_imap_port, "--smtp-port", settings.sample_smtp_port, "--http-port", settings.sample_http_port]
    program = str(Path(sys.executable).parent / "mail_devel")
    return [program, "--host", "127.0.0.1", "--user", sample_content.MAILBOX, "--multi-user", *map(str, ports)]


async def _run(settings: Settings, sample: bool) -> None:
    supervisor = Supervisor(programs(settings, sample), settings.var / "log", ROOT)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, supervisor.stop)
    running = asyncio.create_task(supervisor.run())
    print("Démarrage…", flush=True)
    told = asyncio.create_task(_tell(settings, sample))
    await running
    told.cancel()
    print("Tout est arrêté.", flush=True)


async def _tell(settings: Settings, sample: bool) -> None:
    """Waits for the site, delivers the sample mails, then prints where to go."""
    site = f"http://{settings.host}:{settings.web_port}"
    async with httpx.AsyncClient() as client:
        for _ in range(READY_SECONDS * 2):
            try:
                if (await client.get(f"{site}/sante")).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.5)
    if sample and not settings.imap_url:
        await asyncio.to_thread(sample_content.deliver_mails, settings)
        print(f"Boîte d'exemple : http://127.0.0.1:{settings.sample_http_port}")
    print(f"Site : {site}\nConsole : {site}/console\nRésultats : {site}/qualite", flush=True)
    accounts = sample_content.accounts_file(settings)
    if accounts.exists():
        print(accounts.read_text().strip(), flush=True)
