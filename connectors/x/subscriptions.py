"""Telling X where to call: a webhook of the app, and one subscription for each kind of event.

Facts: X's pages "Webhooks quickstart" and "X Activity API quickstart", Aug 2026. Webhooks belong to
the app and are managed with its bearer token; the events of an account are private and need that
account's own consent, by OAuth 2.0. The address has no port and begins with https.
"""

from collections.abc import Iterator, Mapping

from connectors.core.contract import Json, word
from connectors.core.errors import Answer, AuthExpired, AuthRevoked, ConnectorError, Refused
from connectors.x.client import Client, Rows

TAG = "replydesk"
EVENTS: Mapping[str, str] = {
    "dm.received": word("direct messages"),
    "dm.sent": word("our own direct messages"),
    "post.mention.create": word("mentions"),
    "post.reply.create": word("replies to our posts"),
    "post.quote.create": word("quotes of our posts"),
    "post.delete": word("deletions of our posts"),
}
REASONS: Mapping[str, str] = {
    "CrcValidationFailed": word(
        "X called this address and did not get the right answer. Check that it"
        " can be reached from the internet and that the API key secret of the app is entered here."
    ),
    "UrlValidationFailed": word(
        "X takes only an address that begins with https:// and names no port."
    ),
    "WebhookLimitExceeded": word(
        "The app has as many webhooks as X allows. Remove one in X’s developer console."
    ),
    "WebhookIdInvalid": word("X no longer knows this webhook. Try again."),
}


class _Known(Refused):
    """The app has a webhook with this address already."""


def subscribe(app: Client, account: Client, me: str, url: str) -> str:
    """Registers the address, or wakes it up, and asks for each kind of event once."""
    webhook = _registered(app, url)
    existing = {
        (s.get("event_type"), str(s.get("webhook_id")))
        for s in _listed(app.get("/2/activity/subscriptions", {}).body)
        if isinstance(s.get("filter"), dict) and str(s["filter"].get("user_id")) == me
    }
    done, failed = [], {}
    for event, name in EVENTS.items():
        asked = {"event_type": event, "filter": {"user_id": me}, "tag": TAG, "webhook_id": webhook}
        try:
            if (event, webhook) not in existing:
                account.do("POST", "/2/activity/subscriptions", asked, PRIVATE)
        except (AuthExpired, AuthRevoked):
            raise
        except Refused as e:
            failed[name] = e
        else:
            done.append(name)
    if not done:
        raise next(iter(failed.values()))
    told = word("X calls {url} for: {what}.").format(url=url, what=", ".join(done))
    return "\n".join((told, *_apart(failed)))


def _registered(app: Client, url: str) -> str:
    """The id of the app's webhook at this address."""
    try:
        made = app.do("POST", "/2/webhooks", {"url": url}, WEBHOOKS).body.get("data")
    except _Known:
        listed = _listed(app.get("/2/webhooks", {}).body)
        made = next((w for w in listed if w.get("url") == url), None)
        if made is not None and made.get("valid") is not True:
            app.do("PUT", f"/2/webhooks/{made.get('id')}", None, WEBHOOKS)
    if not isinstance(made, dict) or "id" not in made:
        raise Refused("X did not tell the webhook’s id. Try again.")
    return str(made["id"])


def _refused(answer: Answer) -> ConnectorError:
    if "DuplicateUrlFailed" in answer.detail:
        return _Known(answer.detail)
    found = (words for name, words in REASONS.items() if name in answer.detail)
    told = word("X did not take the address: {words}")
    return Refused(next(found, told.format(words=answer.detail)))


WEBHOOKS: Rows = {400: _refused, 403: _refused, 409: _refused}
PRIVATE: Rows = {
    403: lambda a: Refused(
        word(
            "{words} X tells an account’s own events only to an app that the account has signed in"
            " to with OAuth 2.0, with the rights to read posts and direct messages."
        ).format(words=a.detail)
    )
}


def _listed(body: Json) -> Iterator[Json]:
    data = body.get("data")
    return (x for x in data if isinstance(x, dict)) if isinstance(data, list) else iter(())


def _apart(failed: Mapping[str, ConnectorError]) -> Iterator[str]:
    told = word("Not for {what}: {words}")
    return (told.format(what=name, words=e.reason) for name, e in failed.items())
