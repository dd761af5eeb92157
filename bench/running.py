"""Processes that are measured: trained, started, weighed, ended. Linux only: it reads /proc."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1_000_000
STOP_SECONDS = 10


class Ended(RuntimeError):
    """A process that should run has ended, or one that should succeed has failed."""


@dataclass(frozen=True)
class Weight:
    """Of a process and those it started: seconds of processors so far, resident memory in megabytes."""

    cpu: float
    memory: float


@dataclass(frozen=True)
class Running:
    """A process that runs, first of a group of its own. `started`: on the clock of time.perf_counter."""

    process: "subprocess.Popen[bytes]"
    log: Path
    started: float

    def check(self) -> None:
        """Raises Ended when it runs no more."""
        if self.process.poll() is not None:
            raise Ended(f"ended with status {self.process.returncode}; its log: {self.log}")

    def weigh(self) -> Weight:
        """What it takes now. Raises Ended."""
        self.check()
        tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
        cpu = memory = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                # The name of the program, in brackets, may hold spaces.
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended meanwhile
            if int(fields[2]) == self.process.pid:
                cpu += int(fields[11]) + int(fields[12])
                memory += int(fields[21])
        return Weight(cpu / tick, memory * page / MEGABYTE)


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> Iterator[Running]:
    """Runs a command until the block ends; then all that it started ends.

    It stays in our session: Linux shares the processors out by session, and who asks and who answers must be served alike.
    """
    with log.open("ab") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=dict(env), cwd=cwd, stdout=out, stderr=out, process_group=0)  # noqa: S603 - ours
    try:
        yield Running(process, log, started)
    finally:
        _end(process)


def run_to_end(command: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> dict[str, float]:
    """Runs a command: `wall` and `cpu` in seconds, most `memory` in megabytes. Raises Ended when it fails."""
    with running(command, env, cwd, log) as run:
        _, status, usage = os.wait4(run.process.pid, 0)
        wall = time.perf_counter() - run.started
        run.process.returncode = os.waitstatus_to_exitcode(status)
        if run.process.returncode:
            run.check()
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * 1024 / MEGABYTE}


def _end(process: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sign)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
