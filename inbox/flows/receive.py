"""A platform calls us: verify, store, then answer."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from hashlib import sha256

from connectors.core.contract import HookAnswer, HookRequest, Json
from connectors.core.errors import ConnectorError, Transient
from connectors.core.registry import capabilities, channels
from inbox.config import Settings
from inbox.flows.deliver import settle_named
from inbox.flows.ingest import Tagger, ingest
from inbox.flows.opening import open_connector
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Account

NOT_FOUND: tuple[int, Json | str] = (404, {"error": "No such webhook."})


def receive_hook(
    store: Store,
    settings: Settings,
    channel: str,
    key: str,
    request: HookRequest,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> tuple[int, Json | str]:
    """(status, body) to answer. A 2xx is given only after the messages are durably stored."""
    with store.read() as session:
        account = accounts.by_hook_key(session, channel, key) if channel in channels() else None
    if account is None or account.state == accounts.IMPORTED:
        return NOT_FOUND
    try:
        platform = open_connector(store, account, settings, now, renew=False)
    except Transient as e:
        return 503, {"error": e.reason}
    with closing(platform):
        try:
            answer = platform.receive(request)
        except ConnectorError as e:
            return 400, {"error": e.reason}
    if answer.status >= 300 or request.method == "GET":
        return answer.status, answer.body
    said = _store(store, account, request.body, answer, classifier, now())
    failed = [
        later
        for sibling in _siblings(store, account)
        if (later := _offer(store, settings, sibling, request, classifier, now)) is not None
    ]
    return failed[0] if failed else said


def _siblings(store: Store, account: Account) -> list[Account]:
    """Accounts to which the same call may also bring something: a platform family (Meta) calls one
    address for all its channels and pages."""
    family = capabilities(account.channel).family
    if not family:
        return []
    with store.read() as session:
        return [
            other
            for other in accounts.everyone(session)
            if other.id != account.id
            and other.state == accounts.ACTIVE
            and other.channel in channels()
            and capabilities(other.channel).family == family
        ]


def _offer(
    store: Store,
    settings: Settings,
    account: Account,
    request: HookRequest,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> tuple[int, Json | str] | None:
    """A sibling verifies the call with its own secret, and takes what is addressed to it; its
    answer, when the platform is to call again (what is stored by then is known then)."""
    try:
        with closing(open_connector(store, account, settings, now, renew=False)) as platform:
            answer = platform.receive(request)
    except ConnectorError:
        return None
    if answer.status >= 500:
        return answer.status, answer.body
    if answer.status < 300 and _brings(answer):
        _store(store, account, request.body, answer, classifier, now())
    return None


def _brings(answer: HookAnswer) -> bool:
    return bool(answer.messages or answer.events or answer.malformed)


def _store(
    store: Store,
    account: Account,
    body: bytes,
    answer: HookAnswer,
    classifier: Tagger | None,
    now: datetime,
) -> tuple[int, Json | str]:
    """The messages first, then the call: a crash between the two costs a repeat, no message.

    A call is known by its event id, or by its body where the platform gives none. One that comes
    again is refused unread, whoever sends it, but in the words of success: a platform that lost our
    answer is not to ask for ever.
    """
    body_hash = answer.body_hash or sha256(body).hexdigest()
    event_id = answer.event_id or f"body {body_hash}"
    with store.read() as session:
        known = accounts.event_hash(session, account.id, event_id)
    if known is not None and known != body_hash:
        return answer.conflict_status, {"error": "This event_id came with another body before."}
    if known is not None:
        return answer.repeat_status, answer.body
    settle_named(store, account.id, answer.events, now)
    counts = ingest(
        store,
        account,
        answer.messages,
        classifier=classifier,
        now=now,
        malformed=answer.malformed,
        events=answer.events,
    )
    with store.write() as session:
        if _brings(answer):
            accounts.note_event(session, account.id, event_id, body_hash, now)
        accounts.called(session, account.id, now)
    repeat = answer.event_id is None and counts.new == 0 and counts.duplicate > 0
    return (answer.repeat_status if repeat else answer.status), answer.body
