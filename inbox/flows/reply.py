"""An agent answers: the words become a row in the outbox (law 2)."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.core.contract import Author, Capabilities, Kind, Media, Visibility, word
from connectors.core.registry import capabilities
from connectors.core.text import clean
from inbox.domain import windows
from inbox.domain.answers import braces
from inbox.domain.outbox import QUEUED
from inbox.flows import leaving
from inbox.flows.leaving import AT_ONCE, Leaving
from inbox.flows.parts import Part, parts_of, queue_parts, split_words, unfit
from inbox.guard.secrets import mask
from inbox.store import answers, approval, audit, drafts, events, files, messages, notices, outbox
from inbox.store.accounts import ACTIVE, IMPORTED, REVOKED
from inbox.store.session import Store, lock_account
from inbox.store.tables import Account, Conversation, Message, Reply, User

NO_ANSWER = {
    "public": word("{channel} has no public answer here."),
    "private": word("{channel} has no private answer here."),
}


SOON_AGAIN = timedelta(minutes=2)
"""The same words to the same customer within this time are asked about."""
SHOWN_WORDS = 300  # characters of a colleague's answer, in the reason


class ReplyInvalid(ValueError):
    """The reply cannot be queued. `code` names the case: empty, long, braces, secret (a whole card
    number), file, not_permitted, not_connected, nothing_to_answer, window (the platform's time for
    an answer is over), crossed (the customer wrote again meanwhile), answered (a colleague did,
    unseen by the author), twice (`SentTwice`), others (one of `also_to` did not get the customer's
    message), time (it cannot leave then), late (it would be then)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SentTwice(ReplyInvalid):
    """The same person sent the same words to this customer a moment ago, as the row `reply_id`."""

    def __init__(self, reply_id: int, ago_s: int) -> None:
        super().__init__("twice", word("You sent the same words {n} s ago.").format(n=ago_s))
        self.reply_id = reply_id


def queue_reply(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    actor: str,
    text: str,
    visibility: str,
    form_key: str,
    shown: int,
    now: datetime,
    confirm: bool = False,
    file_ids: Sequence[int] = (),
    split: bool = False,
    seen_reply: int | None = None,
    canned: int | None = None,
    when: Leaving = AT_ONCE,
    twice: int | None = None,
    also_to: Collection[str] = (),
) -> int:
    """The outbox id of the reply (of its first part). The same `form_key` again returns the same.

    `file_ids` are this agent's uploads here (`flows.files.keep_upload`), in order. A newer message
    of the customer than `shown`, the last one on the author's page, stops it unless `confirm`; a
    colleague's answer to the same message newer than the outbox row `seen_reply` does, too (None:
    nobody looks). `split` sends several messages where it is too long for one, `canned` is the
    canned answer in it, `when` says when it leaves, `also_to` which others of the answered message
    get it. The same words again are asked about unless
    `twice` is the row that has them (None: nobody asks). Raises `ReplyInvalid`; nothing is stored.
    """
    words = clean(text).strip()
    with store.write() as session:
        conversation = session.get_one(Conversation, conversation_id)
        lock_account(session, conversation.account_id)  # a double click waits here
        known = session.scalar(select(Reply.id).where(Reply.form_key == form_key))
        if known is not None:
            return known
        account = _working(session, conversation.account_id)
        answered = _answered(session, conversation_id, shown)
        offered = capabilities(account.channel).of(account.settings)
        _check_way(session, offered, visibility, answered, now)
        check_window(session, account, conversation_id, visibility, answered, now)
        texts = _check_words(offered, words, visibility, answered, bool(file_ids), split)
        _check_secrets(session, words)
        media = _checked_files(session, offered, visibility, conversation_id, agent_id, file_ids)
        _check_crossed(session, conversation_id, shown, confirm)
        _check_colleagues(session, conversation_id, agent_id, answered.id, seen_reply)
        _check_twice(session, conversation.contact_id, agent_id, texts[0], twice, now)
        _refuse(leaving.trouble(session, account, conversation, visibility, answered, when, now))
        row: dict[str, Any] = {"form_key": form_key, "account_id": account.id, "shown": shown}
        row |= {"conversation_id": conversation_id, "agent_id": agent_id, "canned_id": canned}
        row |= {"visibility": visibility, "answers": answered.id}
        row |= {"copies": _copies(offered, answered, also_to)}
        times = leaving.columns(when, now) | {"state": QUEUED, "created_at": now}
        return _put(session, parts_of(texts, file_ids, media), row, actor, times)


