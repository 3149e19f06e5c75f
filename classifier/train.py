"""`python -m classifier.train`: builds the shipped model from the corpus, unless it is up to date.

The folder holds `model.npz` (vocabulary, voices and heads, no pickle), `meta.json` (thresholds,
counts, versions, cross-validated scores, and the hash that says when to skip), and `languages.npz`
(what tells languages apart, out of another package: no model of this corpus, and read faster).
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from classifier.examples import CORPUS, read
from classifier.files import FORM, LANGUAGES_FILE, META_FILE, MODEL_FILE, MODEL_FOLDER, read_meta
from classifier.fit import LIBRARIES, Fitted, Say, fit
from classifier.language import runs_of_candidates

CODE = Path(__file__).parent


def source_hash(corpus: Path = CORPUS) -> str:
    """SHA-256 over corpus, classifier code and library versions: same hash, same model."""
    libraries = json.dumps({name: version(name) for name in LIBRARIES})
    parts = (_hash(sorted(CODE.glob("*.py"))), corpus_hash(corpus), libraries)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def corpus_hash(corpus: Path = CORPUS) -> str:
    """SHA-256 over the corpus alone: with the same one, two models can be compared on it."""
    return _hash(sorted(corpus.glob("*.jsonl")))


def _hash(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def train(folder: Path = MODEL_FOLDER, corpus: Path = CORPUS, say: Say = print) -> bool:
    """Write the model to `folder` in one step; False when the one there is up to date."""
    wanted = source_hash(corpus)
    meta = read_meta(folder)
    if meta and meta["hash"] == wanted and (folder / MODEL_FILE).is_file():
        say("classifier: model is up to date")
        return False
    started_s = time.perf_counter()
    examples = read(corpus)
    say(f"classifier: training on {len(examples)} messages")
    fitted = fit(examples, lambda said: say(f"classifier: {said}"))
    write(folder, fitted, {"hash": wanted}, {LANGUAGES_FILE: runs_of_candidates().arrays()})
    say(f"classifier: done in {time.perf_counter() - started_s:.0f} s")
    return True


def write(
    folder: Path,
    fitted: Fitted,
    more: dict[str, Any],
    files: Mapping[str, dict[str, Any]] | None = None,
) -> None:
    """Beside `folder`, then renamed: a reader sees the old model or the new one, never a half.
    `more` joins the figures in `meta.json`; `files`: arrays of other files by name."""
    import numpy as np

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        np.savez_compressed(fresh / MODEL_FILE, **fitted.arrays)
        meta = {"form": FORM, **more, **fitted.figures, "sha256": _sha256(fresh / MODEL_FILE)}
        for name, arrays in (files or {}).items():
            np.savez(fresh / name, **arrays)
            meta[f"{Path(name).stem}_sha256"] = _sha256(fresh / name)
        (fresh / META_FILE).write_text(json.dumps(meta, indent=1), encoding="utf-8")
        fresh.chmod(0o755)
        old = fresh.with_name(f"{fresh.name}-old")
        if folder.exists():
            os.replace(folder, old)
        os.replace(fresh, folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


if __name__ == "__main__":
    train()
    sys.exit(0)
