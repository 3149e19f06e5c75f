"""Who may do what: the one table of every route (law 12).

Roles: `anonymous` is anyone who is not signed in. What a signed-in person may not see answers 404;
who is not signed in is led to the sign-in. A route that is not listed here stops the start.
"""

from collections.abc import Iterable
from dataclasses import dataclass

ANONYMOUS = "anonymous"
READERS = frozenset({"agent", "lead", "admin", "auditor"})
WRITERS = READERS - {"auditor"}
LEADS = frozenset({"lead", "admin"})
ADMINS = frozenset({"admin"})
EVERYONE = READERS | {ANONYMOUS}

PERMISSIONS: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/healthz"): EVERYONE,
    ("GET", "/static/{path:path}"): EVERYONE,
    ("GET", "/hooks/{channel}/{key}"): EVERYONE,
    ("POST", "/hooks/{channel}/{key}"): EVERYONE,
    ("GET", "/setup"): EVERYONE,
    ("POST", "/setup"): EVERYONE,
    ("GET", "/setup/{token}"): EVERYONE,
    ("POST", "/setup/{token}"): EVERYONE,
    ("GET", "/sign-in"): EVERYONE,
    ("POST", "/sign-in"): EVERYONE,
    ("GET", "/sign-in/code"): EVERYONE,
    ("POST", "/sign-in/code"): EVERYONE,
    ("GET", "/forgot"): EVERYONE,
    ("POST", "/forgot"): EVERYONE,
    ("GET", "/reset/{token}"): EVERYONE,
    ("POST", "/reset/{token}"): EVERYONE,
    ("GET", "/join/{token}"): EVERYONE,
    ("POST", "/join/{token}"): EVERYONE,
    ("POST", "/sign-out"): READERS,
    ("POST", "/me"): READERS,
    ("GET", "/me"): READERS,
    ("POST", "/me/name"): READERS,
    ("POST", "/me/password"): READERS,
    ("GET", "/me/two-step"): READERS,
    ("POST", "/me/two-step/begin"): READERS,
    ("POST", "/me/two-step/confirm"): READERS,
    ("POST", "/me/two-step/codes"): READERS,
    ("POST", "/me/two-step/off"): READERS,
    ("POST", "/me/sessions/end"): READERS,
    ("POST", "/me/sessions/end-others"): READERS,
    ("GET", "/"): READERS,
    ("GET", "/events"): READERS,
    ("GET", "/conversations.csv"): READERS,
    ("GET", "/conversations/{id}"): READERS,
    ("POST", "/conversations/{id}/reply"): WRITERS,
    ("POST", "/conversations/{id}/assign"): WRITERS,
    ("POST", "/conversations/{id}/release"): WRITERS,
    ("POST", "/conversations/{id}/excuse"): WRITERS,
    ("POST", "/conversations/{id}/resolve"): WRITERS,
    ("POST", "/conversations/{id}/tags"): WRITERS,
    ("GET", "/files/{id}"): READERS,
    ("GET", "/files/{id}/preview"): READERS,
    ("POST", "/outbox/{id}/look"): WRITERS,
    ("POST", "/outbox/{id}/arrived"): WRITERS,
    ("POST", "/outbox/{id}/resend"): WRITERS,
    ("POST", "/outbox/{id}/undo"): WRITERS,
    ("POST", "/outbox/{id}/now"): WRITERS,
    ("POST", "/outbox/{id}/later"): WRITERS,
    ("POST", "/answers/leaving"): ADMINS,
    ("POST", "/outbox/{id}/skip"): WRITERS,
    ("POST", "/outbox/{id}/drop"): WRITERS,
    ("GET", "/reports"): READERS,
    ("GET", "/reports/{day}"): READERS,
    ("GET", "/accounts"): READERS,
    ("GET", "/accounts/{id}"): READERS,
    ("GET", "/accounts/new"): ADMINS,
    ("GET", "/accounts/new/{channel}"): ADMINS,
    ("POST", "/accounts/new/{channel}"): ADMINS,
    ("GET", "/accounts/oauth/callback"): ADMINS,
    ("GET", "/accounts/{id}/credentials"): ADMINS,
    ("POST", "/accounts/{id}/credentials"): ADMINS,
    ("GET", "/accounts/{id}/settings"): ADMINS,
    ("POST", "/accounts/{id}/settings"): ADMINS,
    ("POST", "/accounts/{id}/pause"): ADMINS,
    ("POST", "/accounts/{id}/resume"): ADMINS,
    ("GET", "/accounts/{id}/check"): ADMINS,
    ("POST", "/accounts/{id}/check"): ADMINS,
    ("GET", "/accounts/{id}/subscribe"): ADMINS,
    ("POST", "/accounts/{id}/subscribe"): ADMINS,
    ("POST", "/accounts/{id}/compare"): ADMINS,
    ("POST", "/messages/{id}/{act}"): WRITERS,
    ("POST", "/conversations/{id}/case"): WRITERS,
    ("POST", "/conversations/{id}/alone"): WRITERS,
    ("POST", "/conversations/{id}/case/undo"): WRITERS,
    ("POST", "/conversations/{id}/state"): WRITERS,
    ("POST", "/conversations/{id}/undo"): WRITERS,
    ("POST", "/conversations/{id}/complaint"): WRITERS,
    ("POST", "/conversations/{id}/complaint/undo"): WRITERS,
    ("POST", "/conversations/{id}/complaint/final"): WRITERS,
    ("GET", "/contacts"): READERS,
    ("GET", "/contacts/{id}"): READERS,
    ("POST", "/contacts/{id}/join"): WRITERS,
    ("POST", "/contacts/{id}/separate"): WRITERS,
    ("POST", "/contacts/{id}/vip"): WRITERS,
    ("POST", "/contacts/{id}/mute"): WRITERS,
    ("POST", "/contacts/{id}/block"): LEADS,
    ("POST", "/contacts/{id}/tags"): WRITERS,
    ("POST", "/contacts/{id}/notes"): WRITERS,
    ("POST", "/contact-notes/{id}"): WRITERS,
    ("POST", "/conversations/{id}/draft"): WRITERS,
    ("POST", "/conversations/{id}/follow"): WRITERS,
    ("POST", "/conversations/{id}/unfollow"): WRITERS,
    ("GET", "/answers"): READERS,
    ("GET", "/answers.jsonl"): READERS,
    ("POST", "/answers/import"): LEADS,
    ("POST", "/answers/adopt"): LEADS,
    ("GET", "/answers/new"): WRITERS,
    ("POST", "/answers/new"): WRITERS,
    ("GET", "/answers/{id}"): READERS,
    ("POST", "/answers/{id}"): WRITERS,
    ("GET", "/bulk/new"): WRITERS,
    ("POST", "/bulk/new"): WRITERS,
    ("GET", "/bulk/{id}"): READERS,
    ("POST", "/bulk/{id}/undo"): WRITERS,
    ("GET", "/macros"): READERS,
    ("GET", "/macros/new"): LEADS,
    ("POST", "/macros/new"): LEADS,
    ("GET", "/macros/{id}"): READERS,
    ("POST", "/macros/{id}"): LEADS,
    ("POST", "/conversations/{id}/macro"): WRITERS,
    ("POST", "/conversations/{id}/macro/undo"): WRITERS,
    ("GET", "/conversations/{id}/answers"): WRITERS,
    ("POST", "/conversations/{id}/answers"): WRITERS,
    ("GET", "/classifier"): LEADS,
    ("GET", "/classifier/drift"): LEADS,
    ("POST", "/classifier/train"): LEADS,
    ("POST", "/classifier/use"): LEADS,
    ("GET", "/policies"): READERS,
    ("GET", "/policies/edit"): ADMINS,
    ("POST", "/policies/edit"): ADMINS,
    ("POST", "/policies/restore"): ADMINS,
    ("POST", "/policies/complaints"): ADMINS,
    ("POST", "/policies/complaints/remove"): ADMINS,
    ("GET", "/calendars"): READERS,
    ("GET", "/calendars/edit"): ADMINS,
    ("POST", "/calendars/edit"): ADMINS,
    ("POST", "/calendars/restore"): ADMINS,
    ("GET", "/teams"): ADMINS,
    ("GET", "/teams/new"): ADMINS,
    ("POST", "/teams/new"): ADMINS,
    ("GET", "/teams/{id}"): ADMINS,
    ("POST", "/teams/{id}"): ADMINS,
    ("GET", "/people"): ADMINS,
    ("POST", "/people/invite"): ADMINS,
    ("POST", "/people/invitations/{id}/again"): ADMINS,
    ("POST", "/people/invitations/{id}/withdraw"): ADMINS,
    ("GET", "/people/{id}"): ADMINS,
    ("POST", "/people/{id}/role"): ADMINS,
    ("POST", "/people/{id}/disable"): ADMINS,
    ("POST", "/people/{id}/enable"): ADMINS,
    ("POST", "/people/{id}/sign-out"): ADMINS,
    ("POST", "/people/{id}/password-link"): ADMINS,
    ("POST", "/people/{id}/two-step/reset"): ADMINS,
    ("POST", "/people/two-step"): ADMINS,
    ("GET", "/tokens"): READERS,
    ("POST", "/tokens"): READERS,
    ("POST", "/tokens/{id}/revoke"): READERS,
    ("GET", "/notices"): READERS,
    ("POST", "/notices/read"): WRITERS,
    ("POST", "/me/notices"): WRITERS,
    ("GET", "/webhooks"): ADMINS,
    ("POST", "/webhooks"): ADMINS,
    ("GET", "/webhooks/{id}"): ADMINS,
    ("POST", "/webhooks/{id}/events"): ADMINS,
    ("POST", "/webhooks/{id}/pause"): ADMINS,
    ("POST", "/webhooks/{id}/resume"): ADMINS,
    ("POST", "/webhooks/{id}/test"): ADMINS,
    ("POST", "/webhooks/{id}/remove"): ADMINS,
    ("POST", "/webhooks/deliveries/{id}/again"): ADMINS,
    ("GET", "/roster"): READERS,
    ("POST", "/roster/shifts"): LEADS,
    ("POST", "/roster/undo"): LEADS,
    ("POST", "/roster/absences"): WRITERS,
    ("POST", "/roster/absences/{id}/withdraw"): WRITERS,
    ("POST", "/roster/swaps"): WRITERS,
    ("POST", "/roster/swaps/{id}"): WRITERS,
    ("POST", "/me/zone"): READERS,
    ("GET", "/views"): READERS,
    ("POST", "/views"): WRITERS,
    ("POST", "/views/{id}"): WRITERS,
    ("POST", "/views/{id}/move"): WRITERS,
    ("POST", "/views/{id}/remove"): WRITERS,
    ("POST", "/views/{id}/restore"): WRITERS,
    ("POST", "/me/presence"): WRITERS,
    ("GET", "/rules"): READERS,
    ("GET", "/rules/edit"): LEADS,
    ("POST", "/rules/edit"): LEADS,
    ("POST", "/rules/order"): LEADS,
    ("POST", "/rules/restore"): LEADS,
    ("GET", "/assignment"): READERS,
    ("POST", "/assignment/switch"): LEADS,
    ("POST", "/assignment/people/{id}"): LEADS,
    ("GET", "/conversations/{id}/give"): LEADS,
    ("POST", "/conversations/{id}/give"): LEADS,
    ("GET", "/style"): READERS,
}

