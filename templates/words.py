"""Names of the field's keys (categories, urgencies, views …) in the reader's language.

`N_` marks a text for extraction; the filters look it up when a page is made. An unknown key, such
as a category of a later version, is shown as it is.
"""

from collections.abc import Callable


def N_(text: str) -> str:  # noqa: N802  # gettext's own name for "translate later"
    """Marks a text that is translated where it is shown."""
    return text


CATEGORIES = {
    "account": N_("Account"),
    "payment": N_("Payment"),
    "refund": N_("Refund"),
    "security": N_("Security"),
    "feedback": N_("Feedback"),
    "general": N_("General"),
    "spam": N_("Spam"),
    "untagged": N_("Not tagged"),
}
URGENCIES = {
    "low": N_("Low"),
    "normal": N_("Normal"),
    "high": N_("High"),
    "critical": N_("Critical"),
}
TONES = {"praise": N_("Praise"), "angry": N_("Sounds angry")}
CHANNELS = {
    "email": N_("E-mail"),
    "facebook": N_("Facebook Page"),
    "wechat": N_("WeChat"),
    "webhook": N_("Webhook"),
    "demo": N_("Demo"),
    "inapp": N_("In-app support"),
    "phone": N_("Phone"),
}
VIEWS = {
    "due": N_("Due first"),
    "mine": N_("Mine"),
    "unassigned": N_("Unassigned"),
    "waiting": N_("Waiting"),
    "snoozed": N_("Snoozed"),
    "resolved": N_("Resolved"),
    "spam": N_("Spam"),
    "all": N_("All"),
}
GROUPS = {
    "critical": N_("Critical"),
    "late": N_("Overdue"),
    "soon": N_("Due in 2 hours"),
    "today": N_("Today"),
    "tomorrow": N_("Tomorrow"),
    "later": N_("Later"),
    "back": N_("Back to do"),
    "third": N_("Waiting on others"),
    "wait": N_("Waiting on customer"),
    "snoozed": N_("Snoozed"),
    "spam": N_("Spam"),
    "done": N_("Resolved"),
    "found": N_("Found, newest first"),
}
KINDS = {
    "dm": N_("direct message"),
    "mention": N_("public mention"),
    "comment": N_("public comment"),
    "email": N_("e-mail"),
    "form": N_("form"),
    "inapp": N_("message in the app"),
    "call": N_("phone call"),
    "webhook": N_("webhook message"),
}
REASONS = {
    "thanks": N_("Only thanks or a reaction"),
    "elsewhere": N_("Answered in another place"),
    "duplicate": N_("The same matter is open elsewhere"),
    "spam": N_("Spam"),
    "other": N_("Another reason"),
}
"""Why a message needs no reply: the keys that POST /excuse and /resolve accept as `reason`."""
TOLD_AS = {
    "assignee": N_("it is yours"),
    "lead": N_("you lead now"),
    "wide": N_("told to all leads and admins"),
}
"""Why somebody is warned, as they read it."""
TOLD_TO = {
    "assignee": N_("whose it is"),
    "lead": N_("the lead on duty"),
    "wide": N_("all leads and admins"),
}
"""The same as others read it."""
HOOK_EVENTS = {
    "message.received": N_("a customer wrote"),
    "conversation.assigned": N_("a conversation was given to somebody"),
    "conversation.resolved": N_("a conversation was resolved"),
    "conversation.reopened": N_("a conversation is open again"),
    "reply.sent": N_("an answer was sent"),
    "reply.failed": N_("an answer did not leave"),
    "turn.warning": N_("a wait goes long"),
    "turn.breached": N_("a wait is past due"),
    "account.down": N_("an account does not deliver"),
    "account.up": N_("an account delivers again"),
    "webhook.test": N_("a test"),
}
HOOK_FORMS = {
    "standard": N_("signed JSON"),
    "slack": N_("a line for a chat (Slack’s form)"),
}
HOOK_STATES = {
    "waiting": N_("leaves soon"),
    "sending": N_("being sent"),
    "delivered": N_("taken"),
    "failed": N_("given up"),
}
FINDINGS = {
    "card": N_("Card number masked"),
    "code": N_("Code masked"),
    "seed": N_("Recovery words masked"),
    "impostor": N_("Possible impostor"),
}
STREAMS = {
    "comments": N_("comments"),
    "conversations": N_("conversations"),
    "dms": N_("direct messages"),
    "held": N_("comments held for review"),
    "inbox": N_("inbox"),
    "mentions": N_("mentions"),
    "messages": N_("messages"),
    "modmail": N_("mail to the moderators"),
    "notifications": N_("notifications"),
    "own": N_("own comments"),
    "posts": N_("posts in the subreddit"),
    "replies": N_("own posts and answers"),
    "search": N_("search"),
    "sent": N_("sent mail"),
    "subreddit": N_("comments in the subreddit"),
    "updates": N_("messages"),
}
"""What accounts are asked for, by the connectors' own names."""
ROLES = {
    "agent": N_("Agent"),
    "lead": N_("Lead"),
    "admin": N_("Admin"),
    "auditor": N_("Auditor"),
}

