"""Files: those that messages bring, those that answers take along, and their bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from inbox.store.accounts import ACTIVE
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import Account, File, FileContent

WAITING, STORED, REFUSED, DRAFT = "waiting", "stored", "refused", "draft"


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes, and what they show: their type, and a picture (WebP) where there is one."""

    mime: str
    sha256: str
    data: bytes = field(repr=False)
    preview: bytes | None = field(default=None, repr=False)


def expect(
    session: Session,
    rows: Sequence[Mapping[str, Any]],
    stored: Mapping[str, int],
    now: datetime,
) -> None:
    """Files to fetch of messages that were stored just now (`stored`: ids by external id). An echo
    of our own answer takes the files that we sent instead."""
    wanted: list[dict[str, Any]] = []
    for row in rows:
        message_id = stored.get(row["external_id"])
        if message_id is None:
            continue
        if row["outbox_id"] is not None and attach(session, row["outbox_id"], message_id):
            continue
        wanted += [
            _blank(row["account_id"], now)
            | {
                "message_id": message_id,
                "position": position,
                "name": source["name"] or "",
                "claimed": source["mime"],
                "size": _believable(source["size"]),
                "state": WAITING,
                "source": source,
            }
            for position, source in enumerate(row["attachments"])
        ]
    if wanted:
        session.execute(insert(session, File), wanted)


def attach(session: Session, outbox_id: int, message_id: int) -> bool:
    """Gives a reply's files to the message that it became, in place of the platform's own copies;
    whether it had any."""
    taken = session.execute(
        update(File).where(File.outbox_id == outbox_id).values(message_id=message_id)
    )
    found = isinstance(taken, CursorResult) and taken.rowcount > 0
    if found:
        session.execute(delete(File).where(File.message_id == message_id, File.outbox_id.is_(None)))
    return found


def hand_on(session: Session, outbox_id: int, to: int) -> None:
    """Gives a reply's files to another reply, which sends them anew."""
    session.execute(update(File).where(File.outbox_id == outbox_id).values(outbox_id=to))


def forget(session: Session, message_id: int) -> None:
    """The files of a deleted message go with it, and their bytes."""
    session.execute(delete(File).where(File.message_id == message_id))


def due(session: Session, now: datetime, account_id: int, most: int) -> list[int]:
    """An account's files to fetch now, oldest first."""
    found = _due(select(File.id), now).where(File.account_id == account_id)
    return list(session.scalars(found.order_by(File.id).limit(most)))


def accounts_due(session: Session, now: datetime) -> list[int]:
    """Accounts with files to fetch now. Those of imported accounts are never fetched."""
    return list(session.scalars(_due(select(File.account_id), now).distinct()))


def _due(columns: Select[Any], now: datetime) -> Select[Any]:
    return (
        columns.join(Account, Account.id == File.account_id)
        .where(Account.state == ACTIVE, File.state == WAITING)
        .where(or_(File.not_before.is_(None), File.not_before <= now))
    )


def claim(session: Session, file_id: int, now: datetime, again_at: datetime) -> File | None:
    """Takes a file for fetching; None when another worker was first.

    The try counts, and its successor is planned, before it begins: a file that kills its process
    does not do so in every round.
    """
    taken = session.execute(
        update(File)
        .where(File.id == file_id, File.state == WAITING)
        .where(or_(File.not_before.is_(None), File.not_before <= now))
        .values(failures=File.failures + 1, not_before=again_at)
    )
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        return None
    return session.get(File, file_id, populate_existing=True)


def store(session: Session, file: File, name: str, content: Content, now: datetime) -> bool:
    """The fetched bytes; False when the message was deleted meanwhile."""
    done = _settle(session, file.id, STORED, now, name=name, **_told(content), reason=None)
    if done:
        _write(session, file.id, content)
    return done


def refuse(session: Session, file_id: int, reason: str, now: datetime) -> None:
    """It is never to be had."""
    _settle(session, file_id, REFUSED, now, reason=reason)


def put_off(session: Session, file_id: int, until: datetime, reason: str, failures: int) -> None:
    """Another try later."""
    values = {"not_before": until, "reason": reason, "failures": failures}
    session.execute(update(File).where(File.id == file_id, File.state == WAITING).values(**values))


def put_off_account(session: Session, account_id: int, until: datetime) -> None:
    """No file of this account before then: its quota is used up, or its credentials are stale."""
    session.execute(
        update(File)
        .where(File.account_id == account_id, File.state == WAITING)
        .where(or_(File.not_before.is_(None), File.not_before < until))
        .values(not_before=until)
    )


