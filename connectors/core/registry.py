"""Finds platforms by name; nothing imports them (DESIGN §2).

A platform is any public module or package directly in `connectors/` other than `core`.
"""

import importlib
import pkgutil
from functools import cache

import connectors
from connectors.core.contract import Capabilities, ConnectorContract


class UnknownChannel(LookupError):
    """No module of that name in `connectors/`."""


def channels() -> tuple[str, ...]:
    """All platform names, sorted."""
    return _channels_in(tuple(connectors.__path__))


@cache
def _channels_in(folders: tuple[str, ...]) -> tuple[str, ...]:
    """Looked up once: every message that arrives asks, and reading folders is slow."""
    found = (m.name for m in pkgutil.iter_modules(folders))
    return tuple(sorted(n for n in found if n != "core" and not n.startswith("_")))


@cache
def connector(channel: str) -> type[ConnectorContract]:
    """The `Connector` class of a platform. Raises `UnknownChannel` naming the known ones."""
    if channel not in channels():
        raise UnknownChannel(f"No channel '{channel}'. Known: {', '.join(channels())}.")
    found: type[ConnectorContract] = importlib.import_module(f"connectors.{channel}").Connector
    return found


def capabilities(channel: str) -> Capabilities:
    """What the platform offers. Raises `UnknownChannel`."""
    return connector(channel).capabilities
