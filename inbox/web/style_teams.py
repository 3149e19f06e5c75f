"""Samples of teams; all invented."""

from dataclasses import replace

from inbox.flows.policies import Effect
from inbox.web import render
from inbox.web.pages import Frame
from inbox.web.pages_teams import Served, TeamPage, TeamRow, TeamsPage
from inbox.web.style_people import ADA, BO, EMAIL, WEBHOOK, X

CARDS = Served(1, X, "@lumencards", ("Cards",))
HELP = Served(2, EMAIL, "help@lumenpay.example", ("Cards", "Merchants"))
SHOPS = Served(3, X, "@lumenpay_shops", ("Merchants",))
APP = Served(4, WEBHOOK, "app")
TEAMS = (
    TeamRow(1, "Cards", ADA.id, (ADA, BO), (CARDS, HELP), "Lisbon office"),
    TeamRow(2, "Merchants", None, (), (HELP, SHOPS)),
    TeamRow(3, "Weekend", None, (BO,), ()),
)


def team_pages(frame: Frame) -> dict[str, render.Context]:
    """The pages of teams under their file names."""
    both = ((ADA, "lead"), (BO, "agent"))
    some, others = frozenset({1, 2}), replace(HELP, by=("Merchants",))
    accounts = (replace(CARDS, by=()), others, SHOPS, APP)
    return {
        "teams": TeamsPage(frame, TEAMS, (APP,), "saved", 3),
        "teams-empty": TeamsPage(frame),
        "team": TeamPage(
            frame,
            1,
            "Cards",
            ADA.id,
            some,
            some,
            both,
            accounts,
            calendar="Lisbon office",
            calendars=("Lisbon office", "working days"),
            effect=Effect(open=38, earlier=12, later=3, overdue=2),
        ),
    }
