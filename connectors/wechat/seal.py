"""WeChat's signatures and its encryption of webhook calls.

A plain call is signed over token, time and nonce only: its body is not covered. An encrypted one
is, so where the account has an EncodingAESKey nothing but encrypted calls is taken.
Facts: WeChat's page on message encryption, as wechatpy 1.8.18 carries it out (Nov 2026).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAX_SKEW_S = 300
BLOCK = 32  # bytes; the padding is PKCS#7 with this block, twice that of AES
RANDOM = 16  # bytes before the length


def signature(*parts: str) -> str:
    """The hex SHA-1 of the sorted parts: token, timestamp, nonce, and the sealed text if any."""
    joined = "".join(sorted(parts)).encode("utf-8", "replace")
    return hashlib.sha1(joined).hexdigest()  # the platform's choice, not ours


def is_signed(
    query: Mapping[str, str], token: str, now: datetime, name: str = "signature", sealed: str = ""
) -> bool:
    """Whether the query's `name` fits the account's token and its time is 5 minutes off at most."""
    told, at = query.get(name, ""), query.get("timestamp", "")
    parts = (token, at, query.get("nonce", ""), *((sealed,) if sealed else ()))
    fits = hmac.compare_digest(signature(*parts), told.encode("ascii", "replace").decode())
    fresh = at.isascii() and at.isdigit() and len(at) <= 12
    return fits and fresh and abs(now.timestamp() - int(at)) <= MAX_SKEW_S


def unseal(sealed: str, aes_key: str, app_id: str) -> bytes | None:
    """The XML inside a sealed text; None when it was not sealed with this key for this app."""
    try:
        data, cipher = base64.b64decode(sealed, validate=True), _cipher(aes_key)
    except (ValueError, binascii.Error):
        return None
    if not data or len(data) % BLOCK:
        return None
    opened = cipher.decryptor().update(data)
    opened = opened[: -opened[-1]] if 1 <= opened[-1] <= BLOCK else b""
    size = int.from_bytes(opened[RANDOM : RANDOM + 4], "big")
    start = RANDOM + 4
    text, owner = opened[start : start + size], opened[start + size :]
    if len(text) != size or not hmac.compare_digest(owner, app_id.encode()):
        return None
    return text


def _cipher(aes_key: str) -> "Cipher[modes.CBC]":
    """Raises ValueError for what is no EncodingAESKey."""
    key = base64.b64decode(aes_key + "=", validate=True)
    if len(key) != 32:
        raise ValueError("no EncodingAESKey")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
