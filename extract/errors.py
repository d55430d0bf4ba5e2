"""What can go wrong while bytes become values.

    ExtractError
    ├── UnknownFormat       no format, or more than one, claims an input
    ├── UndecodableInput    the bytes are no text, or their encoding is not certain
    ├── UnreadableInput     the bytes are text, but not of the format they are said to be
    ├── UnknownChannel      nothing says of which channel the posts are
    ├── UnconfirmedColumns  a table whose columns nobody has named
    ├── ChallengePage       a shield's page in place of the one asked for
    ├── NoDocument          a page of the right form that shows no document
    ├── NotFound            a page of the source that says that what was asked for isn't there
    ├── WrongLanguage       a document in another language than the one that was asked for
    ├── OtherChannel        posts of another channel than the one whose name was asked for
    ├── BrokenOff           what leads to documents, without its end
    ├── WithheldInput       bytes that a person took out of the archive
    └── TooLarge            more than a limit allows

A record that can't be read is no error but a value, `extract.model.Rejection`; these end a whole input.
Each says where, what was found, what was expected and what to do.
"""

from typing import Self


class ExtractError(Exception):
    """An input that can't be read as a whole."""

    reason = "unreadable"

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        """Keep the three parts apart, for the rejection row."""
        super().__init__(f"{found}; expected {expected}; {remedy}")
        self.found = found
        self.expected = expected
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[Self], tuple[str, str, str]]:
        """Return how it is made again: it reaches the run out of a process that reads."""
        return type(self), (self.found, self.expected, self.remedy)


class UnknownFormat(ExtractError):
    """No format, or more than one, claims the input."""

    reason = "unknown_format"


class UndecodableInput(ExtractError):
    """The bytes are no text, or nothing says for certain in which encoding they are."""

    reason = "undecodable"


class UnreadableInput(ExtractError):
    """The bytes are text, but nothing in them is what the format promises."""

    reason = "not_this_format"


class UnknownChannel(ExtractError):
    """Nothing says of which channel the posts are: neither the form, nor the registry, nor a person, nor an alias."""

    reason = "unknown_channel"


class UnconfirmedColumns(ExtractError):
    """A table whose columns nobody has named; the remedy holds those that look right, to be confirmed."""

    reason = "unconfirmed_columns"


class ChallengePage(ExtractError):
    """A page that a shield shows in place of the one asked for."""

    reason = "challenge_page"


class NoDocument(ExtractError):
    """A page of the right form that shows no document: a listing, an error page, an empty preview."""

    reason = "no_document"


class NotFound(ExtractError):
    """A page on which the source itself says that what was asked for isn't there."""

    reason = "not_found"


class WrongLanguage(ExtractError):
    """A document that is surely in another language than the one that was asked for."""

    reason = "wrong_language"


class OtherChannel(ExtractError):
    """Posts of another channel than the one that was asked for: its name belongs to that one now."""

    reason = "other_channel"


class BrokenOff(ExtractError):
    """Bytes that lead to documents, such as a listing, and that end before their end."""

    reason = "broken_off"


class WithheldInput(ExtractError):
    """Bytes that a person took out of the archive."""

    reason = "withheld"


class TooLarge(ExtractError):
    """More than a limit allows."""

    reason = "too_large"
