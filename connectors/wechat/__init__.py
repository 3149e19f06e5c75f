"""WeChat Official Account: messages by webhook, answers through the customer-service interface.

WeChat lists nothing and echoes nothing: what the webhook does not bring is never known, and an
answer has no id. HTTP is always 200; `errcode` says what happened. Facts: WeChat's pages, read Nov
2026; the counts of the reply window: its announcement of May 2023 (20 became 5).
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from connectors.core import oauth
from connectors.core.base import DO_THIS, Base
from connectors.core.contract import (
    Account,
    Act,
    Attachment,
    Capabilities,
    Downloaded,
    HookAnswer,
    HookRequest,
    Identity,
    Json,
    Kind,
    Media,
    Message,
    Offer,
    On,
    Outgoing,
    Ref,
    Renewed,
    Secret,
    Sent,
    Setting,
    Upload,
    Window,
    word,
)
from connectors.core.errors import (
    SAYS,
    Answer,
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Row,
    Transient,
    WindowClosed,
)
from connectors.core.http import Http, Reply
from connectors.core.length import utf8
from connectors.wechat.parse import parse, read_xml
from connectors.wechat.seal import is_signed, unseal

CAPABILITIES = Capabilities(
    channel="wechat",
    title="WeChat",
    kinds=(Kind.DM,),
    streams=(),
    count=utf8,
    unit=word("bytes"),
    limit_public=None,
    limit_private=2_048,
    secrets=(
        Secret("app_secret", word("AppSecret")),
        Secret(
            "token",
            word("Token of the server configuration"),
            help=word("3 to 32 letters and digits that you make up and enter on both sides."),
        ),
        Secret(
            "aes_key",
            word("EncodingAESKey (43 characters)"),
            optional=True,
            help=word(
                "For the secure mode, which is the better one: the plain one signs no words."
            ),
        ),
        Secret("access_token", word("Access token"), obtained=True),
    ),
    settings=(
        Setting("app_id", word("AppID"), word("It begins with wx."), required=True),
        Setting(
            "kf_account",
            word("Customer-service account"),
            word("Whose name the customer sees, such as ada@brand. Empty: the account’s own."),
        ),
        Setting(
            "stable_token",
            word("How the access token is fetched"),
            choices=(
                ("yes", word("Stable: other programs keep theirs")),
                ("no", word("Plain: ends other programs’ tokens")),
            ),
            default="yes",
        ),
        Setting("window_hours", word("Hours for an answer"), default="48"),
        Setting(
            "window_most",
            word("Answers to one message"),
            word("5 since June 2023; older accounts had 20."),
            default="5",
        ),
    ),
    base_url="https://api.weixin.qq.com",
    polls=False,
    receives=True,
    can_look_up=False,
    renews=True,
    notes=(
        word("Answers within 48 hours, at most 5 to each message of the customer."),
        word("WeChat tells no names: customers are shown by their id."),
        word("An answer whose outcome is unknown cannot be looked up."),
    ),
    window=Window(
        timedelta(hours=48), most=5, hours_setting="window_hours", most_setting="window_most"
    ),
    media_private=Media(("image/jpeg", "image/png", "image/gif"), 10_000_000, with_text=False),
    offers=(
        Offer(Act.BLOCK, On.PERSON, undo=Act.UNBLOCK, note=word("WeChat drops what they write.")),
        Offer(Act.UNBLOCK, On.PERSON, undo=Act.BLOCK),
    ),
)

BUSY = word("WeChat is busy.")
WORN = word("WeChat no longer takes the access token.")
IP = word("WeChat does not know this server’s address. Add it to the IP allow-list of the account.")
CODES: Mapping[int, Row] = {
    -1: lambda a: Transient(BUSY),
    40001: lambda a: AuthExpired(WORN),
    40014: lambda a: AuthExpired(WORN),
    42001: lambda a: AuthExpired(WORN),
    40003: lambda a: Refused("WeChat does not know this person on this account."),
    40007: lambda a: Refused("WeChat no longer has this file. It keeps files for three days."),
    40164: lambda a: AuthRevoked(IP),
    43004: lambda a: Refused("The person does not follow the account, so WeChat delivers nothing."),
    45002: lambda a: Refused("The answer is too long for WeChat."),
    45009: lambda a: RateLimited("WeChat’s daily limit of calls is reached."),
    45011: lambda a: RateLimited("Too many calls to WeChat in a minute."),
    45015: lambda a: WindowClosed("WeChat takes no answer this long after the person last wrote."),
    45047: lambda a: WindowClosed("WeChat takes no more answers until the person writes again."),
    48001: lambda a: Refused("The account may not use this. WeChat gives it to verified accounts."),
}
TOKEN_CODES: Mapping[int, Row] = {  # of the call that fetches a token
    **CODES,
    **dict.fromkeys(
        (40001, 40125), lambda a: AuthRevoked("WeChat refused the AppSecret. Enter it again.")
    ),
    40013: lambda a: AuthRevoked("WeChat does not know this AppID. Correct it."),
    40243: lambda a: AuthRevoked("The AppSecret is frozen. Unfreeze it at WeChat."),
}
_NOISE = re.compile(r"\s*(hint: \[.*?\]|rid: \S+)")  # for WeChat's own staff
LISTS = {Act.BLOCK: "batchblacklist", Act.UNBLOCK: "batchunblacklist"}


class Connector(Base):
    """One Official Account (AppID)."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._app_id = str(account.settings.get("app_id") or "")
        self._app_secret = account.secrets.get("app_secret") or ""
        self._token = account.secrets.get("access_token") or ""
        self._http = Http(self.base_url(), now, failed=lambda reply: failure(reply.json(), CODES))

    def check(self) -> Identity:
        told = self._params()
        if not self.account.secrets.get("token"):
            raise AuthRevoked("The token of the server configuration is missing. Enter it again.")
        self._http.json("GET", "/cgi-bin/getcallbackip", params=told)
        handle = self.account.handle or self._app_id
        return Identity(self._app_id, handle, missing=self._missing(told))

    def renew(self) -> Renewed:
        """A token for two hours. Where WeChat hands out the refused one again, a fresh one is
        forced (20 times a day at most, says its page)."""
        self._has_app()
        told = self._fetch_token(force=False)
        if told["access_token"] == self._token:
            told = self._fetch_token(force=True)
        return Renewed({"access_token": told["access_token"]}, oauth.expiry(told, self.now()))

    def send(self, reply: Outgoing) -> Sent:
        """WeChat gives an answer no id, so it bears our own key."""
        params = self._params()
        if reply.files and (reply.text or len(reply.files) > 1):
            raise Refused("WeChat takes one picture a message, without words.")
        body: Json = {"touser": reply.thread}
        if reply.files:
            body |= {"msgtype": "image", "image": {"media_id": self._upload(reply.files[0])}}
        else:
            body |= {"msgtype": "text", "text": {"content": reply.text}}
        if self.account.settings.get("kf_account"):
            body["customservice"] = {"kf_account": str(self.account.settings["kf_account"])}
        told = self._post("/cgi-bin/message/custom/send", body, params, sending=True)
        if told.get("errcode") != 0:
            raise OutcomeUnknown("WeChat did not say whether it took the answer.")
        return Sent(f"out:{reply.key}")

    def receive(self, request: HookRequest) -> HookAnswer:
        token = self.account.secrets.get("token") or ""
        aes_key = self.account.secrets.get("aes_key") or ""
        signed = bool(token) and is_signed(request.query, token, request.received_at)
        if request.method == "GET":
            echo = request.query.get("echostr", "")
            return HookAnswer(200, echo) if signed else _refused_call()
        try:
            if aes_key:
                body = self._unsealed(request, token, aes_key)
            else:
                body = request.body if signed else None
            if body is None:
                return _refused_call()
            message = parse(_open(body))
        except Malformed as e:
            return HookAnswer(200, "success", malformed=(e,))
        messages: tuple[Message, ...] = () if message is None else (message,)
        return HookAnswer(200, "success", messages)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        if act not in LISTS or on.author is None:
            raise self._no(DO_THIS)
        path = f"/cgi-bin/tags/members/{LISTS[act]}"
        self._post(path, {"openid_list": [on.author.id]}, self._params())

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        if not attachment.ref:
            return super().download(attachment, most)
        query = urlencode({**self._params(), "media_id": attachment.ref})
        url = f"{self.base_url()}/cgi-bin/media/get?{query}"
        got = self.fetch_own(url, most)
        told = _json_in(got.data)
        if error := failure(told, CODES):
            raise error
        if isinstance(told, dict) and isinstance(told.get("video_url"), str):  # where a video lies
            return super().download(Attachment(told["video_url"], attachment.mime), most)
        return got

    def close(self) -> None:
        self._http.close()

    def _has_app(self) -> None:
        if not self._app_id or not self._app_secret:
            raise AuthRevoked("The AppID or the AppSecret is missing. Enter it again.")

    def _params(self) -> dict[str, str]:
        """The token, which WeChat wants in the address of each call."""
        self._has_app()
        if not self._token:
            raise AuthExpired("There is no access token yet.")
        return {"access_token": self._token}

    def _missing(self, params: Mapping[str, str]) -> tuple[str, ...]:
        kf_account = self.account.settings.get("kf_account")
        try:
            told = self._http.json("GET", "/cgi-bin/customservice/getkflist", params=dict(params))
        except Refused as e:
            return (e.reason,)
        listed = told.get("kf_list")
        known = [k.get("kf_account") for k in listed or () if isinstance(k, dict)]
        unknown = kf_account and kf_account not in known
        return (word("a customer-service account of that name"),) if unknown else ()

    def _fetch_token(self, force: bool) -> Json:
        app = {"appid": self._app_id, "secret": self._app_secret}
        grant = {"grant_type": "client_credential", **app}
        plain = self.account.settings.get("stable_token") == "no"
        with closing(Http(self.base_url(), self.now, failed=_no_token)) as http:
            if plain:
                told = http.json("GET", "/cgi-bin/token", params=grant)
            else:
                body = {**grant, "force_refresh": force}
                told = http.json("POST", "/cgi-bin/stable_token", json=body)
        if not isinstance(told.get("access_token"), str):
            raise Transient("WeChat gave no token.")
        return told

    def _upload(self, file: Upload) -> str:
        """Leaves a picture with WeChat for three days; its media_id."""
        params = {**self._params(), "type": "image"}
        files = {"media": (file.name, file.data, file.mime)}
        told = self._http.json("POST", "/cgi-bin/media/upload", params=params, files=files)
        if not isinstance(told.get("media_id"), str):
            raise Transient("WeChat did not take the picture.")
        return str(told["media_id"])

    def _post(
        self, path: str, body: Json, params: Mapping[str, str], *, sending: bool = False
    ) -> Json:
        """JSON as UTF-8: WeChat shows `\\u` escapes as they stand."""
        data = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        kwargs: Json = {"params": dict(params), "content": data, "headers": headers}
        return self._http.json("POST", path, sending=sending, **kwargs)

    def _unsealed(self, request: HookRequest, token: str, aes_key: str) -> bytes | None:
        """The XML of an encrypted call; None when it is not genuine."""
        try:
            sealed = read_xml(request.body).get("Encrypt", "")
        except Malformed:  # from anybody: nothing is signed yet
            return None
        query, at = request.query, request.received_at
        if not (token and sealed and is_signed(query, token, at, "msg_signature", sealed)):
            return None
        return unseal(sealed, aes_key, self._app_id)


