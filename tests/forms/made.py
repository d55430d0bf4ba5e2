"""Posts of a channel that is made up, as the channel itself would know them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

CHANNEL_ID = 1_234_567_890
USERNAME = "Example_Ministry"
TITLE = "Ministry of Examples 🇷🇺"
OTHER_ID = 1_300_000_000
OTHER_USERNAME = "Other_MFA"
OTHER_TITLE = "Other MFA"
AGAIN = 1_000  # posts whose numbers are so far apart are the same otherwise


class Mark(StrEnum):
    """What a piece of a text is."""

    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    HASHTAG = "hashtag"
    MENTION = "mention"
    CUSTOM_EMOJI = "custom_emoji"
    TEXT_LINK = "text_link"
    LINK = "link"
    EMAIL = "email"


class Attached(StrEnum):
    """What is attached to a post."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one kind."""

    text: str
    mark: Mark = Mark.PLAIN
    address: str = ""  # of a link in words


@dataclass(frozen=True, slots=True)
class MadeOrigin:
    """The post of the other channel that was forwarded."""

    message_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MadePost:
    """One post."""

    number: int
    pieces: tuple[Piece, ...] = ()
    edited_at: datetime | None = None
    attached: Attached | None = None
    file_name: str | None = None
    poll: tuple[str, tuple[str, ...]] | None = None
    reply_to: int | None = None
    origin: MadeOrigin | None = None
    album: int | None = None
    new_title: str | None = None  # the post is the event that the channel got it

    @property
    def text(self) -> str:
        """The words as published."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def at(self) -> datetime:
        """The instant of publication; those of an album share it."""
        number = (self.number if self.album is None else self.album) % AGAIN
        return datetime(2024, 1, 10, 9, 30, 5, tzinfo=UTC) + timedelta(days=5 * number)

    @property
    def key(self) -> str:
        """The key of its document."""
        return f"telegram:{CHANNEL_ID}:{self.number}"


def moved(posts: Iterable[MadePost], times: int) -> list[MadePost]:
    """Return the same posts with other numbers, so that one archive can hold them more than once."""
    by = times * AGAIN
    return [
        replace(
            post,
            number=post.number + by,
            reply_to=None if post.reply_to is None else post.reply_to + by,
            album=None if post.album is None else post.album + by,
        )
        for post in posts
    ]


def said(*pieces: str | Piece) -> tuple[Piece, ...]:
    """Return the pieces of a text, plain ones given as they stand."""
    return tuple(Piece(piece) if isinstance(piece, str) else piece for piece in pieces)


def bold(text: str) -> Piece:
    return Piece(text, Mark.BOLD)


def italic(text: str) -> Piece:
    return Piece(text, Mark.ITALIC)


def tag(text: str) -> Piece:
    return Piece(text, Mark.HASHTAG)


def words_to(text: str, address: str) -> Piece:
    return Piece(text, Mark.TEXT_LINK, address)


def bare(address: str) -> Piece:
    return Piece(address, Mark.LINK)


def runs(posts: Iterable[MadePost]) -> list[list[MadePost]]:
    """Return posts as they stand beside each other: those of one album together."""
    found: list[list[MadePost]] = []
    for post in posts:
        if found and post.album is not None and found[-1][-1].album == post.album:
            found[-1].append(post)
        else:
            found.append([post])
    return found


_SPECIAL = (
    MadePost(1, said("The channel of the ministry is open.")),
    MadePost(
        2,
        said(
            "🎙 ",
            bold("Foreign Minister Sergey Lavrov’s opening remarks at the talks (Moscow, January 20, 2024)"),
            "\n\n💬 We met today.\n\n<...>\n\nWe agreed on the matters of ",
            tag("#BRICS"),
            ".\n\n<...>\n\n🇷🇺🇨🇳 We thank you.\n\n",
            words_to("Read in full", "https://mid.ru/en/foreign_policy/news/1906578/"),
        ),
    ),
    MadePost(3, said("Two  spaces,\u00a0a space that does not break, «quotes», “other quotes” & an 'apostrophe'.")),
    MadePost(
        4,
        said(
            "🇷🇺🇷🇸 ",
            bold("О телефонном разговоре Министра иностранных дел"),
            "\n\nСостоялся телефонный разговор.\n\n",
            tag("#Россия"),
            " ",
            tag("#Сербия"),
        ),
    ),
    MadePost(
        5,
        said(
            "🎙 ",
            bold("Answer by the Spokeswoman to a media question"),
            "\n\n❓ ",
            italic("Question:"),
            " What comes next?\n\n💬 ",
            bold("Maria Zakharova:"),
            " Talks.",
        ),
    ),
    MadePost(6, said("See ", bare("https://example.org/a?b=1&c=2"), " and ", bare("example.org/all"), ".")),
    MadePost(
        7, said("Write to ", Piece("press@example.org", Mark.EMAIL), " or ", Piece("@example", Mark.MENTION), ".")
    ),
    MadePost(8, said("Words of another ministry."), origin=MadeOrigin(55, datetime(2024, 1, 9, 8, tzinfo=UTC))),
    MadePost(9, said("This answers the opening remarks."), reply_to=2),
    MadePost(10, said("Three pictures of ", bold("the talks")), attached=Attached.PHOTO, album=10),
    MadePost(11, attached=Attached.PHOTO, album=10),
    MadePost(12, attached=Attached.PHOTO, album=10),
    MadePost(13, said("📸 A picture with ", italic("words"), " under it"), attached=Attached.PHOTO),
    MadePost(14, said("The report:"), attached=Attached.DOCUMENT, file_name="Report of 2024.pdf"),
    MadePost(15, poll=("Will you watch the briefing?", ("Yes", "No", "Only the end"))),
    MadePost(16, new_title="Ministry of Examples"),
    MadePost(
        17,
        said("⚡️ The talks took place on March 30, 2024."),
        edited_at=datetime(2024, 4, 4, 12, 0, 0, tzinfo=UTC),
    ),
    MadePost(18, attached=Attached.VIDEO),
    MadePost(19, said("One line\nanother line\n\n\na line after two empty ones")),
    MadePost(
        20,
        said(
            "Custom ",
            Piece("🔥", Mark.CUSTOM_EMOJI),
            " emoji, then ",
            tag("#ASEAN"),
            " 🎙 and ",
            words_to("a link", "http://example.org/b"),
            " behind them",
        ),
    ),
)
POSTS: tuple[MadePost, ...] = (
    *_SPECIAL,
    *(
        MadePost(
            number,
            said(bold(f"Briefing number {number}"), f"\n\nIts first paragraph, of {number} words.\n\nIts second one."),
        )
        for number in range(21, 51)
    ),
)