POLICIES = {
    "critical": N_("Critical, internal"),
    "social": N_("Social media"),
    "email": N_("E-mail"),
    "form": N_("Website form"),
    "in-app": N_("In-app support"),
    "in-app-kind": N_("In-app messages of other channels"),
    "phone": N_("Phone"),
    "phone-call": N_("Calls of other channels"),
    "refund-review": N_("Refund review"),
}

CONDITIONS = {
    "channels": N_("Channel"),
    "kinds": N_("Kind of message"),
    "categories": N_("Category"),
    "urgencies": N_("Urgency"),
    "contact_tags": N_("Tag of the customer"),
}
"""What a policy is matched on."""
ALIKE = {
    "id": N_("the same id on the platform"),
    "email": N_("the same e-mail address"),
    "handle": N_("the same handle on two platforms"),
    "name": N_("the same name, the same language"),
}
"""What speaks for it that two customers are one person."""
DAYS = {
    "holiday": N_("public holiday"),
    "make-up": N_("make-up workday"),
    "team": N_("the team’s own day"),
}
WORKING_DAYS = N_("working days")
"""The calendar that an installation begins with."""
HOURS = {"open": N_("the whole day"), "closed": N_("closed")}

LEVELS = {
    "stale": N_("stale"),
    "alarm": N_("alarm"),
    "critical": N_("critical"),
}
"""How bad a silence of an account was."""
ACTS = {
    "hide": N_("Hide"),
    "unhide": N_("Show again"),
    "like": N_("Like"),
    "unlike": N_("Take the like back"),
    "delete": N_("Delete"),
    "block": N_("Block this person"),
    "unblock": N_("Unblock this person"),
    "mute": N_("Mute this person"),
    "unmute": N_("Unmute this person"),
    "report": N_("Report to the platform"),
}
STATES = {
    "open": N_("open"),
    "waiting": N_("waiting on the customer"),
    "third": N_("waiting on others"),
    "snoozed": N_("snoozed"),
    "resolved": N_("resolved"),
    "spam": N_("spam"),
}
STEPS = {
    "excuse": N_("No reply needed"),
    "customer": N_("Waiting on the customer"),
    "third": N_("Waiting on others"),
    "snooze": N_("Snoozed"),
    "resolve": N_("Resolved"),
    "spam": N_("Marked as spam"),
    "reopen": N_("Brought back by hand"),
    "wake": N_("Back from a snooze"),
}
"""What was done with a conversation."""
MOMENTS = {
    "later": N_("Later today"),
    "tomorrow": N_("Tomorrow"),
    "monday": N_("Monday"),
}
MARKS = {
    "hidden": N_("hidden"),
    "liked": N_("liked"),
    "blocked": N_("blocked"),
    "muted": N_("muted"),
    "reported": N_("reported"),
}
"""What moderation did to a message or its author."""
MODELS = {
    "shipped": N_("shipped"),
    "candidate": N_("candidate"),
    "serving": N_("serving"),
    "earlier": N_("earlier"),
    "refused": N_("refused"),
}
"""What became of a version of the classifier."""

NO_REPLY = {
    "imported": N_("This account was imported. Connect it to answer from here."),
    "paused": N_("This account is paused. Resume it to answer."),
    "revoked": N_("The platform refused the account’s credentials. Connect it again to answer."),
    "reader": N_("You may read here, not answer."),
}
"""Why a conversation has no composer: an account's state, or the reader's role."""

SCOPES = {
    "conversations:read": N_("Read conversations, their files, and the outbox"),
    "conversations:write": N_("Answer, assign, end waits, correct tags"),
    "reports:read": N_("Read reports"),
    "reports:write": N_("Share reports, change who gets them"),
    "accounts:read": N_("See accounts and how they deliver"),
    "accounts:write": N_("Pause and resume accounts"),
    "classifier:read": N_("Classify texts, see the classifier’s versions"),
    "people:read": N_("See who is in the team"),
    "people:write": N_("Change teams"),
    "webhooks:read": N_("See outgoing webhooks and what was sent"),
    "webhooks:write": N_("Add, pause, try out and remove outgoing webhooks"),
    "roster:read": N_("Read the roster: shifts, absences, swaps, who is on duty"),
    "roster:write": N_("Change the roster, as far as the person may"),
    "rules:read": N_("Read and try routing rules"),
    "rules:write": N_("Change routing rules"),
    "answers:read": N_("Read canned answers"),
    "answers:write": N_("Write canned answers, as far as the person may"),
    "audit:read": N_("Read the audit log"),
}


PRESENCES = {
    "online": N_("online"),
    "away": N_("away"),
    "offline": N_("offline"),
}
"""Whether somebody is there."""


