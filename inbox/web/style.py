"""The style page (`/style`), and every page as a file to look at.

People, brand and figures are invented; addresses end in `.example`. `python -m inbox.web.style DIR`
writes each page in both languages; serve the folder to see it with its signs.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from inbox.web import render
from inbox.web.pages import STATIC, Clock, Frame, Tags, day_line, tags, waiting_line
from inbox.web.pages_composer import Composer
from inbox.web.pages_door import CodePage, ForgotPage, JoinPage, ResetPage
from inbox.web.pages_list import ListPage, Row
from inbox.web.pages_people import TwoStepPage
from inbox.web.pages_report import BehindView, ReportView
from inbox.web.pages_thread import Delivery, Entry, Message, ThreadPage
from inbox.web.style_acting import answering_pages, sample_ran
from inbox.web.style_assignment import sample_assignment, sample_give
from inbox.web.style_audit import audit_pages
from inbox.web.style_classifier import (
    sample_drift,
    sample_no_drift,
    sample_training,
    sample_versions,
)
from inbox.web.style_connect import connect_pages
from inbox.web.style_contacts import sample_contact, sample_contacts
from inbox.web.style_history import sample_history
from inbox.web.style_notices import sample_notices
from inbox.web.style_people import (
    NOW,
    due_in,
    sample_accounts_page,
    sample_door,
    sample_empty,
    sample_error,
    sample_for_others,
    sample_frame,
    sample_list,
    sample_rows,
    sample_setup,
    sample_sign_in,
)
from inbox.web.style_planner import sample_no_plan, sample_planner
from inbox.web.style_policies import (
    sample_calendar_form,
    sample_calendars,
    sample_policies,
    sample_policy_form,
)
from inbox.web.style_profile import (
    sample_codes,
    sample_enrolling,
    sample_me,
    sample_people,
    sample_person,
)
from inbox.web.style_report import SAMPLE_KEY, sample_behind, sample_quiet, sample_report
from inbox.web.style_report_editions import edition_pages
from inbox.web.style_report_filters import filtered_pages
from inbox.web.style_report_links import link_pages
from inbox.web.style_report_mails import report_mails_pages
from inbox.web.style_roster import sample_import, sample_no_roster, sample_roster
from inbox.web.style_rules import sample_no_rules, sample_rule_form, sample_rules
from inbox.web.style_surges import surge_pages
from inbox.web.style_teams import team_pages
from inbox.web.style_thread import sample_answered, sample_composer, sample_thread
from inbox.web.style_tokens import sample_tokens
from inbox.web.style_transfers import transfer_pages
from inbox.web.style_views import sample_views
from inbox.web.style_wall import sample_wall
from inbox.web.style_webhooks import sample_webhook, sample_webhooks
from inbox.web.style_welcome import welcome_pages


@dataclass(frozen=True, slots=True)
class StylePage:
    """Every part in every state. `thread` and `list` lend the parts their surroundings."""

    TEMPLATE: ClassVar[str] = "pages/style.html"

    frame: Frame
    lines: tuple[tuple[str, Clock], ...]
    tags: tuple[Tags, ...]
    rows: tuple[tuple[str, Row], ...]
    deliveries: tuple[Entry, ...]
    composer: Composer
    list: ListPage
    thread: ThreadPage


def sample_style(frame: Frame) -> StylePage:
    """The style page's context: made of the samples, with the rare states added."""
    rows = sample_rows()
    return StylePage(
        frame=frame,
        lines=tuple(_lines()),
        tags=(
            tags([("refund", 0.94)], labels=("refund",)),
            tags([("payment", 0.48), ("refund", 0.41)], labels=("payment", "refund")),
            tags([("general", 0.3)]),
            tags((), by_person="account"),
        ),
        rows=(
            ("unread", rows[3]),
            ("late", rows[0]),
            ("masked", rows[1]),
            ("selected", replace(rows[2], selected=True)),
            ("other direction", rows[4]),
            ("waiting", rows[-1]),
        ),
        deliveries=tuple(_deliveries()),
        composer=sample_composer("secret", "Thank you for waiting. "),
        list=sample_list(frame),
        thread=sample_thread(frame),
    )


def _lines() -> Iterator[tuple[str, Clock]]:
    yield "just opened", due_in(23 * 60)
    yield "half the day left", due_in(12 * 60)
    yield "today", due_in(206)
    yield "within 2 h", due_in(111)
    yield "last minutes", due_in(12)
    yield "overdue", due_in(-48)
    yield "waiting on the customer", waiting_line(NOW - timedelta(hours=2))
    opened = NOW - timedelta(hours=8)
    yield (
        "answered",
        day_line(opened, opened + timedelta(days=1), NOW, opened + timedelta(minutes=72)),
    )


LOST = ("look", "arrived", "resend", "drop")


def _deliveries() -> Iterator[Entry]:
    states = (
        Delivery(1, "queued"),
        Delivery(2, "queued", tries=2, retry_at=NOW + timedelta(minutes=4)),
        Delivery(3, "sending"),
        Delivery(9, "queued", undo_until=NOW + timedelta(seconds=8)),
        Delivery(10, "queued", send_at=NOW + timedelta(hours=3)),
        Delivery(11, "stopped", "customer", send_at=NOW + timedelta(hours=3)),
        Delivery(4, "sent"),
        Delivery(
            5,
            "refused",
            why="This person does not take direct messages.",
            way_out="Answer publicly, or ask for an e-mail address.",
            offers=("resend", "drop"),
        ),
        Delivery(
            6,
            "failed",
            why="The mail server does not answer since 13:02.",
            tries=5,
            part=2,
            parts=4,
            offers=("resend", "skip", "drop"),
        ),
        Delivery(7, "queued", behind=True, held=True, part=3, parts=4),
        Delivery(8, "queued", behind=True, part=2, parts=2),
        Delivery(12, "unknown", look_at=NOW + timedelta(minutes=4), can_look=True, offers=LOST),
        Delivery(13, "unknown", can_look=False, offers=LOST[1:]),
        Delivery(14, "dropped"),
    )
    for one in states:
        text = "Thank you, we are looking into it."
        yield Entry(Message(0, NOW, "out", "Ada Voss", text, delivery=one))


