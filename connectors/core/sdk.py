"""The line under SDKs that stand on `requests`: a cap on bytes and time, which they do not set."""

import time
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from connectors.core.http import MAX_BYTES

CHUNK: Final = 1 << 16


class TooLong(HTTPError):
    """There is more than is wanted of it."""


class Capped(HTTPAdapter):
    """Reads each answer whole, before the SDK sees it: at most `most` bytes, within `total_s` of
    its beginning. A longer (`TooLong`) or slower one is a broken line (`requests.ConnectionError`).

    The default number of retries is none: a repeated POST would be a second answer.
    """

    def __init__(self, total_s: float) -> None:
        super().__init__()
        self._total_s = total_s
        self.most = MAX_BYTES

    def send(self, request: requests.PreparedRequest, *args: Any, **kw: Any) -> requests.Response:
        response = super().send(request, *args, **kw)
        try:
            response._content = _body(response.raw, self.most, time.monotonic() + self._total_s)
            response._content_consumed = True  # type: ignore[attr-defined]  # for `iter_content`
        except HTTPError as e:
            response.close()
            raise requests.ConnectionError(e, request=request) from e
        return response


def _body(raw: BaseHTTPResponse, most: int, deadline: float) -> bytes:
    """What comes, as it comes: waiting for a full chunk would wait for a drip."""
    read = bytearray()
    while chunk := raw.read1(CHUNK, decode_content=True):
        read += chunk
        if len(read) > most:
            raise TooLong("The answer is too long.")
        if time.monotonic() > deadline:
            raise HTTPError("The answer takes too long.")
    if raw.length_remaining:
        raise HTTPError("The answer ended before its end.")
    return bytes(read)
