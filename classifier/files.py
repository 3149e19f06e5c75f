"""Where a model lies and what says so, readable without scikit-learn."""

import json
from pathlib import Path
from typing import Any

MODEL_FOLDER = Path(__file__).parent / "model"
MODEL_FILE = "model.npz"
META_FILE = "meta.json"


def read_meta(folder: Path) -> dict[str, Any] | None:
    """The figures beside a model; None when there are none that can be read."""
    try:
        meta = json.loads((folder / META_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return meta if isinstance(meta, dict) and {"hash", "sha256"} <= meta.keys() else None
