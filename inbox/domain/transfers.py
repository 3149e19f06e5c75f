"""Imports and exports that somebody began on a page: their states. Pure."""

from datetime import timedelta
from typing import Final

IMPORT, EXPORT = "import", "export"
WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
MOVES: Final[dict[tuple[str, str], str]] = {
    (WAITING, "start"): RUNNING,
    (RUNNING, "start"): RUNNING,  # its process died: the next one goes on
    (RUNNING, "finish"): DONE,
    (RUNNING, "fail"): FAILED,
    (WAITING, "stop"): STOPPED,
    (RUNNING, "stop"): STOPPED,
}
KEPT: Final = timedelta(days=1)
"""So long an exported file can be fetched."""
LISTED: Final = timedelta(days=30)
"""So long it is told what was imported and exported."""
MOST_REFUSED: Final = 50
"""Bad lines that are told with their reasons."""
