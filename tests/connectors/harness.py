"""How a platform plugs into the contract checks.

Each platform has a folder `tests/connectors/fixtures/<name>/` with a `harness.py` that defines
`serve()`: a context manager which starts a local double of the platform and yields a `Harness`.
`checks.py` asks that harness for customers' messages, faults and deliveries, and never looks at the
platform's own words. What a platform does not have, its harness leaves as it is here: the checks
that need it are then skipped and say so.
"""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import pytest

import connectors.core.registry as registry
from connectors.core.contract import (
    Account,
    Attachment,
    Capabilities,
    ConnectorContract,
    HookAnswer,
    HookRequest,
    On,
    Outgoing,
    Ref,
)
from connectors.core.errors import ConnectorError, OutcomeUnknown, Transient
from tests.fakes.http import Fake

FIXTURES = Path(__file__).parent / "fixtures"


class NotOffered(Exception):
    """The platform, or its double, has no such thing, which the message names; the check skips."""


@contextmanager
def skipped_where_not_offered(channel: str) -> Iterator[None]:
    """Around a test of what only some platforms have."""
    try:
        yield
    except NotOffered as e:
        pytest.skip(f"{channel}: {e}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a fault of the platform must become. `None` = it does not touch that call."""

    pull: type[ConnectorError] | None = None
    send: type[ConnectorError] | None = None


class Harness:
    """One running double of a platform with one connected account.

    `faults` names what `fail` can do, with the errors expected. Give these names where they apply:
    `unauthorized`, `limited`, `unavailable` (5xx or the protocol's like), `garbled` (an answer that
    cannot be read), `lost` (the platform did it and hung up before answering).
    """

    account: Account
    faults: ClassVar[Mapping[str, Fault]] = {}
    own_streams: ClassVar[tuple[str, ...]] = ()  # those that bring nothing but our own messages
    tells_budgets: ClassVar[bool] = False  # the platform's answers tell how much quota is left

    def now(self) -> datetime:
        """The platform's and the connector's clock, aware UTC."""
        return datetime.now(UTC)

    def write(self, stream: str, text: str) -> None:
        """A customer writes `text`; the next pull of `stream` shows it.

        Make pages small (3 items or so), so that 8 texts need more than one page.
        """
        raise NotOffered("customers write into no list of it")

    def write_broken(self, stream: str) -> None:
        """Puts an item into `stream` that no one could read as a message."""
        raise NotOffered("nothing that comes can be broken")

    def reply(self, text: str) -> Outgoing:
        """An answer to a message that a customer wrote to the platform before this call."""
        raise NotOffered("it takes no answers")

    def delivered(self) -> list[str]:
        """The texts of our answers that reached the platform, oldest first."""
        raise NotOffered("it takes no answers")

    def settle(self) -> None:
        """Lets the platform's read lag pass (by its clock, not by sleeping)."""

    def fail(self, fault: str) -> None:
        """The next call meets `fault`, a name in `faults`; the one after it works again."""
        raise NotOffered("it cannot be made to fail")

    def unreachable(self) -> Account:
        """The same account at an address where nothing listens (port 9)."""
        raise NotOffered("it calls no address that could be away")

    def upstreams(self) -> tuple[str, ...]:
        """The addresses of the double that the account calls; empty when it calls nobody."""
        return (self.account.base_url,) if self.account.base_url else ()

    def proxied(self, *urls: str) -> Account:
        """The same account calling these addresses instead, one for each of `upstreams`."""
        return replace(self.account, base_url=urls[0])

    def request(self, text: str) -> HookRequest:
        """A genuine webhook call that brings one customer's message."""
        raise NotOffered("it receives no calls")

    def announced(self, stream: str, text: str) -> HookRequest:
        """A customer writes into `stream`; the webhook call by which the platform tells it too."""
        raise NotOffered("no list of it is told by calls, too")

    def forged(self) -> HookRequest:
        """A webhook call whose signature is wrong."""
        raise NotOffered("its calls carry no signature")

    def challenge(self) -> tuple[HookRequest, HookAnswer]:
        """The platform's question whether the webhook address is ours, and the right answer."""
        raise NotOffered("it asks no question")

    def erase(self, external_id: str) -> None:
        """The customer deletes a message on the platform."""
        raise NotOffered("customers delete nothing there")

    def expire(self) -> None:
        """The access token runs out; what `renew` needs still works."""
        raise NotOffered("its access does not run out")

    def move_private(self, text: str) -> Outgoing:
        """A private answer to a public message that a customer wrote before this call."""
        raise NotOffered("nothing moves into private there")

    def target(self, on: On) -> Ref:
        """A stored message (for `On.PERSON`, one of the person) to moderate."""
        raise NotOffered("it has no moderation")

    def acts(self) -> list[str]:
        """The names (`Act` values) of what moderation did on the platform, without repeats."""
        raise NotOffered("it has no moderation")

    def attachment(self) -> tuple[Attachment, bytes]:
        """A file as a customer's message named it, and its bytes (at least 1,000)."""
        raise NotOffered("no files come with messages")

    def uploads(self) -> list[bytes]:
        """The files of our answers that reached the platform, oldest first."""
        raise NotOffered("its answers carry no files")


F = TypeVar("F", bound=Fake)
UNCLEAR = Fault(Transient, OutcomeUnknown)
LOST: Mapping[str, Fault] = dict.fromkeys(("unavailable", "garbled", "lost"), UNCLEAR)
LOST_ANSWERS: Mapping[str, Fault] = dict.fromkeys(LOST, Fault(None, OutcomeUnknown))
"""The same where nothing is pulled."""


class FakeHarness(Harness, Generic[F]):
    """A harness whose double is a `Fake` that stands at the account's `base_url`. `lag_s`: how long
    its lists are behind."""

    lag_s: ClassVar[float] = 0

    def __init__(self, fake: F, account: Account) -> None:
        self.fake, self.account = fake, account
        self._replies = 0

    def now(self) -> datetime:
        return self.fake.now()

    def delivered(self) -> list[str]:
        return self.fake.sent

    def settle(self) -> None:
        self.fake.advance(self.lag_s)

    def fail(self, fault: str) -> None:
        self.fake.fault("*", fault)

    def unreachable(self) -> Account:
        return replace(self.account, base_url="http://127.0.0.1:9")

    def acts(self) -> list[str]:
        return list(dict.fromkeys(self.fake.acts))

    def attachment(self) -> tuple[Attachment, bytes]:
        data = bytes(range(250)) * 8
        return Attachment(self.fake.host(data), "image/jpeg"), data

    def key(self) -> str:
        """Another answer's key."""
        self._replies += 1
        return f"{self._replies:032x}"


def serve(channel: str) -> AbstractContextManager[Harness]:
    """The running harness of a platform."""
    module = importlib.import_module(f"tests.connectors.fixtures.{channel}.harness")
    served: AbstractContextManager[Harness] = module.serve()
    return served


def connect(channel: str, harness: Harness, account: Account | None = None) -> ConnectorContract:
    """A connector of the platform, signed in to the harness's account."""
    return registry.connector(channel)(account or harness.account, harness.now)


def capabilities(channel: str) -> Capabilities:
    """What the platform offers."""
    return registry.capabilities(channel)


def inbound(channel: str, harness: Harness) -> tuple[str, ...]:
    """The streams in which customers write."""
    return tuple(s for s in capabilities(channel).streams if s not in harness.own_streams)
