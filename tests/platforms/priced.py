"""A scripted platform that charges for what is read."""

from typing import ClassVar

from connectors.core.contract import Capabilities, Price, Visibility
from tests.scripted import Scripted, offered


class Connector(Scripted):
    capabilities: ClassVar[Capabilities] = offered(
        "priced",
        fetches=True,
        price=Price("a list", {"first": 0.01}, {"second": 0.2}, {Visibility.PUBLIC: 0.1}),
    )
