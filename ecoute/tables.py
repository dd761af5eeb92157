"""All tables of all features: what migrations must come to."""

from conversations.tables import AgentPresenceRow, ConversationMessageRow, ConversationRow, ConversationStepRow
from desk.answer_tables import AnswerDraftRow, ItemNoteRow, NoteMentionRow, SentAnswerRow
from desk.editing_store import ContentVersionRow
from desk.learning_tables import ModelChangeRow, ModelTrainingRow, ModelWatchRow
from desk.sharing_tables import AbsenceRow, AgentSharingRow, GivenBackRow, QueueSharingRow
from desk.tables import AnswerLeaseRow, CorrectionRow, ItemChangeRow, ItemViewRow, SavedFilterRow
from dossiers.store import DossierRow, IdentityCodeRow
from history.store import HistoryRow
from outbox.tables import OutboxFileRow, OutboxRow
from quality.survey import SurveyAnswerRow
from store.base import Base
from triage.search_table import ItemWordsRow
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
    *(ItemWordsRow, ItemChangeRow, CorrectionRow, SavedFilterRow, ItemViewRow, AnswerLeaseRow),
    *(AnswerDraftRow, SentAnswerRow, ItemNoteRow, NoteMentionRow),
    *(QueueSharingRow, AgentSharingRow, AbsenceRow, GivenBackRow),
    ContentVersionRow,
    *(ModelTrainingRow, ModelChangeRow, ModelWatchRow),
    *(AgentAccountRow, SurveyAnswerRow, HistoryRow),
)

metadata = Base.metadata
