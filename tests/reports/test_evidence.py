"""Evidence packs: they count to the report's figures, and nothing in one can be changed unseen."""

import csv
import io
import json
import random
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from connectors.core.contract import Kind
from inbox.flows import complaints, teams
from inbox.store import outages
from inbox.store.session import Store
from inbox.store.tables import Audit, Message
from reports.document import report_json
from reports.evidence import rows
from reports.evidence.archive import (
    CLOCKS,
    FIGURES,
    LISTED,
    MANIFEST,
    NAMES,
    ROWS,
    SIGNATURE,
    Archive,
    Manifest,
    public_key,
)
from reports.evidence.check import Findings, verify
from reports.evidence.pack import Asked, make
from reports.evidence.rows import Clock
from templates.periods import DAY as ONE
from templates.periods import Days
from tests.reports.office import ADA, Office, answers, asks, at, deleted
from tests.reports.test_document import TODAY, a_busy_week
from tests.reports.test_further import step

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = public_key(KEY)
ZONE = "Europe/Lisbon"
SPRING = datetime(2027, 3, 25, 9, tzinfo=UTC)
"""A Thursday; on Sunday the 28th the clocks there go forward, Good Friday was the 26th."""
DAYS = Asked(date(2027, 3, 22), date(2027, 4, 4), ZONE, datetime(2027, 4, 2, 12, tzinfo=UTC))


def hours(count: float) -> datetime:
    """After `SPRING`."""
    return SPRING + timedelta(hours=count)


def an_easter(office: Office) -> None:
    """Waits in clock hours and in business days over a change of the clocks."""
    office.open(zone=ZONE)
    calls = [replace(asks(f"p{n}", hours(20 * n)), kind=Kind.CALL) for n in range(6)]
    told = [answers(f"p{n}", hours(50 * n)) for n in range(1, 6, 2)]
    office.take(*calls, *told, channel="webhook")
    gone = asks("gone", hours(62), "spam low x")
    office.take(
        *(asks("=cmd", hours(1)), answers("=cmd", hours(20))),
        *(asks("late", hours(60)), answers("late", hours(90), None)),
        asks("open", hours(61), "refund high whither"),
        deleted(gone, hours(63)),
        *(asks("future", hours(200)), answers("future", hours(250))),
    )
    office.correct("open", hours(70), category="account", urgency="low")


@pytest.fixture(scope="module")
def packed(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("evidence")
    shutil.copyfile(migrated_file, folder / "replydesk.db")
    office = Office(Store(f"sqlite:///{folder / 'replydesk.db'}"), folder)
    an_easter(office)
    made = pack_of(office)
    office.store.close()
    return made


def pack_of(office: Office, asked: Asked = DAYS) -> bytes:
    out = io.BytesIO()
    make(office.store, KEY, asked, out, actor=ADA, now=asked.as_of)
    return out.getvalue()


def checked(pack: bytes, key: str | None = PUBLIC) -> Findings:
    return verify(io.BytesIO(pack), key)


def opened(pack: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def as_json(figures: dict[str, Any]) -> Any:
    return json.loads(json.dumps(figures))


def as_it_is(content: bytes) -> bytes:
    return content


def instead(content: bytes) -> Callable[[bytes], bytes]:
    return lambda _: content


def forged(pack: bytes, **changed: Callable[[bytes], bytes]) -> bytes:
    """With files changed and everything signed again by another key, as a forger would."""
    held, out, key = opened(pack), io.BytesIO(), Ed25519PrivateKey.generate()
    with Archive(out) as archive:
        for name in LISTED:
            archive.add(name, changed.get(name.partition(".")[0], as_it_is)(held[name]))
        said = Manifest.model_validate_json(held["manifest.json"])
        about: dict[str, Any] = {"files": tuple(archive.files), "public_key": public_key(key)}
        signed = said.model_copy(update=about).to_bytes()
        signed = changed.get("manifest", as_it_is)(signed)
        archive.add(MANIFEST, signed)
        archive.add(SIGNATURE, b64encode(key.sign(signed)))
    return out.getvalue()


def table(pack: bytes, name: str = CLOCKS) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(opened(pack)[name].decode("utf-8-sig"))))


def test_a_pack_counts_to_the_figures_of_the_report(office: Office) -> None:
    an_easter(office)
    pack = pack_of(office)
    found = checked(pack)
    assert (found.differences, found.notes) == ([], [])
    figures = json.loads(opened(pack)[FIGURES])
    told = report_json(office.store, DAYS.first, DAYS.last, ZONE, DAYS.as_of)
    assert figures == as_json(told)
    assert min(figures[name] for name in ("turns_due", "overdue_open", "withdrawn")) > 0
    office.take(answers("open", hours(300)))
    office.take(asks("new", hours(301)))
    assert pack == pack_of(office), "the same as-of is the same file, whatever came later"
    with office.store.read() as session:
        taken = session.scalars(select(Audit).where(Audit.action == "evidence")).all()
    assert {(one.actor, one.subject) for one in taken} == {(ADA, "report:2027-03-22")}


