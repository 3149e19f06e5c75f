"""A mention on Bluesky's own servers is answered here, and everybody sees the answer there."""

from collections.abc import Iterator

import pytest

from connectors.core.contract import Account
from connectors.core.registry import channels
from tests.live_local.bluesky_network import PASSWORD, Network, bluesky_network
from tests.live_local.office import Office, now
from tests.live_local.opt_in import eventually, live_local

pytestmark = [
    live_local,
    pytest.mark.skipif("bluesky" not in channels(), reason="no connector for Bluesky"),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with bluesky_network() as running:
        yield running


def test_a_mention_is_read_answered_and_answered_again(network: Network, office: Office) -> None:
    brand, ann = network.person("brand"), network.person("ann")
    secrets = {"app_password": PASSWORD}
    known = Account("bluesky", f"@{brand.handle}", None, network.pds, {}, secrets)
    office.connect(known, renews=True)

    asked = ann.mention(brand, "where is my payment?", now().isoformat())
    eventually(lambda: office.has("where is my payment?"), "the mention in the inbox")
    reply = office.answer("It arrived this morning.")
    assert reply.state == "sent", reply.reason

    def seen() -> list[dict[str, object]]:
        return [p["post"]["record"] for p in network.replies_to(asked["uri"])]

    eventually(lambda: len(seen()) > 0, "the answer in the thread")
    (answer,) = seen()
    assert answer["text"] == "It arrived this morning."
    (post,) = (p["post"] for p in network.replies_to(asked["uri"]))
    assert post["author"]["handle"] == brand.handle

    root = {"uri": asked["uri"], "cid": asked["cid"]}
    place = {"root": root, "parent": {"uri": post["uri"], "cid": post["cid"]}}
    ann.post("Thank you!", now().isoformat(), reply=place)
    eventually(lambda: office.has("Thank you!"), "the customer's thanks in the inbox")
    assert len(office.conversations()) == 1
    texts = [m.text for m in office.messages()]
    assert texts.count("It arrived this morning.") == 1  # what came back was known as ours
    office.has("")
    assert [m.text for m in office.messages()] == texts
