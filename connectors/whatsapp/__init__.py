"""WhatsApp Cloud API: messages to a business number by webhook, answers within 24 hours.

Meta lists no messages: what the webhook does not bring is never known. What became of an answer
comes by webhook too, with our own key in it, so that it also settles an answer whose outcome was
unknown. Facts: Meta's OpenAPI file (v23.0), its pages, and pywa 4.5.0, read Nov 2026.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from connectors._graph import HOST, VERSION_SETTING, inner, items, node, text
from connectors._graph_base import GraphBase
from connectors._graph_hooks import APP_SECRET, VERIFY_TOKEN, Told, receive
from connectors.core.base import DO_THIS, origin_of
from connectors.core.contract import (
    Account,
    Act,
    Attachment,
    Capabilities,
    Downloaded,
    Event,
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
    Secret,
    Sent,
    Setting,
    Upload,
    Window,
    word,
)
from connectors.core.errors import (
    AuthRevoked,
    Malformed,
    OutcomeUnknown,
    Refused,
    Transient,
)
from connectors.whatsapp.codes import CODES, why
from connectors.whatsapp.parse import read

CAPTION = 1_024  # characters beside a file
IMAGES = ("image/jpeg", "image/png")
META = (".facebook.com", ".fbsbx.com", ".fbcdn.net", ".whatsapp.net")  # where its files lie
GONE = word("WhatsApp no longer has this file. It keeps files for 30 days.")

CAPABILITIES = Capabilities(
    channel="whatsapp",
    family="meta",
    title="WhatsApp",
    kinds=(Kind.DM, Kind.COMMENT),
    streams=(),
    count=len,
    unit="characters",
    limit_public=None,
    limit_private=4_096,
    secrets=(
        Secret(
            "access_token",
            word("Access token of a system user"),
            help=word("With whatsapp_business_messaging and whatsapp_business_management."),
        ),
        replace(APP_SECRET, optional=False),
        VERIFY_TOKEN,
    ),
    settings=(
        Setting("phone_number_id", word("Phone number ID"), required=True),
        Setting("waba_id", word("WhatsApp Business Account ID"), required=True),
        VERSION_SETTING,
    ),
    base_url=HOST,
    polls=False,
    receives=True,
    subscribes=True,
    can_look_up=False,
    notes=(
        word("Answers within 24 hours of the customer’s last message; later ones need a template."),
        word("What became of an answer is told by webhook, also where its outcome was unknown."),
    ),
    window=Window(timedelta(hours=24)),
    media_private=Media((*IMAGES, "application/pdf", "text/plain"), 5_000_000, text_limit=1024),
    offers=(
        Offer(Act.BLOCK, On.PERSON, undo=Act.UNBLOCK, note=word("Within 24 hours of a message.")),
        Offer(Act.UNBLOCK, On.PERSON, undo=Act.BLOCK),
    ),
)


class Connector(GraphBase):
    """One business phone number."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now, codes=CODES)
        self._phone = str(account.settings.get("phone_number_id") or "")
        self._waba = str(account.settings.get("waba_id") or "")

    def check(self) -> Identity:
        self._needs("access_token", "app_secret")
        me = self._graph.get(node(self._phone), fields="id,display_phone_number,verified_name")
        number = text(me, "display_phone_number")
        if not number:
            raise Transient("Meta did not say which number this is.")
        apps = self._graph.get(node(self._waba, "subscribed_apps"))
        missing = () if items(apps, "data") else (word("the webhook (no app is subscribed)"),)
        return Identity(self._phone, number, text(me, "verified_name") or None, missing)

    def subscribe(self, url: str) -> str:
        self._needs("access_token", "verify_token")
        token = self.account.secrets["verify_token"]
        body = {"override_callback_uri": url, "verify_token": token}
        self._graph.post(node(self._waba, "subscribed_apps"), body)
        return word("WhatsApp now calls this address for all numbers of the business account.")

    def send(self, reply: Outgoing) -> Sent:
        self._needs("access_token")
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **_receiver(reply.platform, reply.to.id),
            **self._content(reply),
            "biz_opaque_callback_data": reply.key,
        }
        told = self._graph.send(node(self._phone, "messages"), body)
        sent = [text(m, "id") for m in items(told, "messages") if isinstance(m, dict)]
        if not sent or not sent[0]:
            raise OutcomeUnknown("WhatsApp did not say which message it sent.")
        return Sent(sent[0])

    def receive(self, request: HookRequest) -> HookAnswer:
        unread: list[Malformed] = []

        def reading(told: Told) -> Iterator[Message | Event]:
            for found in read(told, self._phone):
                if isinstance(found, Malformed):
                    unread.append(found)
                else:
                    yield found

        answer = receive(request, self.account.secrets, reading)
        return replace(answer, malformed=(*answer.malformed, *unread))

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        self._needs("access_token")
        if act not in (Act.BLOCK, Act.UNBLOCK) or on.author is None:
            raise self._no(DO_THIS)
        user = next(iter(_receiver(on.platform, on.author.id).values()))
        body: Json = {"messaging_product": "whatsapp", "block_users": [{"user": user}]}
        path = node(self._phone, "block_users")
        told = self._graph.post(path, body) if act is Act.BLOCK else self._graph.delete(path, body)
        for failed in items(inner(told, "block_users"), "failed_users"):
            errors = items(failed, "errors") if isinstance(failed, dict) else ()
            raise Refused(why(errors[0] if errors and isinstance(errors[0], dict) else {}))

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        """Meta gives an address for some minutes; the token goes to Meta's servers only."""
        if not attachment.ref:
            return super().download(attachment, most)
        self._needs("access_token")
        told = self._graph.get(node(attachment.ref), phone_number_id=self._phone)
        url, size = text(told, "url"), text(told, "file_size") or str(told.get("file_size", ""))
        if size.isdecimal() and int(size) > most:
            raise Refused("The file is too long.")
        if not self._is_metas(url):
            raise Refused("Meta named a strange address for this file.")
        headers = {"Authorization": f"Bearer {self.account.secrets['access_token']}"}
        return self.fetch_own(url, most, headers, gone=GONE)

    def _needs(self, *names: str) -> None:
        if missing := [n for n in names if not self.account.secrets.get(n)]:
            label = missing[0].replace("_", " ")
            raise AuthRevoked(word("{what} is missing. Enter it again.").format(what=label))
        if not self._phone or not self._waba:
            raise Refused("The settings phone_number_id and waba_id are needed.")

    def _content(self, reply: Outgoing) -> Json:
        if not reply.files:
            return {"type": "text", "text": {"body": reply.text, "preview_url": False}}
        if len(reply.files) > 1:
            raise Refused("WhatsApp takes one file a message.")
        if len(reply.text) > CAPTION:
            raise Refused(
                word("Beside a file WhatsApp takes at most {n} characters.").format(
                    n=f"{CAPTION:,}"
                )
            )
        file = reply.files[0]
        kind = "image" if file.mime in IMAGES else "document"
        media = {"id": self._upload(file)}
        if reply.text:
            media["caption"] = reply.text
        if kind == "document":
            media["filename"] = file.name
        return {"type": kind, kind: media}

    def _upload(self, file: Upload) -> str:
        """Leaves a file with Meta, where nobody sees it yet; its id."""
        fields = {"messaging_product": "whatsapp", "type": file.mime}
        part = (file.name, file.data, file.mime)
        media = text(self._graph.upload(node(self._phone, "media"), fields, "file", part), "id")
        if not media:
            raise Transient("Meta did not take the file.")
        return media

    def _is_metas(self, url: str) -> bool:
        if origin_of(url) in self.own_server():
            return True
        host = origin_of(url).rpartition(":")[0]
        return url.startswith("https://") and f".{host}".endswith(META)


def _receiver(platform: Mapping[str, object], author: str) -> dict[str, str]:
    """The phone number where it is known (`to`), else the user id (`recipient`)."""
    if platform.get("wa_id"):
        return {"to": str(platform["wa_id"])}
    if platform.get("user_id"):
        return {"recipient": str(platform["user_id"])}
    return {"to" if author.isdecimal() else "recipient": author}
