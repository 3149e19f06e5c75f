"""Where a model lies and what says so, readable without scikit-learn."""

import json
from pathlib import Path
from typing import Any

MODEL_FOLDER = Path(__file__).parent / "model"
MODEL_FILE = "model.npz"
META_FILE = "meta.json"
LANGUAGES_FILE = "languages.npz"
FORM = 1
"""Of the arrays and thresholds: another release that reads them otherwise counts on."""


def read_meta(folder: Path) -> dict[str, Any] | None:
    """The figures beside a model; None when there are none that can be read, or the model has
    another release's form."""
    try:
        meta = json.loads((folder / META_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(meta, dict) and {"hash", "sha256"} <= meta.keys()
    return meta if whole and meta.get("form", 1) == FORM else None  # the first ones told no form
