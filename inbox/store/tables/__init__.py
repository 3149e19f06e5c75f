"""All tables, by name."""

from inbox.store.tables.accounts import Account, Brand, Cursor, HookEvent, Quarantine
from inbox.store.tables.base import Base
from inbox.store.tables.clock import Step, TurnRow
from inbox.store.tables.conversations import (
    Contact,
    Conversation,
    Message,
    MessageVersion,
    Tagging,
    ThreadAlias,
)
from inbox.store.tables.files import File, FileContent
from inbox.store.tables.outbox import Reply
from inbox.store.tables.people import Audit, OneTimeLink, Throttle, User, UserSession
from inbox.store.tables.reports import Edition, Event, ReportMail

__all__ = [
    "Account",
    "Audit",
    "Base",
    "Brand",
    "Contact",
    "Conversation",
    "Cursor",
    "Edition",
    "Event",
    "File",
    "FileContent",
    "HookEvent",
    "Message",
    "MessageVersion",
    "OneTimeLink",
    "Quarantine",
    "Reply",
    "ReportMail",
    "Step",
    "Tagging",
    "ThreadAlias",
    "Throttle",
    "TurnRow",
    "User",
    "UserSession",
]
