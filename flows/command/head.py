"""`mfa-archive head`: the head of the chain, to be noted where nobody who can alter the archive can alter it."""

import secrets
from pathlib import Path
from typing import Any

import click

from flows.command.output import Form, form_options, rows_of_objects, visible, write_rows
from flows.settings import settings_from
from flows.timestamp import timestamp_request
from warehouse.archive import opened_for_reading
from warehouse.errors import ArchiveDamaged
from warehouse.heads import Head, chain_of

_NAMES = ("append_number", "recorded_at", "head")
_NONCE_BITS = 63
_HELP = """\
Print the head of the chain: one hash that stands for all that the archive holds.

Note it where nobody who can alter the archive can alter it: in a paper, a mail, a time-stamp. Later `mfa-archive verify
--head` shows that the archive still is the one of which it was noted.

\b
Examples:
  mfa-archive head
  mfa-archive head --all > heads.txt
  mfa-archive head --rfc3161 head.tsq
"""


@click.command("head", help=_HELP)
@click.option("--all", "is_all", is_flag=True, help="The heads of all appends, as lines of heads.log.")
@click.option(
    "--rfc3161",
    "request",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write a request to a time-stamping authority, for the SHA-256 of the head's 64 digits.",
)
@form_options
def command(form: Form, request: Path | None, *, is_all: bool) -> None:
    """Print the newest head, or all of them."""
    with opened_for_reading(settings_from().layout) as connection:
        chain = chain_of(connection)
    if not chain:
        raise ArchiveDamaged("the archive holds nothing yet; expected an append; mfa-archive ingest makes one")
    heads = chain if is_all else chain[-1:]
    if form is not Form.TABLE:
        write_rows(rows_of_objects(map(_row, heads), _NAMES), form)
    elif is_all:
        click.echo("\n".join(head.line for head in heads))
    else:
        _print(chain)
    if request is not None:
        _write_request(request, chain[-1])


def _row(head: Head) -> dict[str, Any]:
    return {"append_number": head.append_number, "recorded_at": head.recorded_at, "head": head.head}


def _print(chain: list[Head]) -> None:
    from flows.tables import record_text, terminal  # noqa: PLC0415 -- rich takes 40 ms, which JSON need not wait for

    newest = chain[-1]
    pairs = (("head", newest.head), ("appends", len(chain)), ("recorded_at", newest.recorded_at))
    click.echo(record_text(pairs, terminal()), nl=False)


def _write_request(path: Path, newest: Head) -> None:
    with path.open("xb") as file:  # whoever has sent a request needs it to check the answer
        file.write(timestamp_request(newest.head.encode(), secrets.randbits(_NONCE_BITS)))
    name = visible(str(path))
    click.echo(
        f"{name}: a request to time-stamp the head. Send it to an authority:\n"
        f"  curl -H 'Content-Type: application/timestamp-query' --data-binary @{name} -o head.tsr ADDRESS\n"
        "Keep the answer. To check it, with the authority's certificates in ca.pem:\n"
        f"  printf %s {newest.head} > head.txt\n"
        "  openssl ts -verify -data head.txt -in head.tsr -CAfile ca.pem",
        err=True,
    )


COMMANDS = {"head": command}
