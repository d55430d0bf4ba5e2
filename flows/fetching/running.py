"""A fetch from beginning to end: what is known, the requests, the append and the report."""

import random
from dataclasses import replace

from flows.fetching.client import LIMITS, Client, Limits
from flows.fetching.errands import Errand
from flows.fetching.keeping import Keeper
from flows.fetching.memory import Memory
from flows.fetching.outlook import outlook
from flows.fetching.pages import Planned
from flows.fetching.session import Clock, CutOff, Session
from flows.fetching.settings import FetchSettings
from flows.fetching.turns import turn_at
from flows.pipeline import append_staged, append_waiting, close_run, opened_run
from flows.reports import HostOutlook, HostReport, RunReport
from flows.run import Run
from warehouse.archive import opened_for_reading


def fetch(run: Run, settings: FetchSettings, errand: Errand, clock: Clock, limits: Limits = LIMITS) -> RunReport:
    """Do an errand and return what became of it.

    What earlier runs had captured is appended first, so that nothing of it is asked again. Raises `SettingRefused`
    where nobody is named whom a server's operator can write to, `HostBusy` where another process asks a host of it, and
    errors that concern the whole archive. Whoever writes meanwhile is not kept waiting: the archive is open for an
    append only. A run that `clock` cuts off asks for no more, and ends as any other.
    """
    settings.require_contact()
    with (
        run.keeping_archive(),
        turn_at(run.layout, {settings.asked_as(host) for host in errand.hosts}, run.writing.wait_s),
        opened_run(run, []),
        Client(settings, errand.hosts, clock.now, limits) as client,
    ):
        with run.archive() as connection:
            session = _session(run, client, settings, clock, Memory(connection), errand)
        run.let_go()
        try:
            errand.work(session)
        except CutOff:
            run.is_interrupted = True
        append_staged(run)
        append_waiting(run)
        report = close_run(run)
        hosts = _reports(session)
        nothing = None if hosts or run.is_interrupted else errand.nothing
        return replace(report, hosts=hosts, nothing=nothing, outlooks=_outlooks(run, settings, errand, report))


def plan(run: Run, settings: FetchSettings, errand: Errand, clock: Clock) -> list[Planned]:
    """Return the requests that an errand would make at first; nothing is asked and nothing written.

    What would keep hosts from being asked stands among the problems of the run.
    """
    with Client(settings, errand.hosts, clock.now) as client:
        if not run.layout.published.exists():
            return errand.plan(_blank_session(run, client, settings, clock))
        with opened_for_reading(run.layout) as connection:
            session = _session(run, client, settings, clock, Memory(connection), errand)
    planned = errand.plan(session)
    for name in sorted({session.host_of(one.ask.address).name for one in planned}):
        host = session.hosts[name]
        why = host.stopped or (None if host.has_budget(clock.now()) else host.used_up)
        if why is not None:
            run.problems.append(f"{name} would not be asked now: {why}")
    return planned


def _session(
    run: Run, client: Client, settings: FetchSettings, clock: Clock, memory: Memory, errand: Errand
) -> Session:
    session = _blank_session(run, client, settings, clock)
    session.directories.update(memory.directories())
    session.moves.update(memory.moves())
    session.recall(memory)
    errand.recall(memory)
    return session


def _blank_session(run: Run, client: Client, settings: FetchSettings, clock: Clock) -> Session:
    draw = random.SystemRandom().random
    return Session(run, client, settings, clock, draw, Keeper(run, settings.vantage), {})


def _outlooks(run: Run, settings: FetchSettings, errand: Errand, report: RunReport) -> tuple[HostOutlook, ...]:
    """Return what is next at the hosts of an errand."""
    if report.totals is None:  # the read copy can't be asked, which the report tells
        return ()
    names = {settings.asked_as(host) for host in errand.hosts}
    with opened_for_reading(run.layout) as connection:
        found = outlook(connection, run.layout.raw, settings, errand.entrances, run.clock()).hosts
    return tuple(one for one in found if one.host in names)


def _reports(session: Session) -> tuple[HostReport, ...]:
    return tuple(
        HostReport(host.name, dict(host.counts), host.stopped or "; ".join(host.shut.values()) or None)
        for host in session.hosts.values()
        if host.counts or host.stopped
    )
