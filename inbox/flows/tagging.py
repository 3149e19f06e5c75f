"""The classifier as the program uses it: loaded on first need, never in the way of a message.

Every process asks the database once in a while which version serves, and loads that one; where its
files are missing or broken, the shipped model tags.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from classifier.files import META_FILE
from classifier.model import Classifier, ModelMissing, load
from inbox.flows.models import folder_of
from inbox.store import learning
from inbox.store.session import Store

log = structlog.get_logger()

LOOK_S = 2.0
BROKEN = (ModelMissing, OSError)
"""What missing, broken or foreign files make of loading them."""

Wanted = tuple[str | None, int]


class LazyClassifier:
    """Loads the serving model on first use: it is slow to import.

    Without a model messages stay untagged; none is kept out (DESIGN §6). Threads may share it:
    while one loads another version, the others go on with the one before.
    """

    def __init__(
        self,
        store: Store,
        data: Path,
        load: Callable[[Path | None], Any] = load,
        look_s: float = LOOK_S,
    ) -> None:
        self._store = store
        self._data = data
        self._load = load
        self._look_s = look_s
        self._lock = threading.RLock()  # of the model in use
        self._loading = threading.Lock()
        self._looked = float("-inf")
        self._wanted: Wanted | None = None
        self._model: Any = None
        self._explain: Callable[[str, int], Any] = lambda _text, _n: None

    @property
    def model(self) -> Classifier | None:
        """The model that serves; None, with a warning, while not even the shipped one is there."""
        first = self._wanted is None
        if self._loading.acquire(blocking=first):
            try:
                self._look()
            finally:
                self._loading.release()
        with self._lock:
            model: Classifier | None = self._model
            return model

    def load_soon(self) -> None:
        """Loads the model beside other work, so that the first message need not wait for it."""
        threading.Thread(target=lambda: self.model, name="model", daemon=True).start()

    def tag(self, texts: Sequence[str]) -> Sequence[Any]:
        """Tags, or None for each text while there is no model."""
        model = self.model
        with self._lock:
            return model.tag(texts) if model else [None] * len(texts)

    def explain(self, text: str, n: int = 6) -> Any:
        """Why a text got its tag; None without a model. Asked again, it costs nothing."""
        if self.model is None:
            return None
        with self._lock:
            return self._explain(text, n)

    def _look(self) -> None:
        """At most every other second: which version is wanted? Another than before is loaded."""
        if time.monotonic() - self._looked < self._look_s:
            return
        wanted = self._asked()
        self._looked = time.monotonic()
        if wanted == self._wanted:
            return
        model = self._loaded(wanted[0])
        with self._lock:
            self._model, self._wanted = model, wanted
            self._explain = lru_cache(maxsize=256)(model.explain) if model else lambda *_: None

    def _asked(self) -> Wanted:
        """The serving version, and when its files were written: they may come later than its row.

        A database that does not answer changes nothing.
        """
        try:
            with self._store.read() as session:
                version = learning.serving(session)
        except DBAPIError as e:
            log.warning("the model stays as it is", reason=type(e).__name__)
            return self._wanted or (None, 0)
        if version is None:
            return None, 0
        try:
            return version, (folder_of(self._data, version) / META_FILE).stat().st_mtime_ns
        except OSError:
            return version, 0

    def _loaded(self, version: str | None) -> Any:
        """The version's model, else the shipped one, else None; each step down is said once."""
        if version is not None:
            try:
                return self._load(folder_of(self._data, version))
            except BROKEN as e:
                log.warning("the shipped model tags instead", version=version, reason=str(e))
        try:
            return self._load(None)
        except BROKEN as e:
            log.warning("messages stay untagged", reason=str(e))
            return None
