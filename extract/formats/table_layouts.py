"""The tables that known tools write, by their headers, as read in the tools' own sources.

4cat              CSV of 4CAT; times without offset are its server's wall clock, those in seconds are not
4cat_items        the items that 4CAT keeps, as JSON Lines: messages of the API with its own keys added
snscrape          JSON Lines of t.me/s; the text of neighbouring lines is run together
telegram_tracker  CSV; an older one keeps the text only with its white space folded
telegram_scraper  CSV and JSON of unnohwn/telegram-scraper and its many copies; times are UTC
"""

from extract.formats.table_columns import Layout, layout

LAYOUTS: tuple[Layout, ...] = (
    layout(
        "4cat",
        "id=id text=body channel=thread_num_id|thread_id|chat date=unix_timestamp|timestamp "
        "edited=unix_timestamp_edited|timestamp_edited forwarded_from=author_forwarded_from_name "
        "forwarded_from_username=author_forwarded_from_username "
        "forwarded_date=unix_timestamp_forwarded_from|timestamp_forwarded_from reply_to=reply_to views=views "
        "media=attachment_type poll=attachment_data preview=link_title",
        required="id thread_id body timestamp author_forwarded_from_name attachment_type",
        carries_paragraphs=True,
        carries_punctuation=True,
    ),
    layout(
        "4cat_items",
        "id=id text=message channel_id=peer_id.channel_id channel=_chat.username channel_title=_chat.title date=date "
        "edited=edit_date forwarded_from=fwd_from.from_name forwarded_from_id=fwd_from.from_id.channel_id "
        "forwarded_message_id=fwd_from.channel_post forwarded_date=fwd_from.date "
        "reply_to=reply_to.reply_to_msg_id|reply_to_msg_id album=grouped_id views=views forwards=forwards "
        "author=post_author media=media._type service=action._type service_detail=action.title",
        required="id message date _chat peer_id",
        carries_paragraphs=True,
        carries_punctuation=True,
    ),
    layout(
        "snscrape",
        "id=url text=content date=date forwarded_from_username=forwarded.username forwarded_message_id=forwardedUrl "
        "views=views.count|views preview=linkPreview",
        required="url date content outlinks linkPreview",
        forbidden="user id renderedContent",
    ),
    layout(
        "telegram_tracker",
        "id=msg_id text=message channel=channel_name channel_id=channel_id date=date "
        "forwarded_from_username=forward_msg_from_peer_name forwarded_from_id=forward_msg_from_peer_id "
        "forwarded_from_peer=forward_msg_from_peer_type forwarded_message_id=forward_msg_link "
        "forwarded_date=forward_msg_date reply_to=reply_to_msg_id views=views forwards=number_forwards "
        "replies=number_replies media=media_type preview=url_title",
        required="msg_id channel_id channel_name message date is_forward",
        carries_paragraphs=True,
        carries_punctuation=True,
        is_utc=True,
    ),
    layout(
        "telegram_tracker",
        "id=msg_link text=message channel=username channel_id=channel_id date=date "
        "forwarded_from_username=from_channel_name forwarded_from_id=from_channel_id "
        "forwarded_message_id=forward_msg_link forwarded_date=forward_msg_date reply_to=reply_to_msg_id views=views "
        "forwards=number_forwards replies=number_replies media=media_type preview=url_title",
        required="signature channel_id username message date msg_link is_forward",
        forbidden="msg_id",
        carries_punctuation=True,
        is_utc=True,
    ),
    layout(
        "telegram_scraper",
        # `username`, `first_name` and `last_name` are those of the sender, not of the channel.
        "id=message_id text=message date=date reply_to=reply_to views=views forwards=forwards author=post_author "
        "reactions=reactions media=media_type",
        required="message_id date sender_id message media_type media_path reply_to",
        carries_paragraphs=True,
        carries_punctuation=True,
        is_utc=True,
    ),
)
