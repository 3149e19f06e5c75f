"""One webhook address serves a family: Meta calls one address for comments and for messages."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.core.contract import Account as Known
from connectors.core.contract import Deletion
from inbox.config import Settings
from inbox.flows.ingest import ingest
from inbox.flows.receive import receive_hook
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Account
from inbox.store.tables import Message as Row
from tests.clock import Clock
from tests.connectors.harness import serve
from tests.flows.desk import KEY, Desk, says


def stored(store: Store, known: Known, clock: Clock, settings: Settings, **secrets: str) -> Account:
    with store.write() as session:
        id_ = accounts.add(
            session,
            known.channel,
            known.handle,
            clock(),
            external_id=known.external_id,
            base_url=known.base_url,
            settings=dict(known.settings),
            sealed=accounts.seal(settings.cipher, {**known.secrets, **secrets}),
        )
        return session.get_one(Account, id_)


@pytest.mark.parametrize(("secret", "expected"), [(None, ["hello there"]), ("other", [])])
def test_a_call_to_one_account_reaches_its_sibling_which_verifies_it_itself(
    sqlite_store: Store, tmp_path: Path, clock: Clock, secret: str | None, expected: list[str]
) -> None:
    settings = Settings(data=tmp_path, secret_key=SecretStr(KEY))
    with serve("messenger") as messenger, serve("facebook") as facebook:
        app = messenger.account.secrets["app_secret"]
        called = stored(sqlite_store, facebook.account, clock, settings, app_secret=app)
        theirs = {"app_secret": secret} if secret else {}
        sibling = stored(sqlite_store, messenger.account, clock, settings, **theirs)
        call = messenger.request("hello there")
        answer = receive_hook(
            sqlite_store, settings, "facebook", called.hook_key, call, None, messenger.now
        )
    assert answer[0] == 200
    with sqlite_store.read() as session:
        rows = session.query(Row).all()
    assert [r.text for r in rows] == expected
    assert {r.account_id for r in rows} <= {sibling.id}


def test_a_message_that_we_deleted_from_our_own_view_still_waits(
    sqlite_store: Store, tmp_path: Path, clock: Clock
) -> None:
    """On Bluesky a deletion is for oneself: whoever deletes it in the app ends no wait by that."""
    desk = Desk.open(sqlite_store, tmp_path, clock, "bluesky")
    desk.take(says("1", "help"))
    gone = (Deletion("1", clock()),)
    ingest(sqlite_store, desk.account, (), classifier=None, now=clock(), events=gone)
    assert (desk.message("1").text, desk.conversation().status) == ("help", "open")
