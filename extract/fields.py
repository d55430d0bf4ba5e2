"""The one way in which fields are laid end to end before they are hashed.

A field is its length in bytes, a colon and its UTF-8 bytes; a missing field is `~`. No two lists of fields give the
same bytes, whatever stands in them. The same is written in SQL as the macro `store.field`.
"""

import hashlib
from collections.abc import Iterable

KEY_DIGITS = 16  # hexadecimal digits of a made key: 64 bits


def laid_out(fields: Iterable[str | bytes | None]) -> bytes:
    """Return the fields end to end; bytes are UTF-8 already."""
    return b"".join([b"~" if field is None else laid(field) for field in fields])


def laid(field: str | bytes) -> bytes:
    """Return one field as it stands among others."""
    data = field.encode() if isinstance(field, str) else field
    return b"%d:%b" % (len(data), data)


def made_key(*fields: str | None) -> str:
    """Return a short key made of the fields: the first 64 bits of their SHA-256, in hexadecimal."""
    return hashlib.sha256(laid_out(fields)).hexdigest()[:KEY_DIGITS]
