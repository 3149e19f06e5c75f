"""The brand is changed as a whole or not at all."""

import pytest

from inbox.flows.branding import BrandChange, BrandInvalid, change_brand
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Brand
from tests.clock import Clock


@pytest.fixture
def branded(sqlite_store: Store, clock: Clock) -> Store:
    with sqlite_store.write() as session:
        session.add(
            Brand(
                id=1,
                name="Lumen Pay",
                zone="UTC",
                locale="en",
                report_at="07:00",
                target_share=0.95,
                created_at=clock(),
            )
        )
    return sqlite_store


def test_what_is_given_changes_and_the_rest_stays(branded: Store, clock: Clock) -> None:
    wanted = BrandChange(zone="Asia/Shanghai", report_at="08:30")
    change_brand(branded, wanted, actor="cli", now=clock())
    with branded.read() as session:
        row = accounts.brand(session)
    assert row is not None
    assert (row.name, row.zone, row.report_at) == (
        "Lumen Pay",
        "Asia/Shanghai",
        "08:30",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        BrandChange(name=" "),
        BrandChange(zone="Moon/Base"),
        BrandChange(locale="tlh"),
        BrandChange(report_at="25:00"),
        BrandChange(target_share=1.2),
    ],
)
def test_a_wrong_value_changes_nothing(branded: Store, clock: Clock, wrong: BrandChange) -> None:
    with pytest.raises(BrandInvalid):
        change_brand(branded, wrong, actor="cli", now=clock())
    with branded.read() as session:
        row = accounts.brand(session)
    assert row is not None
    assert (row.name, row.zone, row.report_at) == ("Lumen Pay", "UTC", "07:00")
