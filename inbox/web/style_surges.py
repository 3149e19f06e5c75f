"""Samples of surges; all invented."""

from dataclasses import replace
from datetime import timedelta

from inbox.flows.surges import Fit
from inbox.web import render
from inbox.web.pages import Frame, channel
from inbox.web.pages_list import ListPage
from inbox.web.pages_surges import (
    Offered,
    Settled,
    SurgeCard,
    SurgePage,
    SurgesPage,
    Text,
)
from inbox.web.style_people import NOW, sample_list

SINCE = NOW - timedelta(minutes=50)
LATEST = NOW - timedelta(minutes=2)
CARD = SurgeCard(1, 37, SINCE, "Your app says service unavailable when I open it", LATEST, True, 34)
X, MASTODON = channel("x", "X"), channel("mastodon", "Mastodon")
TEXTS = (
    Text(
        "en",
        21,
        "Hello {customer}, we know that the app does not open and are working on it.",
        "en",
        "Hello Tomás Freixo, we know that the app does not open and are working on it.",
        "Tomás Freixo",
        fits=((X, Fit("x", "public", 2)), (MASTODON, Fit("mastodon", "private", 0))),
    ),
    Text(
        "zh",
        11,
        "{customer}，您好！应用暂时无法打开，我们正在抢修。",
        "zh",
        "林月 Lin Yue，您好！应用暂时无法打开，我们正在抢修。",
        "林月 Lin Yue",
        fits=((X, Fit("x", "public", 1)),),
    ),
    Text("es", 2, gets="en"),
)


def sample_surge(frame: Frame) -> SurgePage:
    """A surge that grows, with words that are written and somebody who was answered."""
    offered = (
        Offered(
            13,
            101,
            "Tomás Freixo",
            X,
            "Your app says service unavailable",
            "en",
            ticked=True,
            public=True,
        ),
        Offered(14, 102, "林月 Lin Yue", X, "你们的app打不开了", "zh", ticked=True),
        Offered(
            15,
            103,
            "Ines Aldana",
            MASTODON,
            "la app no abre desde hace una hora",
            "es",
            ticked=True,
        ),
        Offered(16, 104, "Noor Haddad", X, "is it down or is it me?", "en", new=True),
        Offered(
            17,
            105,
            "Ola Berg",
            MASTODON,
            "still nothing, and now I see no balance",
            "en",
            why="The customer wrote again while you were writing.",
        ),
    )
    settled = (Settled(21, "Mina Kato", "done"), Settled(22, "Jo Amari", "waiting"))
    return SurgePage(
        frame=frame,
        card=CARD,
        key="k1",
        opened=0,
        offered=offered,
        texts=TEXTS,
        texts_by="bo.narin@lumenpay.example",
        waiting_people=len(offered),
        previewed=True,
        unknown=1,
        joined=1,
        canned=((4, "Where a refund is"), (9, "The app is down")),
        settled=settled,
        counts=(("done", 2), ("refused", 1), ("waiting", 1)),
        job=3,
    )


def surge_pages(frame: Frame) -> dict[str, render.Context]:
    """The pages under their file names."""
    over = replace(CARD, id=2, people=12, growing=False, waiting=0, closed_by="system")
    before = replace(over, closed_at=NOW - timedelta(hours=9), text="The code never arrives")
    return {
        "surges": SurgesPage(frame, (CARD,), (before,)),
        "surges-empty": SurgesPage(frame),
        "surge": sample_surge(frame),
        "surge-list": sample_surge_list(frame),
    }


def sample_surge_list(frame: Frame) -> ListPage:
    """The list, above which a surge is told."""
    return replace(sample_list(frame, selected=None), surge=CARD)
