"""The pages of outgoing webhooks: all of them with the form for another, and one with its log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from inbox.domain.hooks import EVENTS, FORMS
from inbox.web.pages import Frame


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`url` is the address without what is secret in it."""

    id: int
    name: str
    url: str
    form: str
    events: tuple[str, ...]
    words: bool
    state: str
    reason: str
    failing_since: datetime | None
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True)
class EndpointForm:
    """What was entered, and what is wrong with it (`wrong` names the field)."""

    name: str = ""
    url: str = ""
    form: str = "standard"
    events: tuple[str, ...] = ("turn.warning", "turn.breached")
    words: bool = False
    wrong: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """`/webhooks`. `made` is a fresh secret, shown on this page only."""

    TEMPLATE: ClassVar[str] = "pages/webhooks.html"

    frame: Frame
    endpoints: tuple[Endpoint, ...]
    made: str = ""
    form: EndpointForm = EndpointForm()
    offered: tuple[str, ...] = EVENTS
    forms: tuple[str, ...] = FORMS


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """`/webhooks/{id}`. `log` are deliveries, newest first, as `flows.endpoints.log` tells them
    (`at`s are instants), each with `request`: its data as JSON. `saved` says that
    its events were just chosen."""

    TEMPLATE: ClassVar[str] = "pages/webhook.html"

    frame: Frame
    endpoint: Endpoint
    log: Sequence[Mapping[str, Any]]
    older: str | None = None
    wrong: str = ""
    offered: tuple[str, ...] = EVENTS
    saved: bool = False
