"""Sizes and sums of money as text to read."""

from __future__ import annotations


def size_text(size: float | None) -> str:
    """A number of bytes: 0 B, 999 B, 1.2 KB, 45 MB, in powers of 1000."""
    if size is None:
        return ""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.{1 if unit != 'B' and amount < 9.95 else 0}f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def money_text(micros: float | None, currency: str | None) -> str:
    """Millionths of a currency as an amount of it: 12.34 USD."""
    if micros is None:
        return ""
    return f"{micros / 1_000_000:.2f} {(currency or '').upper()}".rstrip()
