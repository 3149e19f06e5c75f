"""A believable WeChat on 127.0.0.1: one Official Account that people write to.

Like WeChat it answers 200 to everything and tells errors by `errcode`, ends the old token when a
new one is fetched the plain way, counts 48 hours and 5 answers from what a person wrote last,
measures texts in bytes, wants JSON without escapes, and signs its calls, sealed where the account
has an EncodingAESKey. `fault` makes it misbehave.

By hand: `python -m tests.fakes.wechat --port 8092 --hook http://127.0.0.1:8080/hooks/wechat/KEY`,
then POST {"text", "author"} to /_fake/message or {"event", "author"} to /_fake/event.
"""

import argparse
import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from connectors.core.contract import Account, HookRequest
from tests.fakes.hook import call
from tests.fakes.http import Answer, Fake, Json, Request

APP_ID = "wx4711demo"
GH = "gh_4711demo"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
SECRETS = {"app_secret": "wechat-app-secret-4711", "token": "wechattoken4711"}
WINDOW_S, MOST, BYTES = 48 * 3600, 5, 2048
OK = {"errcode": 0, "errmsg": "ok"}


def no(code: int, words: str) -> Answer:
    return Answer(200, {"errcode": code, "errmsg": f"{words} rid: 4711-demo"})


class FakeWeChat(Fake):
    """`sent` are the texts taken, `pictures` the files of answers, oldest first; `blocked` whom
    the account does not hear."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "limited": no(45009, "reach max api daily quota limit"),
        "busy": no(-1, "system error"),
        "unverified": no(48001, "api unauthorized"),
        "unfollowed": no(43004, "require subscribe hint: [demo]"),
        "unavailable": Answer(502, "<html>Bad Gateway</html>"),
    }

    def __init__(self, *, sealed: bool = False, hook: str = "", port: int = 0) -> None:
        super().__init__(port=port)
        self.sealed, self.hook = sealed, hook
        self.pictures: list[bytes] = []
        self.blocked: set[str] = set()
        self.files: dict[str, tuple[str, bytes]] = {}  # media_id → its type and bytes
        self.tokens = 0
        self.token = self._new_token()
        self._wrote: dict[str, datetime] = {}
        self._answers: dict[str, int] = {}
        self._last_id = 23_456_789_012_345_678

    def account(self, **settings: Any) -> Account:
        secrets = {**SECRETS, "access_token": self.token}
        if self.sealed:
            secrets["aes_key"] = AES_KEY
        told = {"app_id": APP_ID, **settings}
        return Account("wechat", "brand", APP_ID, self.url, told, secrets)

    def person(self, name: str) -> str:
        return "o" + hashlib.sha256(name.encode()).hexdigest()[:27]

    def message(self, text: str = "", author: str = "ann", **more: Any) -> dict[str, str]:
        """A person writes; the fields of the call. `more` is what else the message holds."""
        with self.lock:
            self._last_id += 1
            who = self.person(author)
            self._wrote[who], self._answers[who] = self.now(), 0
            kind = {"MsgType": "text", "Content": text} if text else {}
            return {**self._frame(author), **kind, "MsgId": str(self._last_id), **more}

    def picture(self, data: bytes, author: str = "ann") -> dict[str, str]:
        media = f"media{len(self.files)}"
        self.files[media] = ("image/jpeg", data)
        return self.message("", author, MsgType="image", MediaId=media, PicUrl="http://x.example/1")

    def event(self, event: str, author: str = "ann", **more: Any) -> dict[str, str]:
        return {**self._frame(author), "MsgType": "event", "Event": event, **more}

    def request(self, fields: Mapping[str, str]) -> HookRequest:
        return self.raw_request(xml(fields))

    def raw_request(self, body: bytes, *, app_id: str = APP_ID) -> HookRequest:
        """A signed call with this body, sealed where the account has a key."""
        query = self.signed_query()
        if self.sealed:
            inside = seal(body, AES_KEY, app_id)
            sealed = sign(SECRETS["token"], query["timestamp"], query["nonce"], inside)
            query |= {"encrypt_type": "aes", "msg_signature": sealed}
            body = xml({"ToUserName": GH, "Encrypt": inside})
        headers = {"content-type": "text/xml"}
        return HookRequest("POST", "/hooks/wechat/key", headers, query, body, self.now())

    def challenge(self) -> HookRequest:
        query = {**self.signed_query(), "echostr": "5746832191"}
        return HookRequest("GET", "/hooks/wechat/key", {}, query, b"", self.now())

    def signed_query(self, token: str = SECRETS["token"]) -> dict[str, str]:
        at, nonce = str(int(self.now().timestamp())), "demo4711"
        return {"signature": sign(token, at, nonce), "timestamp": at, "nonce": nonce}

    def expire(self) -> None:
        self.token = self._new_token()

    def route(self, request: Request) -> Answer:
        path = request.path
        if path in ("/cgi-bin/token", "/cgi-bin/stable_token"):
            return self._give_token(request)
        if request.query.get("access_token") != self.token:
            return no(40001, "invalid credential, access_token is invalid or not latest")
        answers = {
            "/cgi-bin/getcallbackip": lambda: Answer(200, {"ip_list": ["127.0.0.1"]}),
            "/cgi-bin/customservice/getkflist": lambda: Answer(200, {"kf_list": [KF]}),
            "/cgi-bin/message/custom/send": lambda: self._send(request),
            "/cgi-bin/media/upload": lambda: self._upload(request),
            "/cgi-bin/media/get": lambda: self._get(request.query.get("media_id", "")),
            "/cgi-bin/tags/members/batchblacklist": lambda: self._block(request, True),
            "/cgi-bin/tags/members/batchunblacklist": lambda: self._block(request, False),
        }
        found = answers.get(path)
        return found() if found else no(40066, "invalid url")

    def control(self, request: Request) -> Answer:
        told = request.json
        author = told.get("author", "ann")
        if request.path == "/_fake/message":
            fields = self.message(told["text"], author)
        elif request.path == "/_fake/event":
            fields = self.event(told["event"], author, EventKey=told.get("key", ""))
        else:
            return Answer(404)
        return Answer(201, {"fields": fields, "hook": call(self.hook, self.request(fields))})

    def _frame(self, author: str) -> dict[str, str]:
        at = str(int(self.now().timestamp()))
        return {"ToUserName": GH, "FromUserName": self.person(author), "CreateTime": at}

    def _new_token(self) -> str:
        self.tokens += 1
        return f"wechat-access-token-{self.tokens}"

    def _give_token(self, request: Request) -> Answer:
        asked = request.json if request.method == "POST" else request.query
        if asked.get("grant_type") != "client_credential":
            return no(40002, "invalid grant_type")
        if asked.get("appid") != APP_ID:
            return no(40013, "invalid appid")
        if asked.get("secret") != SECRETS["app_secret"]:
            return no(40125, "invalid appsecret")
        if request.path == "/cgi-bin/token" or asked.get("force_refresh"):
            self.expire()
        return Answer(200, {"access_token": self.token, "expires_in": 7200})

    def _send(self, request: Request) -> Answer:
        if b"\\u" in request.raw:
            return no(47001, "data format error")
        asked = request.json
        who, kind = str(asked.get("touser")), asked.get("msgtype")
        kf_account = asked.get("customservice", {"kf_account": KF["kf_account"]})
        if kf_account != {"kf_account": KF["kf_account"]}:
            return no(65401, "invalid customservice account")
        if who not in self._wrote:
            return no(40003, "invalid openid")
        if (self.now() - self._wrote[who]).total_seconds() > WINDOW_S:
            return no(45015, "response out of time limit or subscription is canceled hint: [x]")
        if self._answers[who] >= MOST:
            return no(45047, "out of response count limit")
        wrong = self._take(kind, asked)
        if wrong is None:
            self._answers[who] += 1
        return wrong or Answer(200, OK)

    def _take(self, kind: Any, asked: Json) -> Answer | None:
        if kind == "text":
            text = str(asked["text"]["content"])
            if len(text.encode()) > BYTES:
                return no(45002, "content size out of limit")
            self.sent.append(text)
            return None
        if kind == "image" and asked["image"]["media_id"] in self.files:
            self.pictures.append(self.files[asked["image"]["media_id"]][1])
            return None
        return no(40007, "invalid media_id") if kind == "image" else no(40008, "invalid type")

    def _upload(self, request: Request) -> Answer:
        files = [p for p in request.parts if p.name == "media" and p.filename]
        if not files or request.query.get("type") != "image":
            return no(41005, "media data missing")
        media = f"upload{len(self.files)}"
        self.files[media] = (files[0].mime, files[0].data)
        at = int(self.now().timestamp())
        return Answer(200, {"type": "image", "media_id": media, "created_at": at})

    def _get(self, media: str) -> Answer:
        if media not in self.files:
            return no(40007, "invalid media_id")
        mime, data = self.files[media]
        return Answer(200, data, {"content-type": mime})

    def _block(self, request: Request, block: bool) -> Answer:
        people = set(request.json["openid_list"])
        self.blocked = self.blocked | people if block else self.blocked - people
        return Answer(200, OK)


KF = {"kf_account": "ada@brand", "kf_nick": "Ada", "kf_id": "1001", "kf_headimgurl": ""}


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def xml(fields: Mapping[str, str]) -> bytes:
    inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
    return f"<xml>{inside}</xml>".encode()


def seal(text: bytes, aes_key: str, app_id: str) -> str:
    """WeChat's encryption, from its definition: random, length, text, AppID; padded to 32."""
    key = base64.b64decode(aes_key + "=")
    plain = b"0123456789abcdef" + len(text).to_bytes(4, "big") + text + app_id.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad)).decode()


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.wechat")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hook", default="", help="where to call with messages")
    parser.add_argument("--sealed", action="store_true", help="encrypt the calls")
    given = parser.parse_args()
    with FakeWeChat(port=given.port, hook=given.hook, sealed=given.sealed) as fake:
        keys = {**SECRETS, **({"aes_key": AES_KEY} if given.sealed else {})}
        print(json.dumps({"base_url": fake.url, "app_id": APP_ID, **keys}, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/message -d \'{{"text": "hello"}}\'', flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
