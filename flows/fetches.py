"""The flows `fetch_pages`, `fetch_channel` and `fetch_wayback`: what `mfa-archive fetch` does, on a schedule.

Each is one task, for a task is a batch and never a document. It stops asking after some hours, well before Prefect
would end it; the next run goes on where it was. Prefect tries again only where another process holds the archive or
asks the same host.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from prefect.utilities.annotations import quote
from pydantic import Field

from flows.artifacts import keep_report
from flows.errors import FlowError, HostBusy, InputRefused
from flows.execution import begun, now
from flows.fetching.entrances import Entrance, chosen
from flows.fetching.errands import ChannelErrand, CopiesErrand, Errand, PagesErrand
from flows.fetching.pages import Days
from flows.fetching.running import fetch
from flows.fetching.session import Clock
from flows.fetching.values import Purpose
from flows.fetching.wayback import wanted_of
from flows.registry import read_registry
from flows.reports import RunReport
from flows.settings import Settings, settings_from
from flows.steps import final_state, is_worth_retrying

MOST_HOURS = 6.0
RETRIES = 7
RETRY_DELAY_S = 10 * 60  # a run that asks the same host for an hour, as for the feeds, is waited for
TIMEOUT_S = (MOST_HOURS + 3) * 60 * 60  # all tries, one whole run, the pause and the append after its last request
Hours = Annotated[float, Field(gt=0, le=MOST_HOURS)]
_PURPOSES = {
    "feeds": (Purpose.FEED,),
    "listings": (Purpose.LISTING,),
    "both": (Purpose.LISTING, Purpose.FEED),
}


@flow(name="fetch_pages", timeout_seconds=TIMEOUT_S, persist_result=False)
def fetch_pages(
    sources: list[str] | None = None,
    entrances: Literal["both", "feeds", "listings"] = "both",
    first: date | None = None,
    last: date | None = None,
    hours: Hours = MOST_HOURS,
) -> State[Any]:
    """Fetch the pages that are new on listings and feeds, and look again at those that are due.

    Args:
        sources: Keys of the registry's listings and feeds, such as mid_news_en. None takes all of them.
        entrances: Where new pages are looked for: feeds, listings or both.
        first: First day of publication, for listings, as 2011-09-01. None looks at what is newest.
        last: Last day of publication, given together with the first.
        hours: After so many hours nothing more is asked; the next run goes on where it was.
    """
    return _fetched(lambda settings: _pages(settings, sources, entrances, first, last), hours)


def _pages(
    settings: Settings, sources: list[str] | None, entrances: str, first: date | None, last: date | None
) -> Errand:
    days = None if first is None or last is None else Days(first, min(last, now().date()))
    if (first is None) != (last is None) or (first is not None and last is not None and first > last):
        raise InputRefused(
            f"first is {first}, last is {last}; expected two days in their order, or none; the site lists day by day"
        )
    return PagesErrand(_entrances(settings, sources, *_PURPOSES[entrances]), days)


@flow(name="fetch_channel", timeout_seconds=TIMEOUT_S, persist_result=False)
def fetch_channel(
    sources: list[str] | None = None,
    whole: bool = False,  # noqa: FBT001, FBT002 -- a flow's parameter has a name wherever it is set
    hours: Hours = MOST_HOURS,
) -> State[Any]:
    """Fetch the new posts of channels back to the last known one, and look again at those that are due.

    Args:
        sources: Keys of the registry's channels, such as channel_mid_rus. None takes all of them.
        whole: Whether to go back to the first post.
        hours: After so many hours nothing more is asked; the next run goes on where it was.
    """
    return _fetched(
        lambda settings: ChannelErrand(_entrances(settings, sources, Purpose.CHANNEL), is_whole=whole), hours
    )


@flow(name="fetch_wayback", timeout_seconds=TIMEOUT_S, persist_result=False)
def fetch_wayback(
    address: str, first: date | None = None, last: date | None = None, hours: Hours = MOST_HOURS
) -> State[Any]:
    """Fetch the copies of an address that the Wayback Machine holds and the archive lacks.

    Args:
        address: The address; with a * at its end, of all documents whose addresses begin so.
        first: First day of capture there, as 2016-01-01.
        last: Last day of capture there.
        hours: After so many hours nothing more is asked; the next run goes on where it was.
    """
    return _fetched(lambda _: CopiesErrand(wanted_of(address, first, last)), hours)


def _entrances(settings: Settings, keys: list[str] | None, *purposes: Purpose) -> list[Entrance]:
    return chosen(read_registry(settings.sources), tuple(keys or ()), *purposes)


def _fetched(errand_of: Callable[[Settings], Errand], hours: float) -> State[Any]:
    """Do an errand and return the state in which its flow ends; what is refused beforehand is one line."""
    try:
        settings = settings_from()
        settings.fetching.require_contact()
        errand_of(settings)
        report = ask_hosts(quote(settings), quote(errand_of), timedelta(hours=hours), return_state=False)
    except HostBusy as error:
        return Completed(name="Skipped", message=str(error))
    except FlowError as error:
        return Failed(message=str(error))
    keep_report(report)
    return final_state(report)


@task(
    task_run_name="ask the hosts",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAY_S,
    retry_condition_fn=is_worth_retrying,
)
def ask_hosts(settings: Settings, errand_of: Callable[[Settings], Errand], span: timedelta) -> RunReport:
    """Make the requests of an errand, as long as its time lasts, and append what came."""
    errand = errand_of(settings)
    return fetch(begun(errand.command, settings), settings.fetching, errand, Clock(now, time.sleep, now() + span))
