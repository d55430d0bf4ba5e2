"""The one way in which fields are laid end to end before they are hashed.

A field is its length in bytes, a colon and its UTF-8 bytes; a missing field is `~`. No two lists of fields give the
same bytes, whatever stands in them. The same is written in SQL as the macro `store.field`.
"""

import hashlib
from collections.abc import Iterable

KEY_DIGITS = 16  # hexadecimal digits of a made key: 64 bits
MISSING = b"~"
_SHORT = 4_096
_LENGTHS = tuple([b"%d:" % length for length in range(_SHORT)])


def laid_out(fields: Iterable[str | bytes | None]) -> bytes:
    """Return the fields end to end; bytes are UTF-8 already."""
    parts: list[bytes] = []
    for field in fields:
        if field is None:
            parts.append(MISSING)
        else:
            data = field if isinstance(field, bytes) else field.encode()
            parts += length_of(data), data
    return b"".join(parts)


def length_of(data: bytes) -> bytes:
    """Return the length of a field and its colon."""
    size = len(data)
    return _LENGTHS[size] if size < _SHORT else b"%d:" % size


def made_key(*fields: str | None) -> str:
    """Return a short key made of the fields: the first 64 bits of their SHA-256, in hexadecimal."""
    return hashlib.sha256(laid_out(fields)).hexdigest()[:KEY_DIGITS]
