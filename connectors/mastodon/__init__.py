"""Mastodon: mentions and direct posts of one account on any server, and its own posts made there.

Facts: Mastodon's documentation of July 2026. A direct message is a post that only those mentioned
in it can see. Notifications are read forwards (`min_id`), and the last minute of them again, for
they may become visible a moment after newer ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from connectors.core import oauth
from connectors.core.base import DO_THIS, Base
from connectors.core.contract import (
    Account,
    Act,
    Begun,
    Budget,
    Capabilities,
    Fetched,
    Identity,
    Json,
    Message,
    Outgoing,
    Page,
    Ref,
    Renewed,
    Sent,
    Upload,
    Visibility,
    rewritten_alike,
    word,
)
from connectors.core.errors import (
    AuthRevoked,
    ConnectorError,
    Malformed,
    OutcomeUnknown,
    Refused,
    Transient,
)
from connectors.core.http import UNREADABLE, Http
from connectors.core.looking import SKEW, nearest, pages
from connectors.mastodon.client import Client, Gone
from connectors.mastodon.length import LIMIT, as_shown, characters, shortened
from connectors.mastodon.offers import CAPABILITIES, SCOPES, addressed
from connectors.mastodon.parse import (
    OPEN,
    UNREADABLE_ITEM,
    Threads,
    parse_status,
    status_of_notification,
)

if TYPE_CHECKING:
    from mastodon import Mastodon

__all__ = ["CAPABILITIES", "Connector"]

PAGE = 40
LATE = timedelta(minutes=1)  # a notification may become visible this long after newer ones
KEY_LIFE = timedelta(minutes=50)  # servers remember an Idempotency-Key for an hour


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream is listed; `{me}` in the path is our id. `first`: where reading begins."""

    path: str
    params: Mapping[str, Any]
    status_of: Callable[[Json], Json]
    told: bool = False
    first: Mapping[str, str] = field(default_factory=dict)


SOURCES: Mapping[str, Source] = {
    "notifications": Source(
        "/api/v1/notifications",
        {"types[]": ["mention", "quote"], "include_filtered": "true"},
        status_of_notification,
        told=True,
        first={"min_id": "0"},
    ),
    "replies": Source(
        "/api/v1/accounts/{me}/statuses", {"exclude_reblogs": "true"}, lambda status: status
    ),
}
ACTS: Mapping[Act, "Callable[[Mastodon, Ref, str], object]"] = {
    Act.LIKE: lambda api, on, note: api.status_favourite(on.external_id),
    Act.UNLIKE: lambda api, on, note: api.status_unfavourite(on.external_id),
    Act.DELETE: lambda api, on, note: api.status_delete(on.external_id),
    Act.MUTE: lambda api, on, note: api.account_mute(_person(on)),
    Act.UNMUTE: lambda api, on, note: api.account_unmute(_person(on)),
    Act.BLOCK: lambda api, on, note: api.account_block(_person(on)),
    Act.UNBLOCK: lambda api, on, note: api.account_unblock(_person(on)),
    Act.REPORT: lambda api, on, note: api.report(_person(on), [on.external_id], note[:1000]),
}


