"""The head, as it is printed and put into a time-stamp request."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.timestamp import timestamp_request
from tests.command.conftest import Ask


def test_the_newest_head_is_that_of_the_newest_append(ask: Ask, home: Path) -> None:
    (row,) = json.loads(ask("head", "--json").stdout)
    last = (home / "heads.log").read_text().splitlines()[-1]
    assert last == f"{row['append_number']} {row['recorded_at'].replace('+00:00', 'Z')} {row['head']}"
    shown = ask("head").stdout
    assert re.search(rf"^head +{row['head']}$", shown, re.MULTILINE)
    assert re.search(r"^appends +3$", shown, re.MULTILINE)


def test_all_heads_are_printed_as_the_log_has_them(ask: Ask, home: Path) -> None:
    assert ask("head", "--all").stdout == (home / "heads.log").read_text()
    assert len(json.loads(ask("head", "--all", "--json").stdout)) == 3


def test_a_time_stamp_request_is_for_the_digits_of_the_head(ask: Ask, tmp_path: Path) -> None:
    request = tmp_path / "head.tsq"
    result = ask("head", "--rfc3161", str(request))
    head = json.loads(ask("head", "--json").stdout)[0]["head"]
    assert result.exit_code == 0
    assert hashlib.sha256(head.encode()).digest() in request.read_bytes()
    assert f"printf %s {head}" in result.stderr
    again = ask("head", "--rfc3161", str(request))
    assert again.exit_code == 1
    assert "File exists" in again.stderr


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_reads_the_request(tmp_path: Path) -> None:
    path = tmp_path / "request.tsq"
    path.write_bytes(timestamp_request(b"head", 2**63 - 1))
    read = subprocess.run(
        ["openssl", "ts", "-query", "-in", str(path), "-text"],  # noqa: S607 - where it stands differs
        capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    assert "Version: 1" in read
    assert "Hash Algorithm: sha256" in read
    assert "Nonce: 0x7FFFFFFFFFFFFFFF" in read
    assert "Certificate required: yes" in read
    dumped = re.findall(r"^ +[0-9a-f]{4} - (.{47})", read, re.MULTILINE)
    assert " ".join(dumped).replace("-", " ").split() == re.findall("..", hashlib.sha256(b"head").hexdigest())


@given(st.binary(max_size=40), st.integers(0, 2**200))
def test_a_request_can_be_taken_apart_again(message: bytes, nonce: int) -> None:
    (version, imprint, found, certificate), rest = parsed(timestamp_request(message, nonce))
    assert rest == b""
    algorithm, digest = imprint
    assert (version, found, certificate) == (1, nonce, True)
    assert algorithm == [bytes.fromhex("608648016503040201"), None]
    assert digest == hashlib.sha256(message).digest()


def parsed(data: bytes) -> tuple[list, bytes]:  # type: ignore[type-arg]
    """Return what an element of DER holds, and what stands behind it."""
    tag, size, at = data[0], data[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(data[2:at], "big")
    content, rest = data[at : at + size], data[at + size :]
    assert len(content) == size
    if tag == 0x30:
        parts = []
        while content:
            part, content = parsed(content)
            parts.append(part)
        return parts, rest
    if tag == 0x02:
        return int.from_bytes(content, "big", signed=True), rest  # type: ignore[return-value]
    return {0x01: True, 0x05: None}.get(tag, content), rest  # type: ignore[return-value]
