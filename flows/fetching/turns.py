"""One process at a time asks a host: a lock of the operating system for each, which ends with its process."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager

from flows.errors import HostBusy
from warehouse.errors import ArchiveBusy
from warehouse.layout import Layout
from warehouse.lock import locked


@contextmanager
def turn_at(layout: Layout, hosts: Collection[str], wait_s: float) -> Iterator[None]:
    """Hold the locks of hosts. Waits for at most `wait_s` seconds for each, then raises `HostBusy` naming the owner."""
    with ExitStack() as held:
        for host in sorted(hosts):
            path = layout.host_lock(host)
            try:
                held.enter_context(locked(path, wait_s))
            except ArchiveBusy as error:
                owner = path.read_text(errors="replace") or "a process that does not name itself"
                raise HostBusy(
                    f"{host}: is being asked by {owner}; expected one at a time, with its pauses; "
                    "run the command again when that one has ended"
                ) from error
        yield
