"""Where things stand in the data folder. Nothing is created here, and nothing is read."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one archive, all below one folder that can be moved as a whole."""

    home: Path
    store_name: str = "archive"  # another one while an archive is made anew beside the old

    @property
    def published(self) -> Path:
        """The read copy, which people open."""
        return self.home / "archive.duckdb"

    @property
    def store(self) -> Path:
        """The writer's file, which only an append opens."""
        return self.home / "store" / f"{self.store_name}.duckdb"

    @property
    def lock(self) -> Path:
        """The file that an append locks, and in which it names itself."""
        return self.home / "store" / f"{self.store_name}.lock"

    @property
    def heads(self) -> Path:
        """The log of heads: a line for each append, by which a cut or a new chain is found."""
        return self.home / "heads.log" if self.store_name == "archive" else self.store.with_suffix(".heads")

    @property
    def raw(self) -> Path:
        """All from which the archive can be made anew: blobs, captures and refs."""
        return self.home / "raw"

    @property
    def staging(self) -> Path:
        """Batches that no checkpoint holds yet."""
        return self.home / "staging"

    @property
    def runs(self) -> Path:
        """Runs under way: one file each, gone when its end is in the archive."""
        return self.home / "staging" / "runs"

    def host_lock(self, host: str) -> Path:
        """Return the file that a fetch locks while it asks a host, and in which it names itself."""
        return self.home / "staging" / "hosts" / f"{host}.lock"

    @property
    def scratch(self) -> Path:
        """Room for DuckDB to spill into."""
        return self.home / "store" / "scratch"
