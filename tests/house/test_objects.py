"""Every number in an address says what it names, so that the gate can ask whose it is (ADR 47)."""

from inbox.web import objects
from inbox.web.permissions import API, PERMISSIONS


def test_every_number_of_the_permission_tables_has_its_object() -> None:
    objects.check([*PERMISSIONS, *API])


def test_every_object_stands_in_an_address() -> None:
    numbered = {path for _, path in (*PERMISSIONS, *API) if objects.NUMBER in path}
    named = {path.removeprefix(objects.API).partition(objects.NUMBER)[0] for path in numbered}
    assert named == set(objects.OBJECTS)
