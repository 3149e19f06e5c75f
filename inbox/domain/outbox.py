"""The states of a reply on its way out, as data (laws 2 and 6).

queued → sending → sent | refused | failed | unknown; what is not sent may be dropped
queued → withdrawn | stopped
waiting → queued (approved) | returned | withdrawn

`unknown`: the request left and its answer was lost; a look-up or a person settles it, and only a
person may send again; an earlier try may still be found while the row is `queued` again.
`failed`: nothing left, and we gave up trying; the words are kept.
`stopped`: it waited for its time, and the customer wrote again or somebody else answered; a person
decides. `withdrawn`: its author took it back before any try.
`waiting` for approval: nothing else leads from there to the outbox. `returned` to its author.
`dropped`: a person gave it up. The words are kept; an earlier try may still be found.
"""

from datetime import timedelta

QUEUED, SENDING, SENT = "queued", "sending", "sent"
REFUSED, FAILED, UNKNOWN = "refused", "failed", "unknown"
STOPPED, WITHDRAWN = "stopped", "withdrawn"
DROPPED = "dropped"
WAITING, RETURNED = "waiting", "returned"

MOVES: dict[tuple[str, str], str] = {
    (WAITING, "approved"): QUEUED,
    (WAITING, "sent_back"): RETURNED,
    (WAITING, "taken_back"): WITHDRAWN,
    (QUEUED, "claimed"): SENDING,
    (QUEUED, "found"): SENT,
    (QUEUED, "taken_back"): WITHDRAWN,
    (QUEUED, "stopped"): STOPPED,
    (STOPPED, "taken_back"): WITHDRAWN,
    (STOPPED, "send_again"): QUEUED,
    (SENDING, "accepted"): SENT,
    (SENDING, "refused"): REFUSED,
    (SENDING, "not_sent"): QUEUED,
    (SENDING, "given_up"): FAILED,
    (SENDING, "lost"): UNKNOWN,
    (UNKNOWN, "found"): SENT,
    (UNKNOWN, "arrived"): SENT,
    (UNKNOWN, "not_found"): UNKNOWN,
    (UNKNOWN, "send_again"): QUEUED,
    (FAILED, "send_again"): QUEUED,
    (REFUSED, "send_again"): QUEUED,
    (REFUSED, "dropped"): DROPPED,
    (FAILED, "dropped"): DROPPED,
    (UNKNOWN, "dropped"): DROPPED,
    (QUEUED, "dropped"): DROPPED,
    (DROPPED, "found"): SENT,
}

STUCK = (REFUSED, FAILED, UNKNOWN)
"""Nothing goes on by itself: a person sends again, or drops it, and what waits behind it moves."""

OVER = (SENT, DROPPED)
"""What is behind one of these may go out."""

TURNED_UP = ((SENDING, "accepted"), (UNKNOWN, "found"), (QUEUED, "found"), (DROPPED, "found"))
"""The steps of a reply that the platform has after all, wherever it was brought meanwhile."""

STALE_AFTER = timedelta(minutes=2)
"""A row `sending` longer than this was left by a process that died: its outcome is unknown."""

MAX_FAILURES = 8


def backoff_s(failures: int, base_s: float = 15.0, cap_s: float = 900.0) -> float:
    """Seconds to wait after the n-th failure in a row (n ≥ 1): doubling, capped."""
    return float(min(cap_s, base_s * 2.0 ** (max(failures, 1) - 1)))
