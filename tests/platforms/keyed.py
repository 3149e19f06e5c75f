"""A scripted platform on which a send may be repeated under the same key."""

from typing import ClassVar

from connectors.core.contract import Capabilities
from tests.scripted import Scripted, offered


class Connector(Scripted):
    capabilities: ClassVar[Capabilities] = offered("keyed", idempotent=True)
