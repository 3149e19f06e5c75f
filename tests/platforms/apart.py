"""A scripted platform where each file is a message of its own, as is the text."""

from dataclasses import replace
from typing import ClassVar

from connectors.core.contract import Capabilities
from tests.scripted import MEDIA, Scripted, offered


class Connector(Scripted):
    capabilities: ClassVar[Capabilities] = offered(
        "apart", media_private=replace(MEDIA, with_text=False)
    )
