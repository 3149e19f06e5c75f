"""Playbooks for tests."""

from inbox.domain.playbooks import Playbook
from inbox.flows import playbooks
from inbox.flows.answers import By
from inbox.store.session import Store
from tests.clock import MONDAY


def make_playbook(store: Store, place: str = "refund") -> None:
    """A playbook of one step, version 1."""
    lead = By(0, "cli", "", leads=True)
    playbooks.write(store, Playbook(place, {"en": {"check": ("Look",)}}), by=lead, now=MONDAY)
