"""Posts of a channel's web preview: back to what is known, and again where they are due.

A page of the preview that doesn't show a post proves nothing: it is asked for by itself then, and only the answer that
the post isn't found is a failed look. Nor is it asked for where the channel hasn't shown itself in the same run: of one
that is closed, renamed or another one by now no post is found. A page without posts is no proof of the end either: the
preview also shows one when it is asked too often.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from extract.preview_paging import NOTHING, Instead, Shown, shown_in
from flows.fetching.entrances import PREVIEW, Entrance
from flows.fetching.keeping import Kept
from flows.fetching.memory import KnownPost, held_bytes
from flows.fetching.pages import Planned
from flows.fetching.session import Session
from flows.fetching.values import Ask, Purpose, Verdict
from flows.tables import counted

FRESH = timedelta(minutes=90)  # the newest page
FRESH_PAGE = timedelta(hours=20)  # a page of older posts, which may come out empty
PROOF_SPAN = timedelta(hours=1)  # for which a channel that showed itself counts as there, while a run goes on
_SHOWN_AT_ONCE = 20  # posts on one page of the preview, about


@dataclass(frozen=True, slots=True)
class Channel:
    """What is known of one channel when a fetch begins."""

    entrance: Entrance
    posts: tuple[KnownPost, ...]  # the newest first
    stretches: tuple[tuple[int, int], ...]  # of ids that are known whole

    @property
    def number(self) -> int | None:
        """What it is, whatever its name: by its registry row, else as it was seen first; None where neither tells."""
        return self.entrance.source.channel_id


def fetch_channel(session: Session, channel: Channel, *, is_whole: bool) -> None:
    """Fetch what is new, what lies between, the whole history if it is wanted, and then what is due."""
    walk = _Walk(session, channel, list(channel.stretches), channel.entrance.channel)
    if not walk.look_at_newest(FRESH):  # whatever is said of a post's number then is not said of ours
        return
    walk.fill_holes()
    if is_whole:
        walk.go_down()
    walk.look_again(due_posts(channel.posts, session.clock.now()))


def planned_posts(session: Session, channel: Channel, *, is_whole: bool) -> list[Planned]:
    """Return the requests that are known beforehand.

    The newest page; one where posts are lacking, of how many pages is not known; one for about twenty that are due.
    """
    source = channel.entrance.source
    asks: list[Planned] = []
    if not session.is_fresh(channel.entrance.address, Purpose.CHANNEL, FRESH):
        asks.append(Planned(source, _newest(channel), "looks for new posts"))
    lacking = [(_before(channel, high), f"nothing known from {low + 1} on") for high, low in holes(channel.stretches)]
    if is_whole and (lowest := min((low for low, _ in channel.stretches), default=1)) > 1:
        lacking.append((_before(channel, lowest), f"nothing known before {lowest}"))
    asks += [
        Planned(source, ask, why)
        for ask, why in lacking
        if not session.is_fresh(ask.address, Purpose.CHANNEL, FRESH_PAGE)
    ]
    low: int | None = None
    for post in due_posts(channel.posts, session.clock.now()):
        why = "never looked at here" if post.due_at is None else f"due since {post.due_at:%Y-%m-%d %H:%M}"
        if post.failed_count:
            why = f"after {counted(post.failed_count, 'failed look')}, {why}"
            asks.append(Planned(source, _alone(channel, channel.entrance.channel, post), why))
        elif low is None or post.message_id <= low:
            asks.append(Planned(source, _before(channel, post.message_id + 1), f"post {post.message_id} {why}"))
            low = post.message_id - _SHOWN_AT_ONCE
    return asks


def holes(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what lies between stretches, the newest first: the id that bounds it from above, and that from below."""
    return [(upper[0], lower[1]) for lower, upper in pairwise(_joined(stretches))][::-1]


def due_posts(posts: Iterable[KnownPost], now: datetime) -> list[KnownPost]:
    """Return the posts that are due, the newest first."""
    return [post for post in posts if post.due_at is None or post.due_at <= now]


def _newest(channel: Channel) -> Ask:
    return Ask(channel.entrance.address, Purpose.CHANNEL, channel.entrance.source.source_key)


def _before(channel: Channel, message_id: int) -> Ask:
    address = f"{channel.entrance.address}?before={message_id}"
    return Ask(address, Purpose.CHANNEL, channel.entrance.source.source_key)


def _alone(channel: Channel, name: str, post: KnownPost) -> Ask:
    address = f"https://{PREVIEW}/{name}/{post.message_id}?embed=1&mode=tme"
    return Ask(address, Purpose.POST, channel.entrance.source.source_key, post.document_key)


