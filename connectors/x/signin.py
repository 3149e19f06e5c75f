"""Signing in to X with OAuth 2.0: the app asks, a person consents on X's page, tokens come back.

Facts: X's pages "OAuth 2.0 Authorization Code Flow with PKCE" and "User access token", Aug 2026. An
access token lives two hours; a code 30 seconds; a refresh token comes with `offline.access` only
and each use replaces it. An app with a secret proves itself by HTTP Basic, one without by its id.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime

from connectors.core import oauth
from connectors.core.contract import Account, Begun, Renewed, word
from connectors.core.errors import Answer, AuthRevoked
from connectors.core.http import Http, Reply, standard_answer
from connectors.x.client import NEW_ORIGIN

AUTHORIZE = "https://x.com"
SCOPES: Mapping[str, str] = {  # what each one is for, in plain words
    "tweet.read": word("reading posts"),
    "users.read": word("reading profiles"),
    "tweet.write": word("posting"),
    "dm.read": word("reading direct messages"),
    "dm.write": word("sending direct messages"),
    "media.write": word("uploading pictures"),
    "tweet.moderate.write": word("hiding replies"),
    "mute.write": word("muting people"),
    "offline.access": word("staying signed in for more than two hours"),
}


def begin(account: Account, redirect_uri: str, state: str, verifier: str) -> Begun:
    """Where a person consents; an account with its own address has its own page too."""
    home = (account.base_url or AUTHORIZE).rstrip("/")
    asked = {
        "client_id": _client_id(account),
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        **oauth.challenge(verifier),
    }
    return Begun(oauth.authorize_url(f"{home}/i/oauth2/authorize", **asked))


def exchange(
    account: Account, now: Callable[[], datetime], code: str, redirect_uri: str, verifier: str
) -> Renewed:
    """Tokens for a code."""
    form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return _tokens(account, now, {"grant_type": "authorization_code", **form})


def renew(account: Account, now: Callable[[], datetime]) -> Renewed:
    """Tokens for the refresh token, which is used up by this."""
    refresh_token = account.secrets.get("refresh_token")
    if not refresh_token:
        raise AuthRevoked("X gave no refresh token for this account. Sign in again.")
    return _tokens(account, now, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def missing(account: Account) -> tuple[str, ...]:
    """What a person did not grant, in plain words; nothing where X did not tell."""
    granted = account.secrets.get("scopes", "").split()
    return tuple(words for scope, words in SCOPES.items() if granted and scope not in granted)


def _tokens(account: Account, now: Callable[[], datetime], form: Mapping[str, str]) -> Renewed:
    client_id, secret = _client_id(account), account.secrets.get("client_secret")
    proof = {"auth": (client_id, secret)} if secret else {}
    given = dict(form) if secret else {**form, "client_id": client_id}

    def explain(reply: Reply) -> Answer:
        return standard_answer(reply, now(), oauth.refusal(reply, "X"))

    with closing(Http(account.base_url or NEW_ORIGIN, now, explain=explain)) as http:
        answer = oauth.token(http, "/2/oauth2/token", given, **proof)
    told = {
        "user_token": answer["access_token"],
        "refresh_token": answer.get("refresh_token"),
        "scopes": answer.get("scope"),
    }
    secrets = {name: value for name, value in told.items() if isinstance(value, str) and value}
    return Renewed(secrets, oauth.expiry(answer, now()))


def _client_id(account: Account) -> str:
    client_id = account.secrets.get("client_id")
    if not client_id:
        raise AuthRevoked("The app’s client id is missing. Enter it again.")
    return client_id