class Connector(Base):
    """One account on a Mastodon server. See `ConnectorContract`."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._client = Client(self.base_url(), account.secrets.get("access_token", ""), now)
        self._learned = account.external_id or ""

    def check(self) -> Identity:
        me = self._client.object("/api/v1/accounts/verify_credentials")
        if not {"id", "username"} <= me.keys():
            raise Transient(UNREADABLE)
        server = self._told("/api/v2/instance")
        domain = server.get("domain")
        handle = f"@{me['username']}@{domain}" if domain else f"@{me['username']}"
        missing = (*_missing_scopes(self._told("/api/v1/apps/verify_credentials")), *_short(server))
        return Identity(str(me["id"]), handle, me.get("display_name") or None, missing)

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        """Registers an app with the server (each server knows its own apps only)."""
        form = {
            "client_name": "Replydesk",
            "redirect_uris": redirect_uri,
            "scopes": " ".join(SCOPES),
        }
        with closing(self._sign_in_line()) as line:
            app = line.json("POST", "/api/v1/apps", data=form)
        if not {"client_id", "client_secret"} <= app.keys():
            raise Transient(UNREADABLE)
        url = oauth.authorize_url(
            f"{self.base_url()}/oauth/authorize",
            client_id=str(app["client_id"]),
            redirect_uri=redirect_uri,
            scope=" ".join(SCOPES),
            state=state,
            **oauth.challenge(verifier),
        )
        return Begun(url, {name: str(app[name]) for name in ("client_id", "client_secret")})

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.account.secrets.get("client_id", ""),
            "client_secret": self.account.secrets.get("client_secret", ""),
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        with closing(self._sign_in_line()) as line:
            answer = oauth.token(line, "/oauth/token", form)
        return Renewed({"access_token": answer["access_token"]}, oauth.expiry(answer, self.now()))

    def pull(self, stream: str, cursor: Json) -> Page:
        """The cursor is {at, settled}: read up to `at`; up to `settled` nothing new can show up,
        so there the next look begins."""
        source = SOURCES.get(stream)
        if source is None:
            raise self.no_stream(stream)
        at, settled = cursor.get("at"), cursor.get("settled")
        me = self._me()
        window = {"min_id": at} if at else source.first
        path = source.path.format(me=me)
        items, newer = self._client.page(path, **source.params, **window, limit=PAGE)
        threads = Threads(me, self._above)
        messages, malformed = threads.read(reversed(items), source.status_of, told=source.told)
        newest = newer or next((i for i in map(_item_id, items) if i), None) or at
        settled = _settled(items, self.now()) or settled
        more = bool(items) and newest != at
        kept = {"at": newest if more else settled, "settled": settled}
        return Page(messages, kept, more, malformed, self._not_before())

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        me = self._me()
        found: list[Message] = []
        gone, malformed = [], []
        for ref in refs:
            try:
                item = self._client.object(_status_path(ref.external_id))
                found.append(parse_status(item, me, ref.thread))
            except Gone:
                gone.append(ref.external_id)
            except UNREADABLE_ITEM as e:
                malformed.append(
                    Malformed(f"Mastodon sent a post that cannot be read: {e!r}", item)
                )
        return Fetched(tuple(found), tuple(gone), tuple(malformed))

    def send(self, reply: Outgoing) -> Sent:
        visibility = _visibility(reply)
        if self.now() - reply.started_at > KEY_LIFE:  # an earlier try may have left before that
            found = self.look_up(reply)
            if found is not None:
                return found
        media = [self._upload(f) for f in reply.files]
        text = addressed(reply.text, reply.to, reply.visibility)
        warning = str(reply.platform.get("spoiler_text", ""))
        status = self._client.ask(
            lambda: self._client.api.status_post(
                text,
                in_reply_to_id=reply.in_reply_to,
                media_ids=media or None,
                visibility=visibility,
                spoiler_text=shortened(warning, LIMIT - characters(text)) or None,
                language=reply.platform.get("language"),
                idempotency_key=reply.key,
            ),
            sending=True,
        )
        told = status if isinstance(status, dict) else {}
        if not told.get("id"):
            raise OutcomeUnknown(UNREADABLE)
        at = told.get("created_at")
        sent_at = at.astimezone(UTC) if isinstance(at, datetime) else None
        new_id = str(told["id"])
        return Sent(new_id, sent_at, thread=new_id if reply.moves_private else None)

    def look_up(self, reply: Outgoing) -> Sent | None:
        found = (
            m
            for m in self._own_since(reply.started_at - SKEW)
            if m.in_reply_to == reply.in_reply_to
            and rewritten_alike(as_shown(reply.text), as_shown(m.text))
        )
        best = nearest(found, reply)
        return replace(best, thread=best.external_id) if best and reply.moves_private else best

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        do = ACTS.get(act)
        if do is None:
            raise self._no(DO_THIS)
        try:
            self._client.ask(lambda: do(self._client.api, on, note))
        except Gone:
            if act is not Act.DELETE:
                raise

    def budgets(self) -> tuple[Budget, ...]:
        return self._client.budgets

    def close(self) -> None:
        self._client.close()

    def _me(self) -> str:
        """Our account's id on the server: as stored, else asked for once."""
        if not self._learned:
            self._learned = self.check().external_id
        return self._learned

    def _told(self, path: str) -> Json:
        """What older or other servers may not tell: {} then."""
        try:
            return self._client.object(path)
        except (AuthRevoked, Transient):
            raise
        except ConnectorError:
            return {}

    def _above(self, status_id: str) -> list[Json]:
        """The posts above one, root first; none when it is gone."""
        try:
            found = self._client.object(f"{_status_path(status_id)}/context").get("ancestors")
        except Gone:
            return []
        return found if isinstance(found, list) else []

    def _own_since(self, since: datetime) -> Iterator[Message]:
        """Our own posts, newest first, back to `since`."""
        me = self._me()
        below: dict[str, str] = {}
        source = SOURCES["replies"]
        for _ in pages():
            path = source.path.format(me=me)
            items, _ = self._client.page(path, **source.params, **below, limit=PAGE)
            for item in items:
                try:
                    message = parse_status(item, me, "")
                except UNREADABLE_ITEM as e:
                    raise Transient("A post cannot be read; the reply may be in it.") from e
                if message.sent_at < since:
                    return
                yield message
            if not items or below.get("max_id") == message.external_id:
                return
            below = {"max_id": message.external_id}

    def _upload(self, file: Upload) -> str:
        """The id of an uploaded picture. Servers make large files ready later (202, 206)."""
        form = {"description": file.description} if file.description else {}
        whole = {"file": (file.name, file.data, file.mime)}
        medium = self._client.object("/api/v2/media", "POST", data=form, files=whole)
        if medium.get("id") and not medium.get("url"):
            medium = self._client.object(f"/api/v1/media/{quote(str(medium['id']), safe='')}")
        if not medium.get("id") or not medium.get("url"):
            raise Transient("The server has not made the picture ready yet.", retry_after_s=30)
        return str(medium["id"])

    def _not_before(self) -> datetime | None:
        return next((b.resets_at for b in self.budgets() if b.remaining <= 0), None)

    def _sign_in_line(self) -> Http:
        if not self.base_url():
            raise Refused("Enter the address of your server as the base URL first.")
        return Http(self.base_url(), self.now)


