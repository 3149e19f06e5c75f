"""Everything around the product: a fake X, a post office, the shop that calls the webhook."""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tests.e2e.product import Product
from tests.fakes import webhook
from tests.fakes.mail import BRAND, PostOffice
from tests.fakes.webhook import Receiver
from tests.fakes.x import SECRETS, FakeX

LEAD = "lead@brand.example"


class World:
    """`with World(folder, url) as world:` has the counterparts up and the accounts connected; start
    the product with `with world.product:`."""

    def __init__(
        self,
        folder: Path,
        url: str | None = None,
        spelling: Literal["tweet", "post"] = "tweet",
        *,
        warm: bool = False,
    ) -> None:
        self.x = FakeX(spelling=spelling, strict=spelling == "tweet")
        self.mail = PostOffice()
        self.shop = Receiver()
        self.folder, self.url, self.warm = folder, url, warm
        self._open = ExitStack()
        self.hook = ""
        self._events: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        for place in (self.x, self.mail, self.shop):
            self._open.enter_context(place)
        self.product = Product(
            self.folder / "data",
            self.url,
            warm=self.warm,
            SMTP_URL=self.mail.smtp.url,
            MAIL_FROM=BRAND,
            ALLOW_PRIVATE=self.shop.origin.removeprefix("http://"),
        )
        self.product.command("migrate")
        self._connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def _connect(self) -> None:
        account = self.mail.account()
        self._add("x", "@brand", SECRETS, "--base-url", self.x.url)
        self._add(
            "email",
            BRAND,
            account.secrets,
            "--base-url",
            self.mail.imap.url,
            "--set",
            f"smtp={self.mail.smtp.url}",
        )
        secrets = {"secret": webhook.SECRET}
        added = self._add("webhook", "shop", secrets, "--set", f"reply_url={self.shop.url}")
        self.hook = str(added["hook"])

    def _add(
        self, channel: str, handle: str, secrets: Mapping[str, str], *words: str
    ) -> dict[str, object]:
        file = self.folder / f"{channel}.json"
        file.write_text(json.dumps(dict(secrets)), "utf-8")
        told = self.product.command(
            "accounts", "add", channel, handle, "--secrets-file", str(file), "--json", *words
        )
        file.unlink()
        added: dict[str, object] = json.loads(told)
        return added

    @property
    def database(self) -> str:
        """The address of the product's database."""
        file = f"sqlite:///{self.folder / 'data' / 'replydesk.db'}"
        return (self.url or file).replace("postgresql://", "postgresql+psycopg://")

    def post_webhook(self, text: str, event_id: str) -> int:
        """A signed call of the shop; the status it was answered with. The same event_id again is
        the same call, signed anew."""
        now = datetime.now(UTC)
        message = {"id": event_id, "text": text, "created_at": now.isoformat()}
        event = self._events.setdefault(event_id, webhook.event(text, event_id, message=message))
        body = json.dumps(event).encode()
        signed = webhook.signature(webhook.SECRET, int(now.timestamp()), body)
        headers = {"content-type": "application/json", "x-inbox-signature": signed}
        call = urllib.request.Request(self.hook, body, headers)
        with urllib.request.urlopen(call, timeout=10) as answer:
            return int(answer.status)


def eventually(holds: Callable[[], bool], what: str, within_s: float = 20) -> None:
    """Waits for something outside the browser."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"{what} did not happen within {within_s} s"
        time.sleep(0.1)
