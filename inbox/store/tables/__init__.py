"""All tables, by name."""

from inbox.store.tables.accounts import (
    Account,
    Brand,
    Cursor,
    HookEvent,
    OAuthStart,
    Outage,
    Quarantine,
    Reads,
    Reconciliation,
)
from inbox.store.tables.api import ApiAnswer, ApiToken
from inbox.store.tables.base import Base
from inbox.store.tables.clock import CalendarVersion, PolicyVersion, Step, TurnRow
from inbox.store.tables.contacts import ContactNote, ContactTag
from inbox.store.tables.conversations import (
    Contact,
    ContactAlias,
    Conversation,
    Happening,
    Message,
    MessageVersion,
    Tagging,
    ThreadAlias,
)
from inbox.store.tables.files import File, FileContent
from inbox.store.tables.learning import ModelVersion, Training
from inbox.store.tables.outbox import Reply
from inbox.store.tables.people import (
    Audit,
    Invitation,
    Letter,
    OneTimeLink,
    RecoveryCode,
    Throttle,
    User,
    UserSession,
)
from inbox.store.tables.reports import Edition, Event, ReportMail
from inbox.store.tables.search import ContactSearch, MessageSearch

__all__ = [
    "Account",
    "ApiAnswer",
    "ApiToken",
    "Audit",
    "Base",
    "Brand",
    "CalendarVersion",
    "Contact",
    "ContactAlias",
    "ContactNote",
    "ContactSearch",
    "ContactTag",
    "Conversation",
    "Cursor",
    "Edition",
    "Event",
    "File",
    "FileContent",
    "Happening",
    "HookEvent",
    "Invitation",
    "Letter",
    "Message",
    "MessageSearch",
    "MessageVersion",
    "ModelVersion",
    "OAuthStart",
    "OneTimeLink",
    "Outage",
    "PolicyVersion",
    "Quarantine",
    "Reads",
    "Reconciliation",
    "RecoveryCode",
    "Reply",
    "ReportMail",
    "Step",
    "Tagging",
    "ThreadAlias",
    "Throttle",
    "Training",
    "TurnRow",
    "User",
    "UserSession",
]
