"""The audit log: newest first in pages, filtered, by an index, in words, safe as a sheet."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from inbox.config import Settings
from inbox.domain.hooks import EVENTS
from inbox.flows import auditing, endpoints, team, tokens
from inbox.flows.auditing import BadDay
from inbox.store import audit, audit_log
from inbox.store.audit_log import Asked
from inbox.store.conversations import BadCursor
from inbox.store.session import Store
from templates.words import ACT_NOUNS
from tests.clock import MONDAY
from tests.factories import make_account, make_brand, make_conversation, make_user

ADA = "ada@lumenpay.example"
MINUTE = timedelta(minutes=1)
ANY = Asked()


def wrote(store: Store, *acts: tuple[str, str, str], **detail: Any) -> None:
    """Acts (actor, action, subject); always two of them within one minute."""
    with store.write() as session:
        for n, act in enumerate(acts):
            audit.record(session, *act, MONDAY + n // 2 * MINUTE, **detail)


def every(store: Store, asked: Asked = ANY, limit: int = 100) -> list[dict[str, Any]]:
    """All that was asked for, read in pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        with store.read() as session:
            page = auditing.listed(session, asked, limit, cursor)
        assert len(page.acts) <= limit
        found += map(auditing.told, page.acts)
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_pages_of_any_size_and_every_filter_give_the_log_newest_first(store: Store) -> None:
    make_brand(store)
    acts = [("enable", "disable", "invite_withdraw")[n % 3] for n in range(9)]
    wrote(store, *(((ADA, "system")[n % 2], act, f"user:{n}") for n, act in enumerate(acts)))
    whole = every(store)
    assert [one["about"] for one in whole] == [f"user:{n}" for n in range(8, -1, -1)]
    some = ("enable", "disable")
    some_of_system = Asked("system", some)
    between = Asked("", some, MONDAY + MINUTE, MONDAY + 3 * MINUTE)
    asked: dict[Asked, Callable[[dict[str, Any]], bool]] = {
        Asked(): lambda one: True,
        Asked(actor=ADA): lambda one: one["who"] == ADA,
        Asked(actions=("enable",)): lambda one: one["act"] == "enable",
        Asked(actions=some): lambda one: one["act"] in some,
        some_of_system: lambda one: one["who"] == "system" and one["act"] in some,
        between: lambda one: (
            one["act"] in some and MONDAY + MINUTE <= one["at"] < MONDAY + 3 * MINUTE
        ),
    }
    for wanted, fits in asked.items():
        assert every(store, wanted, 2) == [one for one in whole if fits(one)]
        assert _indexed(store, wanted), wanted
    assert every(store, auditing.asked("UTC", "no\0body", "no\0act")) == []
    with store.read() as session, pytest.raises(BadCursor):
        auditing.listed(session, Asked(), 2, "x")


def _indexed(store: Store, asked: Asked) -> bool:
    """Whether the next page is walked along an index, with nothing but pages to sort."""
    place = (MONDAY, 5)
    for wanted in (
        [asked]
        if len(asked.actions) < 2 or asked.actor
        else [replace(asked, actions=(one,)) for one in asked.actions]
    ):
        with store.read() as session:
            bind = session.connection()
            query = audit_log.newest(wanted, place, 3)
            compiled = query.compile(bind, compile_kwargs={"literal_binds": True})
            sqlite = bind.dialect.name == "sqlite"
            if not sqlite:
                bind.execute(text("SET LOCAL enable_seqscan = off"))
                bind.execute(text("SET LOCAL enable_bitmapscan = off"))
            ask = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
            plan = str(bind.exec_driver_sql(ask + str(compiled).replace("%", "%%")).all())
        if "ix_audit_" not in plan or "TEMP B-TREE" in plan or "Sort" in plan:
            return False
    return True