RULE_PARTS = {
    "channels": N_("Channel"),
    "accounts": N_("Connected account"),
    "categories": N_("Category"),
    "urgencies": N_("Urgency"),
    "languages": N_("Language"),
    "words": N_("Words"),
    "contact_tags": N_("Tag of the customer"),
    "findings": N_("Found"),
    "vip": N_("VIP only"),
    "not_vip": N_("not VIP"),
    "off_duty": N_("nobody is on duty"),
    "on_duty": N_("somebody is on duty"),
    "hours": N_("Hours"),
    "unseen": N_("on accounts of other teams"),
    "assign": N_("give it to"),
    "notify": N_("tell"),
    "category": N_("category"),
    "urgency": N_("urgency"),
    "policy": N_("promise by"),
    "tag_contact": N_("tag the customer"),
    "acknowledge": N_("acknowledge"),
    "hide": N_("hide it"),
}
"""What a routing rule asks and does."""

ACT_NOUNS = {
    "account": N_("Account"),
    "answer": N_("Canned answer"),
    "contact": N_("Customer"),
    "conversation": N_("Conversation"),
    "job": N_("Job"),
    "macro": N_("Macro"),
    "surge": N_("Many at once"),
    "team": N_("Team"),
    "token": N_("API token"),
    "transfer": N_("Transfer"),
    "user": N_("Person"),
    "webhook": N_("Webhook"),
    **{"invitation": N_("Invitation"), "policies": N_("Policies"), "rules": N_("Rules")},
    **{"calendar": N_("Calendar"), "roster": N_("Roster"), "absence": N_("Absence")},
    **{"swap": N_("Swap"), "brand": N_("Brand"), "view": N_("View"), "playbook": N_("Playbook")},
    **{"message": N_("Message"), "outbox": N_("Answer"), "template": N_("Complaint rule")},
    **{"training": N_("Training"), "model": N_("Version"), "roster_link": N_("Calendar link")},
    "roster_import": N_("Calendar file"),
    **{"report_recipient": N_("Reader of reports"), "report_mail": N_("Mail of a report")},
    **{"report_link": N_("Link to a report"), "edition": N_("Edition of a report")},
}
"""What an act was about. What is not here is named as programs know it."""

ACT_KINDS = {
    "people": N_("People and teams"),
    "sign_in": N_("Passwords and sign-in"),
    "programs": N_("Tokens and webhooks"),
    "accounts": N_("Accounts"),
    "data": N_("Import and export"),
    "settings": N_("Settings and rules"),
    "classifier": N_("Classifier"),
    "roster": N_("Roster and presence"),
    "texts": N_("Canned answers and macros"),
    "replies": N_("Answers to customers"),
    "conversations": N_("Conversations"),
    "messages": N_("Messages on platforms"),
    "customers": N_("Customers"),
}
"""What one looks for in the audit log (`domain.acts`)."""


def _reason(gettext: Callable[[str], str], text: str) -> str:
    """A key of `REASONS`, alone or followed by words of the person who gave it."""
    key, colon, more = text.partition(": ")
    if key in REASONS:
        return gettext(REASONS[key]) + colon + more
    return gettext(text) if text else ""


def _says(table: dict[str, str]) -> Callable[[Callable[[str], str], str], str]:
    return lambda gettext, key: gettext(table.get(key, key)) if key else ""


FILTERS: dict[str, Callable[[Callable[[str], str], str], str]] = {
    "category": _says(CATEGORIES),
    "urgency": _says({"untagged": CATEGORIES["untagged"], **URGENCIES}),
    "tone": _says(TONES),
    "channel": _says(CHANNELS),
    "view": _says(VIEWS),
    "group": _says(GROUPS),
    "kind": _says(KINDS),
    "stream": _says(STREAMS),
    "reason": _reason,
    "finding": _says(FINDINGS),
    "role": _says(ROLES),
    "presence": _says(PRESENCES),
    "rule_part": _says(RULE_PARTS),
    "told_as": _says(TOLD_AS),
    "hook_event": _says(HOOK_EVENTS),
    "hook_form": _says(HOOK_FORMS),
    "hook_state": _says(HOOK_STATES),
    "told_to": _says(TOLD_TO),
    "policy": _says(POLICIES),
    "act_kind": _says(ACT_KINDS),
    "act_noun": _says(ACT_NOUNS),
    "no_reply": _says(NO_REPLY),
    "condition": _says(CONDITIONS),
    "alike": _says(ALIKE),
    "day_kind": _says(DAYS),
    "hours": _says(HOURS),
    "level": _says(LEVELS),
    "act": _says(ACTS),
    "mark": _says(MARKS),
    "state": _says(STATES),
    "step": _says(STEPS),
    "moment": _says(MOMENTS),
    "model": _says(MODELS),
    "scope": _says(SCOPES),
}
"""Filter name → (gettext, key) → text."""