@dataclass(slots=True)
class _Walk:
    """One channel while its preview is walked through."""

    session: Session
    channel: Channel
    stretches: list[tuple[int, int]]
    name: str  # that its newest page shows: a channel may have several, and Telegram's words use that one
    proved_at: datetime | None = None  # when a page of this run last showed posts with the number that is known

    def look_at_newest(self, fresh: timedelta) -> bool:
        """Ask for the newest page, unless that was done a moment ago, and say whether it shows the channel's posts.

        What it shows in their place is told, in words for whoever looks after the registry.
        """
        shown, kept = self._look(_newest(self.channel), fresh)
        if self._is_ours(shown):
            self.name = shown.username or self.name
            self.stretches.append((shown.ids[0], shown.ids[-1]))
            return True
        if shown.ids or kept is not None:  # of a host that isn't asked is told elsewhere
            self._tell(_in_place(shown, kept, self.channel.number))
        return False

    def fill_holes(self) -> None:
        """Ask for what lies between the stretches that are known, from above."""
        below = [high for high, _ in holes(self.stretches)]
        for high in below:
            self._down_from(high)

    def go_down(self) -> None:
        """Ask for all that lies below the lowest stretch."""
        joined = _joined(self.stretches)
        if joined:
            self._down_from(joined[0][0])

    def _down_from(self, high: int) -> None:
        """Ask page after page for what lies below an id, until that is known or a page shows nothing lower."""
        while high > 1 and not _is_in(high - 1, self.stretches):
            lower = [one for one in self._ids(_before(self.channel, high), FRESH_PAGE) if one < high]
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
                seen.update(self._ids(_before(self.channel, post.message_id + 1), timedelta(0)))
            if post.message_id not in seen:
                if not self._is_proved():
                    return
                self.session.ask(self.channel.entrance.source, _alone(self.channel, self.name, post))

    def _is_proved(self) -> bool:
        """Say whether the channel has just shown itself; its newest page is asked for once more where that is long ago.

        Of a channel that is closed, renamed or another one by now, Telegram says of each single post that it isn't
        found. That may count only where the channel itself is there.
        """
        if not self._was_shown_lately():
            is_shown = self.look_at_newest(timedelta(0))
            if is_shown and not self._was_shown_lately():
                self._tell("its page does not tell the channel's number")
        return self._was_shown_lately()

    def _was_shown_lately(self) -> bool:
        return self.proved_at is not None and self.session.clock.now() - self.proved_at < PROOF_SPAN

    def _ids(self, ask: Ask, fresh: timedelta) -> tuple[int, ...]:
        """Return the posts of the channel that a page shows."""
        shown, _ = self._look(ask, fresh)
        return shown.ids if self._is_ours(shown) else ()

    def _look(self, ask: Ask, fresh: timedelta) -> tuple[Shown, Kept | None]:
        """Return what a page shows, as it is held if it is fresh, and the answer if it was asked for."""
        session = self.session
        known = session.directories.get((ask.address, Purpose.CHANNEL))
        if known is not None and known.held is not None and session.is_fresh(ask.address, Purpose.CHANNEL, fresh):
            held = held_bytes(session.run.layout.raw, known.held.raw_sha256)
            if held is not None:
                return shown_in(held), None
        kept = session.ask(self.channel.entrance.source, ask)
        if kept is None or kept.verdict not in (Verdict.FETCHED, Verdict.NOT_A_DOCUMENT):
            return NOTHING, kept
        data = session.bytes_of(kept)
        if data is None:
            return NOTHING, kept
        shown = shown_in(data)
        if self._is_ours(shown) and kept.verdict is not Verdict.FETCHED:  # nothing could be read in it
            return NOTHING, kept
        if shown.ids and self.channel.number is not None and shown.channel_id == self.channel.number:
            self.proved_at = kept.fetch.asked_at
        return shown, kept

    def _is_ours(self, shown: Shown) -> bool:
        """Say whether a page shows posts of the channel that is known, or of one where none is known yet."""
        number = self.channel.number
        return bool(shown.ids) and (None in (shown.channel_id, number) or shown.channel_id == number)

    def _tell(self, what: str) -> None:
        entrance, number = self.channel.entrance, self.channel.number
        report = self.session.run.report_of(entrance.source.source_key)
        report.is_failed = True
        whose = "its posts" if number is None else f"posts of the channel {number}"
        report.problems.append(
            f"{entrance.address}: {what}; expected {whose}; look at it with a browser, and if the channel has another "
            "name now, put its new address into the registry row; nothing more was asked, and no post of it counts as "
            "missing by that"
        )


def _in_place(shown: Shown, kept: Kept | None, number: int | None) -> str:
    """Return in words what came in place of a channel's posts."""
    if shown.ids:
        return f"its name belongs to another channel now, {shown.channel_id} instead of {number}"
    if shown.instead is Instead.CONTACT:
        return "the channel is closed, renamed or without a preview, or Telegram turns us away: it shows a name only"
    if shown.instead is Instead.NO_POSTS:
        return "the channel shows no posts: it is empty, or Telegram was asked too often"
    if kept is not None and kept.verdict is Verdict.MISSING:
        return "there is no such channel, says Telegram (404 or 410)"
    return "its newest page could not be had"


def _joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
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