def everything(office: Office) -> None:
    """A week of all that a report counts."""
    office.open()
    a_busy_week(office, 3)
    office.take(asks("ann", at(-5)), answers("ann", at(1)))
    step(office, "ann", 3, "resolve")
    office.take(asks("ben", at(-29)), answers("ben", at(-20)))
    step(office, "ben", -19, "resolve")
    office.take(asks("cai", at(6), "security high 4111 1111 1111 1111"))
    office.correct("cai", at(7), category="refund")
    office.excuse("cai", at(8))
    office.take(asks("dee", at(-20)), channel="whatsapp", stored_at=at(40))
    ann, email = office.conversation("ann").id, office.account("email").id
    with office.store.write() as session:
        outages.begin(session, email, at(-30), "stale", None, at(-29))
        asked = Message.conversation_id == ann, Message.role == "customer"
        opener = session.scalars(select(Message.id).where(*asked)).one()
    about: dict[str, Any] = {"actor": ADA, "now": at(5)}
    mark: dict[str, Any] = {"template_id": "fca", "message_id": opener, "reason": "says so"}
    complaints.mark(office.store, conversation_id=ann, **mark, **about)
    teams.add(
        office.store, teams.Wanted("Shops", frozenset({1}), frozenset({email}), None), **about
    )


@pytest.mark.parametrize("days", [Days(TODAY, TODAY), Days(TODAY - ONE, TODAY)])
def test_every_figure_is_in_the_pack_and_recounted(office: Office, days: Days) -> None:
    everything(office)
    asked = Asked(days.first, days.last, "Europe/Lisbon", at(30))
    pack = pack_of(office, asked)
    assert checked(pack).differences == []
    told = json.loads(opened(pack)[FIGURES])
    assert told == as_json(report_json(office.store, days.first, days.last, ZONE, at(30)))
    for name in ("backlog", "by_hour", "by_team", "by_reason", "by_complaint", "by_silence"):
        assert told[name], name
    single = [told[name] for name in ("windows_missed", "masked", "turns_closed")]
    assert all(single), single
    assert told["resolution_s"]["count"] == told["open_hours"]["resolution_s"]["count"] > 0
    assert told["classifier"]["corrected"] > 0
    assert told["previous"]["turns_due"] > 0
    for name in ROWS:
        lines = opened(pack)[name].splitlines(keepends=True)
        assert len(lines) > 1, name
        fewer = b"".join(lines[:-1])
        found = checked(forged(pack, **{name.partition(".")[0]: instead(fewer)}), None)
        assert any(one.startswith("figures.json") for one in found.differences), name


def test_due_times_in_business_days_pass_over_easter_and_the_change_of_clocks(
    packed: bytes,
) -> None:
    due = {row["opened_at"]: row["due_at"] for row in table(packed) if row["target"] == "3bd"}
    assert due["2027-03-25T09:00:00Z"] == "2027-03-30T23:00:00Z"
    by_hours = {r["opened_at"]: r["due_at"] for r in table(packed) if r["target"] == "24h"}
    assert by_hours["2027-03-27T21:00:00Z"] == "2027-03-28T21:00:00Z"


def test_a_pack_has_no_customer_in_it(packed: bytes) -> None:
    """Neither words nor names nor handles nor what platforms call them."""
    for name in (b"help", b"whither", b"=cmd", b"@late", b"Gone", b"gone"):
        assert name not in packed
    assert tuple(opened(packed)) == NAMES