def test_an_act_is_told_in_words_with_what_it_was_about(sqlite_store: Store) -> None:
    make_brand(sqlite_store)
    bo = make_user(sqlite_store, "Bo Narin", email="bo@lumenpay.example")
    talk = make_conversation(sqlite_store)
    about = f"user:{bo.id}"
    wrote(sqlite_store, (ADA, "role", about), ("cli", "work", about), before="agent", role="lead")
    wrote(sqlite_store, (ADA, "role", "user:99"), ("system", "tea.made", "pot:one"))
    wrote(sqlite_store, (bo.email, "assignment", "brand:1"), (ADA, "bulk", "job:7"), on=False)
    wrote(sqlite_store, (bo.email, "assign", f"conversation:{talk.id}"), agent=bo.id)
    told = {
        (one["about"], one["act"]): (one["by"], one["what"], one["name"])
        for one in every(sqlite_store)
    }
    assert told == {
        (about, "role"): (ADA, "Changed a role: Agent → Lead", "Bo Narin"),
        (about, "work"): ("the command line", "Changed which work a person gets", "Bo Narin"),
        ("user:99", "role"): (ADA, "Something else was done (role)", None),
        ("pot:one", "tea.made"): ("automatically", "Something else was done (tea.made)", None),
        ("brand:1", "assignment"): ("Bo Narin", "Switched automatic assignment off", None),
        ("job:7", "bulk"): (ADA, "Did it with several conversations", None),
        (f"conversation:{talk.id}", "assign"): ("Bo Narin", "Took it", "Lin Yue"),
    }


def test_whatever_an_act_is_about_has_a_name() -> None:
    written = re.compile(r'(?:audit\.record\([^)]*?|(?:subject|about) = )f"([a-z_]+):\{')
    sources = Path(auditing.__file__).parent.glob("*.py")
    nouns = {noun for path in sources for noun in written.findall(path.read_text())}
    assert len(nouns) > 20
    assert nouns <= set(ACT_NOUNS)


def test_days_are_those_of_the_zone_and_both_are_included() -> None:
    asked = auditing.asked("Asia/Shanghai", "", "data", "2026-11-23", "2026-11-23")
    assert (asked.since, asked.until) == (
        MONDAY.replace(day=22, hour=16),
        MONDAY.replace(hour=16),
    )
    assert "transfer_import" in asked.actions
    assert auditing.asked("UTC", kind="tea.made").actions == ("tea.made",)
    for wrong in ("monday", "2026-02-30", "0001-01-01", "9999-12-31"):
        with pytest.raises(BadDay):
            auditing.asked("UTC", first=wrong)


def test_no_cell_of_the_sheet_is_a_formula(sqlite_store: Store) -> None:
    make_brand(sqlite_store)
    wrote(sqlite_store, ("=1+1@lumenpay.example", "rename", "user:1"), name="=HYPERLINK(1)")
    wrote(sqlite_store, *((ADA, "enable", f"user:{n}") for n in range(4)))
    lines = "".join(auditing.csv_lines(sqlite_store, Asked(), page=2)).splitlines()
    assert lines[0].removeprefix("\ufeff").split(",") == list(auditing.COLUMNS)
    assert len(lines) == 6
    assert "'=1+1@lumenpay.example" in "".join(lines)
    assert ",=" not in "".join(lines)


def test_who_does_not_see_an_account_finds_nothing_of_it(sqlite_store: Store) -> None:
    make_brand(sqlite_store)
    mine, theirs = make_account(sqlite_store), make_account(sqlite_store, handle="theirs")
    seen = make_conversation(sqlite_store, account=mine)
    unseen = make_conversation(sqlite_store, account=theirs)
    about = [
        f"{noun}:{id_}"
        for one, account in ((seen, mine), (unseen, theirs))
        for noun, id_ in (
            ("conversation", one.id),
            ("contact", one.contact_id),
            ("account", account.id),
        )
    ]
    wrote(sqlite_store, *((ADA, "note", one) for one in [*about, "user:1"]))
    reader = sqlite_store.seen_by(frozenset({theirs.id}))
    assert {one["about"] for one in every(reader, limit=2)} == {*about[:3], "user:1"}


def test_what_is_secret_is_not_written_down(sqlite_store: Store, tmp_path: Any) -> None:
    make_brand(sqlite_store)
    make_user(sqlite_store, "Ada Voss", email=ADA, role="admin")
    settings = Settings(data=tmp_path)
    wanted = endpoints.Wanted("chat", "https://chat.example/hook?key=s3cret", list(EVENTS)[:1])
    made = endpoints.add(sqlite_store, settings, wanted, actor=ADA, now=MONDAY)
    mine: dict[str, Any] = {"email": ADA, "name": "x", "scopes": ["audit:read"], "lasts": None}
    token = tokens.make(sqlite_store, **mine, actor=ADA, now=MONDAY)
    link = team.invite(
        sqlite_store, settings, email="bo@lumenpay.example", role="agent", actor=ADA, now=MONDAY
    )
    log = json.dumps([one["detail"] for one in every(sqlite_store)])
    assert len(every(sqlite_store)) == 3
    for secret in ("s3cret", made.secret, token.token, str(link).rsplit("/", 1)[-1]):
        assert secret not in log
