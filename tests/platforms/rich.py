"""A scripted platform that offers all that a platform may have."""

from datetime import timedelta
from typing import ClassVar

from connectors.core.contract import (
    Act,
    Capabilities,
    Kind,
    MovePrivate,
    Offer,
    On,
    Secret,
    Setting,
    Way,
    Window,
)
from tests.scripted import Scripted, offered


class Connector(Scripted):
    capabilities: ClassVar[Capabilities] = offered(
        "rich",
        secrets=(
            Secret("key", "Key", ways=("paste",)),
            Secret("token", "Token", ways=("page",), obtained=True),
            Secret("hook", "Hook secret", made=True),
        ),
        settings=(
            Setting("region", "Region", required=True),
            Setting("hours", "Hours"),
            Setting("more", ""),
        ),
        ways=(Way("paste", "Paste a key"), Way("page", "Sign in", oauth=True)),
        fetches=True,
        renews=True,
        window=Window(timedelta(hours=24), timedelta(days=7), most=3, hours_setting="hours"),
        move_private=MovePrivate(timedelta(days=7), once=True),
        offers=(
            Offer(Act.HIDE, On.THEIRS, (Kind.COMMENT,), Act.UNHIDE),
            Offer(Act.UNHIDE, On.THEIRS, (Kind.COMMENT,), Act.HIDE),
            Offer(Act.DELETE, On.OURS),
            Offer(Act.BLOCK, On.PERSON, undo=Act.UNBLOCK),
            Offer(Act.UNBLOCK, On.PERSON, undo=Act.BLOCK),
        ),
        reach={"first": "800 items"},
        switched={"second": "more"},
    )
