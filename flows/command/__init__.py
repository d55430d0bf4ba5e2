"""The command `mfa-archive`. Importing it opens nothing and reads nothing."""

from flows.command.root import main

__all__ = ["main"]
