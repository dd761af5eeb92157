"""Runs the processes of the system together: starts them, shows what they say, starts again one that falls, stops them all."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 10
MAX_WAIT_SECONDS = 30


@dataclass(frozen=True)
class Program:
    """A process to keep running. `env` is the whole environment."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


class Supervisor:
    """Keeps programs running until `stop` is called. Their output goes to one log file each."""

    def __init__(self, programs: Sequence[Program], logs: Path, cwd: Path, say: Callable[[str], None] = print) -> None:
        self._programs, self._logs, self._cwd, self._say = programs, logs, cwd, say
        self._stopping = asyncio.Event()
        self.restarts: dict[str, int] = {program.name: 0 for program in programs}

    def stop(self) -> None:
        """Asks every process to end."""
        self._stopping.set()

    async def run(self) -> None:
        """Returns when `stop` was called and every process has ended."""
        self._logs.mkdir(parents=True, exist_ok=True)
        async with asyncio.TaskGroup() as group:
            for program in self._programs:
                group.create_task(self._keep(program))

    async def _keep(self, program: Program) -> None:
        wait = 1.0
        while not self._stopping.is_set():
            started = asyncio.get_running_loop().time()
            await self._run_once(program)
            if asyncio.get_running_loop().time() - started > 60:
                wait = 1.0
            if self._stopping.is_set():
                return
            self.restarts[program.name] += 1
            self._say(f"« {program.name} » s'est arrêté ; reprise dans {wait:.0f} s (journal : {self._logs / program.name}.log)")
            try:
                await asyncio.wait_for(self._stopping.wait(), wait)
            except TimeoutError:
                wait = min(wait * 2, MAX_WAIT_SECONDS)

    async def _run_once(self, program: Program) -> None:
        with (self._logs / f"{program.name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.command, cwd=self._cwd, env=dict(program.env), stdout=log, stderr=log, start_new_session=True
            )
            ended = asyncio.create_task(process.wait())
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not ended.done():
                await _end(process, ended)


async def _end(process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> None:
    """Asks politely, then insists; the whole group, since Rasa and Sanic start children."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            await asyncio.wait_for(asyncio.shield(ended), STOP_SECONDS)
        except ProcessLookupError:
            break
        except TimeoutError:
            continue
        else:
            break
    await ended
