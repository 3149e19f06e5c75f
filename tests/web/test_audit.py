"""The audit log's page, sheet and calls: for admins and auditors."""

from inbox.store import audit
from inbox.store.tables import User
from tests.clock import MONDAY
from tests.factories import make_user
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

HOSTILE = "<script>alert(1)</script>"


def wrote(site: Site, actor: str, subject: str, many: int = 1) -> None:
    with site.store.write() as session:
        for _ in range(many):
            audit.record(session, actor, "rename", subject, MONDAY, name=HOSTILE)


def test_the_log_is_read_filtered_turned_and_taken_as_a_sheet(
    site: Site, ada: User, bo: User
) -> None:
    wrote(site, ada.email, f"user:{bo.id}", 51)
    wrote(site, "system", "pot:1")
    admin = site.signed_in(ada)
    assert 'href="/audit"' in admin.get("/people").text
    page = admin.get("/audit", params={"who": ada.email, "kind": "people"}).text
    assert f'href="/people/{bo.id}"' in page
    assert HOSTILE not in page
    assert "/audit?who=ada%40" in page
    assert "before=" in page
    older = page.split('class="hist-turn"')[1].split('href="')[1].split('"')[0]
    assert admin.get(older.replace("&amp;", "&")).text.count('class="audit-about"') >= 1
    assert "Nothing fits." in admin.get("/audit?kind=data&from=2020-01-01&to=2020-01-02").text
    sheet = admin.get("/audit.csv", params={"who": "system"})
    assert (sheet.headers["content-type"].split(";")[0], sheet.text.count("\r\n")) == (
        *("text/csv", 2),
    )
    for wrong in ("/audit?from=x", "/audit?before=x", "/audit.csv?to=2026-02-30"):
        assert admin.get(wrong).status_code == 404


def test_auditors_read_it_and_nobody_else(site: Site, ada: User, bo: User) -> None:
    cy = make_user(site.store, "Cy Marin", "auditor", email="cy@lumenpay.example")
    wrote(site, ada.email, f"user:{bo.id}")
    auditor = site.signed_in(cy)
    page = auditor.get("/audit").text
    assert "Bo Narin" in page
    assert f'href="/people/{bo.id}"' not in page  # a page of admins
    assert 'href="/audit"' in auditor.get("/").text
    assert site.signed_in(bo).get("/audit").status_code == 404


def test_programs_read_it_in_pages_with_a_scope_of_its_own(site: Site, ada: User, bo: User) -> None:
    wrote(site, ada.email, f"user:{bo.id}", 3)
    api = program(site, ada)
    asked: dict[str, str | int] = {"kind": "rename", "who": ada.email, "limit": 2}
    first = api.get(f"{V1}/audit", params=asked).json()
    rest = api.get(f"{V1}/audit", params=asked | {"cursor": first["next_cursor"]}).json()
    assert (len(first["acts"]), len(rest["acts"]), rest["next_cursor"]) == (2, 1, None)
    assert (rest["acts"][0]["about"], rest["acts"][0]["detail"]) == (
        *(f"user:{bo.id}", {"name": HOSTILE}),
    )
    assert code(api.get(f"{V1}/audit?from=x")) == "day"
    assert code(api.get(f"{V1}/audit?cursor=x")) == "cursor"
    assert code(program(site, ada, ["people:read"]).get(f"{V1}/audit")) == "scope_missing"
    assert code(program(site, bo).get(f"{V1}/audit")) == "not_found"
