"""The classifier as the program uses it: loaded on first need, never in the way of a message."""

import threading
from collections.abc import Sequence
from typing import Any

import structlog

from classifier.model import Classifier, ModelMissing, load

log = structlog.get_logger()


class LazyClassifier:
    """Loads the packaged model on first use: it is slow to import.

    Without a model messages stay untagged; none is kept out (DESIGN §6).
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._loaded = False
        self._model: Classifier | None = None

    @property
    def model(self) -> Classifier | None:
        """The packaged model; None, with one warning, when it is missing or broken."""
        with self._lock:
            if not self._loaded:
                self._loaded = True
                try:
                    self._model = load()
                except ModelMissing as e:
                    log.warning("messages stay untagged", reason=str(e))
            return self._model

    def load_soon(self) -> None:
        """Loads the model beside other work, so that the first message need not wait for it."""
        threading.Thread(target=lambda: self.model, name="model", daemon=True).start()

    def tag(self, texts: Sequence[str]) -> Sequence[Any]:
        """Tags, or None for each text while there is no model."""
        with self._lock:
            return self.model.tag(texts) if self.model else [None] * len(texts)

    def explain(self, text: str, n: int = 6) -> Any:
        """Why a text got its tag; None without a model."""
        with self._lock:
            return self.model.explain(text, n) if self.model else None
