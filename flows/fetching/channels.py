"""Posts of a channel's web preview: back to what is known, and again where they are due.

A page of the preview that doesn't show a post proves nothing: it is asked for by itself then, and only the answer that
the post isn't found is a failed look. A page without posts is no proof of the end either: the preview also shows one
when it is asked too often.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from extract.preview_paging import NOTHING, Shown, shown_in
from flows.fetching.entrances import PREVIEW, Entrance
from flows.fetching.memory import KnownPost
from flows.fetching.pages import Planned
from flows.fetching.session import Session
from flows.fetching.values import Ask, Purpose, Verdict
from warehouse.raw_store import opened

FRESH = timedelta(minutes=90)  # the newest page
FRESH_PAGE = timedelta(hours=20)  # a page of older posts, which may come out empty
_SHOWN_AT_ONCE = 20  # posts on one page of the preview, about


@dataclass(frozen=True, slots=True)
class Channel:
    """What is known of one channel when a fetch begins."""

    entrance: Entrance
    number: int | None  # by the registry, else as it was seen last; None where neither tells
    posts: tuple[KnownPost, ...]  # the newest first
    stretches: tuple[tuple[int, int], ...]  # of ids that are known whole

    @property
    def name(self) -> str:
        """Its username, as its preview is asked for."""
        return self.entrance.address.rpartition("/")[2]


def fetch_channel(session: Session, channel: Channel, *, is_whole: bool) -> None:
    """Fetch what is new, what lies between, the whole history if it is wanted, and then what is due."""
    walk = _Walk(session, channel, list(channel.stretches))
    walk.look_at_newest()
    if walk.is_of_another:  # whatever it says of a post's number is not said of ours
        return
    walk.fill_holes()
    if is_whole:
        walk.go_down()
    walk.look_again(due_posts(channel.posts, session.clock.now()))


def planned_posts(session: Session, channel: Channel) -> list[Planned]:
    """Return the requests that are known beforehand: the newest page, and one for about twenty posts that are due."""
    source = channel.entrance.source
    asks: list[Planned] = []
    if not session.is_fresh(channel.entrance.address, Purpose.CHANNEL, FRESH):
        asks.append(Planned(source, _newest(channel), "looks for new posts"))
    low: int | None = None
    for post in due_posts(channel.posts, session.clock.now()):
        if post.failed_count:
            asks.append(Planned(source, _alone(channel, post), f"after {post.failed_count} failed looks"))
        elif low is None or post.message_id <= low:
            asks.append(Planned(source, _before(channel, post.message_id + 1), "posts are due"))
            low = post.message_id - _SHOWN_AT_ONCE
    return asks


def due_posts(posts: Iterable[KnownPost], now: datetime) -> list[KnownPost]:
    """Return the posts that are due, the newest first."""
    return [post for post in posts if post.due_at is None or post.due_at <= now]


def _newest(channel: Channel) -> Ask:
    return Ask(channel.entrance.address, Purpose.CHANNEL, channel.entrance.source.source_key)


def _before(channel: Channel, message_id: int) -> Ask:
    address = f"{channel.entrance.address}?before={message_id}"
    return Ask(address, Purpose.CHANNEL, channel.entrance.source.source_key)


def _alone(channel: Channel, post: KnownPost) -> Ask:
    address = f"https://{PREVIEW}/{channel.name}/{post.message_id}?embed=1&mode=tme"
    return Ask(address, Purpose.POST, channel.entrance.source.source_key, post.document_key)


@dataclass(slots=True)
class _Walk:
    """One channel while its preview is walked through."""

    session: Session
    channel: Channel
    stretches: list[tuple[int, int]]
    is_of_another: bool = False  # the name belongs to another channel now: names are given up, and taken by others

    def look_at_newest(self) -> None:
        """Ask for the newest page, unless that was done a moment ago."""
        shown = self._shown(_newest(self.channel), FRESH)
        self.is_of_another = self._is_another(shown)
        if shown.ids:
            self.stretches.append((shown.ids[0], shown.ids[-1]))

    def fill_holes(self) -> None:
        """Ask for what lies between the stretches that are known, from above."""
        below = [high for high, _ in self._holes()]
        for high in below:
            self._down_from(high)

    def go_down(self) -> None:
        """Ask for all that lies below the lowest stretch."""
        joined = _joined(self.stretches)
        if joined:
            self._down_from(joined[0][0])

    def _holes(self) -> list[tuple[int, int]]:
        """Return the holes, the newest first: the id that bounds each from above, and the one from below."""
        joined = _joined(self.stretches)
        return [(upper[0], lower[1]) for lower, upper in pairwise(joined)][::-1]

    def _down_from(self, high: int) -> None:
        """Ask page after page for what lies below an id, until that is known or a page shows nothing lower."""
        while high > 1 and not _is_in(high - 1, self.stretches):
            shown = self._shown(_before(self.channel, high), FRESH_PAGE)
            lower = [one for one in shown.ids if one < high]
            if not lower:
                return
            self.stretches.append((lower[0], high - 1))
            high = lower[0]

    def look_again(self, due: list[KnownPost]) -> None:
        """Look again at posts that are due, by pages; at those that a page lacks and at failed ones each by itself."""
        seen: set[int] = set()
        for post in due:
            if post.message_id in seen or self.session.is_closed_to(self.channel.entrance.address):
                continue
            if not post.failed_count:
                seen.update(self._shown(_before(self.channel, post.message_id + 1), timedelta(0)).ids)
            if post.message_id not in seen:
                self.session.ask(self.channel.entrance.source, _alone(self.channel, post))

    def _shown(self, ask: Ask, fresh: timedelta) -> Shown:
        """Return what a page shows, as it is held if it is fresh; nothing where it can't be had."""
        session = self.session
        known = session.directories.get((ask.address, Purpose.CHANNEL))
        if known is not None and known.held is not None and session.is_fresh(ask.address, Purpose.CHANNEL, fresh):
            with opened(session.run.layout.raw, known.held.raw_sha256) as stream:
                return shown_in(stream.read())
        kept = session.ask(self.channel.entrance.source, ask)
        if kept is None or kept.verdict is not Verdict.FETCHED:
            return NOTHING
        return shown_in(session.bytes_of(kept))

    def _is_another(self, shown: Shown) -> bool:
        """Say whether a page is of another channel than is known by the name, which is told."""
        channel = self.channel
        if None in (channel.number, shown.channel_id) or channel.number == shown.channel_id:
            return False
        self.session.run.report_of(channel.entrance.source.source_key).problems.append(
            f"{channel.entrance.address}: shows the channel {shown.channel_id}; expected {channel.number}, as before "
            "or by its registry row; look at it with a browser: its posts are kept as those of the other channel"
        )
        return True


def _joined(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches of ids ascending, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(stretches):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _is_in(message_id: int, stretches: list[tuple[int, int]]) -> bool:
    return any(low <= message_id <= high for low, high in stretches)
