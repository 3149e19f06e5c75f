"""What became of our answers, and what a person may do about those that did not simply arrive."""

from collections.abc import Callable, Sequence

from inbox.domain.outbox import DROPPED, STUCK, UNKNOWN, WAITING
from inbox.flows.outcome import RESENT
from inbox.store.sql import AnyRow
from inbox.web.pages_thread import Delivery


def of_message(row: AnyRow) -> Delivery | None:
    """A stored message of ours; the platform may have told later that it failed."""
    if row.outbox_id is None or row.deleted_at is not None:
        return None
    return Delivery(
        row.outbox_id,
        "failed" if row.failed_at else "sent",
        row.failed_why or "",
        delivered_at=row.delivered_at,
        read_at=row.read_at,
        offers=("resend",) if row.failed_at and RESENT not in row.marks else (),
    )


def of_replies(
    rows: Sequence[AnyRow], can_look: bool, decides: Callable[[int], bool]
) -> dict[int, Delivery]:
    """Replies that are not a stored message, by id. `rows` are in the order of their ids, so that a
    part comes after those before it. `decides`: whether who looks may approve what this author
    wrote."""
    parts = {row.id: _part(row) for row in rows}
    last: dict[str, int] = {}
    for answer, number in parts.values():
        last[answer] = max(number, last.get(answer, 1))
    waits, held = set(), set()
    found: dict[int, Delivery] = {}
    for row in rows:
        answer, number = parts[row.id]
        if row.state != DROPPED:
            waits.add(row.id)
        if row.state in STUCK or row.after_id in held:
            held.add(row.id)
        found[row.id] = Delivery(
            outbox=row.id,
            state=row.state,
            why=row.reason or "",
            tries=row.failures,
            retry_at=row.not_before if row.failures else None,
            look_at=row.look_up_at,
            can_look=can_look,
            decides=row.state == WAITING and decides(row.agent_id),
            behind=row.after_id in waits,
            held=row.after_id in held,
            part=number if last[answer] > 1 else 0,
            parts=last[answer],
            undo_until=row.not_before if row.attempts == 0 and row.send_at is None else None,
            send_at=row.send_at if row.attempts == 0 else None,
            offers=_offers(row.state, can_look, last[answer] > number),
        )
    return found


def _part(row: AnyRow) -> tuple[str, int]:
    """(the answer, which part of it), as `flows.parts.queue_parts` names them."""
    if row.after_id is None:
        return row.form_key, 1
    answer, _, number = row.form_key.rpartition("#")
    return answer, int(number)


def _offers(state: str, can_look: bool, more_behind: bool) -> tuple[str, ...]:
    if state not in STUCK:
        return ()
    first = ("look", "arrived") if can_look else ("arrived",)
    before = first if state == UNKNOWN else ()
    return (*before, "resend", *(("skip",) if more_behind else ()), "drop")
