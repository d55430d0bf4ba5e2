"""The English sentences of Telegram Desktop's HTML about events of a channel, as the words of its JSON."""

import re

from extract.model import Service

_PHRASES = tuple(
    (re.compile(pattern, re.DOTALL), action)
    for pattern, action in (
        (r"Channel title changed to «(?P<detail>.*)»", "edit_group_title"),
        (r"Channel «(?P<detail>.*)» created", "create_channel"),
        (r"Channel photo changed", "edit_group_photo"),
        (r"Channel photo removed", "delete_group_photo"),
        (r".* pinned (?:this message|«.*»)", "pin_message"),
        (r"New messages will (?:not )?auto-delete.*", "set_messages_ttl"),
        (r"(?:Voice chat|Video chat|Live stream) scheduled for .*", "group_call_scheduled"),
        (r"(?:Voice chat|Video chat|Live stream)(?: \(\d+ seconds\))?", "group_call"),
        (r"Channel theme was (?:disabled|changed to .*)", "edit_chat_theme"),
        (r".* set (?:a new background|the same background) for this chat", "set_chat_wallpaper"),
        (r".* just started a giveaway .*", "giveaway_launch"),
        (r"(?:No winners|Some winners|\d+) of the giveaway (?:could|were|was) .*", "giveaway_results"),
        (r".* boosted the group \d+ times?", "boost_apply"),
        # What supergroups have instead.
        (r".* changed group title to «(?P<detail>.*)»", "edit_group_title"),
        (r".* changed group photo", "edit_group_photo"),
        (r".* removed group photo", "delete_group_photo"),
        (r".* converted this group to a supergroup", "migrate_to_supergroup"),
        (r".* converted a basic group to this supergroup «(?P<detail>.*)»", "migrate_from_group"),
        (r".* has set messages (?:not )?to auto-delete.*", "set_messages_ttl"),
        (r".* scheduled a voice chat for .*", "group_call_scheduled"),
        (r".* started voice chat(?: \(\d+ seconds\))?", "group_call"),
        (r".* (?:disabled chat theme|changed chat theme to .*)", "edit_chat_theme"),
        (r".* created topic «(?P<detail>.*)»", "topic_created"),
        (r".* changed topic (?:title to «(?P<detail>.*?)»)?.*", "topic_edit"),
    )
)
_UNSUPPORTED = re.compile(
    r"This message is not supported by this version of .*Please update the application\.", re.DOTALL
)


def is_unsupported(printed: str) -> bool:
    """Tell whether the exporter says that it could not show the message."""
    return _UNSUPPORTED.fullmatch(printed) is not None


def service_of(printed: str, linked: int | None) -> Service:
    """Return the event that a sentence tells; `linked` is the message that it links to."""
    for phrase, action in _PHRASES:
        match = phrase.fullmatch(printed)
        if match is None:
            continue
        detail = match["detail"] if phrase.groupindex else None
        if action == "pin_message":
            detail = None if linked is None else str(linked)
        return Service(action, detail, printed)
    return Service(None, None, printed)
