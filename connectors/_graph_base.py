"""What the connectors of all Meta's channels have: the line, its quotas, and calls to us."""

from collections.abc import Callable, Iterable
from datetime import datetime

from connectors._graph import Codes, Graph
from connectors._graph_hooks import Told, receive
from connectors.core.base import Base
from connectors.core.contract import Account, Budget, Event, HookAnswer, HookRequest, Message


class GraphBase(Base):
    """`_graph` is the line; `codes` and `prove` are its own. `_read` is the subclass's."""

    def __init__(
        self,
        account: Account,
        now: Callable[[], datetime],
        *,
        codes: Codes | None = None,
        prove: bool = True,
    ) -> None:
        super().__init__(account, now)
        self._graph = Graph(account, now, self.base_url(), codes=codes, prove=prove)
        self._app_id = str(account.settings.get("app_id") or "")

    def receive(self, request: HookRequest) -> HookAnswer:
        return receive(request, self.account.secrets, self._read)

    def budgets(self) -> tuple[Budget, ...]:
        return self._graph.budgets

    def close(self) -> None:
        self._graph.close()

    def _read(self, told: Told) -> Iterable[Message | Event]:
        """What a call tells of this account; () where it is about another of the same app."""
        raise NotImplementedError
