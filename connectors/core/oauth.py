"""OAuth 2.0 authorization code with PKCE (RFC 6749, RFC 7636), as the platforms share it."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connectors.core.contract import Json, word
from connectors.core.errors import AuthExpired, AuthRevoked, Row, Transient
from connectors.core.http import Http, Reply

YEARS_S = 10 * 366 * 86_400  # longer lives are no lives
REFUSED: Mapping[int, Row] = {
    400: lambda a: AuthRevoked(a.detail or "The platform refused the sign-in. Sign in again."),
    401: lambda a: AuthRevoked(a.detail or "The platform refused the app’s credentials."),
}


def authorize_url(address: str, **parameters: str) -> str:
    """Where the browser goes: the platform's address with `response_type=code` and the rest."""
    return f"{address}?{urlencode({'response_type': 'code', **parameters})}"


def challenge(verifier: str) -> dict[str, str]:
    """The PKCE parameters of a code verifier (method S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    code = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return {"code_challenge": code, "code_challenge_method": "S256"}


def token(http: Http, path: str, form: Mapping[str, str], **kwargs: Any) -> Json:
    """Asks a token endpoint; `kwargs` as for `Http.json` (`auth=(id, secret)` for HTTP Basic).

    A refusal is `AuthRevoked`: a person must sign in again.
    """
    answer = http.json("POST", path, data=dict(form), rows=REFUSED, **kwargs)
    if not isinstance(answer.get("access_token"), str):
        raise Transient("The platform gave no token.")
    return answer


def refusal(reply: Reply, name: str) -> str:
    """What a token endpoint's refusal means, in plain words; "" where it gave no reason. A 401 says
    that the app itself was not let in (RFC 6749, 5.2)."""
    if reply.status == 401:
        return word("{name} did not take the client secret. Enter ID and secret again.").format(
            name=name
        )
    body = reply.json()
    found = body if isinstance(body, dict) else {}
    told = found.get("error_description") or found.get("error")
    if not isinstance(told, str):
        return ""
    return word("{name} refused the sign-in: {words}. Sign in again.").format(
        name=name, words=told.rstrip(".")
    )


def expiry(answer: Json, now: datetime, name: str = "expires_in") -> datetime | None:
    """When a token answer's token runs out; None when it does not say."""
    seconds = answer.get(name)
    if not isinstance(seconds, int | float) or not 0 < seconds < YEARS_S:
        return None
    return now + timedelta(seconds=float(seconds))


def kept(answer: Json, *names: str) -> dict[str, str]:
    """What of a token answer is to be stored as secrets."""
    return {name: str(answer[name]) for name in names if answer.get(name)}


def need_token(secrets: Mapping[str, str], *lasting: str) -> None:
    """Raises where there is no access token: `AuthExpired` if one of what lasts brings one."""
    if secrets.get("access_token"):
        return
    if any(secrets.get(name) for name in lasting):
        raise AuthExpired("There is no access token yet.")
    raise AuthRevoked("The account is not signed in. Connect it again.")
