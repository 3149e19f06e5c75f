"""How a fake platform calls the inbox's webhook, for trying things by hand."""

from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from connectors.core.contract import HookRequest


def call(url: str, request: HookRequest, timeout_s: float = 5) -> str:
    """Makes the call to `url` and says how it was answered; nothing is called without one."""
    if not url:
        return "no --hook given"
    address = f"{url}?{urlencode(request.query)}" if request.query else url
    data = request.body if request.method == "POST" else None
    made = Request(address, data, dict(request.headers), method=request.method)
    try:
        with urlopen(made, timeout=timeout_s) as answer:
            return f"{answer.status} {answer.read(500).decode('utf-8', 'replace')}".strip()
    except HTTPError as e:
        return f"{e.code} {e.read(500).decode('utf-8', 'replace')}".strip()
    except (URLError, OSError) as e:
        return f"not reached: {e}"
