"""The answer's form as it was sent, files included.

It is read after the gate has let its sender in: nobody else fills our disk.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData, UploadFile

from connectors.core.contract import word
from inbox.domain.ids import BIGGEST_ID
from inbox.flows.drafting import ALL, visibility_of
from inbox.flows.files import MOST, keep_upload
from inbox.flows.parts import MOST_FILES
from inbox.flows.reply import ReplyInvalid
from inbox.web.auth import signed_in
from inbox.web.desk import desk_of

MOST_BODY: Final = 4 * MOST
"""Bytes of the whole form."""
_MOST_FIELDS: Final = 64
_MOST_TEXT: Final = 1024 * 1024
_KEY: Final = range(8, 65)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """`kept` are files that were uploaded before, `uploads` those that come with this request.
    `canned` is the canned answer in the words, `pick` one to put into them. `later`
    names when it is to leave (`at`: the local time in `at`), `late` says that this is known to be
    after the due time, `twice` which answer with the same words is known, `also_to` who else gets
    it in the mode for all."""

    key: str
    shown: int
    text: str
    mode: str
    kept: tuple[int, ...]
    uploads: tuple[UploadFile, ...]
    split: bool = False
    seen_reply: int = 0
    canned: int | None = None
    pick: int | None = None
    later: str = ""
    at: str = ""
    late: bool = False
    twice: int = 0
    also_to: tuple[str, ...] = ()

    @property
    def visibility(self) -> str:
        return visibility_of(self.mode)


async def _read(request: Request) -> AsyncGenerator[AnswerForm, None]:
    """Raises 400 for what no form of ours sends."""
    limits = {"max_files": _MOST_FIELDS, "max_fields": _MOST_FIELDS, "max_part_size": _MOST_TEXT}
    async with request.form(**limits) as form:
        yield _form(form)


TheAnswer = Annotated[AnswerForm, Depends(_read)]


def _form(form: FormData) -> AnswerForm:
    texts = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    chosen = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    kept = [_number(one) for one in form.getlist("kept") if isinstance(one, str)]
    if len(texts.get("idempotency_key", "")) not in _KEY:
        raise HTTPException(400)
    return AnswerForm(
        key=texts["idempotency_key"],
        shown=_number(texts.get("shown", "")),
        text=texts.get("text", ""),
        mode=texts.get("mode", ""),
        kept=tuple(dict.fromkeys(kept)),
        uploads=tuple(chosen),
        split=texts.get("split") == "1",
        seen_reply=_number(texts.get("seen_reply") or "0"),
        canned=_number(texts["canned"]) if texts.get("canned") else None,
        pick=_number(texts["pick"]) if texts.get("pick") else None,
        later=texts.get("later", ""),
        at=texts.get("at", ""),
        late=texts.get("late") == "1",
        twice=_number(texts.get("twice") or "0"),
        also_to=tuple(texts.get("also_to", "").split()) if texts.get("mode") == ALL else (),
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:20]) > BIGGEST_ID:
        raise HTTPException(400)
    return int(text)


def keep_uploads(request: Request, conversation_id: int, answer: AnswerForm) -> tuple[int, ...]:
    """The files of an answer in order, those kept before first; what came now is kept as drafts.

    Raises `ReplyInvalid` when one is too large or there are too many; those before it are kept,
    and named by the exception's `kept`.
    """
    desk, agent = desk_of(request), signed_in(request)
    ids = list(answer.kept)
    for upload in answer.uploads:
        data = upload.file.read(MOST + 1)
        name = upload.filename or ""
        if len(ids) >= MOST_FILES:
            raise FilesKept(ids, word("At most {n} files go with one answer.").format(n=MOST_FILES))
        if len(data) > MOST:
            raise FilesKept(
                ids, word("{name} is larger than {n} MB.").format(name=name, n=MOST // 2**20)
            )
        ids.append(
            keep_upload(
                desk.store,
                conversation_id=conversation_id,
                agent_id=agent.id,
                name=name,
                claimed=upload.content_type,
                data=data,
                now=desk.now(),
            )
        )
    return tuple(ids)


class FilesKept(ReplyInvalid):
    """Not all files could be taken; `kept` are those that were."""

    def __init__(self, kept: list[int], reason: str) -> None:
        super().__init__("file", reason)
        self.kept = tuple(kept)
