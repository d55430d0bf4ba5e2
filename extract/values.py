"""Values that nobody changes, without what it costs to forbid it while a program runs.

A frozen dataclass sets each of its fields through `object.__setattr__`, which is a tenth of the time that a post takes.
The type checker sees the frozen dataclass and refuses every change.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """Make a class a dataclass with slots that is hashed by its fields."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["value"]
