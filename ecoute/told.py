"""Errors of commands, told in one clear line with exit status 1."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from ecoute.training import TrainingFailed
from triage.errors import (
    MailboxLost,
    MailboxRefused,
    ModelMissing,
    NothingToReturnTo,
    RoutingError,
    TrainingRuns,
    UnknownVersion,
)

_MODELS = (ModelMissing, UnknownVersion, NothingToReturnTo, TrainingRuns, TrainingFailed)


@contextmanager
def told() -> Iterator[None]:
    """Turns our own errors and those of files and links into their sentence."""
    try:
        yield
    except (*_MODELS, RoutingError, ValueError, MailboxLost, MailboxRefused, OSError) as error:
        fail(str(error) or (type(error).__doc__ or type(error).__name__))


def fail(message: str) -> NoReturn:
    """Says what is wrong and ends."""
    typer.echo(message, err=True)
    sys.exit(1)
