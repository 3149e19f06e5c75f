"""A period's figures, and the signed pack that proves them, on the command line."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from inbox.cli import clocks
from inbox.cli.common import AsJson, Stop, as_json, instant_of, opened, out
from inbox.config import Settings, utc_now
from inbox.domain.calendars import local_date
from inbox.domain.ids import BIGGEST_ID
from inbox.store import accounts
from reports.evidence.archive import TooLong, public_key
from reports.evidence.check import Findings, shown
from reports.evidence.check import verify as check
from reports.evidence.pack import Asked, make
from templates.periods import Days

app = typer.Typer(help="A period's figures, and the pack that proves them.")
app.callback(invoke_without_command=True)(clocks.report)


@app.command()
def pack(
    out_file: Annotated[Path, typer.Option("--out", help="The zip to write.")],
    from_: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to: Annotated[str | None, typer.Option(help="Last day, included.")] = None,
    day: Annotated[str | None, typer.Option("--date", help="One day.")] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone; the brand's by default.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Instant with zone; now by default.")] = None,
    edition: Annotated[
        int | None, typer.Option(help="As it was kept under this number.", min=1, max=BIGGEST_ID)
    ] = None,
) -> None:
    """Write a period's clocks with their evidence as a signed zip (docs/evidence.md)."""
    instant = instant_of(as_of, "--as-of") if as_of else utc_now()
    with opened() as (settings, store):
        with store.read() as session:
            brand = accounts.brand(session)
        zone = clocks.zone_named(tz or accounts.zone_of(brand))
        days = clocks.days_of(from_, to, day, local_date(instant, zone))
        if edition is None:
            asked = Asked(*days, zone, instant)
        else:
            clocks.whole_edition(tz, as_of)
            asked = Asked.of(clocks.kept(store, Days(*days), edition))
        key = settings.evidence_key
        unfinished = out_file.with_name(f".{out_file.name}.{os.getpid()}")
        try:
            with unfinished.open("xb") as file:
                make(store, key, asked, file, actor="cli", now=utc_now())
            unfinished.replace(out_file)
        except TooLong as e:
            raise Stop(str(e)) from e
        except OSError as e:
            raise Stop(f"{out_file} cannot be written: {e.strerror}.") from e
        finally:
            unfinished.unlink(missing_ok=True)
    out.print(f"Written to {out_file}, signed by {public_key(key)}.", highlight=False)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The pack.")],
    key: Annotated[
        str | None, typer.Option(help="The brand's public key, as the brand gave it to you.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """Check a pack and count it anew; no database is needed. Exit code 1 if anything differs."""
    try:
        with file.open("rb") as opened_file:
            found = check(opened_file, key)
    except OSError as e:
        raise Stop(f"{file} cannot be read: {e.strerror}.") from e
    if json_:
        manifest = found.manifest.model_dump(mode="json") if found.manifest else None
        as_json(asdict(found) | {"manifest": manifest})
    else:
        _tell(found)
    if found.count:
        raise typer.Exit(1)


@app.command(name="key")
def show_key(json_: AsJson = False) -> None:
    """The public key that packs are signed by, to give to those who verify them."""
    key = public_key(Settings().evidence_key)
    if json_:
        as_json({"public_key": key})
    else:
        out.print(key, highlight=False)


def _tell(found: Findings) -> None:
    made = found.manifest
    if made is not None:
        as_of = made.as_of.isoformat()
        kept = f", edition {found.edition}" if found.edition else ""
        whose = f"{shown(made.brand)}: " if made.brand else ""
        out.print(
            f"{whose}{made.first} to {made.last}, {made.zone}, as of {as_of}{kept}.\n"
            f"{found.clocks} clocks and {found.messages} messages counted anew.\n"
            f"Signed by {shown(made.public_key)}.",
            highlight=False,
            markup=False,
        )
    for note in found.notes:
        out.print(f"Note: {shown(note)}", highlight=False, markup=False)
    for difference in found.differences:
        out.print(f"DIFFERS {difference}", highlight=False, markup=False, soft_wrap=True)
    more = found.count - len(found.differences)
    if more:
        out.print(f"… and {more} more.", highlight=False)
    if not found.count:
        out.print("Everything in it is as it was signed, and counts to the same figures.")
