"""All tables of all features: what migrations must come to."""

from conversations.tables import AgentPresenceRow, ConversationMessageRow, ConversationRow, ConversationStepRow
from dossiers.store import DossierRow, IdentityCodeRow
from history.store import HistoryRow
from outbox.tables import OutboxFileRow, OutboxRow
from quality.survey import SurveyAnswerRow
from store.base import Base
from triage.tables import (
    AttachmentFileRow,
    ExchangeRow,
    FeedbackItemRow,
    FeedbackLabelRow,
    FeedbackOriginRow,
    MailLedgerRow,
    RawMessageRow,
)
from web.accounts.tables import AgentAccountRow

TABLES = (
    *(DossierRow, IdentityCodeRow),
    *(RawMessageRow, FeedbackItemRow, FeedbackLabelRow, ExchangeRow, MailLedgerRow, AttachmentFileRow, FeedbackOriginRow),
    *(OutboxRow, OutboxFileRow),
    *(ConversationRow, ConversationMessageRow, ConversationStepRow, AgentPresenceRow),
    *(AgentAccountRow, SurveyAnswerRow, HistoryRow),
)

metadata = Base.metadata
