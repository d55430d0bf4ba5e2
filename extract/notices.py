"""What the codes of notices mean that several formats give: one sentence for each."""

from types import MappingProxyType

SHARED = MappingProxyType(
    {
        "charset_contradiction": "Another encoding is declared than UTF-8, which the bytes are and were read as.",
        "first_seen_claim": "The table says when somebody first saw or fetched the document; that is its claim.",
        "migrated_group": "A message of a group that became the channel: its number is below 1, as the export has it.",
        "no_date": "The form tells no date that can be read, so the document has no instant of publication.",
        "no_repeat": "Nothing proves where the text ends: all that is there is taken for it, though it may be cut off.",
        "no_time_zone": "The date is that of a clock whose zone nobody has named, so the instant is not known.",
        "odd_characters": "Characters that programs can't hold or show were replaced by visible signs for them.",
        "path_leads_out": "The path of a file leads out of the export; it is kept as printed and never opened.",
        "rich_message": "The text is laid out in blocks such as headings, lists and tables; each is a line or more.",
        "same_id_twice": "One input has several records of the post; the one edited last counts, else the last.",
        "unclear_date": "What stands as the date is in no calendar, or has a year of two digits.",
        "unclear_local_time": "Clocks in the source's zone showed that time twice, or never.",
        "words_not_shown": "The form shows that the document is there and not its words: they may be there or not.",
    }
)