def _visibility(reply: Outgoing) -> str:
    """Who sees the answer: those who saw the question, or fewer. A followers-only post is answered
    to its author alone, for our followers are others than theirs."""
    if reply.visibility is Visibility.PRIVATE:
        return "direct"
    seen = str(reply.platform.get("visibility", "unlisted"))
    if seen not in OPEN:
        raise Refused("The post is not public, so its answer may not be either. Answer privately.")
    return seen


def _person(on: Ref) -> str:
    if on.author is None:
        raise Refused("Mastodon did not say who wrote this.")
    return on.author.id


def _status_path(status_id: str) -> str:
    return f"/api/v1/statuses/{quote(status_id, safe='')}"


def _item_id(item: Any) -> str | None:
    found = item.get("id") if isinstance(item, dict) else None
    return str(found) if isinstance(found, str | int) else None


def _settled(items: Sequence[Any], now: datetime) -> str | None:
    """The newest item of a page that is old enough for nothing to show up below it any more."""
    for item in items:
        try:
            if datetime.fromisoformat(item["created_at"]) <= now - LATE:
                return _item_id(item)
        except UNREADABLE_ITEM:
            continue
    return None


def _missing_scopes(app: Json) -> tuple[str, ...]:
    """The permissions that the app surely lacks; none where the server (before 4.3) is silent."""
    scopes = app.get("scopes")
    if not isinstance(scopes, list):
        return ()
    return tuple(s for s in SCOPES if s not in scopes and s.partition(":")[0] not in scopes)


def _short(server: Json) -> tuple[str, ...]:
    """A server that takes less than the usual length refuses answers that we take for sendable."""
    try:
        most = int(server["configuration"]["statuses"]["max_characters"])
    except UNREADABLE_ITEM:
        return ()
    told = word("posts of {usual} characters (this server takes {most})")
    return (told.format(usual=LIMIT, most=most),) if most < LIMIT else ()
