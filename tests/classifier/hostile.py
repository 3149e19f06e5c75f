"""Texts that mean harm, a million characters each, as JSON lines carry them."""

MILLIONS = [
    "my card was stolen " * 52_000,
    "a" * 1_000_000,
    "退" * 1_000_000,
    "😀" * 1_000_000,
    "z" + "\u0301" * 999_999,
    "\u202ea\u202c" * 333_333,
    "\u200b\u200d\ufeff" * 333_333,
    "QUJD" * 250_000,
    "\0" * 1_000_000,
    "\ud800" * 1_000_000,
]
