"""A platform that is polled, called, and can be asked what became of a reply."""

from tests.scripted import Scripted as Connector

__all__ = ["Connector"]
