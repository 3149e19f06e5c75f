"""The fake X's webhooks: registered by the app, subscribed to per event, called and signed."""

import base64
import hashlib
import hmac
import json
import urllib.request
from urllib.parse import urlencode, urlsplit

from tests.fakes.http import Answer, Request
from tests.fakes.x_items import Json

SIGNATURE = "x-twitter-webhooks-signature"
PRIVATE = ("dm.received", "dm.sent", "post.mention.create", "post.reply.create")
EVENTS = (*PRIVATE, "post.quote.create", "post.delete")


class Hooks:
    """`url` is called for every event once it is set: by `--hook`, or by a registration.

    An https address cannot be called from here, so X's question to it counts as answered; an
    address on this machine is really asked. `refuses` names a reason to refuse registrations.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.url: str | None = None
        self.refuses = ""
        self.webhooks: dict[str, Json] = {}
        self.subscriptions: list[Json] = []
        self._made = 9_000

    def sign(self, body: bytes) -> str:
        digest = hmac.digest(self.secret.encode(), body, hashlib.sha256)
        return f"sha256={base64.b64encode(digest).decode()}"

    def envelope(self, me: str, kind: str, payload: Json, includes: Json) -> bytes:
        self._made += 1
        data = {"event_uuid": str(-self._made), "filter": {"user_id": me}, "event_type": kind}
        return json.dumps({"data": {**data, "payload": payload, "includes": includes}}).encode()

    def call(self, body: bytes) -> None:
        """Calls the address that is registered, if any."""
        if not self.url:
            return
        headers = {"content-type": "application/json", SIGNATURE: self.sign(body)}
        request = urllib.request.Request(self.url, body, headers, method="POST")
        urllib.request.urlopen(request, timeout=5).close()

    def manage(self, request: Request) -> Answer:
        """The app's webhooks, with its bearer token."""
        if request.method == "GET":
            found = list(self.webhooks.values())
            return Answer(200, {"data": found, "meta": {"result_count": len(found)}})
        if request.method == "PUT":
            webhook = self.webhooks.get(request.path.rpartition("/")[2])
            if webhook is None:
                return _refused("WebhookIdInvalid")
            webhook["valid"] = self._answers(webhook["url"])
            return Answer(200, {"data": {"valid": webhook["valid"]}})
        url = str(request.json.get("url"))
        reason = self.refuses or self._reason(url)
        if reason:
            return _refused(reason)
        self._made += 1
        webhook = {"id": str(self._made), "url": url, "valid": True}
        self.webhooks[webhook["id"]] = webhook
        self.url = url if url.startswith("http://") else self.url
        return Answer(200, {"data": webhook})

    def subscribe(self, request: Request, by_token: bool) -> Answer:
        """One event of one account; private ones need that account's OAuth 2.0 consent."""
        if request.method == "GET":
            return Answer(200, {"data": self.subscriptions, "meta": {}})
        asked = request.json
        kind = asked.get("event_type")
        if kind not in EVENTS or asked.get("webhook_id") not in self.webhooks:
            return Answer(400, {"detail": "Invalid Request"})
        if kind in PRIVATE and not by_token:
            return Answer(403, {"detail": "You are not permitted to perform this action."})
        if asked in [{k: s[k] for k in asked} for s in self.subscriptions]:
            return Answer(400, {"detail": "Duplicate subscription"})
        self._made += 1
        made = {"subscription_id": str(self._made), **asked}
        self.subscriptions.append(made)
        return Answer(200, {"data": made})

    def _reason(self, url: str) -> str:
        parts = urlsplit(url)
        if url in [w["url"] for w in self.webhooks.values()]:
            return "DuplicateUrlFailed"
        plain = parts.scheme != "https" or parts.port is not None
        if plain and parts.hostname != "127.0.0.1":
            return "UrlValidationFailed"
        return "" if self._answers(url) else "CrcValidationFailed"

    def _answers(self, url: str) -> bool:
        if not url.startswith("http://"):
            return True
        token = "fake-challenge"
        try:
            with urllib.request.urlopen(f"{url}?{urlencode({'crc_token': token})}", timeout=5) as a:
                told = json.loads(a.read())
        except (OSError, ValueError):
            return False
        return bool(told == {"response_token": self.sign(token.encode())})


def _refused(reason: str) -> Answer:
    return Answer(400, {"title": reason, "detail": "The webhook cannot be used.", "status": 400})
