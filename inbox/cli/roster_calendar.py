"""The roster in calendar programs, on the command line."""

import sys
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows import roster_calendar as flow
from inbox.store import people

Email = Annotated[str, typer.Argument(help="Whose, by e-mail address.")]
Whole = Annotated[bool, typer.Option("--whole", help="Everybody's shifts, not only theirs.")]


def calendar(email: Email, whole: Whole = False) -> None:
    """Somebody's shifts as a calendar file, on standard output."""
    with opened() as (settings, store), store.read() as session:
        user = people.by_email(session, email.strip().lower())
        if user is None:
            raise Stop(f"No agent has the address {email}. See: replydesk users list")
        made = flow.calendar(session, user, whole, settings.base_url, utc_now())
    sys.stdout.write(made.decode())


def link(email: Email, whole: Whole = False) -> None:
    """A fresh link for somebody's calendar program; the one before stops working."""
    with opened() as (settings, store):
        made = flow.make_link(
            store,
            base_url=settings.base_url,
            email=email,
            whole=whole,
            actor="cli",
            now=utc_now(),
        )
    out.print(made, highlight=False, markup=False, soft_wrap=True)


def unlink(email: Email, whole: Whole = False) -> None:
    """Ends somebody's link."""
    with opened() as (_, store):
        done = flow.end_link(store, email=email, whole=whole, actor="cli", now=utc_now())
    out.print("Ended." if done else "There was none.")


def links(json_: AsJson = False) -> None:
    """Who has which link, and when it was last read."""
    with opened() as (_, store), store.read() as session:
        found = flow.links(session)
    if json_:
        as_json(
            {
                "links": [
                    {
                        "person": one.person,
                        "of": "whole" if one.whole else "own",
                        "made_at": one.made_at,
                        "expires_at": one.expires_at,
                        "last_used_at": one.last_used_at,
                    }
                    for one in found
                ]
            }
        )
        return
    made = table("Links of calendars", "person", "of", "until", "last read")
    for one in found:
        of = "whole roster" if one.whole else "own shifts"
        made.add_row(one.person, of, when(one.expires_at), when(one.last_used_at))
    out.print(made, markup=False)
