"""Import and export on the page and for programs."""

import json

from inbox.flows import transfers
from inbox.store.tables import User
from tests.factories import make_conversation
from tests.flows.test_transfers import line
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site


def work(site: Site) -> None:
    transfers.work(site.store, site.app.state.desk.settings.folder, None, site.clock)


def test_a_file_is_sent_watched_and_told(site: Site, ada: User, bo: User) -> None:
    admin = site.signed_in(ada)
    assert 'href="/transfers"' in admin.get("/accounts").text
    bad = admin.post("/transfers/import", files={"file": ("empty.jsonl", b"")})
    assert (bad.status_code, "The file is empty." in bad.text) == (422, True)
    none = admin.post("/transfers/import", data={"file": "x"})
    assert (none.status_code, "Choose a file." in none.text) == (422, True)
    large = f"{line(1)}\n{' ' * 3_000_000}\n{line(2)}\n{{no\n".encode()  # spooled to the disk
    sent = admin.post("/transfers/import", files={"file": ("<b>old.jsonl", large)})
    assert sent.headers["location"] == "/transfers"
    page = admin.get("/transfers", headers={"HX-Request": "true"}).text
    assert ("load delay:1s" in page, "&lt;b&gt;old.jsonl" in page) == (True, True)
    work(site)
    page = admin.get("/transfers").text
    assert "3 read: 2 new, 0 known" in page
    assert ("1 refused" in page, "Line 4:" in page, "load delay" in page) == (True, True, False)
    assert site.signed_in(bo).get("/transfers").status_code == 404


def test_an_export_is_made_and_fetched(site: Site, ada: User) -> None:
    make_conversation(site.store, text="Where is it?")
    admin = site.signed_in(ada)
    admin.post("/transfers/export")
    assert admin.get("/transfers/1/file").status_code == 404
    work(site)
    assert "1 message ·" in admin.get("/transfers").text
    file = admin.get("/transfers/1/file")
    assert json.loads(file.text)["text"] == "Where is it?"
    assert (file.headers["cache-control"], "replydesk-2026" in str(file.headers)) == (
        *("no-store", True),
    )
    admin.post("/transfers/1/stop")  # it is finished: nothing to stop
    assert admin.get("/transfers/1/file").status_code == 200


def test_programs_of_admins_do_the_same(site: Site, ada: User, bo: User) -> None:
    admin = program(site, ada)
    body = {"messages": [json.loads(line(1)), {"no": "message"}]}
    began = admin.post(f"{V1}/imports", json=body)
    assert (began.status_code, began.json()["state"]) == (202, "waiting")
    work(site)
    told = admin.get(f"{V1}/transfers/1").json()
    assert (told["state"], told["read"], told["new"], told["lines"][0]["line"]) == ("done", 2, 1, 2)
    made = admin.post(f"{V1}/exports").json()["id"]
    assert code(admin.get(f"{V1}/transfers/{made}/file")) == "not_found"
    assert admin.post(f"{V1}/transfers/{made}/stop").json()["state"] == "stopped"
    assert code(admin.post(f"{V1}/transfers/{made}/stop")) == "finished"
    admin.post(f"{V1}/exports")
    work(site)
    assert len(admin.get(f"{V1}/transfers/3/file").text.splitlines()) == 1
    assert [one["id"] for one in admin.get(f"{V1}/transfers").json()["transfers"]] == [3, 2, 1]
    assert program(site, bo).get(f"{V1}/transfers").status_code == 404


def test_a_folder_that_takes_no_file_is_told(site: Site, ada: User) -> None:
    folder = site.app.state.desk.settings.folder
    folder.mkdir(exist_ok=True)
    (folder / "transfers").touch()  # stands where the folder should be
    sent = site.signed_in(ada).post("/transfers/import", files={"file": ("a.jsonl", b"{}")})
    assert (sent.status_code, "File exists" in sent.text) == (422, True)


def test_what_changes_something_is_not_got(site: Site, ada: User) -> None:
    admin = site.signed_in(ada)
    for path in ("/transfers/import", "/transfers/export", "/transfers/1/stop"):
        assert admin.get(path).status_code == 405
