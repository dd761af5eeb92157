"""What the page of a message shows of its answer, and what answering needs from outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy.orm import Session

from answers.templates import Templates
from desk import answering, notes
from desk.changes import Agent
from desk.forwarding import Directory
from desk.model import CHOSEN, WAIT, DraftState, Means, Outcome
from desk.promise import promised_day
from language.dates import in_words
from triage.correspondence import Correspondence
from triage.model import Kept, Letter
from triage.tables import FeedbackItemRow


@dataclass(frozen=True)
class Answering:
    """`letters`: how mails go, None when there is no way; `signature(agent's name)`: under each mail; `logins`: numbers of agents by login;
    `receive` keeps a letter in the queues; `directory`: to whom messages are passed on."""

    letters: Correspondence | None
    templates: Templates
    signature: Callable[[str], str]
    logins: Callable[[Session], Mapping[str, int]]
    receive: Callable[[Letter], Kept]
    directory: Directory

    def can_send(self) -> bool:
        """Whether a mail would go."""
        return self.letters is not None and self.letters.can_send

    def values(self, item: FeedbackItemRow, agent: Agent, now: datetime) -> dict[str, str]:
        """Values of the variables of templates; one that has none today is left out."""
        told = {
            "reference": item.reference,
            "nom": item.sender_name,
            "objet": item.subject,
            "recu_le": in_words(item.received_at.astimezone(now.tzinfo).date()),
            "signature": self.signature(agent.name),
            "date_limite": in_words(item.due_on, weekday=True) if item.due_on and item.due_on >= now.date() else "",
        }
        return self.templates.values({name: value for name, value in told.items() if value})


def view(
    session: Session, tools: Answering, item: FeedbackItemRow, agent: Agent, may_validate: bool, now: datetime, tried: bool
) -> dict[str, Any]:
    """What the page shows. `tried`: sending was just refused, what is missing is said."""
    said = answering.said_so_far(session, item, agent.id, now)
    draft = answering.draft(session, item.id)
    means = Means(draft.means) if draft else answering.usual_means(item)
    text = draft.text if draft else ""
    promise = promised_day(text or answering.last_promise(said), now.date())
    slugs = [label.slug for label in item.labels]
    merged = session.get(FeedbackItemRow, item.merged_into_id) if item.merged_into_id else None
    return {
        "said": said,
        "draft": draft,
        "draft_text": text,
        "means": means,
        "all_means": [one for one in CHOSEN if one is not Means.MAIL or item.sender_email],
        "faults": answering.faults(item, draft, tools.can_send(), may_validate) if tried else [],
        "proposed": tools.templates.suited(item.kind, slugs, item.sentiment),
        "others": tools.templates.others(item.kind, slugs, item.sentiment),
        "similar": answering.similar(session, item),
        "signature": tools.signature(agent.name),
        "token": token_hex(16),
        "promise": promise if promise and (promise != item.due_on or not item.promised) else None,
        "reminder": now.date() + WAIT,
        "tomorrow": now.date() + timedelta(days=1),
        "may_validate": may_validate,
        "to_validate": draft is not None and draft.state != DraftState.DRAFT,
        "logins": sorted(tools.logins(session)),
        "notes": notes.of_item(session, item.id),
        "outcomes": list(Outcome),
        "merged_into": merged,
        "came_back": bool(said) and not said[-1].ours and item.status == "open",
    }
