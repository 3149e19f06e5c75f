"""A provider's token endpoint (RFC 6749): codes and refresh tokens in, access tokens out.

`issued` is called with each new access token, so that a mail server can take it.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from tests.fakes.http import Answer, Fake, Request

CLIENT_ID, CLIENT_SECRET, CODE = "desk-app", "secret-of-the-desk-app", "code-from-the-consent-page"


class TokenServer(Fake):
    """Rotates refresh tokens: each use makes the next one and ends the last."""

    def __init__(self, issued: Callable[[str], None] = lambda token: None) -> None:
        super().__init__(now=lambda: datetime.now(UTC))
        self.refresh_token = "refresh-0"
        self._issued, self._made = issued, 0

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    def route(self, request: Request) -> Answer:
        form = request.form
        if (request.method, request.path) != ("POST", "/token"):
            return Answer(404)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Answer(401, {"error": "invalid_client"})
        if form.get("grant_type") == "authorization_code":
            known = form.get("code") == CODE and bool(form.get("code_verifier"))
        else:
            known = form.get("refresh_token") == self.refresh_token
        if not known:
            return Answer(400, {"error": "invalid_grant"})
        self._made += 1
        self.refresh_token, token = f"refresh-{self._made}", f"access-{self._made}"
        self._issued(token)
        fresh = {"access_token": token, "refresh_token": self.refresh_token}
        return Answer(200, {**fresh, "token_type": "Bearer", "expires_in": 3599})
