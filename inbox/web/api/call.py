"""A call of the API: who calls, what they may, and that a repeated call is one.

Only the header `Authorization: Bearer` lets a program in. Cookies are not looked at, so no page of
another site can make a browser call the API for its reader.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from inbox.flows import tokens as flow
from inbox.flows.people import Signed
from inbox.flows.tokens import Bearer
from inbox.store import tokens
from inbox.store.session import Store
from inbox.web import permissions
from inbox.web.api.problems import Problem
from inbox.web.desk import desk_of, let_in

STALE_AFTER: Final = timedelta(minutes=1)
"""A call without an answer for so long was left by a process that died: its repeat may do it."""

_SCHEME = HTTPBearer(auto_error=False, description="A token of the page `/tokens`.")
_SAY = {"WWW-Authenticate": 'Bearer realm="Replydesk"'}


def admit(request: Request) -> None:
    """The gate of the API. Raises `Problem`: 401 without a working token, 429 over the limit, 404
    where the person's role may not, 403 where only the token's scopes do not."""
    desk = desk_of(request)
    entry = permissions.API[request.method, request.scope["route"].path]
    if permissions.ANONYMOUS in entry.roles:
        return
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        detail = "Send `Authorization: Bearer <token>`; make a token on the page /tokens."
        raise Problem(401, "token_missing", "Token missing", detail, _SAY)
    found = flow.bearer(desk.store, token.strip(), desk.now())
    if found is None:
        detail = "This token is unknown, revoked or expired; make another on the page /tokens."
        told = {"WWW-Authenticate": f'{_SAY["WWW-Authenticate"]}, error="invalid_token"'}
        raise Problem(401, "token_void", "Token void", detail, told)
    request.state.bearer, request.state.signed = found, found.person
    room = desk.limits.take(found.token_id, desk.now())
    request.state.limits = room.headers()
    if not room.fits:
        detail = f"This token may call {room.limit} times a minute; go on after Retry-After."
        raise Problem(429, "too_many_calls", "Too many calls", detail)
    if found.person.role not in entry.roles:
        raise Problem(404, "not_found", "Not found", "Your role has nothing at this address.")
    if entry.scope and entry.scope not in found.scopes:
        detail = f"This token lacks the scope {entry.scope}; make one that has it."
        raise Problem(403, "scope_missing", "Scope missing", detail)
    if not let_in(request, found.person):
        raise Problem(404, "not_found", "Not found", "There is nothing at this address for you.")


def is_admitted(request: Request) -> bool:
    """Whether the gate has let this call in: a malformed one may fail before it is asked."""
    return hasattr(request.state, "bearer")


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls."""

    bearer: Bearer

    @property
    def person(self) -> Signed:
        return self.bearer.person


def _call(request: Request, _: Annotated[object, Security(_SCHEME)]) -> Call:
    return Call(request.state.bearer)


TheCall = Annotated[Call, Depends(_call)]


@dataclass(frozen=True, slots=True)
class Once:
    """A call that changes something. With an `Idempotency-Key` its repeat within 24 hours is
    answered as the first was, and nothing is done again."""

    request: Request
    bearer: Bearer
    key: str | None

    @property
    def person(self) -> Signed:
        return self.bearer.person

    def needs_key(self) -> None:
        """Raises 400 without a key: a call that must never happen twice."""
        if self.key is None:
            detail = "Send a fresh `Idempotency-Key` with each answer, and the same on a retry."
            raise Problem(400, "key_missing", "Idempotency key missing", detail)

    def name(self, body: BaseModel) -> str:
        """Names this call for good, whatever is forgotten of it: key and content."""
        return _hash(f"{self.bearer.token_id}\n{self.key}\n{self._asked(body)}")

    def answer(self, body: BaseModel, work: Callable[[], BaseModel], status: int = 200) -> Response:
        """What `work` gives, or gave. Work that is refused did nothing, and frees the key.

        Raises 422 when the key came with another call, 409 while the first is under way.
        """
        if self.key is None:
            return _json(work().model_dump_json(), status)
        desk = desk_of(self.request)
        key_hash, asked = _hash(self.key), self._asked(body)
        kept = self._claim(desk.store, key_hash, asked)
        if kept is not None:
            return kept
        done = False
        try:
            said = work().model_dump_json()
            with desk.store.write() as session:
                tokens.keep(session, self.bearer.token_id, key_hash, status, said)
            done = True
        finally:
            if not done:
                with desk.store.write() as session:
                    tokens.release(session, self.bearer.token_id, key_hash)
        return _json(said, status)

    def _claim(self, store: Store, key_hash: str, asked: str) -> Response | None:
        now = desk_of(self.request).now()
        row = {
            "token_id": self.bearer.token_id,
            "key_hash": key_hash,
            "asked": asked,
            "claimed_at": now,
        }
        with store.write() as session:
            before = tokens.claim(session, row)
            if before is None:
                return None
            if before.asked != asked:
                detail = "This Idempotency-Key came with another call before; send a fresh one."
                raise Problem(422, "key_reused", "Idempotency key reused", detail)
            if before.status is not None and before.body is not None:
                return _json(before.body, before.status, replayed=True)
            stale = now - before.claimed_at > STALE_AFTER
            if stale and tokens.claim_again(session, before, now):
                return None
        detail = "The first call with this key is still under way; ask again in a moment."
        raise Problem(409, "under_way", "Under way", detail, {"Retry-After": "2"})

    def _asked(self, body: BaseModel) -> str:
        url = self.request.url
        return _hash(f"{self.request.method} {url.path}?{url.query}\n{body.model_dump_json()}")


def _once(
    request: Request,
    call: TheCall,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="Any text of your own, such as a UUID: a repeat with the same key and "
            "content is answered as the first call was, for 24 hours.",
        ),
    ] = None,
) -> Once:
    return Once(request, call.bearer, idempotency_key)


TheOnce = Annotated[Once, Depends(_once)]


def _json(body: str, status: int, replayed: bool = False) -> Response:
    headers = {"Idempotency-Replayed": "true"} if replayed else None
    return Response(body, status, headers, JSONResponse.media_type)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
