"""What senders do on a desk."""

from connectors.core.contract import Outgoing, Sent
from connectors.core.errors import OutcomeUnknown
from inbox.flows.deliver import deliver_due, look_up_due
from tests.flows.desk import Desk


def lost(_: Outgoing) -> Sent:
    raise OutcomeUnknown("The line broke.")


def send(desk: Desk) -> int:
    return deliver_due(desk.store, desk.settings, desk.clock)


def look(desk: Desk) -> int:
    return look_up_due(desk.store, desk.settings, desk.clock)


def answers(desk: Desk) -> list[tuple[str, int | None, int | None]]:
    """(external id, agent, outbox row) of the own messages that are stored."""
    return [(r.external_id, r.agent_id, r.outbox_id) for r in desk.rows() if r.role == "ours"]
