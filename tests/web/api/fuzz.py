"""`python -m tests.web.api.fuzz [options]`: schemathesis against a running API.

`test_conformance.py` asks the same on every run, in seconds.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from inbox.config import Settings
from inbox.flows.tagging import LazyClassifier
from inbox.store.session import Store
from inbox.web.app import create_app
from tests.clock import Clock
from tests.factories import make_brand, make_user
from tests.web.api.calling import program
from tests.web.api.everything import fill
from tests.web.serving import opened

HERE = Path(__file__).parent


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/desk.db")
        store.migrate()
        make_brand(store)
        ada = make_user(store, "Ada Voss", "admin")
        fill(store, ada, Path(folder))
        clock = Clock()
        classifier = LazyClassifier(store, Path(folder))
        classifier.explain("Where is my refund?")  # on a busy machine the first would time out
        app = create_app(store, Settings(data=Path(folder)), now=clock, classifier=classifier)
        app.state.desk.limits.a_minute = 10**9
        with opened(app, store, clock) as site:
            bearer = program(site, ada).headers["Authorization"]
            told = subprocess.run(
                [
                    *(Path(sys.executable).parent / "schemathesis", "--config-file"),
                    *(HERE / "schemathesis.toml", "run", f"{site.url}/api/v1/openapi.json"),
                    *("-H", f"Authorization: {bearer}", *sys.argv[1:]),
                ],
                cwd=folder,
                check=False,
            )
        store.close()
    return told.returncode


if __name__ == "__main__":
    sys.exit(main())
