"""Checks OAuth 1.0a signatures (RFC 5849, HMAC-SHA1) as a server does."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote


def is_signed(header: str, method: str, url: str, query: str, secrets: Mapping[str, str]) -> bool:
    """Whether an `Authorization` header signs this request with these four keys.

    `url` is the address that the client signed, without its query. JSON bodies are not signed.
    """
    scheme, _, rest = header.partition(" ")
    if scheme != "OAuth":
        return False
    given = [part.strip().partition("=") for part in rest.split(",")]
    oauth = {name: unquote(value.strip('"')) for name, _, value in given}
    signature = oauth.pop("oauth_signature", "")
    known = (secrets["consumer_key"], secrets["access_token"], "HMAC-SHA1")
    names = ("oauth_consumer_key", "oauth_token", "oauth_signature_method")
    if tuple(oauth.get(n) for n in names) != known:
        return False
    pairs = [*oauth.items(), *parse_qsl(query, keep_blank_values=True)]
    encoded = sorted((_escape(k), _escape(v)) for k, v in pairs)
    parameters = "&".join(f"{k}={v}" for k, v in encoded)
    base = "&".join(_escape(part) for part in (method, url, parameters))
    key = f"{_escape(secrets['consumer_secret'])}&{_escape(secrets['access_token_secret'])}"
    digest = hmac.digest(key.encode(), base.encode(), hashlib.sha1)
    return hmac.compare_digest(base64.b64encode(digest).decode(), signature)


def _escape(text: str) -> str:
    return quote(text, safe="-._~")
