"""What can go wrong around a run.

FlowError
├── SettingRefused      an environment variable can't be understood
├── RegistryRefused     the registry of sources can't be read
├── InputRefused        what a person handed in can't be taken as it is said to be
├── HostBusy            another process asks the same host
├── ReadingStopped      a process that read an input was killed
└── RunFailed           a run ended with something rejected or failed; its report says what
"""


class FlowError(Exception):
    """Something about a run that a person must know of."""


class SettingRefused(FlowError):
    """An environment variable can't be understood."""


class RegistryRefused(FlowError):
    """The registry of sources can't be read."""


class InputRefused(FlowError):
    """What a person handed in can't be taken as it is said to be."""


class HostBusy(FlowError):
    """Another process asks the same host; one at a time is polite."""


class ReadingStopped(FlowError):
    """An input's reading came to no end: its process was killed, or its extractor has a fault."""


class RunFailed(FlowError):
    """A run ended with something rejected or failed."""
