"""The page of API tokens: a person's own (for an admin everyone's), and the form for another."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from inbox.web.pages import Frame

DAYS: Final = (30, 90, 365)
"""What the form offers as a token's life; 0 is for good."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was not revoked. `state`: works, expired, void (its person is shut out)."""

    id: int
    name: str
    starts: str
    scopes: tuple[str, ...]
    person: str
    mine: bool
    state: str
    last_used_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenForm:
    """What was entered, and what is wrong with it (`wrong` names the field)."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    days: int = 90
    wrong: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TokensPage:
    """`/tokens`. `made` is a fresh token, shown on this page only; `offered` are the scopes that
    the person's role may give."""

    TEMPLATE: ClassVar[str] = "pages/tokens.html"

    frame: Frame
    tokens: tuple[Token, ...]
    offered: tuple[str, ...]
    api: str
    made: str = ""
    form: TokenForm = TokenForm()
    days: tuple[int, ...] = DAYS