def _put(
    session: Session,
    parts: Sequence[Part],
    row: dict[str, Any],
    actor: str,
    times: dict[str, Any],
) -> int:
    """Queues the parts, and tells of it; the id of the first."""
    now, conversation_id = times["created_at"], row["conversation_id"]
    reply_id, *_ = queue_parts(session, parts, row | times)
    if row["canned_id"] is not None:
        answers.used(session, row["canned_id"], row["agent_id"], now)
    at = times.get("send_at")
    said = {"outbox": reply_id, "at": at.isoformat() if at else None}
    audit.record(session, actor, "reply", f"conversation:{conversation_id}", now, **said)
    drafts.sent(session, row["agent_id"], conversation_id, row["form_key"])
    _tell_others(session, conversation_id, row["agent_id"], now)
    events.announce(session, "conversation", now, conversation_id)
    return reply_id


def _answered(session: Session, conversation_id: int, shown: int) -> Message:
    """The customer's newest message that the author was shown."""
    found = (
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.role == "customer",
            Message.id <= shown,
        )
        .order_by(Message.sent_at.desc(), Message.id.desc())
    )
    message = session.scalars(found.limit(1)).first()
    if message is None:
        raise ReplyInvalid("nothing_to_answer", "There is no message of the customer to answer.")
    return message


def _check_crossed(session: Session, conversation_id: int, shown: int, confirm: bool) -> None:
    found = select(Message.id).where(
        Message.conversation_id == conversation_id,
        Message.role == "customer",
        Message.id > shown,
        Message.deleted_at.is_(None),
    )
    if not confirm and session.scalar(found.limit(1)) is not None:
        raise ReplyInvalid("crossed", "The customer wrote again while you were writing.")


def _copies(offered: Capabilities, answered: Message, also_to: Collection[str]) -> list[list[str]]:
    """(address, name) of these; whoever did not get the answered message gets no answer to it."""
    others = answered.platform.get("others", []) if offered.copies else []
    for address in sorted(set(also_to) - {address for address, _ in others}):
        raise ReplyInvalid("others", word("{name} did not get this mail.").format(name=address))
    return [one for one in others if one[0] in also_to]


def _refuse(trouble: tuple[str, str] | None) -> None:
    if trouble is not None:
        raise ReplyInvalid(*trouble)


def _check_secrets(session: Session, words: str) -> None:
    """No whole card number goes out, unless the brand's rule has somebody read it first."""
    if not approval.rule(session).findings and mask(words).cards:
        raise ReplyInvalid("secret", "Write its last four digits only.")


def _check_colleagues(
    session: Session, conversation_id: int, agent_id: int, answered: int, seen_reply: int | None
) -> None:
    """Two people do not answer the same message unawares. Within the account's lock, so that of two
    who send at once the second is stopped."""
    if seen_reply is None:
        return
    other = outbox.answered_by_other(session, conversation_id, agent_id, answered, seen_reply)
    if other is not None:
        name, text = other
        told = word("{name} answered meanwhile: “{text}”")
        raise ReplyInvalid(
            "answered", told.format(name=name, text=" ".join(text.split())[:SHOWN_WORDS])
        )


def _check_twice(
    session: Session, contact_id: int, agent_id: int, text: str, twice: int | None, now: datetime
) -> None:
    """After a reload the form has a new key, so that the key alone does not tell a second press."""
    if twice is None or not text:  # of files alone nothing can be told
        return
    found = outbox.same_words(session, contact_id, agent_id, text, now - SOON_AGAIN)
    if found is not None and found[0] != twice:
        raise SentTwice(found[0], int((now - found[1]).total_seconds()))


def _tell_others(session: Session, conversation_id: int, agent_id: int, now: datetime) -> None:
    """Whose conversation it is, and who is writing there, hear that somebody else answered."""
    owner = session.get_one(Conversation, conversation_id).assignee_id
    people = {owner, *drafts.authors(session, conversation_id)} - {None, agent_id}
    if people:
        by = session.get_one(User, agent_id).name
        told = [person for person in people if person is not None]
        notices.tell(session, told, "answered", conversation_id, by, "", now)
        events.announce(session, "notice", now)


def _working(session: Session, account_id: int) -> Account:
    """The account, if it can send."""
    account = session.get_one(Account, account_id)
    if account.state == IMPORTED:
        raise ReplyInvalid("not_connected", "This account was imported; connect it to answer.")
    if account.state == REVOKED:
        raise ReplyInvalid("not_connected", "The platform refused the account’s credentials.")
    if account.state != ACTIVE:
        raise ReplyInvalid("not_connected", "This account is paused; resume it to answer.")
    return account


