"""The forms in which documents arrive, one module each."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from extract.model import Format


@cache
def formats() -> Mapping[str, Format]:
    """Return every format by its name, in the order of the names.

    A module of this package that exports `FORMAT` is one; a module without it belongs to another.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return MappingProxyType({form.name: form for form in found})


def claimants(head: bytes) -> list[str]:
    """Return the names of the formats that take an input with this head for one of theirs."""
    return [name for name, form in formats().items() if form.claims(head)]
