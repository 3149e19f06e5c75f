"""Asks platforms to hide what a routing rule said."""

from collections.abc import Callable
from datetime import datetime

from connectors.core.contract import Act
from inbox.config import Settings
from inbox.flows.moderate import ModerationFailed, moderate
from inbox.flows.ruling import SYSTEM
from inbox.store import audit
from inbox.store import ruling as stored
from inbox.store.session import Store
from inbox.store.tables import RuleRun


def hide_due(store: Store, settings: Settings, now: Callable[[], datetime]) -> int:
    """Asks platforms to hide what rules said; how many messages were hidden. A run whose process
    died in between stays `asked`: it is not asked again blindly."""
    with store.read() as session:
        waiting = stored.to_ask(session)
    return sum(_hide(store, settings, run, now) for run in waiting)


def _hide(store: Store, settings: Settings, run: RuleRun, now: Callable[[], datetime]) -> bool:
    with store.write() as session:
        if not stored.settle(session, run.id, stored.WAITING, stored.ASKED):
            return False
    failed: str | None = None
    try:
        moderate(
            store,
            settings,
            message_id=run.message_id,
            act=Act.HIDE,
            note="",
            actor=SYSTEM,
            now=now,
        )
    except ModerationFailed as e:
        failed = e.reason
    with store.write() as session:
        after = stored.FAILED if failed else stored.DONE
        stored.settle(session, run.id, stored.ASKED, after, failed)
        if failed:  # what was done is in the log already
            subject, rule = f"conversation:{run.conversation_id}", stored.name_of(session, run)
            detail = {"rule": rule, "does": run.action, "value": run.value, "failed": failed}
            audit.record(session, SYSTEM, "rule", subject, now(), **detail)
    return failed is None
