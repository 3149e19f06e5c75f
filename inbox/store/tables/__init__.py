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
from inbox.store.tables.acting import ActionRun, BulkJob, Macro
from inbox.store.tables.answers import CannedAnswer, CannedVersion
from inbox.store.tables.api import ApiAnswer, ApiToken
from inbox.store.tables.base import Base
from inbox.store.tables.case_clocks import CaseClockRow
from inbox.store.tables.clock import (
    CalendarVersion,
    PolicyVersion,
    Step,
    TeamCalendarVersion,
    TurnRow,
)
from inbox.store.tables.complaints import Complaint, ComplaintTemplate
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
from inbox.store.tables.hooks import HookDelivery, HookEndpoint, HookTry
from inbox.store.tables.learning import ModelVersion, Training
from inbox.store.tables.notices import Notice
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
from inbox.store.tables.playbooks import PlaybookRow, PlaybookTick, PlaybookVersion
from inbox.store.tables.reports import (
    Edition,
    Event,
    ReportDay,
    ReportLink,
    ReportMail,
    ReportMark,
    ReportRecipient,
)
from inbox.store.tables.roster import AbsenceRow, RosterImport, RosterLink, RosterVersion, SwapRow
from inbox.store.tables.rules import RuleRun, RuleVersion
from inbox.store.tables.search import ContactSearch, MessageSearch, NoteSearch
from inbox.store.tables.surges import Surge, SurgeMember
from inbox.store.tables.teams import TeamAccount, TeamMember, TeamRow
from inbox.store.tables.together import Draft, Follower, Note
from inbox.store.tables.transfers import Transfer
from inbox.store.tables.views import SavedView
from inbox.store.tables.warnings import TurnWarning

__all__ = [
    "AbsenceRow",
    "Account",
    "ActionRun",
    "ApiAnswer",
    "ApiToken",
    "Audit",
    "Base",
    "Brand",
    "BulkJob",
    "CalendarVersion",
    "CannedAnswer",
    "CannedVersion",
    "CaseClockRow",
    "Complaint",
    "ComplaintTemplate",
    "Contact",
    "ContactAlias",
    "ContactNote",
    "ContactSearch",
    "ContactTag",
    "Conversation",
    "Cursor",
    "Draft",
    "Edition",
    "Event",
    "File",
    "FileContent",
    "Follower",
    "Happening",
    "HookDelivery",
    "HookEndpoint",
    "HookEvent",
    "HookTry",
    "Invitation",
    "Letter",
    "Macro",
    "Message",
    "MessageSearch",
    "MessageVersion",
    "ModelVersion",
    "Note",
    "NoteSearch",
    "Notice",
    "OAuthStart",
    "OneTimeLink",
    "Outage",
    "PlaybookRow",
    "PlaybookTick",
    "PlaybookVersion",
    "PolicyVersion",
    "Quarantine",
    "Reads",
    "Reconciliation",
    "RecoveryCode",
    "Reply",
    "ReportDay",
    "ReportLink",
    "ReportMail",
    "ReportMark",
    "ReportRecipient",
    "RosterImport",
    "RosterLink",
    "RosterVersion",
    "RuleRun",
    "RuleVersion",
    "SavedView",
    "Step",
    "Surge",
    "SurgeMember",
    "SwapRow",
    "Tagging",
    "TeamAccount",
    "TeamCalendarVersion",
    "TeamMember",
    "TeamRow",
    "ThreadAlias",
    "Throttle",
    "Training",
    "Transfer",
    "TurnRow",
    "TurnWarning",
    "User",
    "UserSession",
]
