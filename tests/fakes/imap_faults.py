"""A door before an IMAP server that can fail: the faults that real lines and servers have."""

import socket
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType


class FaultyLine:
    """Passes connections on to a server; each new one meets the next of `faults`.

    `unavailable` hangs up at once, `garbled` greets with noise, `unauthorized` refuses the sign-in,
    `busy` cannot check the sign-in just now, `cut:N` hangs up after N bytes from the server.
    """

    def __init__(self, port: int) -> None:
        self.faults: deque[str] = deque()
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listening]
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "FaultyLine":
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for line in self._open:
            _end(line)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(line)
            self._start(self._serve, line, self.faults.popleft() if self.faults else "")

    def _start(self, run: Callable[..., object], *with_these: object) -> None:
        thread = threading.Thread(target=run, args=with_these)
        self._threads.append(thread)
        thread.start()

    def _serve(self, line: socket.socket, fault: str) -> None:
        if fault in ("unauthorized", "busy"):
            code = "AUTHENTICATIONFAILED" if fault == "unauthorized" else "UNAVAILABLE"
            self._refuse(line, code)
        elif fault in ("unavailable", "garbled"):
            if fault == "garbled":
                line.sendall(b"\x00\xff what is this\r\n")
            _end(line)
        else:
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open.append(server)
            self._start(_pump, line, server, None)
            _pump(server, line, int(fault.removeprefix("cut:")) if fault else None)

    def _refuse(self, line: socket.socket, code: str) -> None:
        with line.makefile("rb") as said:
            line.sendall(b"* OK ready\r\n")
            for command in said:
                tag, word = command.split()[:2]
                if word == b"CAPABILITY":
                    line.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
                elif word == b"LOGOUT":
                    break
                else:
                    line.sendall(tag + f" NO [{code}] not now\r\n".encode())
        _end(line)


def _pump(source: socket.socket, sink: socket.socket, limit: int | None) -> None:
    """Copies until one side ends, or `limit` bytes have passed; then ends both."""
    passed = 0
    try:
        while data := source.recv(65536):
            if limit is not None and passed + len(data) >= limit:
                sink.sendall(data[: limit - passed])
                break
            sink.sendall(data)
            passed += len(data)
    except OSError:
        pass
    finally:
        _end(source)
        _end(sink)


def _end(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        line.close()
