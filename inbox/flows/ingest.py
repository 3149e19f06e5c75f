"""Messages in: once each, masked, threaded, tagged, clocked, in one transaction (law 1).

Every way in (poll, webhook, import) ends here. The work before the transaction (cleaning, masking,
tagging) touches no row; the transaction holds the messages and the cursor that covers them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from connectors.core.contract import Event, Message
from connectors.core.errors import Malformed
from connectors.core.registry import capabilities, channels
from connectors.core.text import clean, clean_all
from inbox.flows import changes, following, happenings, hooks, placing, ruling
from inbox.flows.incoming import Incoming, prepare
from inbox.flows.persons import same_persons
from inbox.flows.refold import refold
from inbox.guard.secrets import mask, mask_all
from inbox.store import accounts, files, looking, messages, reads, warnings
from inbox.store.session import Store, lock_account
from inbox.store.tables import Account, Reply


class Tagger(Protocol):
    """The classifier, as ingest needs it; see `classifier.model.Classifier`."""

    def tag(self, texts: Sequence[str]) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class CursorMove:
    """The cursor that covers a page: written only if the stream is still at `version`."""

    stream: str
    version: int
    state: dict[str, Any]
    walk: accounts.Walk | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a page: messages new, known before, and unreadable items."""

    new: int = 0
    duplicate: int = 0
    refused: int = 0


def ingest(
    store: Store,
    account: Account,
    page: Sequence[Message],
    *,
    classifier: Tagger | None,
    now: datetime,
    move: CursorMove | None = None,
    malformed: Sequence[Malformed] = (),
    events: Sequence[Event] = (),
    fold: bool = True,
) -> Counts:
    """Stores a page. Raises `StaleCursor` (and stores nothing) when another worker was first.

    `fold=False` marks the conversations dirty instead of evaluating their turns: an import does
    that once, after all its lines are in.
    """
    with store.read() as session:
        known = messages.known(session, account.id, [clean(m.external_id) for m in page])
    stays = {name for name, row in known.items() if row.role != "third"}
    arrived = prepare(page, stays, classifier, now)
    with store.write() as session:
        lock_account(session, account.id)
        changed, settled, counts = write_page(session, account, arrived, now)
        changed |= happenings.write(session, account, events, now)
        for item in malformed:
            stream = move.stream if move else "hook"
            reason, raw = mask(clean(item.reason)).text, clean_all(mask_all(item.raw))
            accounts.quarantine(session, account.id, stream, reason, raw, now)
        if move is not None:
            accounts.move_cursor(
                session, account.id, move.stream, move.version, move.state, now, move.walk
            )
            reads.add(session, account.id, move.stream, len(page), now)
        if fold:
            refold(session, sorted(changed), now)
            ruling.run(session, account, [i.message.external_id for i in arrived], now)
            hooks.received(session, account, [i.message.external_id for i in arrived], now)
        else:
            messages.mark_dirty(session, sorted(changed))
            warnings.keep_quiet(session, sorted(changed))
        for reply in settled:
            hooks.replied(session, reply, now)
    return replace(counts, duplicate=len(page) - counts.new, refused=len(malformed))


def _asks_for_parents(account: Account) -> bool:
    """Where single messages can be asked for at no price, and somebody is signed in to ask."""
    if account.state == accounts.IMPORTED or account.channel not in channels():
        return False
    offered = capabilities(account.channel)
    return offered.fetches and offered.price is None


def write_page(
    session: Session, account: Account, arrived: Sequence[Incoming], now: datetime
) -> tuple[set[int], list[Reply], Counts]:
    """Writes what is new and what changed; returns the conversations to fold, the replies that
    turned out to be sent, and counts."""
    arrived = same_persons(session, account.id, arrived)
    known = messages.known(session, account.id, [i.message.external_id for i in arrived])
    changed: set[int] = set()
    fresh: list[Incoming] = []
    promoted: list[int] = []
    for item in arrived:
        row = known.get(item.message.external_id)
        if row is None:
            fresh.append(item)
        elif row.role == "third" and not item.message.context:
            fresh.append(item)
            promoted.append(row.id)
        else:
            changed |= changes.apply(session, row, item)
    again = [i.message.author for i in arrived if i.message.external_id in known]
    messages.name_contacts(session, account.id, [(a.id, a.handle, a.name) for a in again if a])
    messages.drop_context(session, promoted)
    fresh = placing.without_known_mails(session, account, fresh)
    rows, merged = placing.place(session, account, fresh, now)
    adopted, settled = placing.adopt(session, account, rows, now)
    new = messages.add(session, rows)
    files.expect(session, rows, new, now)
    changed |= merged | adopted | changes.bounced(session, account.id, rows)
    changed |= {
        row["conversation_id"]
        for row in rows
        if row["external_id"] in new and row["conversation_id"] is not None
    }
    changed |= happenings.apply_waiting(session, account.id, sorted(new))
    if account.state != accounts.IMPORTED:
        following.tell(session, [r for r in rows if r["external_id"] in new], now)
    if _asks_for_parents(account):
        looking.want_parents(session, account.id, [r for r in rows if r["external_id"] in new])
    threads = {row["thread"] for row in rows if row["external_id"] in new}
    changed |= placing.rejoin_answers(session, account.id, sorted(threads))
    return changed, settled, Counts(new=len(new), duplicate=len(arrived) - len(new))
