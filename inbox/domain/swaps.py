"""What may become of a swap (law 6). Only an accepted one counts in the roster."""

from typing import Final

OFFERED: Final = "offered"
ACCEPTED: Final = "accepted"

MOVES: Final = {
    (OFFERED, "accept"): ACCEPTED,
    (OFFERED, "decline"): "declined",
    (OFFERED, "withdraw"): "withdrawn",
    (ACCEPTED, "withdraw"): "withdrawn",
}
"""(state, event) → state."""
EVENTS: Final = ("accept", "decline", "withdraw")