def test_any_byte_that_is_flipped_is_found(packed: bytes) -> None:
    """Six of each file, and one in twelve of what the archive has around them."""
    rng, rest = random.Random(7), set(range(len(packed)))
    places = []
    for content in opened(packed).values():
        within = range(begin := packed.index(content), begin + len(content))
        places += rng.sample(within, min(6, len(within)))
        rest -= set(within)
    for place in [*places, *rng.sample(sorted(rest), len(rest) // 12)]:
        bent = bytearray(packed)
        bent[place] ^= 1 << rng.randrange(8)
        assert checked(bytes(bent)).count, place


def test_a_pack_with_something_before_after_or_cut_off_is_found(packed: bytes) -> None:
    for bent in (packed + b"x", b"x" + packed, packed[:-1], packed[:1000], b"", b"PK"):
        assert checked(bent).count


def rewritten(name: str, value: str) -> Callable[[bytes], bytes]:
    """Of `clocks.csv`, with one cell of the first row another."""

    def change(content: bytes) -> bytes:
        found = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        found[1][found[0].index(name)] = value
        out = io.StringIO("\ufeff")
        out.seek(1)
        csv.writer(out, lineterminator="\r\n").writerows(found)
        return out.getvalue().encode()

    return change


FORGED = [
    ("due_at", "2027-04-09T23:00:00Z"),
    ("verdict", "kept"),
    ("opened_at", "2027-03-25T08:00:00Z"),
    ("ended_at", "2027-03-25T10:00:00Z"),
    ("target", "4bd"),
    ("policy_version", "9"),
    ("calendar_version", "9"),
    ("calendar", "other"),
    ("channel", "x"),
    ("category", "praise"),
    ("used_s", "1.0"),
    ("end", "forgiven"),
    ("is_first", "maybe"),
    ("conversation", "no number"),
]


def test_what_a_forger_signs_again_does_not_count_to_the_same(packed: bytes) -> None:
    for name, value in FORGED:
        told = checked(forged(packed, clocks=rewritten(name, value)), None).differences
        assert any(one.startswith(("clocks.csv", "figures.json")) for one in told), name
    assert not checked(forged(packed), None).count, "whoever holds a key can sign"
    assert checked(forged(packed)).differences[0].startswith("manifest.json: was signed by")


BENT: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("figures", lambda said: said.replace(b'"received": 1', b'"received": 2'), "figures.json"),
    ("figures", lambda said: b"[" * 9000, "figures.json"),
    ("policies", lambda said: said.replace(b'"24h"', b'"25h"'), "clocks.csv, row"),
    ("policies", lambda said: b'[{"number": 1}]', "policies.json"),
    ("calendars", lambda said: said.replace(b"Lisbon", b"Athens"), "clocks.csv, row"),
    ("calendars", lambda said: b"[]\n", "clocks.csv, row"),
    ("received", lambda said: said[: said.rindex(b"\n", 0, -1) + 1], "figures.json"),
    ("clocks", lambda said: said.replace(b"\r\n", b'\r\n"', 1), "clocks.csv"),
    ("clocks", lambda said: b"\xff", "clocks.csv"),
    ("manifest", lambda said: said.replace(b"evidence-4", b"evidence-5"), "manifest.json: is of f"),
    *[
        (name, lambda said: said.replace(b"{", b'{"zone": "Mars",', 1), where)
        for name, where in [
            *(("manifest", "manifest.json"), ("figures", "figures.json")),
            *(("policies", "policies.json, "), ("calendars", "policies.json, calendars.json")),
        ]
    ],
    ("edition", lambda said: b"[]\n", "edition.json"),
    ("figures", lambda said: said.replace(b'_due": 1', b'_due": true'), "figures.json"),
]
"""What is bent in a file, and where that is told: also what stands twice, which some readers would
take for another value than we do."""


def test_each_file_is_held_against_the_others(packed: bytes) -> None:
    for name, change, where in BENT:
        found = checked(forged(packed, **{name: change}), None)
        assert any(one.startswith(where) for one in found.differences), (name, found)


def test_what_is_told_of_a_pack_is_short_and_does_nothing_to_a_terminal(packed: bytes) -> None:
    said = b'{"\\ud800\x1b[2J\\u001b[2J": "%s"}' % (b"x" * 9000)
    for changed in (said, said.replace(b"\x1b", b"")):
        pack = forged(packed, figures=instead(changed))
        for told in checked(pack, None).differences:
            assert told.isprintable(), told
            assert len(told) < 1000, told


def test_a_bomb_and_a_path_outside_are_refused_before_they_are_read(packed: bytes) -> None:
    for name, how in (("clocks.csv", ZIP_DEFLATED), ("../../evil", 0), ("/etc/x", 0)):
        out = io.BytesIO()
        with ZipFile(out, "w", how) as archive:
            archive.writestr(name, b"\0" * 10_000_000 if how else b"x")
        found = checked(out.getvalue())
        assert found.manifest is None
        assert found.differences[0].startswith(("the archive: holds", "clocks.csv: is compressed"))


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_words = _texts | st.sampled_from(["=1+1", "'", "'=x", "''", "@x", "＝2", " -1", "\t", 'a"b,\r\n'])
_times = st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
_some = _words.filter(bool)


@settings(max_examples=40)
@given(st.lists(st.tuples(_words, st.none() | _some, _times, st.none() | _times), max_size=3))
def test_rows_read_back_exactly_and_none_is_a_formula(said: list[Any]) -> None:
    made = [a_clock(*cells) for cells in said]
    text = rows.head(Clock) + "".join(map(rows.line, made))
    assert list(rows.read(Clock, _lines(text.removeprefix("\ufeff")))) == made
    for cells in csv.reader(_lines(text.removeprefix("\ufeff"))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def a_clock(account: str, agent: str | None, opened: datetime, ended: datetime | None) -> Clock:
    return Clock(
        conversation=1,
        turn=2,
        episode=3,
        is_first=True,
        channel="x",
        account=account,
        category=None,
        urgency=agent,
        language="zh",
        opened_by=4,
        opened_at=opened,
        stored_at=opened,
        due_at=opened,
        end="answered" if ended else None,
        ended_by=5 if ended else None,
        ended_at=ended,
        reason=None,
        used_s=0.1 + 0.2,
        verdict="overdue",
        agent=agent,
        outside=False,
        policy="social",
        policy_version=1,
        target="24h",
        rule=account or None,
        calendar="clock",
        calendar_version=1,
        zone=ZONE,
        team=None,
    )


def _lines(text: str) -> Iterator[str]:
    return iter(io.StringIO(text, newline=""))
