"""The forecast of breaches on the command line."""

from typing import Annotated

import typer

from inbox.cli.common import AsJson, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows import forecasting


def forecast(
    days: Annotated[int, typer.Option(help="How far ahead.", min=1, max=31)] = forecasting.DAYS,
    json_: AsJson = False,
) -> None:
    """What falls due while nobody is on duty, and how much in each coming shift."""
    with opened() as (_, store), store.read() as session:
        told = forecasting.told(session, forecasting.ahead(session, utc_now(), days))
    if json_:
        as_json(told)
        return
    alone = table(
        "Due while nobody is on duty", "due", "conversation", "who", "clock", "answer by", "next"
    )
    for one in told["alone"]:
        by = when(one["answer_by"]) if one["answer_by"] else "nobody before it"
        cover = when(one["cover_at"]) if one["cover_at"] else "–"
        who, number = f"{one['who']} on {one['channel']}", str(one["conversation_id"])
        alone.add_row(when(one["due_at"]), number, who, one["target"], by, cover)
    out.print(alone, markup=False)
    made = table(f"Due in the next {days} days", "from", "to", "on duty", "due")
    for span in told["ahead"]:
        people = ", ".join(span["on_duty"]) or "–"
        made.add_row(when(span["from"]), when(span["to"]), people, str(span["due"]))
    out.print(made, markup=False)