def sample_pages(locale: str, theme: str = "system") -> dict[str, render.Context]:
    """Each page under a file name, in one language."""
    door = sample_door(locale, theme)
    inbox = sample_frame(locale, theme)
    ada = inbox.me.email
    accounts = sample_frame(locale, theme, "accounts")
    classifier = sample_frame(locale, theme, "classifier")
    policies = sample_frame(locale, theme, "policies")
    return {
        "list": sample_list(inbox, selected=None),
        "thread": sample_thread(inbox),
        "answered": sample_answered(inbox),
        "empty": sample_empty(inbox),
        **welcome_pages(inbox),
        "accounts": sample_accounts_page(accounts),
        "classifier": sample_versions(classifier),
        "classifier-training": sample_training(classifier),
        "drift": sample_drift(classifier),
        "drift-empty": sample_no_drift(classifier),
        "policies": sample_policies(policies),
        "policy-form": sample_policy_form(policies),
        "calendars": sample_calendars(policies),
        "calendar-form": sample_calendar_form(policies),
        "me": sample_me(sample_frame(locale, theme, "me")),
        "two-step": sample_enrolling(sample_frame(locale, theme, "me")),
        "two-step-codes": sample_codes(sample_frame(locale, theme, "me")),
        "two-step-on": TwoStepPage(sample_frame(locale, theme, "me"), on=True, left=9),
        "people": sample_people(sample_frame(locale, theme, "people")),
        "person": sample_person(sample_frame(locale, theme, "people")),
        "contacts": sample_contacts(sample_frame(locale, theme, "contacts")),
        "contact": sample_contact(sample_frame(locale, theme, "contacts")),
        **answering_pages(sample_frame(locale, theme, "answers")),
        "ran": sample_ran(inbox),
        "tokens": sample_tokens(sample_frame(locale, theme, "tokens")),
        "webhooks": sample_webhooks(sample_frame(locale, theme, "webhooks")),
        "webhook": sample_webhook(sample_frame(locale, theme, "webhooks")),
        "views": sample_views(inbox),
        **_reporting(locale, theme),
        "sign-in": sample_sign_in(door),
        "sign-in-wrong": sample_sign_in(door, "wrong"),
        "code": CodePage(door, error="wrong"),
        "forgot": ForgotPage(door, ada, "slow", NOW),
        "forgot-sent": ForgotPage(door, ada, "sent"),
        "forgot-no-mail": ForgotPage(door, state="no_mail"),
        "reset": ResetPage(door, "t0ken", "short"),
        "reset-used": ResetPage(door, error="used"),
        "join": JoinPage(door, "t0ken", ada, "agent", "Ada Voss"),
        "join-over": JoinPage(door),
        "setup": sample_setup(door),
        "setup-admin": sample_setup(door, "t0ken"),
        "error-404": sample_error(door, 404),
        "error-429": sample_error(door, 429),
        "error-500": sample_error(door, 500),
        "error-role": sample_for_others(door),
        "style": sample_style(inbox),
        **_telling(locale, theme),
        **_routing(locale, theme),
    }


def _telling(locale: str, theme: str) -> dict[str, render.Context]:
    """What happened, and who was told."""
    return {
        "history": sample_history(sample_frame(locale, theme)),
        **audit_pages(sample_frame(locale, theme, "people")),
        "notices": sample_notices(sample_frame(locale, theme, "notices")),
    }


def _reporting(locale: str, theme: str) -> dict[str, render.Context]:
    """Reports, and who gets them."""
    reports = sample_frame(locale, theme, "reports")
    return {
        "report": ReportView(reports, sample_report(), SAMPLE_KEY, pdf=True, newest=2),
        "report-behind": BehindView(reports, sample_behind()),
        "report-quiet": ReportView(reports, sample_quiet()),
        **filtered_pages(reports),
        **report_mails_pages(reports),
        **link_pages(reports, sample_door(locale, theme)),
        **edition_pages(reports),
    }


def _routing(locale: str, theme: str) -> dict[str, render.Context]:
    """Who gets what and sees what, the rules, and one answer to many."""
    policies = sample_frame(locale, theme, "policies")
    roster = sample_frame(locale, theme, "roster")
    return {
        "roster": sample_roster(roster),
        "roster-empty": sample_no_roster(roster),
        "roster-import": sample_import(roster),
        "planner": sample_planner(roster),
        "planner-empty": sample_no_plan(roster),
        "wall": sample_wall(roster),
        "assignment": sample_assignment(roster),
        "give": sample_give(sample_frame(locale, theme)),
        **team_pages(sample_frame(locale, theme, "people")),
        "rules": sample_rules(policies),
        "rules-empty": sample_no_rules(policies),
        "rule-form": sample_rule_form(policies),
        **surge_pages(sample_frame(locale, theme)),
        **transfer_pages(sample_frame(locale, theme, "accounts")),
        **connect_pages(sample_frame(locale, theme, "accounts")),
    }


def write(folder: Path) -> None:
    """Every sample as HTML under `folder`, with the static files beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    for locale, suffix in (("en", ""), ("zh_Hans_CN", "-zh")):
        for name, context in sample_pages(locale).items():
            text = render.page(context).replace('"/static/', '"static/')
            (folder / f"{name}{suffix}.html").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
