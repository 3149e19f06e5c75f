"""The planner on the command line."""

from typing import Annotated, Any

import typer

from inbox.cli.common import AsJson, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.planning_changes import more
from inbox.flows import planning_told
from inbox.flows.planning import (
    LEAST_HANDLING_S,
    MOST_HANDLING_S,
    MOST_WITHIN_H,
    SEED,
    Wish,
)

NEEDS = {
    "history": "two whole weeks of messages are needed; import older ones, or wait",
    "handling": "how long an answer takes is not known yet: say it with --handling-minutes",
    "shifts": "there are no shifts: enter them, or plan some with --more",
}


def plan(
    without: Annotated[
        list[str] | None, typer.Option(help="Leave a shift out, by its id; may be repeated.")
    ] = None,
    more_: Annotated[
        list[str] | None,
        typer.Option(
            "--more", help="Add people, as '2 mon,tue 09:00-17:00' or '1 daily 22:00-06:00'."
        ),
    ] = None,
    handling_minutes: Annotated[
        float | None,
        typer.Option(
            help="How long an answer takes, instead of what was seen.",
            min=LEAST_HANDLING_S / 60,
            max=MOST_HANDLING_S / 60,
        ),
    ] = None,
    within: Annotated[
        int, typer.Option(help="Hours to count beside the promises.", min=1, max=MOST_WITHIN_H)
    ] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same runs.")] = SEED,
    json_: AsJson = False,
) -> None:
    """What the roster answers in time tomorrow and in the next 7 days, and what another would."""
    wish = Wish(
        without=tuple(without or ()),
        more=tuple(more(text) for text in more_ or ()),
        handling_s=handling_minutes * 60 if handling_minutes else None,
        within_h=within,
        seed=seed,
    )
    with opened() as (_, store):
        told = planning_told.told(store, utc_now(), wish)
    if json_:
        as_json(told)
        return
    if told["needs"]:
        for need in told["needs"]:
            out.print(f"No forecast yet: {NEEDS[need]}.", markup=False)
        return
    _tell(told)


def _tell(told: dict[str, Any]) -> None:
    sides = {"As it is": told["roster"]}
    if told["changed"]:
        sides["As changed"] = told["changed"]
    made = table("Answered in time", "", *sides)
    for title, key in (("tomorrow", "tomorrow"), ("the next 7 days", "week")):
        made.add_row(title, *(_share(side[key]["in_time"]) for side in sides.values()))
    hours = told["within_hours"]
    made.add_row(
        f"within {hours} h", *(_share(_first(s["week"]["within"])) for s in sides.values())
    )
    made.add_row("… by the hour", *(_quick(s["week"]["quick_within"]) for s in sides.values()))
    for one in told["roster"]["week"]["policies"]:
        found = ({p["id"]: p for p in side["week"]["policies"]} for side in sides.values())
        made.add_row(f"policy {one['id']}", *(_share(by.get(one["id"])) for by in found))
    made.add_row("what waits now", *(_share(s["waiting_in_time"]) for s in sides.values()))
    out.print(made, markup=False)
    for title, side in sides.items():
        spans = [f"{when(one['from'])} to {when(one['to'])}" for one in side["weakest"]]
        out.print(f"{title}, weakest: {', '.join(spans) or 'no hours'}.", markup=False)
    days = table("Messages to come", "day", "messages")
    for one in told["days"]:
        days.add_row(str(one["date"]), f"{one['messages']:.0f}")
    out.print(days, markup=False)
    _tell_test(told)


def _tell_test(told: dict[str, Any]) -> None:
    minutes, tested = told["handling"]["seconds"] / 60, told["tested"]
    said = f"An answer takes {minutes:.1f} minutes; {told['runs']} runs with seed {told['seed']}."
    if tested["load_error"] is not None:
        said += f" In {len(tested['weeks'])} weeks that are over, a day’s messages were wrong by "
        said += f"{tested['load_error']:.0%}"
    if tested["share_error"] is not None:
        said += f", the share in time by {tested['share_error'] * 100:.1f} points"
    out.print(f"{said.rstrip('.')}.", markup=False)


def _share(found: dict[str, float] | None) -> str:
    """Rounded down: only what always holds is 100 %."""
    if found is None:
        return "–"
    low, high = int(found["low"] * 100), int(found["high"] * 100)
    return f"{low} %" if low == high else f"{low}–{high} %"


def _quick(share: float | None) -> str:
    return "–" if share is None else f"{int(share * 100)} %"


def _first(found: list[dict[str, float]]) -> dict[str, float] | None:
    return found[0] if found else None
