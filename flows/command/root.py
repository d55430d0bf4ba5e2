"""The root of the command: its subcommands, and how they end.

A subcommand's module is imported when it is asked for, so that a question about the archive waits for nothing that only
an ingest needs. Exit status: 0 good, 1 something failed or was rejected, 2 wrong use, 130 interrupted, 143 terminated.
"""

import os
import signal
import sys
import textwrap
from importlib import import_module
from importlib.metadata import version
from typing import Any, NoReturn

import click

from extract.errors import ExtractError
from flows.command.interruption import Terminated, raise_for
from flows.command.output import on_one_line
from flows.errors import FlowError
from warehouse.errors import WarehouseError

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
_GROUPS = {
    "Take in": {
        "ingest": ("ingest", "Take in files, or every source of the registry."),
        "inspect": ("looking", "Show what is in a file or folder; nothing is written."),
        "fetch": ("fetch", "Take in new pages and posts over HTTP, politely."),
        "probe": ("probe", "Ask one address of each kind, and tell what differs from what is assumed."),
        "reread": ("reread", "What newer extractors read otherwise, and to take it in."),
        "retry": ("retry", "Try again what was rejected, after a mend."),
        "rebuild": ("rebuild", "Make the archive anew from data/raw."),
        "demo": ("demo", "See on made captures of the seeds what the archive is for."),
    },
    "Ask": {
        "status": ("status", "What the archive holds and how it is."),
        "list": ("documents", "Documents, newest first."),
        "show": ("documents", "One document or one version of it, with its text."),
        "history": ("documents", "The versions of a document and what changed."),
        "diff": ("diff", "What differs between two versions, side by side too."),
        "changes": ("changes", "What is new, edited, taken down or back, also as a feed."),
        "cite": ("cite", "A citation of a document or version, also as BibTeX or CSL-JSON."),
        "quotes": ("quotes", "Whether the quotations of a list stand in the archive."),
        "sql": ("questions", "Ask the archive in SQL, read-only."),
        "views": ("questions", "The views that can be asked, and their columns."),
    },
    "Keep": {
        "check": ("check", "Whether the rules that the data keeps still hold."),
        "verify": ("verify", "Whether the archive is what it was: chain, bytes, documents, copy."),
        "head": ("head", "The head of the chain, to be noted elsewhere."),
        "prove": ("prove", "A small bundle that proves a quotation without the project."),
        "warc": ("warc", "Copy out as WARC what came over HTTP."),
        "snapshot": ("snapshot", "Copy the archive out as Parquet with a manifest."),
        "withhold": ("withhold", "Take out what is private or unlawful; who and why is kept."),
        "backup": ("backup", "Copy the archive with all its bytes; a run may be going on."),
        "restore": ("backup", "Put the archive of a backup in place, every byte of it proved."),
    },
}
_COMMANDS = {name: entry for group in _GROUPS.values() for name, entry in group.items()}


class Failure(click.ClickException):
    """What a person must know of, as one line."""


class Root(click.Group):
    """A group whose commands are imported when they are asked for, and whose errors are one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- likewise
        """Return a command, its module imported."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"flows.command.{_COMMANDS[cmd_name][0]}")
        found: click.Command = module.COMMANDS[cmd_name]
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- likewise
        """Write the commands into the help without importing them."""
        for title, group in _GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, short) for name, (_, short) in group.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse words that are no text; only the name of a file may hold such bytes."""
        for word in args:
            if not _is_text(word) and not os.path.lexists(word):
                raise click.UsageError(
                    f"{word.encode('unicode_escape').decode()} is no UTF-8; expected text; type it anew"
                )
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises of the known errors becomes one line, unless --debug wants to see all of it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except RuntimeError as error:
            # DuckDB makes this of an interrupt while it is at work.
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise type(error.__cause__) from error
            raise
        except OSError as error:
            if ctx.params["debug"]:
                raise
            raise Failure(_of_the_system(error)) from error
        except (FlowError, WarehouseError, ExtractError) as error:
            if ctx.params["debug"]:
                raise
            raise Failure(str(error)) from error

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command line and exit."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(2)
        except click.UsageError as error:
            _complain(_usage(error))
            sys.exit(2)
        except click.ClickException as error:
            _complain(error.format_message())
            sys.exit(error.exit_code)
        except click.Abort as error:
            _complain("interrupted; what had come in is kept, and the next ingest or fetch takes it up")
            sys.exit(TERMINATED if isinstance(error.__cause__, Terminated) else INTERRUPTED)
        except BrokenPipeError:
            # Whoever reads has enough. Without this the interpreter complains when it flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        sys.exit(status if isinstance(status, int) else 0)


def _complain(message: str) -> None:
    click.echo(f"mfa-archive: {on_one_line(message)}", err=True)


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "mfa-archive"
    name = path.partition(" ")[2]
    message = error.format_message().rstrip(".")
    return f"{f'{name}: ' if name else ''}{message}; {path} --help shows what is expected"


def _of_the_system(error: OSError) -> str:
    places = " -> ".join(str(place) for place in (error.filename, error.filename2) if place is not None)
    reason = error.strerror or str(error) or type(error).__name__
    if isinstance(error, FileExistsError):
        reason += "; expected a name that is free; give another one, or move what is there away"
    return f"{places}: {reason}" if places else reason


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
    if value and not ctx.resilient_parsing:
        click.echo(f"mfa-archive {code_version()}")
        ctx.exit()


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def code_version() -> str:
    """Return the version of the installed package."""
    return version("mfa-archive")


ROOT = Root(
    name="mfa-archive",
    params=[
        click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
                     help="Show the version and exit."),
        click.Option(["--debug"], is_flag=True, help="Show where in the code an error was raised."),
    ],
    callback=lambda debug: debug,  # read where errors are caught
    help=textwrap.dedent("""\
        A versioned archive of what the Russian Ministry of Foreign Affairs publishes.

        The archive is in MFA_ARCHIVE_HOME (default: data/ in the project), the registry of its sources at
        MFA_ARCHIVE_SOURCES (default: seeds/sources.csv).

        \b
        Examples:
          mfa-archive ingest
          mfa-archive list --text ASEAN --since 2024-07-01
          mfa-archive sql "select kind, count(*) from documents group by kind"
        """),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip


def main() -> NoReturn:
    """Run `mfa-archive`."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, raise_for)
    for stream in (sys.stdout, sys.stderr):
        # Old terminals can't show every letter; an escape is better than no answer.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    ROOT.main(prog_name="mfa-archive")
