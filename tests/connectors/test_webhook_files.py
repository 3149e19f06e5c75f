"""Files that a webhook names by their address: fetched through the one guarded door."""

from datetime import UTC, datetime

import pytest

from connectors.core.contract import Account, Attachment
from connectors.core.errors import Refused
from connectors.webhook import Connector
from tests.fakes.webhook import Receiver


def connect(allowed: list[str]) -> Connector:
    account = Account("webhook", "shop", None, None, {"allow_private": allowed}, {})
    return Connector(account, lambda: datetime.now(UTC))


@pytest.mark.parametrize(
    ("path", "allowed", "reason"),
    [("/file", False, "https"), ("/moved", True, "302"), ("/file", True, "")],
)
def test_a_file_is_fetched_only_from_where_it_may_be(path: str, allowed: bool, reason: str) -> None:
    with Receiver() as receiver:
        connector = connect([receiver.origin] if allowed else [])
        file = Attachment(f"http://{receiver.origin}{path}")
        if reason:
            with pytest.raises(Refused, match=reason):
                connector.download(file, 10_000)
        else:
            assert connector.download(file, 10_000).data == receiver.FILE


def test_a_file_behind_a_public_name_with_a_private_address_is_refused() -> None:
    connector = connect([])
    for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254"):
        with pytest.raises(Refused):
            connector.download(Attachment(f"https://{host}/file"), 10_000)
