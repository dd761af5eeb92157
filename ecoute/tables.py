"""All tables of all features: what migrations must come to."""

from dossiers.store import DossierRow, IdentityCodeRow
from store.base import Base
from triage.tables import FeedbackItemRow, FeedbackLabelRow, MailLedgerRow, RawMessageRow
from web.accounts.store import AgentAccountRow
from web.chat.store import ConversationRow

TABLES = (DossierRow, IdentityCodeRow, RawMessageRow, FeedbackItemRow, FeedbackLabelRow, MailLedgerRow, AgentAccountRow, ConversationRow)

metadata = Base.metadata
