"""Commands that stay: the product in one process, or its halves."""

import signal
import socket
import threading
from typing import Annotated

import typer

from inbox.cli.common import Stop, opened, out
from inbox.config import Settings, utc_now
from inbox.flows import demo as invented
from inbox.flows import demo_team
from inbox.flows.people import setup_link
from inbox.flows.tagging import LazyClassifier
from inbox.store.session import Store

Development = Annotated[
    bool, typer.Option("--development", help="Also serve the style page under /style.")
]


def run(development: Development = False) -> None:
    """Run everything in one process: web pages and scheduled work.

    The pages are at 127.0.0.1:8080, or where REPLYDESK_LISTEN says.
    """
    with opened() as (settings, store):
        _listenable(settings)
        _run(settings, store, development=development)


def demo(development: Development = False) -> None:
    """Run with an invented, living inbox in a data folder of its own (data/demo)."""
    settings = Settings()
    settings.data = settings.data / "demo"
    _listenable(settings)
    store = Store(settings.url)
    store.ready()
    invented.prepare(store, utc_now())
    demo_team.prepare(store, utc_now())
    _run(settings, store, development=development)


def serve(development: Development = False) -> None:
    """Serve the web pages only; another process runs `schedule`."""
    import scheduler  # the web side is slow to import, and no other command needs it

    with opened() as (settings, store):
        _listenable(settings)
        classifier = LazyClassifier(store, settings.folder)
        scheduler.prepare()
        scheduler.serve(
            store,
            settings,
            classifier,
            development=development,
            ready=lambda: _ready(settings, store, classifier),
        )


def schedule() -> None:
    """Run the scheduled work only; another process serves the pages."""
    import scheduler

    with opened() as (settings, store):
        scheduler.prepare()
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        with scheduler.working(store, settings, LazyClassifier(store, settings.folder)):
            out.print("Scheduled work runs. Stop with Ctrl-C.")
            stopped.wait()


def migrate() -> None:
    """Bring the database to this version's schema."""
    settings = Settings()
    store = Store(settings.url)
    store.migrate()
    store.close()
    out.print("The database is up to date.")


def _run(settings: Settings, store: Store, *, development: bool) -> None:
    import scheduler

    scheduler.prepare()
    classifier = LazyClassifier(store, settings.folder)
    with scheduler.working(store, settings, classifier):
        scheduler.serve(
            store,
            settings,
            classifier,
            development=development,
            ready=lambda: _ready(settings, store, classifier),
        )


def _listenable(settings: Settings) -> None:
    """Raises `Stop` where nothing can listen, before any work begins: `port` 0, a port that another
    program has, an address that is not this machine's."""
    if settings.port == 0:
        raise Stop("REPLYDESK_LISTEN needs a port above 0.")
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.create_server((settings.host, settings.port), family=family):
            pass
    except OSError as error:
        raise Stop(
            f"Nothing can listen at {settings.listen}: {(error.strerror or str(error)).lower()}. "
            "Stop what runs there, or choose another with REPLYDESK_LISTEN=127.0.0.1:8081."
        ) from error


def _ready(settings: Settings, store: Store, classifier: LazyClassifier) -> None:
    """Says where the product runs; only then the model is loaded, which takes a second or two."""
    link = setup_link(store, settings, utc_now())
    out.print(f"\nReplydesk runs at {settings.base_url}", highlight=False)
    if link:
        out.print("Create the first account here (works once, for 24 hours):", highlight=False)
        out.print(f"  {link}", highlight=False, soft_wrap=True)
    out.print("Stop with Ctrl-C.\n", highlight=False)
    classifier.load_soon()
