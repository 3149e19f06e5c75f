"""The composition root: settings, database, classifier, web and the scheduled work in one process.

A trigger only says "look now". What is due is a query, run at the start and at every tick, so a
process that was down catches up once: accounts to poll, replies to send, outcomes to look up, files
to fetch, trainings, reports of the last days not yet made, mails not yet accepted.
"""

import gc
import logging
import random
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from apscheduler.executors.pool import ThreadPoolExecutor as Pool
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from inbox.config import AlreadyRunning, Settings, utc_now
from inbox.flows import (
    assigning,
    bulk,
    case_warnings,
    deliver,
    files,
    health,
    hiding,
    holding,
    hook_sending,
    learning,
    letters,
    notice_mails,
    outage_mails,
    policies,
    poll,
    recheck,
    reconcile,
    states,
    surging,
    transfers,
    warnings,
)
from inbox.flows.importing import fold_dirty
from inbox.flows.tagging import LazyClassifier
from inbox.flows.training import Trainer
from inbox.flows.upkeep import tidy
from inbox.store import files as stored_files
from inbox.store import outbox
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.web.app import create_app
from reports import editions, mails, rollups

log = structlog.get_logger()

TICK_S = 1
WORKERS = 8
DAYS_AT_ONCE = 30


class Work:
    """The scheduled work on one database. At most one run per account and kind at a time here;
    other processes are kept out by the account's lock."""

    def __init__(self, store: Store, settings: Settings, classifier: LazyClassifier) -> None:
        self.store = store
        self.settings = settings
        self.classifier = classifier
        self.trainer = Trainer(store, settings.folder)
        self.watch = surging.Watch(store)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="account")
        self._busy: set[tuple[str, int]] = set()
        self._guard = threading.Lock()
        self.ending = threading.Event()
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": Pool(6)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone="UTC",
        )

    def start(self) -> None:
        """Looks at once, then at every tick."""
        fold_dirty(self.store, utc_now)
        looks: tuple[tuple[Callable[[], Any], int], ...] = (
            (self.look_for_polls, TICK_S),
            (self.look_for_replies, TICK_S),
            (self.look_for_jobs, TICK_S),
            (self.look_for_files, 2),
            (self.look_for_letters, 2),
            (self.look_for_outcomes, 5),
            (self.look_at_messages, 2),
            (self.look_at_lists, 5),
            (self.look_at_training, 2),
            (self.look_at_policies, 5),
            (self.look_at_waits, 5),
            (self.look_at_queue, 5),
            (self.look_at_rules, 5),
            (self.look_for_surges, 30),
            (self.look_for_transfers, 2),
            (self.look_for_webhooks, 2),
            (self.mail_notices, 10),
            (self.look_at_snoozes, TICK_S),
            (self.look_at_health, 15),
            (self.look_for_reports, 20),
            (self.look_at_report_days, 60),
            (self.tidy, 3600),
        )
        for look, every_s in looks:
            self._scheduler.add_job(
                look, "interval", seconds=every_s, id=look.__name__, next_run_time=utc_now()
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Lets running work finish; a training, which takes minutes, is begun anew next time, and
        an import or export is gone on with."""
        self.ending.set()
        self._scheduler.shutdown(wait=True)
        self.trainer.stop(utc_now())
        self._pool.shutdown(wait=True, cancel_futures=True)

    def look_for_polls(self) -> None:
        """Polls each account that is due."""
        for account_id in poll.due(self.store, utc_now()):
            self._submit("poll", account_id, self._poll)

    def look_for_replies(self) -> None:
        """Sends what waits in the outbox, accounts side by side."""
        deliver.give_up_on_the_dead(self.store, utc_now())
        holding.stop_crossed(self.store, utc_now())
        with self.store.read() as session:
            waiting = outbox.accounts_due(session, utc_now())
        for account_id in waiting:
            self._submit("deliver", account_id, self._deliver)

    def look_for_jobs(self) -> None:
        """Does the same to many conversations, one job after the other."""
        self._submit("bulk", 0, self._work)

    def look_for_files(self) -> None:
        """Fetches the files of messages, accounts side by side."""
        with self.store.read() as session:
            waiting = stored_files.accounts_due(session, utc_now())
        for account_id in waiting:
            self._submit("files", account_id, self._fetch_files)

    def look_for_letters(self) -> None:
        """Mails the links that people wait for."""
        letters.mail_due(self.store, self.settings, utc_now)

    def look_for_outcomes(self) -> None:
        """Looks up replies whose outcome is unknown."""
        deliver.look_up_due(self.store, self.settings, utc_now)

    def look_at_messages(self) -> None:
        """Asks platforms for single messages: what stands above comments, edits and deletions."""
        for account_id in recheck.due(self.store, utc_now()):
            self._submit("recheck", account_id, self._recheck)

    def look_at_lists(self) -> None:
        """Goes on with comparisons of platforms' lists, and begins the daily ones."""
        reconcile.start_due(self.store, utc_now())
        for account_id in reconcile.due(self.store, utc_now()):
            self._submit("reconcile", account_id, self._reconcile)

    def look_at_health(self) -> None:
        """Notices who is silent, and tells the admins once."""
        for account_id in health.check_due(self.store, utc_now()):
            self._submit("check", account_id, self._check)
        health.watch(self.store, utc_now())
        outage_mails.mail_due(self.store, self.settings, utc_now)

    def look_at_training(self) -> None:
        """Begins, follows and ends trainings of the classifier, each in a process of its own."""
        learning.start_due(self.store, self.settings, utc_now())
        self.trainer.look(utc_now())

    def look_at_policies(self) -> None:
        """Applies changes of policies and calendars whose process died before it had."""
        policies.apply_due(self.store, utc_now())

    def look_at_waits(self) -> None:
        """Warns of waits that go long."""
        warnings.look(self.store, utc_now())
        case_warnings.look(self.store, utc_now())

    def look_at_queue(self) -> None:
        """Gives conversations to people at work, and takes back after their shifts."""
        assigning.look(self.store, utc_now())

    def look_at_rules(self) -> None:
        """Hides what rules said."""
        hiding.hide_due(self.store, self.settings, utc_now)

    def look_for_surges(self) -> None:
        """Notices when many people write about the same thing."""
        self._submit("surges", 0, self._look_for_surges)

    def look_for_transfers(self) -> None:
        """Goes on with imports and exports that were begun on a page."""
        self._submit("transfers", 0, self._transfer)

    def mail_notices(self) -> None:
        """Mails what people were told and have not read."""
        notice_mails.mail_due(self.store, self.settings, utc_now)

    def look_for_webhooks(self) -> None:
        """Sends what other programs are to be told, endpoints side by side."""
        for endpoint_id in hook_sending.due(self.store, utc_now()):
            self._submit("webhook", endpoint_id, self._send_webhooks)

    def look_at_snoozes(self) -> None:
        """Brings back what was snoozed until now."""
        states.reopen_due(self.store, utc_now())

    def look_for_reports(self) -> None:
        """Makes the reports that are due and mails what no server has taken yet."""
        editions.make_due(self.store, utc_now())
        mails.mail_due(self.store, self.settings, utc_now)

    def look_at_report_days(self) -> None:
        """Counts the days that ended, and those that changed since."""
        self._submit("report days", 0, self._keep_report_days)

    def tidy(self) -> None:
        """Forgets what is past its time."""
        tidy(self.store, utc_now())
        transfers.tidy(self.store, self.settings.folder, utc_now())

    def _poll(self, account_id: int) -> None:
        done = poll.poll(
            self.store, self.settings, account_id, classifier=self.classifier, now=utc_now
        )
        if done.new or done.error:
            log.info("polled", account=account_id, new=done.new, error=done.error)

    def _recheck(self, account_id: int) -> None:
        recheck.work(self.store, self.settings, account_id, classifier=self.classifier, now=utc_now)

    def _reconcile(self, account_id: int) -> None:
        found = reconcile.work(
            self.store, self.settings, account_id, classifier=self.classifier, now=utc_now
        )
        if found:
            log.info("found missing messages", account=account_id, found=found)

    def _check(self, account_id: int) -> None:
        health.check(self.store, self.settings, account_id, utc_now)

    def _deliver(self, account_id: int) -> None:
        deliver.deliver_due(self.store, self.settings, utc_now, account_id=account_id)

    def _fetch_files(self, account_id: int) -> None:
        files.fetch_due(self.store, self.settings, utc_now, account_id=account_id)

    def _send_webhooks(self, endpoint_id: int) -> None:
        hook_sending.send_due(self.store, self.settings, endpoint_id, utc_now, random.random)

    def _work(self, _: int) -> None:
        bulk.work(self.store, utc_now)

    def _transfer(self, _: int) -> None:
        folder, ending = self.settings.folder, self.ending.is_set
        transfers.work(self.store, folder, self.classifier, utc_now, ending=ending)

    def _look_for_surges(self, _: int) -> None:
        self.watch.look(utc_now())

    def _keep_report_days(self, _: int) -> None:
        with hold(self.store, self.settings.folder, "report-days", 0) as held:
            if held:
                rollups.keep(self.store, utc_now(), DAYS_AT_ONCE, ending=self.ending.is_set)

    def _submit(self, kind: str, account_id: int, work: Callable[[int], None]) -> None:
        with self._guard:
            if (kind, account_id) in self._busy:
                return
            self._busy.add((kind, account_id))
        future = self._pool.submit(work, account_id)
        future.add_done_callback(partial(self._done, kind, account_id))

    def _done(self, kind: str, account_id: int, future: Any) -> None:
        with self._guard:
            self._busy.discard((kind, account_id))
        if not future.cancelled() and future.exception() is not None:
            log.error(kind, account=account_id, exc_info=future.exception())


@contextmanager
def working(store: Store, settings: Settings, classifier: LazyClassifier) -> Iterator[Work]:
    """Scheduled work while the block runs.

    On SQLite one process schedules; on PostgreSQL several may, for availability.
    """
    with hold(store, settings.folder, "scheduler", 0) as held:
        if store.is_sqlite and not held:
            raise AlreadyRunning(f"Replydesk already works on {settings.folder}.")
        work = Work(store, settings, classifier)
        work.start()
        try:
            yield work
        finally:
            work.stop()


class _Server(uvicorn.Server):
    """Says when it listens, and when it stops: open live streams would hold it up."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


def serve(
    store: Store,
    settings: Settings,
    classifier: LazyClassifier,
    *,
    development: bool,
    ready: Callable[[], None],
) -> None:
    """The web server, until it is told to stop; `ready` is called once it listens."""
    spool_in(settings.folder)
    app = create_app(store, settings, now=utc_now, classifier=classifier, development=development)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    gc.freeze()  # what lives as long as the server: looking through it held up pages for 0.2 s
    _Server(config, ready, app.state.desk.live.stop).run()


def spool_in(folder: Path) -> None:
    """Large uploads are written to the data folder while they come in, where there is room for what
    is kept of them; the machine's temporary folder is memory on many."""
    tempfile.tempdir = str(folder)


def prepare() -> None:
    """Logs as lines for people; APScheduler, which tells of every run and of looks that were still
    busy, only when one fails."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
