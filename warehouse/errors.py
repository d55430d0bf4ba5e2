"""What can go wrong around the archive's bytes.

    WarehouseError
    ├── ArchiveBusy         another process holds the archive; what was staged waits for the next run
    ├── ArchiveDamaged      a file of the archive is not what it should be
    │   └── BytesWithheld   the bytes were taken out by a withholding
    ├── MigrationRefused    the archive and the code don't fit each other
    ├── CheckFailed         an append would break a rule that the data keeps; it was rolled back
    ├── WriteFailed         the database could not write; what was staged waits for the next run
    ├── NoRoom              the disk is too full for a run
    ├── InputFailed         an input that was being kept can't be read on
    ├── RecordUnknown       nothing in the archive is what a proof was asked of
    ├── WithholdingRefused  what is to be withheld can't be taken out as it was asked for
    ├── SnapshotRefused     a snapshot can't be written where it was asked for
    ├── BackupRefused       a backup or an archive can't be put where it was asked for
    └── QueryRefused        a reader's question that the database can't answer

Each message says where, what was found, what was expected and what to do.
"""


class WarehouseError(Exception):
    """Something about the archive that a person must know of."""


class ArchiveBusy(WarehouseError):
    """Another process holds the archive."""


class ArchiveDamaged(WarehouseError):
    """A file of the archive is missing, cut or not what it should be."""


class BytesWithheld(ArchiveDamaged):
    """The bytes were taken out by a withholding."""


class MigrationRefused(WarehouseError):
    """The archive and the code don't fit each other."""


class CheckFailed(WarehouseError):
    """An append would break a rule that the data keeps."""


class WriteFailed(WarehouseError):
    """The database could not write."""


class NoRoom(WarehouseError):
    """The disk is too full for a run."""


class InputFailed(WarehouseError):
    """An input that was being kept can't be read on."""


class RecordUnknown(WarehouseError):
    """Nothing in the archive is what a proof was asked of."""


class WithholdingRefused(WarehouseError):
    """What is to be withheld can't be taken out as it was asked for."""


class SnapshotRefused(WarehouseError):
    """A snapshot can't be written where it was asked for."""


class BackupRefused(WarehouseError):
    """A backup can't be written, or an archive not be put in place, where it was asked for."""


class QueryRefused(WarehouseError):
    """A reader's question that the database can't answer."""
