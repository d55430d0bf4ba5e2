"""`mfa-archive prove`: a version as a bundle that anybody can check without the project."""

from pathlib import Path

import click

from flows.command.documents import found_by
from flows.command.output import visible
from flows.settings import settings_from
from warehouse.archive import opened_for_reading
from warehouse.proof import write_proof

_HELP = """\
Write a proof of the version with the ref KEY, or of the current version of the document KEY: its own bytes as they came
in, its words, the facts of its capture, and the hashes that bind them to the archive's head.

In it is check.py, a short program that recomputes all of it with nothing but Python, and README.txt, which says what is
proved by it and what not.

KEY may be the beginning of a key or ref, if only one begins so.

\b
Example:
  mfa-archive prove mid:1906578:en@3f9c1a -o proof.zip
"""


@click.command("prove", help=_HELP)
@click.argument("key")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, which must be new. Default: the ref's name with .zip.",
)
def command(key: str, out: Path | None) -> None:
    """Write a proof and say where it is."""
    layout = settings_from().layout
    with opened_for_reading(layout) as connection:
        found = found_by(connection, key)
        place = out or Path(f"{found.get('ref', found['document_key']).replace(':', '-')}.zip")
        proof = write_proof(connection, layout, found["document_key"], found.get("ref"), place)
    click.echo(
        f"{visible(str(place))}: {visible(proof.ref)}, its {proof.record_bytes:,} bytes as they came in, bound to the "
        f"head of append {proof.append_number}, {proof.head}; {proof.size_bytes:,} bytes in all. To check it: unzip it "
        "and run python check.py"
    )


COMMANDS = {"prove": command}
