"""All tables of all features: what migrations must come to."""

from conversations.tables import AgentPresenceRow, ConversationMessageRow, ConversationRow, ConversationStepRow
from dossiers.store import DossierRow, IdentityCodeRow
from quality.survey import SurveyAnswerRow
from store.base import Base
from triage.tables import AttachmentFileRow, FeedbackItemRow, FeedbackLabelRow, FeedbackOriginRow, MailLedgerRow, RawMessageRow
from web.accounts.store import AgentAccountRow

TABLES = (
    *(DossierRow, IdentityCodeRow),
    *(RawMessageRow, FeedbackItemRow, FeedbackLabelRow, MailLedgerRow, AttachmentFileRow, FeedbackOriginRow),
    *(ConversationRow, ConversationMessageRow, ConversationStepRow, AgentPresenceRow),
    *(AgentAccountRow, SurveyAnswerRow),
)

metadata = Base.metadata
