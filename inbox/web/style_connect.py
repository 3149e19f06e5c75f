"""Samples of the pages that connect an account and look after one."""

from dataclasses import replace
from datetime import timedelta

from connectors.core.registry import capabilities
from inbox.web import render
from inbox.web.connect_view import connect_page, settings_inputs
from inbox.web.pages import Frame
from inbox.web.pages_accounts import Health
from inbox.web.pages_connect import (
    AccountPage,
    CameBackPage,
    Compared,
    FormPage,
    Input,
    OutageRow,
    Quota,
    StreamRow,
    Tried,
    WayTab,
)
from inbox.web.style_people import EMAIL, NOW, X

SERVER = "imaps://mail.brand.example:993"
REFUSED = "The mail server refused the sign-in."


def connect_pages(frame: Frame) -> dict[str, render.Context]:
    """The choice of a platform, its form, what came of it, and one account."""
    form = sample_form(frame)
    return {
        "connect": connect_page(frame, {"x": 1, "email": 2}),
        "connect-form": form,
        "connect-failed": replace(form, tried=Tried("failed", why=REFUSED)),
        "came-back": CameBackPage(frame, Tried("failed", why=REFUSED), "/accounts/new/email"),
        "account": sample_account(frame),
    }


def sample_form(frame: Frame) -> FormPage:
    """A mailbox by its password, of which something is missing."""
    offered = capabilities("email")
    return FormPage(
        frame=frame,
        channel=EMAIL,
        action="/accounts/new/email",
        account=0,
        handle="support@lumenpay.example",
        inputs=(
            Input(
                "secret.password",
                "Password or app password",
                "secret",
                error="Password or app password is needed.",
            ),
        ),
        settings=settings_inputs(offered, {}, {}),
        ways=tuple(WayTab(w.key, w.title, w.help, w is offered.ways[0]) for w in offered.ways),
        way=offered.ways[0].key,
        oauth=False,
        redirect_uri="",
        base_url="",
        server=(Input("base_url", "Mail server that is read", value=SERVER),),
        platform_url="",
        notes=offered.notes,
    )


def sample_account(frame: Frame) -> AccountPage:
    """One that works again after a silence, and is being compared with its platform."""
    hour = timedelta(hours=1)
    compared = Compared("running", 3, 140, 2)
    return AccountPage(
        frame=frame,
        id=1,
        channel=X,
        handle="@lumenpay",
        state="active",
        health=Health("ok", NOW - timedelta(seconds=40)),
        level="ok",
        last_heard=NOW - timedelta(seconds=40),
        called_at=None,
        polls=True,
        every_s=60.0,
        next_at=NOW + timedelta(seconds=20),
        expires_at=NOW + 240 * hour,
        missing=(),
        base_url="https://social.brand.example",
        platform_url="https://api.x.com",
        hook="https://desk.lumenpay.example/hooks/x/1c9f2e60b7a84d0e",
        subscribes=True,
        streams=(
            StreamRow("mentions", NOW - 100 * hour, NOW - hour, compared=compared),
            StreamRow("dms", rests_until=NOW + hour),
        ),
        quotas=(Quota("mentions", 12, 300, 0.04, NOW + hour),),
        usd_a_day=1.25,
        daily_usd=5.0,
        price_source="https://docs.brand.example/prices",
        settings=settings_inputs(capabilities("email"), {}, {}, stored=True),
        outages=(OutageRow(NOW - 30 * hour, NOW - 28 * hour, "alarm", 14, 2, "503 for two hours"),),
        unread=1,
        notes=capabilities("x").notes,
    )
