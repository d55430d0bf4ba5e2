"""`mfa-archive backup` and `restore`: the archive with all its bytes, copied and put in place again."""

from pathlib import Path

import click

from flows.command.output import visible
from flows.command.progress import writing_of
from flows.settings import settings_from
from flows.tables import counted
from warehouse.backup import Backup, back_up, restore

_BACKUP_HELP = """\
Copy the archive and its raw store into a folder, as they were after the newest append.

A run may be going on; what it has not appended yet is in the next backup. The same folder can be used again: only what
is new is copied. Exit status 1: bytes that the archive names are missing in the raw store; all else is in the backup.

\b
Example:
  mfa-archive backup /media/disk/mfa-backup
"""
_RESTORE_HELP = """\
Put the archive of a backup into MFA_ARCHIVE_HOME, which must hold none.

Every byte is proved against its hash on the way. A restore that was cut off is taken up by the same command.

\b
Example:
  MFA_ARCHIVE_HOME=/srv/mfa mfa-archive restore /media/disk/mfa-backup
"""


@click.command("backup", help=_BACKUP_HELP)
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_context
def backup_command(ctx: click.Context, folder: Path) -> None:
    """Bring a backup up to date and say what it holds."""
    settings = settings_from()
    taken = back_up(settings.layout, folder, writing_of(settings))
    click.echo(f"{visible(str(folder))}: {_told(taken)}")
    for name in taken.missing:
        click.echo(
            f"missing in {visible(str(settings.layout.raw))}: {name}; copy it back from an older backup", err=True
        )
    ctx.exit(1 if taken.missing else 0)


@click.command("restore", help=_RESTORE_HELP)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def restore_command(folder: Path) -> None:
    """Put the archive of a backup in place and say what it holds."""
    settings = settings_from()
    held = restore(folder, settings.layout, writing_of(settings))
    click.echo(f"{visible(str(settings.layout.published))}: {_told(held)}, every byte proved")


def _told(backup: Backup) -> str:
    return (
        f"the archive after append {backup.append_number:,} with {counted(len(backup.raw_sha256s), 'raw file')}, "
        f"head {backup.head}"
    )


COMMANDS = {"backup": backup_command, "restore": restore_command}
