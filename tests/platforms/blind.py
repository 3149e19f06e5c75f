"""A scripted platform that cannot be asked what became of a reply."""

from typing import ClassVar

from connectors.core.contract import Capabilities
from tests.scripted import Scripted, offered


class Connector(Scripted):
    capabilities: ClassVar[Capabilities] = offered("blind", look_up=False)
