"""Letting people in: password, then a code when there is a second factor, then the console. Every step renews the session's identifier."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from threading import BoundedSemaphore

from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from history.model import What
from history.store import note
from people.rights import Role
from store.engine import exclusive
from web.accounts import sessions as kept
from web.accounts import store
from web.accounts.model import MAX_PASSWORD, Rules, Stage, plain_login
from web.accounts.passwords import right_password
from web.accounts.seal import Seal
from web.accounts.second_factor import matching_step, new_secret
from web.accounts.sessions import Came
from web.accounts.tables import AgentAccountRow, AgentSessionRow, LoginFailureRow
from web.accounts.throttle import wait

WRONG = "L'identifiant ou le mot de passe ne convient pas. Vérifiez-les, puis recommencez."
WRONG_AGAIN = "Le mot de passe actuel ne convient pas. Vérifiez-le, puis recommencez."
WRONG_CODE = "Ce code ne convient pas. Attendez le suivant dans votre application, puis saisissez-le."
TOO_FAST = "Beaucoup de connexions ont lieu en même temps. Attendez quelques minutes, puis recommencez."
HASHING_SECONDS = 5.0
_hashing = BoundedSemaphore(2)
"""Checking a password takes 64 MiB and a core, by design: never many at once."""


class Refused(Exception):
    """The sign-in failed. `status`: HTTP status; the text is for the person; `seconds`: how long to wait."""

    def __init__(self, status: int, text: str, seconds: int = 0) -> None:
        super().__init__(text)
        self.status, self.seconds = status, seconds


class SignInOver(Exception):
    """The sign-in took too long, or never began."""


@dataclass(frozen=True)
class Entered:
    """A step done: the session's new token, what comes next, and the token of the browser once everything is done."""

    token: str
    stage: Stage
    role: Role
    device: str = ""