def _settle(session: Session, file_id: int, state: str, now: datetime, **values: Any) -> bool:
    done = session.execute(
        update(File)
        .where(File.id == file_id, File.state == WAITING)
        .values(state=state, stored_at=now, not_before=None, **values)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def add_draft(
    session: Session,
    *,
    account_id: int,
    conversation_id: int,
    agent_id: int,
    name: str,
    claimed: str | None,
    content: Content,
    now: datetime,
) -> int:
    """A file that an agent uploaded for an answer which is not queued yet."""
    row = _blank(account_id, now) | {
        "conversation_id": conversation_id,
        "agent_id": agent_id,
        "name": name,
        "claimed": claimed,
        "state": DRAFT,
        "stored_at": now,
        **_told(content),
    }
    file_id: int = session.execute(insert(session, File).returning(File.id), [row]).scalar_one()
    _write(session, file_id, content)
    return file_id


def drafts(session: Session, ids: Sequence[int], conversation_id: int, agent_id: int) -> list[File]:
    """Those of these files that this agent uploaded here and that no reply has taken, in order."""
    found = select(File).where(
        File.id.in_(ids),
        File.state == DRAFT,
        File.conversation_id == conversation_id,
        File.agent_id == agent_id,
    )
    return list(session.scalars(found.order_by(File.id)))


def bind(session: Session, ids: Sequence[int], outbox_id: int) -> None:
    """A reply takes these drafts along, in this order."""
    for position, file_id in enumerate(ids):
        session.execute(
            update(File)
            .where(File.id == file_id, File.state == DRAFT)
            .values(state=STORED, outbox_id=outbox_id, position=position)
        )


def unbind(session: Session, outbox_ids: Sequence[int], agent_id: int, now: datetime) -> list[int]:
    """The files of answers that were taken back are drafts of this person again, in their order."""
    found = select(File.id).where(File.outbox_id.in_(list(outbox_ids)))
    ids = list(session.scalars(found.order_by(File.outbox_id, File.position)))
    draft = {"state": DRAFT, "outbox_id": None, "agent_id": agent_id, "created_at": now}
    session.execute(update(File).where(File.id.in_(ids)).values(**draft))
    return ids


def prune_drafts(session: Session, before: datetime) -> None:
    """Forgets uploads that became no answer."""
    session.execute(delete(File).where(File.state == DRAFT, File.created_at < before))


def uploads(session: Session, outbox_id: int) -> Sequence[AnyRow]:
    """(name, mime, content) of a reply's files, in order."""
    found = (
        select(File.name, File.mime, FileContent.content)
        .join(FileContent, FileContent.file_id == File.id)
        .where(File.outbox_id == outbox_id)
        .order_by(File.position, File.id)
    )
    return session.execute(found).all()


def told(session: Session, outbox_id: int) -> list[dict[str, Any]]:
    """A reply's files as the neutral form tells of them."""
    found = select(File.name, File.mime, File.size).where(File.outbox_id == outbox_id)
    return [
        {"url": None, "mime": mime, "name": name, "size": size, "ref": None}
        for name, mime, size in session.execute(found.order_by(File.position, File.id))
    ]


def shown(
    session: Session, message_ids: Sequence[int], outbox_ids: Sequence[int]
) -> Sequence[File]:
    """The files of these messages and replies, in order."""
    if not message_ids and not outbox_ids:
        return []
    wanted = or_(File.message_id.in_(message_ids), File.outbox_id.in_(outbox_ids))
    return session.scalars(select(File).where(wanted).order_by(File.position, File.id)).all()


def one(session: Session, file_id: int, agent_id: int) -> File | None:
    """A file whose bytes are here and that this person may see: a draft is its author's alone."""
    file = session.get(File, file_id)
    if file is None or file.state not in (STORED, DRAFT):
        return None
    return None if file.state == DRAFT and file.agent_id != agent_id else file


def content_of(session: Session, file_id: int) -> bytes | None:
    """The bytes as they came."""
    found = select(FileContent.content).where(FileContent.file_id == file_id)
    return session.scalar(found)


def preview_of(session: Session, file_id: int) -> bytes | None:
    """The picture to show, made by us."""
    found = select(FileContent.preview).where(FileContent.file_id == file_id)
    return session.scalar(found)


def _believable(size: Any) -> int | None:
    """A size as the platform told it, if a database can hold it."""
    return size if isinstance(size, int) and 0 <= size < 2**62 else None


def _blank(account_id: int, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "position": 0,
        "previewed": False,
        "failures": 0,
        "source": {},
        "created_at": now,
    }


def _told(content: Content) -> dict[str, Any]:
    return {
        "mime": content.mime,
        "size": len(content.data),
        "sha256": content.sha256,
        "previewed": content.preview is not None,
    }


def _write(session: Session, file_id: int, content: Content) -> None:
    row = {"file_id": file_id, "content": content.data, "preview": content.preview}
    session.execute(insert(session, FileContent), [row])
