"""Signing in to a mailbox without a password: where to consent, and fresh access tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from connectors.core import oauth
from connectors.core.contract import Account, Json, Renewed
from connectors.core.errors import AuthRevoked, Refused
from connectors.core.http import Http
from connectors.core.mail import is_this_machine


@dataclass(frozen=True, slots=True)
class Provider:
    """`more` are parameters of the consent page without which no refresh token is given."""

    authorize_url: str
    token_url: str
    scope: str
    more: Mapping[str, str] = field(default_factory=dict)


_MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0"
_OUTLOOK = "https://outlook.office.com"
PROVIDERS = {
    "google": Provider(
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        {"access_type": "offline", "prompt": "consent"},
    ),
    "microsoft": Provider(
        f"{_MICROSOFT}/authorize",
        f"{_MICROSOFT}/token",
        f"{_OUTLOOK}/IMAP.AccessAsUser.All {_OUTLOOK}/SMTP.Send offline_access",
    ),
}


class Tokens:
    """The account's own provider, with the app's id and secret."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        told = {n: str(account.settings.get(n) or "") for n in ("authorize_url", "token_url")}
        known = PROVIDERS.get(str(account.settings.get("provider") or "google"))
        # An address of their own wins: a tenant of Microsoft's, for example, has one.
        self.provider = Provider(
            told["authorize_url"] or (known.authorize_url if known else ""),
            told["token_url"] or (known.token_url if known else ""),
            str(account.settings.get("scope") or (known.scope if known else "")),
            known.more if known else {},
        )
        self._secrets, self._now = account.secrets, now

    def consent_url(self, redirect_uri: str, state: str, verifier: str) -> str:
        """Where the browser goes."""
        return oauth.authorize_url(
            _safe(self.provider.authorize_url),
            client_id=self._client()["client_id"],
            redirect_uri=redirect_uri,
            scope=self.provider.scope,
            state=state,
            **oauth.challenge(verifier),
            **self.provider.more,
        )

    def exchanged(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = self._ask(form)
        if not isinstance(answer.get("refresh_token"), str):
            raise AuthRevoked("The provider gave no refresh token. Remove the app’s access, retry.")
        return self._renewed(answer)

    def renewed(self) -> Renewed:
        refresh = self._secrets.get("refresh_token")
        if not refresh:
            raise AuthRevoked("The refresh token is missing. Sign in again.")
        return self._renewed(self._ask({"grant_type": "refresh_token", "refresh_token": refresh}))

    def _ask(self, form: Mapping[str, str]) -> Json:
        http = Http("", self._now)
        try:
            return oauth.token(http, _safe(self.provider.token_url), {**form, **self._client()})
        finally:
            http.close()

    def _renewed(self, answer: Json) -> Renewed:
        """A provider that rotates refresh tokens gives the next one along; others give none."""
        names = ("access_token", "refresh_token")
        secrets = {n: answer[n] for n in names if isinstance(answer.get(n), str)}
        return Renewed(secrets, oauth.expiry(answer, self._now()))

    def _client(self) -> dict[str, str]:
        names = ("client_id", "client_secret")
        client = {n: self._secrets[n] for n in names if self._secrets.get(n)}
        if "client_id" not in client:
            raise AuthRevoked("The app’s client id is missing. Enter it again.")
        return client


def _safe(url: str) -> str:
    """An address that secrets may be sent to: https, or on this machine."""
    parts = urlsplit(url)
    mine = parts.scheme == "http" and is_this_machine(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or mine):
        raise Refused("The provider’s sign-in and token addresses must begin with https://.")
    return url