class Entrance:
    """Decides who comes in."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime], rules: Rules) -> None:
        self._sessions, self._clock, self.rules = sessions, clock, rules
        self._factor_seal = Seal(rules.secret, "second facteur")
        self._token_seal = Seal(rules.secret, "jeton d'identité")

    def now(self) -> datetime:
        """The present moment."""
        return self._clock()

    def by_password(self, login: str, password: str, came: Came) -> Entered:
        """The first step with a password. Raises Refused. A try counts as failed until it has succeeded: tries at once cannot outrun the wait."""
        now, login = self._clock(), plain_login(login)
        failure = self._prove(login, password, came, WRONG)
        with self._sessions.begin() as session:
            session.execute(delete(LoginFailureRow).where(LoginFailureRow.id == failure))
            account = store.find_account(session, login)
            if account is None or account.disabled:
                raise Refused(401, WRONG)
            kept.purge_sessions(session, now, self.rules.idle)
            return self.begin(session, account, came, False, "mot de passe")

    def ask_again(self, login: str, password: str, came: Came) -> None:
        """Asks somebody who has signed in for the password again, before what would lock them out. Raises Refused.

        Who has none, and signs in at the identity provider, is not asked.
        """
        with self._sessions() as session:
            account = store.find_account(session, login)
            if account is not None and not account.password_hash:
                return
        failure = self._prove(login, password, came, WRONG_AGAIN)
        with self._sessions.begin() as session:
            session.execute(delete(LoginFailureRow).where(LoginFailureRow.id == failure))

    def begin(self, session: Session, account: AgentAccountRow, came: Came, strong: bool, how: str, id_token: str | None = None) -> Entered:
        """What comes after who it is has been proved. `strong`: by two factors already; `how`: in words, for the history."""
        now = self._clock()
        sealed = self._token_seal.close(id_token, now) if id_token else None
        if strong or not (account.totp_secret or Role(account.role) in self.rules.second_factor):
            return self._let_in(session, account, came, how, sealed)
        stage = Stage.CODE if account.totp_secret else Stage.ENROL
        token = kept.open_session(session, account.id, now, self.rules.life, came, stage, sealed)
        return Entered(token, stage, Role(account.role))

    def by_code(self, token: str, code: str, came: Came) -> Entered:
        """The second step: a code of the application, or a recovery code. Raises Refused, SignInOver."""
        now = self._clock()
        with self._sessions.begin() as session:
            row, account = self.halfway(session, token, Stage.CODE)
            failure = self._count(session, account.login, came, account, now)
        with self._sessions.begin() as session:
            row, account = self.halfway(session, token, Stage.CODE)
            how = self._right_code(session, account, code, now)
            if how:
                session.execute(delete(LoginFailureRow).where(LoginFailureRow.id == failure))
                kept.close_session(session, token)
                return self._let_in(session, account, came, how, row.id_token)
            note(session, kept.agent_of(account), What.SIGN_IN_REFUSED, f"compte {account.login}", after="code faux", at=now)
        raise Refused(401, WRONG_CODE)

    def pending_secret(self, session: Session, account: AgentAccountRow) -> str:
        """The secret to show to somebody who sets up a second factor: the same until it is confirmed."""
        known = self._factor_seal.open(account.totp_pending) if account.totp_pending else None
        if known is None:
            known = new_secret()
            account.totp_pending = self._factor_seal.close(known, self._clock())
        return known

    def confirm_secret(self, session: Session, account: AgentAccountRow, code: str) -> list[str] | None:
        """Turns the second factor on when the code is of the secret shown; gives the recovery codes, else None."""
        now, secret = self._clock(), self.pending_secret(session, account)
        step = matching_step(secret, code, now, None)
        if step is None:
            return None
        before = "actif" if account.totp_secret else "aucun"
        account.totp_secret, account.totp_pending, account.totp_step = account.totp_pending, None, step
        codes = store.renew_recovery_codes(session, account)
        note(session, kept.agent_of(account), What.SECOND_FACTOR, f"compte {account.login}", before, "actif", at=now)
        return codes

    def by_enrolment(self, token: str, code: str, came: Came) -> tuple[Entered, list[str]]:
        """The second step for who had to set up a second factor first: recovery codes come with it. Raises Refused, SignInOver."""
        with self._sessions.begin() as session:
            row, account = self.halfway(session, token, Stage.ENROL)
            codes = self.confirm_secret(session, account, code)
            if codes is not None:
                kept.close_session(session, token)
                return self._let_in(session, account, came, "second facteur mis en place", row.id_token), codes
        raise Refused(401, WRONG_CODE)

    def halfway(self, session: Session, token: str, stage: Stage) -> tuple[AgentSessionRow, AgentAccountRow]:
        """The session of a sign-in that has come to this stage. Raises SignInOver."""
        found = kept.find_session(session, token, self._clock(), self.rules.idle)
        if found is None or found[0].stage != stage:
            raise SignInOver
        return found

    def id_token(self, sealed: str | None) -> str | None:
        """The identity provider's token of a session, to close it there."""
        return self._token_seal.open(sealed) if sealed else None

    def _prove(self, login: str, password: str, came: Came, wrong: str) -> int:
        """Id of the failure counted in advance, to forget: the password is right. Raises Refused, with the text `wrong` when it is not."""
        with self._sessions.begin() as session:
            account = store.find_account(session, login)
            failure = self._count(session, login, came, account, self._clock())
        if not _hashing.acquire(timeout=HASHING_SECONDS):
            raise Refused(429, TOO_FAST)
        try:
            right = right_password(password[:MAX_PASSWORD], account.password_hash if account else None)
        finally:
            _hashing.release()
        if not right or account is None or account.disabled:
            raise Refused(401, wrong)
        return failure

    def _let_in(self, session: Session, account: AgentAccountRow, came: Came, how: str, sealed: str | None) -> Entered:
        now = self._clock()
        known = kept.known_device(session, account.id, came.device)
        kept.forget_failures(session, account.login, came.network, known)
        device = kept.remember_device(session, account.id, came.device, now)
        token = kept.open_session(session, account.id, now, self.rules.life, came, Stage.OPEN, sealed)
        note(session, kept.agent_of(account), What.SIGNED_IN, f"compte {account.login}", after=how, at=now)
        return Entered(token, Stage.OPEN, Role(account.role), device)

    def _right_code(self, session: Session, account: AgentAccountRow, code: str, now: datetime) -> str:
        """How the second factor was proved, in words; empty when it was not."""
        secret = self._factor_seal.open(account.totp_secret) if account.totp_secret else None
        step = matching_step(secret, code, now, account.totp_step) if secret else None
        if step is not None and store.take_step(session, account, step):
            return "code de l'application"
        return "code de récupération" if store.use_recovery_code(session, account, code) else ""

    def _count(self, session: Session, login: str, came: Came, account: AgentAccountRow | None, now: datetime) -> int:
        """Id of the failure counted in advance. Raises Refused while there is to wait."""
        exclusive(session, f"login {login}")
        device = kept.known_device(session, account.id, came.device) if account else ""
        left = wait(login, came.network, device, kept.tries(session, login, came.network, now), now)
        if left > timedelta(0):
            raise Refused(429, f"Plusieurs essais ont échoué. Attendez {_told(left)}, puis recommencez.", ceil(left.total_seconds()))
        return kept.count_failure(session, login, came.network, device, now)


def _told(left: timedelta) -> str:
    seconds = ceil(left.total_seconds())
    if seconds < 60:
        return f"{seconds}\u00a0seconde{'s' if seconds > 1 else ''}"
    minutes = ceil(seconds / 60)
    return f"{minutes}\u00a0minute{'s' if minutes > 1 else ''}"