def _check_way(
    session: Session, offered: Capabilities, visibility: str, answered: Message, now: datetime
) -> None:
    """Visibility is never widened; a public matter may go private where the platform has that."""
    if offered.limit(Visibility(visibility)) is None:
        raise ReplyInvalid("not_permitted", NO_ANSWER[visibility].format(channel=offered.title))
    if visibility == answered.visibility:
        if visibility == Visibility.PUBLIC and not answered.can_reply_publicly:
            raise ReplyInvalid("not_permitted", answered.reply_note or "The platform forbids it.")
        return
    move = offered.move_private
    fits = move is not None and (not move.kinds or Kind(answered.kind) in move.kinds)
    if visibility == Visibility.PUBLIC or move is None or not fits:
        raise ReplyInvalid("not_permitted", NO_ANSWER[visibility].format(channel=offered.title))
    closes_at = windows.move_closes_at(move, answered.sent_at)
    if closes_at is not None and closes_at <= now:
        raise ReplyInvalid("window", "The time to answer this comment privately is over.")
    if move.once and outbox.moved_before(session, answered.id):
        raise ReplyInvalid("not_permitted", "This comment was answered privately before.")


def check_window(
    session: Session,
    account: Account,
    conversation_id: int,
    visibility: str,
    answered: Message,
    now: datetime,
) -> None:
    """The platform's own time limit (DESIGN §5), asked when queued and again when sent.

    Raises `ReplyInvalid` with the code `window`.
    """
    if answered.visibility != visibility:
        return  # a move to private has its own limit
    wrote_at = messages.last_written(session, conversation_id)
    offered = capabilities(account.channel)
    found = windows.limit(offered, account.settings, visibility, wrote_at or answered.sent_at)
    if found is None:
        return
    answers = messages.answers_since(session, conversation_id, wrote_at) if found.most else 0
    if now >= found.closes_at:
        raise ReplyInvalid(
            "window",
            windows.OVER.format(channel=offered.title),
        )
    if found.shut(now, answers):
        raise ReplyInvalid("window", windows.MOST.format(channel=offered.title, n=found.most))


def _checked_files(
    session: Session,
    offered: Capabilities,
    visibility: str,
    conversation_id: int,
    agent_id: int,
    file_ids: Sequence[int],
) -> Media | None:
    """How the platform takes files; raises `ReplyInvalid` when it does not take these."""
    chosen = files.drafts(session, file_ids, conversation_id, agent_id) if file_ids else []
    if len(chosen) != len(file_ids):
        raise ReplyInvalid("file", "A file is no longer here; choose it again.")
    if reason := unfit(offered, Visibility(visibility), chosen):
        raise ReplyInvalid("file", reason)
    return offered.media(Visibility(visibility))


def _check_words(
    offered: Capabilities,
    words: str,
    visibility: str,
    answered: Message,
    has_files: bool,
    split: bool,
) -> list[str]:
    """The words as messages: one, or several where they are too long and may be split."""
    if not words and not has_files:
        raise ReplyInvalid("empty", "Write an answer first.")
    if open_ones := ", ".join(f"{{{name}}}" for name in braces(words)):
        raise ReplyInvalid("braces", word("Fill in {name} before you send.").format(name=open_ones))
    limit = offered.limit(Visibility(visibility)) or 0
    to = Author(answered.author_id or "", answered.author_handle, answered.author_name)
    length = offered.measure(words, Visibility(visibility), to)
    if length <= limit:
        return [words]
    once = offered.move_private is not None and offered.move_private.once
    if split and not (once and visibility != answered.visibility):
        with suppress(ValueError):  # not even one letter fits
            return split_words(offered, Visibility(visibility), words, to)
    raise ReplyInvalid("long", word("{n} characters too many.").format(n=length - limit))


def queue_automated(
    session: Session,
    conversation: Conversation,
    *,
    text: str,
    agent_id: int,
    answers: int,
    form_key: str,
    now: datetime,
) -> None:
    """An answer that a rule wrote, to this message, in one piece and seen by whom the message is.

    It ends no wait. Raises `ReplyInvalid`; nothing is stored then.
    """
    account = _working(session, conversation.account_id)
    answered = session.get_one(Message, answers)
    offered = capabilities(account.channel).of(account.settings)
    _check_way(session, offered, answered.visibility, answered, now)
    check_window(session, account, conversation.id, answered.visibility, answered, now)
    words = clean(text).strip()
    texts = _check_words(offered, words, answered.visibility, answered, False, False)
    row = {
        "form_key": form_key,
        "account_id": account.id,
        "conversation_id": conversation.id,
        "agent_id": agent_id,
        "automated": True,
        "visibility": answered.visibility,
        "answers": answered.id,
        "shown": answered.id,
        "state": QUEUED,
        "created_at": now,
    }
    queue_parts(session, parts_of(texts, (), None), row)
    events.announce(session, "conversation", now, conversation.id)
