"""Time-stamp requests as RFC 3161 has them (section 2.4.1), in DER.

The few bytes are written here: no library that the project stands on anyway makes requests, and one for ASN.1 would be
larger than what it is asked for.
"""

import hashlib

_INTEGER, _BOOLEAN, _OCTETS, _NULL, _SEQUENCE = 0x02, 0x01, 0x04, 0x05, 0x30
_SHA256 = bytes.fromhex("0609608648016503040201")  # 2.16.840.1.101.3.4.2.1
_SHORT_LENGTH = 0x80


def timestamp_request(message: bytes, nonce: int) -> bytes:
    """Return a TimeStampReq for the SHA-256 of a message, which asks for the authority's certificate."""
    algorithm = _element(_SEQUENCE, _SHA256, _element(_NULL))
    imprint = _element(_SEQUENCE, algorithm, _element(_OCTETS, hashlib.sha256(message).digest()))
    return _element(_SEQUENCE, _integer(1), imprint, _integer(nonce), _element(_BOOLEAN, b"\xff"))


def _integer(value: int) -> bytes:
    """Return a number that is not negative: a zero byte keeps the first bit from being taken for a sign."""
    return _element(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _element(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < _SHORT_LENGTH:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_LENGTH | len(length))) + length + content
