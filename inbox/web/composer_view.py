"""The answer's form as the page shows it: the ways to answer, and what was typed."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.core import length
from connectors.core.contract import Author, Capabilities, Visibility, word
from inbox.domain import sending, windows
from inbox.flows.drafting import visibility_of
from inbox.flows.notes import NOTE
from inbox.flows.parts import MOST_FILES
from inbox.store.sql import AnyRow
from inbox.store.tables import File
from inbox.store.thread import Thread
from inbox.web import files_view
from inbox.web.pages_composer import Composer, Counting, Later, Mode, Pick

_ERRORS = {
    "empty": "empty",
    "long": "long",
    "file": "file",
    "not_permitted": "shut",
    "not_connected": "shut",
    "nothing_to_answer": "shut",
    "window": "shut",
    "crossed": "newer",
    "answered": "answered",
    "again": "again",
    "others": "others",
    "twice": "twice",
    "braces": "braces",
    "secret": "secret",
    "time": "time",
    "late": "late",
}
"""The composer's error for each code of a draft."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed and could not be queued. `code` and `why` are of `ReplyInvalid`, or `again`:
    the form was sent before, with other words; without code nothing is wrong. An empty `key` asks
    for a fresh one. `kept` are the files that were uploaded with it; whose they are is in
    `kept_files`. `picks` are canned answers to choose from, `canned` the one in the words. `asked`
    is the local time at which it was to leave, `twice` the answer that has the same words."""

    text: str
    mode: str
    key: str
    code: str
    why: str
    kept: tuple[int, ...] = ()
    kept_files: tuple[File, ...] = ()
    canned: int | None = None
    picks: tuple[Pick, ...] = ()
    asked: str = ""
    twice: int = 0


def compose(
    thread: Thread,
    offered: Capabilities | None,
    draft: Draft | None,
    now: datetime,
    zone: str = "UTC",
) -> Composer:
    """The answer's form; for notes alone where the account sends nothing (`offered` None), or there
    is nothing of the customer to answer."""
    last = next((row for row in reversed(thread.messages) if row.role == "customer"), None)
    modes: tuple[Mode, ...] = ()
    if offered and last:
        to = Author(last.author_id or "", last.author_handle, last.author_name)
        modes = tuple(
            replace(mode, mention=offered.mention(Visibility(visibility_of(mode.key)), to))
            for mode in _modes(thread, offered, last, now)
        )
    active = draft.mode if draft else last.visibility if last else NOTE
    usable = [mode.key for mode in modes if not mode.shut]
    return Composer(
        conversation=thread.row.id,
        modes=modes,
        active=active if active in (*usable, NOTE) else next(iter(usable), NOTE),
        key=(draft.key if draft else "") or secrets.token_urlsafe(16),
        shown=max((row.id for row in thread.messages), default=0),
        seen_reply=_newest_reply(thread),
        text=draft.text if draft else "",
        error=_ERRORS.get(draft.code, "shut") if draft and draft.code else "",
        why=draft.why if draft else "",
        kept=tuple(map(files_view.shown, draft.kept_files)) if draft else (),
        most_files=MOST_FILES,
        canned=draft.canned if draft else None,
        picks=draft.picks if draft else (),
        twice=draft.twice if draft else 0,
        later=_later(thread, modes, now, zone, draft.asked if draft else ""),
    )


def _later(thread: Thread, modes: Sequence[Mode], now: datetime, zone: str, asked: str) -> Later:
    closes = [mode.closes_at for mode in modes if mode.closes_at is not None and not mode.shut]
    found = sending.offered(now, zone, thread.row.due_at, min(closes, default=None))
    return Later(
        tuple((name, at, wrong or "") for name, (at, wrong) in found.items()),
        asked,
    )


def _newest_reply(thread: Thread) -> int:
    """The newest row of the outbox on the page."""
    sent = [row.outbox_id or 0 for row in thread.messages]
    return max(sent + [row.id for row in thread.replies], default=0)


def _modes(thread: Thread, offered: Capabilities, last: AnyRow, now: datetime) -> Sequence[Mode]:
    """The ways to answer: as it was asked, and from public into private where that is offered."""
    modes = []
    if last.visibility == "public" and offered.limit_public is not None:
        shut = "" if last.can_reply_publicly else (last.reply_note or offered.title)
        counting = _counting(offered.count, offered.unit)
        takes = files_view.takes(offered, Visibility.PUBLIC)
        limit = offered.limit_public
        modes.append(Mode("public", limit, offered.unit, counting, shut=shut, **takes))
    move = offered.move_private
    moves = last.visibility == "public" and move is not None
    if move is not None and move.kinds:
        moves = moves and last.kind in move.kinds
    if offered.limit_private is not None and (moves or last.visibility == "private"):
        closes_at, shut = (_move if moves else _window)(thread, offered, last, now)
        counting = _counting(offered.count_private or offered.count, offered.unit)
        unit = offered.unit if offered.count_private is None else "characters"
        limit, takes = offered.limit_private, files_view.takes(offered, Visibility.PRIVATE)
        private = Mode("private", limit, unit, counting, closes_at, shut, moves, **takes)
        modes.append(private)
        if others := last.platform.get("others") if offered.copies else None:
            modes.append(replace(private, key="all", also_to=tuple(map(tuple, others))))
    return modes


def _window(
    thread: Thread, offered: Capabilities, last: AnyRow, now: datetime
) -> tuple[datetime | None, str]:
    """The end of the platform's window, and why it is shut."""
    found = windows.limit(offered, thread.account.settings, "private", last.sent_at)
    if found is None:
        return None, ""
    if now >= found.closes_at:
        return (
            None,
            windows.OVER.format(channel=offered.title),
        )
    ours = sum(1 for m in thread.messages if m.role == "ours" and m.sent_at > last.sent_at)
    waiting = sum(1 for r in thread.replies if r.state in ("queued", "sending", "unknown"))
    if found.shut(now, ours + waiting):
        return None, windows.MOST.format(channel=offered.title, n=found.most)
    return found.closes_at, ""


def _move(
    thread: Thread, offered: Capabilities, last: AnyRow, now: datetime
) -> tuple[datetime | None, str]:
    """The same for a move to private."""
    assert offered.move_private is not None
    closes_at = windows.move_closes_at(offered.move_private, last.sent_at)
    if closes_at is not None and now >= closes_at:
        return None, word("The time to answer this comment privately is over.")
    if offered.move_private.once and thread.moved:
        return None, word("This comment was answered privately before.")
    return closes_at, ""


def _counting(count: Callable[[str], int], unit: str) -> Counting:
    """How the browser counts along, from how the platform does."""
    if count in _COUNTED:
        return _COUNTED[count]
    return "x" if "weighted" in unit else "bytes" if "byte" in unit else "graphemes"


_COUNTED: dict[Callable[..., int], Counting] = {
    len: "chars",
    length.graphemes: "graphemes",
    length.utf16: "utf16",
    length.utf8: "bytes",
}
