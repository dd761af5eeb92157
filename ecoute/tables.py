"""All tables of all features: what migrations must come to."""

from conversations.tables import AgentPresenceRow, ConversationMessageRow, ConversationRow, ConversationStepRow
from desk.tables import AnswerLeaseRow, CorrectionRow, ItemChangeRow, ItemViewRow, SavedFilterRow
from dossiers.store import DossierRow, IdentityCodeRow
from quality.survey import SurveyAnswerRow
from store.base import Base
from triage.search_table import ItemWordsRow
from triage.tables import FeedbackItemRow, FeedbackLabelRow, MailLedgerRow, RawMessageRow
from web.accounts.store import AgentAccountRow

TABLES = (
    *(DossierRow, IdentityCodeRow),
    *(RawMessageRow, FeedbackItemRow, FeedbackLabelRow, MailLedgerRow),
    *(ConversationRow, ConversationMessageRow, ConversationStepRow, AgentPresenceRow),
    *(ItemWordsRow, ItemChangeRow, CorrectionRow, SavedFilterRow, ItemViewRow, AnswerLeaseRow),
    *(AgentAccountRow, SurveyAnswerRow),
)

metadata = Base.metadata
