"""Bluesky's own servers on this machine: personal data server, directory, app view.

They come from npm (`@atproto/dev-env`) into a folder of the system's temporary ones, by the lock
file beside this module, and need Node 22 or newer, PostgreSQL (tests/postgres.py) and Redis.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import make_url

from tests.fakes.imap import free_port
from tests.live_local.opt_in import program
from tests.postgres import postgres_server

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc")
OLDEST_NODE = 22
START_S = 240.0


class Network:
    """The running network; accounts are made and posts written through its public calls."""

    def __init__(self, pds: str, appview: str) -> None:
        self.pds, self.appview = pds, appview

    def person(self, name: str) -> "Person":
        made = self._call("com.atproto.server.createAccount", handle=f"{name}.test")
        return Person(self, made["did"], made["handle"], made["accessJwt"])

    def _call(self, method: str, **body: str) -> dict[str, Any]:
        body |= {"email": f"{body['handle']}@mail.example", "password": PASSWORD}
        return read(httpx2.post(f"{self.pds}/xrpc/{method}", json=body, timeout=30))

    def replies_to(self, uri: str) -> list[dict[str, Any]]:
        """The posts below a post, as everybody sees them."""
        asked = {"uri": uri, "depth": "1"}
        answer = httpx2.get(
            f"{self.appview}/xrpc/app.bsky.feed.getPostThread", params=asked, timeout=30
        )
        return [] if answer.status_code >= 400 else read(answer)["thread"].get("replies", [])


PASSWORD = "password-of-everybody"


class Person:
    """Somebody who posts."""

    def __init__(self, network: Network, did: str, handle: str, token: str) -> None:
        self.network, self.did, self.handle, self._token = network, did, handle, token

    def post(self, text: str, at: str, **more: Any) -> dict[str, str]:
        """Writes a post (`at` is an ISO time); its `uri` and `cid`."""
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": at, **more}
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "record": record}
        answer = httpx2.post(
            f"{self.network.pds}/xrpc/com.atproto.repo.createRecord",
            json=body,
            headers={"authorization": f"Bearer {self._token}"},
            timeout=30,
        )
        return read(answer)

    def mention(self, whom: "Person", words: str, at: str) -> dict[str, str]:
        """A post that names somebody, as Bluesky's own app writes it."""
        name = f"@{whom.handle}"
        facet = {
            "index": {"byteStart": 0, "byteEnd": len(name)},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": whom.did}],
        }
        return self.post(f"{name} {words}", at, facets=[facet])


def read(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found


@contextmanager
def bluesky_network() -> Iterator[Network]:
    node = _node()
    folder = _installed(node)
    with _redis() as redis, postgres_server() as server, server.empty_database() as address:
        url = make_url(address).set(drivername="postgresql")
        own = {
            "DB_POSTGRES_URL": url.render_as_string(hide_password=False),
            "REDIS_HOST": redis,
            "LOG_ENABLED": "false",
        }
        with _running(node, folder, {**os.environ, **own}) as told:
            yield Network(**told)


@contextmanager
def _running(node: str, folder: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The network's addresses while it runs."""
    with (folder / "network.log").open("w") as log:
        process = subprocess.Popen(
            [node, "network.mjs"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        deadline = threading.Timer(START_S, process.kill)
        deadline.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            deadline.cancel()
            assert line, (folder / "network.log").read_text()[-2000:]
            yield json.loads(line)
        finally:
            deadline.cancel()
            process.kill()
            process.communicate()


@contextmanager
def _redis() -> Iterator[str]:
    port = free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(
        [program("redis-server", "redis-server"), *words],
        cwd=tempfile.gettempdir(),
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _node() -> str:
    """A Node that is new enough: the one beside this Python, else the system's."""
    found = shutil.which("node", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    told = subprocess.run([found, "--version"], capture_output=True, text=True) if found else None
    if found is None or told is None or int(re.findall(r"\d+", told.stdout)[0]) < OLDEST_NODE:
        pytest.skip(f"no Node {OLDEST_NODE} or newer here: `make setup` brings one")
    return found


def _installed(node: str) -> Path:
    """The folder with npm's files; made once for each lock file."""
    mark = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"replydesk-live-local-{mark}"
    if not (folder / "installed").exists():
        folder.mkdir(exist_ok=True)
        for name in FILES:
            shutil.copy(HERE / name, folder)
        npm = [str(Path(node).with_name("npm")), "ci", "--no-audit", "--no-fund", "--silent"]
        path = f"{Path(node).parent}:{os.environ['PATH']}"
        subprocess.run(npm, cwd=folder, check=True, env={**os.environ, "PATH": path})
        (folder / "installed").touch()
    shutil.copy(HERE / "network.mjs", folder)
    return folder