WITHOUT_SECOND_STEP = frozenset(
    {
        ("GET", "/me/two-step"),
        ("POST", "/me/two-step/begin"),
        ("POST", "/me/two-step/confirm"),
        ("POST", "/me"),
        ("POST", "/sign-out"),
    }
)
"""What opens for who must have a second step and has none yet, besides what opens for everyone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may call a route of the API: a token with this scope (empty: any token) whose person has
    one of these roles."""

    scope: str
    roles: frozenset[str]


_READ = Entry("conversations:read", READERS)
_WRITE = Entry("conversations:write", WRITERS)
_ACCOUNTS = Entry("accounts:read", READERS)
_STATES = Entry("accounts:write", ADMINS)
_HOOKS = Entry("webhooks:read", ADMINS)
_HOOKING = Entry("webhooks:write", ADMINS)

API: dict[tuple[str, str], Entry] = {
    ("GET", "/api/v1/openapi.json"): Entry("", EVERYONE),
    ("GET", "/api/v1/me"): Entry("", READERS),
    ("GET", "/api/v1/users"): Entry("people:read", READERS),
    ("GET", "/api/v1/teams"): Entry("people:read", ADMINS),
    ("POST", "/api/v1/teams"): Entry("people:write", ADMINS),
    ("POST", "/api/v1/teams/{id}"): Entry("people:write", ADMINS),
    ("POST", "/api/v1/teams/{id}/remove"): Entry("people:write", ADMINS),
    ("GET", "/api/v1/conversations"): _READ,
    ("GET", "/api/v1/conversations.csv"): _READ,
    ("GET", "/api/v1/conversations/{id}"): _READ,
    ("GET", "/api/v1/conversations/{id}/messages"): _READ,
    ("GET", "/api/v1/conversations/{id}/sla"): _READ,
    ("GET", "/api/v1/conversations/{id}/why"): _READ,
    ("GET", "/api/v1/search"): _READ,
    ("POST", "/api/v1/conversations/{id}/reply"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/assign"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/release"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/excuse"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/resolve"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/tags"): _WRITE,
    ("GET", "/api/v1/conversations/{id}/warnings"): _READ,
    ("GET", "/api/v1/webhooks"): _HOOKS,
    ("POST", "/api/v1/webhooks"): _HOOKING,
    ("GET", "/api/v1/webhooks/{id}"): _HOOKS,
    ("GET", "/api/v1/webhooks/{id}/deliveries"): _HOOKS,
    ("POST", "/api/v1/webhooks/{id}/pause"): _HOOKING,
    ("POST", "/api/v1/webhooks/{id}/resume"): _HOOKING,
    ("POST", "/api/v1/webhooks/{id}/test"): _HOOKING,
    ("POST", "/api/v1/webhooks/{id}/remove"): _HOOKING,
    ("POST", "/api/v1/webhooks/deliveries/{id}/again"): _HOOKING,
    ("GET", "/api/v1/conversations/{id}/step"): _READ,
    ("POST", "/api/v1/conversations/{id}/state"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/undo"): _WRITE,
    ("GET", "/api/v1/complaints/templates"): _READ,
    ("GET", "/api/v1/conversations/{id}/complaints"): _READ,
    ("POST", "/api/v1/conversations/{id}/complaint"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/complaint/undo"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/complaint/final"): _WRITE,
    ("GET", "/api/v1/contacts"): _READ,
    ("GET", "/api/v1/contacts/{id}"): _READ,
    ("POST", "/api/v1/contacts/{id}/join"): _WRITE,
    ("POST", "/api/v1/contacts/{id}/separate"): _WRITE,
    ("POST", "/api/v1/contacts/{id}/marks"): _WRITE,
    ("POST", "/api/v1/contacts/{id}/tags"): _WRITE,
    ("POST", "/api/v1/contacts/{id}/notes"): _WRITE,
    ("GET", "/api/v1/conversations/{id}/notes"): _READ,
    ("POST", "/api/v1/conversations/{id}/notes"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/follow"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/unfollow"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/draft"): _WRITE,
    ("GET", "/api/v1/drafts"): _READ,
    ("GET", "/api/v1/notices"): _READ,
    ("POST", "/api/v1/notices/read"): _WRITE,
    ("GET", "/api/v1/answers"): Entry("answers:read", READERS),
    ("POST", "/api/v1/answers"): Entry("answers:write", WRITERS),
    ("GET", "/api/v1/answers/{id}"): Entry("answers:read", READERS),
    ("POST", "/api/v1/answers/{id}"): Entry("answers:write", WRITERS),
    ("POST", "/api/v1/answers/{id}/remove"): Entry("answers:write", WRITERS),
    ("POST", "/api/v1/answers/{id}/restore"): Entry("answers:write", WRITERS),
    ("POST", "/api/v1/answers/{id}/share"): Entry("answers:write", LEADS),
    ("POST", "/api/v1/bulk"): _WRITE,
    ("GET", "/api/v1/bulk/{id}"): _READ,
    ("POST", "/api/v1/bulk/{id}/undo"): _WRITE,
    ("GET", "/api/v1/macros"): Entry("answers:read", READERS),
    ("POST", "/api/v1/macros"): Entry("answers:write", LEADS),
    ("POST", "/api/v1/macros/{id}"): Entry("answers:write", LEADS),
    ("POST", "/api/v1/macros/{id}/remove"): Entry("answers:write", LEADS),
    ("POST", "/api/v1/conversations/{id}/macro"): _WRITE,
    ("POST", "/api/v1/runs/{id}/undo"): _WRITE,
    ("GET", "/api/v1/conversations/{id}/answers"): Entry("answers:read", WRITERS),
    ("GET", "/api/v1/files/{id}"): _READ,
    ("GET", "/api/v1/outbox"): _READ,
    ("GET", "/api/v1/outbox/{id}"): _READ,
    ("POST", "/api/v1/outbox/{id}/withdraw"): _WRITE,
    ("POST", "/api/v1/outbox/{id}/now"): _WRITE,
    ("POST", "/api/v1/outbox/{id}/later"): _WRITE,
    ("POST", "/api/v1/outbox/{id}"): _WRITE,
    ("GET", "/api/v1/accounts"): _ACCOUNTS,
    ("GET", "/api/v1/accounts/{id}"): _ACCOUNTS,
    ("POST", "/api/v1/accounts/{id}/pause"): _STATES,
    ("POST", "/api/v1/accounts/{id}/resume"): _STATES,
    ("GET", "/api/v1/reports"): Entry("reports:read", READERS),
    ("POST", "/api/v1/classifier/classify"): Entry("classifier:read", READERS),
    ("GET", "/api/v1/classifier/versions"): Entry("classifier:read", LEADS),
    ("GET", "/api/v1/forecast"): _READ,
    ("GET", "/api/v1/roster"): Entry("roster:read", READERS),
    ("GET", "/api/v1/roster/now"): Entry("roster:read", READERS),
    ("GET", "/api/v1/roster/cover"): Entry("roster:read", READERS),
    ("POST", "/api/v1/roster"): Entry("roster:write", LEADS),
    ("POST", "/api/v1/roster/absences"): Entry("roster:write", WRITERS),
    ("POST", "/api/v1/roster/absences/{id}/withdraw"): Entry("roster:write", WRITERS),
    ("POST", "/api/v1/roster/swaps"): Entry("roster:write", WRITERS),
    ("POST", "/api/v1/roster/swaps/{id}"): Entry("roster:write", WRITERS),
    ("GET", "/api/v1/conversations/{id}/matter"): _READ,
    ("POST", "/api/v1/conversations/{id}/matter"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/matter/leave"): _WRITE,
    ("POST", "/api/v1/conversations/{id}/matter/undo"): _WRITE,
    ("GET", "/api/v1/views"): _READ,
    ("GET", "/api/v1/views/{id}/conversations"): _READ,
    ("POST", "/api/v1/views"): _WRITE,
    ("POST", "/api/v1/views/{id}"): _WRITE,
    ("POST", "/api/v1/views/{id}/move"): _WRITE,
    ("POST", "/api/v1/views/{id}/remove"): _WRITE,
    ("POST", "/api/v1/views/{id}/restore"): _WRITE,
    ("POST", "/api/v1/me/presence"): Entry("roster:write", WRITERS),
    ("GET", "/api/v1/rules"): Entry("rules:read", READERS),
    ("POST", "/api/v1/rules"): Entry("rules:write", LEADS),
    ("POST", "/api/v1/rules/try"): Entry("rules:read", LEADS),
    ("GET", "/api/v1/assignment"): Entry("roster:read", READERS),
    ("POST", "/api/v1/assignment"): Entry("roster:write", LEADS),
    ("POST", "/api/v1/users/{id}/work"): Entry("roster:write", LEADS),
}
"""The same for programs. No cookie counts there, and no token here."""

TOPICS: dict[str, frozenset[str]] = {
    "conversation": READERS,
    "account": READERS,
    "report": READERS,
    "classifier": LEADS,
    "notice": READERS,
    "presence": READERS,
    "webhook": ADMINS,
}
"""Who hears of what on the live stream. An event tells that something changed, never its words."""


class RouteWithoutPermission(RuntimeError):
    """A route is missing in `PERMISSIONS`."""


def allowed(role: str, method: str, template: str) -> bool:
    """Whether a role may call a route."""
    return role in PERMISSIONS[method, template]


def needs_second_step(method: str, template: str) -> bool:
    """Whether a route is shut for who still lacks a second step that the role must have."""
    open_to_all = ANONYMOUS in PERMISSIONS[method, template]
    return not open_to_all and (method, template) not in WITHOUT_SECOND_STEP


def hears(role: str, topic: str) -> bool:
    """Whether a role is told of this topic; an unknown topic is told to nobody."""
    return role in TOPICS.get(topic, frozenset())


def check(routes: Iterable[tuple[str, str]]) -> None:
    """Raises `RouteWithoutPermission` naming what the tables lack."""
    missing = sorted(set(routes) - set(PERMISSIONS) - set(API))
    if missing:
        raise RouteWithoutPermission(", ".join(f"{method} {path}" for method, path in missing))
