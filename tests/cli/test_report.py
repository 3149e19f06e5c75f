"""A report from the terminal: of a part, and on paper."""

import json
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from inbox.store.session import Store
from reports import pdf
from reports.editions import make_due, page
from tests.cli.conftest import Terminal
from tests.clock import MONDAY
from tests.factories import make_account, make_brand, make_conversation

WEEK = ("--from", "2026-11-16", "--to", "2026-11-22", "--as-of", "2026-11-23T09:00:00Z")
PART = ("--channel", "x", "--channel", "email", "--category", "untagged")
HOUR = timedelta(hours=1)
on_paper = pytest.mark.skipif(not pdf.available(), reason="no Pango here")


@pytest.fixture
def desk(terminal: Terminal, sqlite_store: Store) -> Terminal:
    """Waits on three channels."""
    for channel, hours in (("x", 30), ("email", 50), ("mastodon", 60)):
        account = make_account(sqlite_store, channel)
        make_conversation(sqlite_store, account, opened_at=MONDAY - hours * HOUR)
    return terminal


def test_options_filter_a_report_and_its_forms_agree(desk: Terminal, tmp_path: Path) -> None:
    told = json.loads(desk("report", *WEEK, *PART, "--json"))
    assert told["filter"] == {"channel": ["x", "email"], "category": ["untagged"]}
    whole = json.loads(desk("report", *WEEK, "--json"))
    assert (told["received"], whole["received"], whole["filter"]) == (2, 3, {})
    assert ",all,,received,2" in desk("report", *WEEK, *PART, "--csv")
    text = desk("report", *WEEK, *PART)
    assert "only channel x or email, category untagged" in text
    assert "received       2 (2 new waits" in text
    desk("report", *WEEK, *PART, "--out", str(tmp_path / "r.html"))
    shown = " ".join((tmp_path / "r.html").read_text("utf-8").split())
    assert "Only Channel: X, E-mail · Category: Not tagged" in shown
    mine = desk("report", *WEEK, "--agent", "ada@lumenpay.example")
    assert "answered       0 (0 in time)" in mine
    assert "received" not in mine


def test_a_value_that_there_is_not_stops_the_command(desk: Terminal) -> None:
    for command in ("report", "report share"):
        stopped = desk.run(*command.split(), *WEEK, "--channel", "pigeon")
        assert "There is no channel pigeon here." in str(stopped.exception)
        assert "There are: email, mastodon, x." in str(stopped.exception)


@on_paper
def test_a_report_is_written_as_pdf(desk: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    assert f"Written to {file}." in desk("report", *WEEK, *PART, "--pdf", str(file)).replace(
        "\n", ""
    )
    paper = PdfReader(BytesIO(file.read_bytes()))
    text = " ".join(" ".join(one.extract_text() for one in paper.pages).split())
    assert "Only Channel: X, E-mail" in text.replace("\xa0", " ")


@on_paper
def test_a_pdf_that_takes_too_long_is_ended_and_said(desk: Terminal, sqlite_store: Store) -> None:
    day = MONDAY.date()
    shown = page(sqlite_store, day, day, None, MONDAY)
    with pytest.raises(pdf.NoPdf, match="took too long and was ended"):
        pdf.pdf_of(shown, "en", longest_s=0.01)


def test_without_the_extra_a_pdf_says_what_it_needs(desk: Terminal, tmp_path: Path) -> None:
    without = "import sys; sys.modules['weasyprint'] = None; from inbox.cli import main; main()"
    file = tmp_path / "report.pdf"
    ran = subprocess.run(
        [sys.executable, "-c", without, "report", *WEEK, "--pdf", str(file)],
        env={"REPLYDESK_DATA": desk.folder, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "A PDF needs WeasyPrint and Pango" in ran.stderr
    assert not file.exists()


def test_editions_are_listed_made_and_read(
    desk: Terminal, sqlite_store: Store, tmp_path: Path
) -> None:
    days = ("--date", "2026-11-23")
    make_brand(sqlite_store)
    assert "No edition is kept" in desk("report", "editions", *days)
    assert "No edition is kept" in str(desk.run("report", "refresh", *days).exception)
    make_due(sqlite_store, MONDAY + 24 * HOUR)
    make_conversation(sqlite_store, opened_at=MONDAY - 20 * HOUR)
    assert desk("report", "refresh", *days).startswith("Edition 2 is made.")
    newest, first = json.loads(desk("report", "editions", *days, "--json"))
    assert (newest["made_by"], first["made_by"], first["mailed"]) == ("cli", None, 0)
    for one in (newest, first):
        told = json.loads(desk("report", *days, "--edition", str(one["number"]), "--json"))
        assert (told["as_of"], told["received"]) == (one["as_of"], one["received"])
    assert (first["turns_due"], newest["turns_due"]) == (1, 2)
    assert "itself" in desk("report", "editions", *days)
    desk("report", *days, "--edition", "1", "--out", str(tmp_path / "r.html"))
    assert "edition 1" in (tmp_path / "r.html").read_text("utf-8")
    for wrong in (("--edition", "3"), ("--edition", "1", "--tz", "UTC")):
        assert "edition" in str(desk.run("report", *days, *wrong).exception)
    odd = desk.run("report", "refresh", "--from", "2026-11-20", "--to", "2026-11-23")
    assert "a week from Monday" in str(odd.exception)
