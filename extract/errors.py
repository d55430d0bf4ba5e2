"""What can go wrong while bytes become values.

    ExtractError
    ├── UnknownFormat       no format, or more than one, claims an input
    ├── UndecodableInput    the bytes are no text, or their encoding is not certain
    └── UnreadableInput     the bytes are text, but not of the format they are said to be

A record that can't be read is no error but a value, `extract.model.Rejection`; these end a whole input.
Each says where, what was found, what was expected and what to do.
"""


class ExtractError(Exception):
    """An input that can't be read as a whole."""

    reason = "unreadable"

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        """Keep the three parts apart, for the rejection row."""
        super().__init__(f"{found}; expected {expected}; {remedy}")
        self.found = found
        self.expected = expected
        self.remedy = remedy


class UnknownFormat(ExtractError):
    """No format, or more than one, claims the input."""

    reason = "unknown_format"


class UndecodableInput(ExtractError):
    """The bytes are no text, or nothing says for certain in which encoding they are."""

    reason = "undecodable"


class UnreadableInput(ExtractError):
    """The bytes are text, but nothing in them is what the format promises."""

    reason = "not_this_format"
