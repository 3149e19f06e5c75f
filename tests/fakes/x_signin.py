"""The fake X's OAuth 2.0: consent, codes that live 30 seconds, tokens that run out and rotate."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.fakes.http import Answer, Request

CLIENT_ID = "fake-client-id"
CLIENT_SECRET = "fake-client-secret"
APP_TOKEN = "fake-app-bearer-token"
CODE_S, TOKEN_S = 30, 7200


@dataclass
class Consent:
    """A code on its way: what was asked with it, and until when it counts."""

    asked: dict[str, str]
    until: float


class SignIns:
    """`confidential` apps prove themselves by HTTP Basic, others name their id in the form."""

    def __init__(self, confidential: bool = True) -> None:
        self.confidential = confidential
        self.withheld = ""  # a scope that the person does not grant
        self._codes: dict[str, Consent] = {}
        self._tokens: dict[str, float] = {}  # access token: when it runs out (unix time)
        self._refresh: dict[str, str] = {}  # refresh token: the scopes that go with it
        self._made = 0

    def sign_in(self, now: float) -> dict[str, str]:
        """The secrets of an account whose person has just consented."""
        given = self._given("tweet.read users.read offline.access", now)
        names = {"access_token": "user_token", "refresh_token": "refresh_token"}
        proof = {"client_id": CLIENT_ID}
        if self.confidential:
            proof["client_secret"] = CLIENT_SECRET
        return proof | {names[n]: str(v) for n, v in given.items() if n in names}

    def is_valid(self, token: str, now: float) -> bool:
        return self._tokens.get(token, 0) > now

    def expire(self) -> None:
        """All access tokens run out; refresh tokens still work."""
        self._tokens.clear()

    def revoke(self) -> None:
        """The person takes the consent back."""
        self._tokens.clear()
        self._refresh.clear()

    def consent(self, request: Request, now: float) -> Answer:
        """X's page; here everybody agrees at once."""
        query = request.query
        needed = {"response_type", "client_id", "redirect_uri", "state", "code_challenge", "scope"}
        if not needed <= query.keys() or query.get("code_challenge_method") != "S256":
            return Answer(400, "<h1>Something went wrong</h1>")
        self._made += 1
        code = f"fake-code-{self._made}"
        self._codes[code] = Consent(query, now + CODE_S)
        back = urlencode({"state": query["state"], "code": code})
        return Answer(302, "", {"location": f"{query['redirect_uri']}?{back}"})

    def token(self, request: Request, now: float) -> Answer:
        form = request.form
        if not self._is_app(request):
            return _refused(401, "unauthorized_client", "Missing valid authorization header")
        if form.get("grant_type") == "refresh_token":
            scopes = self._refresh.pop(form.get("refresh_token", ""), None)
            if scopes is None:
                return _refused(400, "invalid_request", "Value passed for the token was invalid.")
            return Answer(200, self._given(scopes, now))
        consent = self._codes.pop(form.get("code", ""), None)
        if consent is None or consent.until < now or not _fits(consent.asked, form):
            words = "Value passed for the authorization code was invalid."
            return _refused(400, "invalid_request", words)
        granted = [s for s in consent.asked["scope"].split() if s != self.withheld]
        return Answer(200, self._given(" ".join(granted), now))

    def _is_app(self, request: Request) -> bool:
        if not self.confidential:
            return request.form.get("client_id") == CLIENT_ID
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {basic}"

    def _given(self, scopes: str, now: float) -> dict[str, object]:
        self._made += 1
        token, refresh = f"fake-token-{self._made}", f"fake-refresh-{self._made}"
        self._tokens[token] = now + TOKEN_S
        told = {"token_type": "bearer", "expires_in": TOKEN_S, "access_token": token}
        if "offline.access" in scopes.split():
            self._refresh[refresh] = scopes
            told["refresh_token"] = refresh
        return {**told, "scope": scopes}


def _fits(asked: dict[str, str], form: dict[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    same = form.get("redirect_uri") == asked["redirect_uri"]
    return same and challenge == asked["code_challenge"]


def _refused(status: int, error: str, words: str) -> Answer:
    return Answer(status, {"error": error, "error_description": words})