def _no_token(reply: Reply) -> ConnectorError | None:
    return failure(reply.json(), TOKEN_CODES)


def failure(told: Any, codes: Mapping[int, Row]) -> ConnectorError | None:
    """The error in an answer; None when all is well."""
    code = told.get("errcode") if isinstance(told, dict) else None
    if not code:
        return None
    words = _NOISE.sub("", str(told.get("errmsg") or "")).strip()
    row = codes.get(code) if isinstance(code, int) else None
    answer = Answer(200, words)
    said = f"{words} ({code})." if words else f"{code}."
    return row(answer) if row else Refused(SAYS.format(name="WeChat", words=said))


def _open(body: bytes) -> Mapping[str, str]:
    """The fields of a call. Raises `Malformed`, also for an encrypted one without a key."""
    fields = read_xml(body)
    if "Encrypt" in fields and "MsgType" not in fields:
        raise Malformed("The call is encrypted. Enter the EncodingAESKey.", dict(fields))
    return fields


def _json_in(data: bytes) -> Any:
    """What came is no file but a word about it."""
    if data[:1] != b"{" or len(data) > 10_000:
        return None
    return Reply(200, {}, data).json()


def _refused_call() -> HookAnswer:
    return HookAnswer(401, "The signature is wrong or older than 5 minutes.")
