-- One row: one post of a channel in its current state.
create or replace view posts as
select
  documents.document_key,
  documents.published_at,
  documents.sort_date,
  documents.sort_date_basis,
  documents.kind,
  documents.title,
  documents.channel,
  documents.channel_title,
  case when documents.key_is_strong then split_part(documents.document_key, ':', 2)::bigint end as channel_id,
  case when documents.key_is_strong then split_part(documents.document_key, ':', 3)::bigint end as message_id,
  coalesce(documents.post_kind, 'message') as post_kind,
  documents.service_action,
  documents.service_detail,
  documents.status,
  documents.source_edited_at,
  documents.is_edited,
  documents.author,
  case
    when documents.reply_to is not null
      then 'telegram:' || split_part(documents.document_key, ':', 2) || ':' || documents.reply_to
  end as reply_to_key,
  case
    when documents.album is not null
      then first_value(documents.document_key) over (
        partition by split_part(documents.document_key, ':', 2), documents.album
        order by try_cast(split_part(documents.document_key, ':', 3) as bigint)
      )
  end as album_key,
  counts.views,
  counts.views_are_rounded,
  counts.forwards,
  counts.replies,
  counts.reactions,
  documents.media_count,
  documents.source_key,
  reading.position as position_in_source,
  documents.is_forward,
  documents.forwarded_from,
  documents.origin_key,
  documents.origin_at,
  documents.speakers,
  documents.lang,
  documents.event_from,
  documents.event_to,
  documents.event_basis,
  documents.event_place,
  documents.published_after,
  documents.published_before,
  documents.published_basis,
  documents.hashtags,
  documents.flags,
  documents.is_excerpt,
  documents.omission_count,
  documents.has_media_placeholder,
  documents.text,
  documents.word_count,
  documents.is_sample,
  documents.version_count,
  documents.notice_count,
  documents.ref
from store.current_document as documents
left join store.newest_count as counts using (document_key)
inner join store.version as version on documents.document_key = version.document_key and version.is_current
inner join store.reading as reading using (extraction_key, position)
where documents.medium = 'post';

comment on view posts is 'One row: one post of a channel in its current state.';
comment on column posts.document_key is 'The document, see documents.';
comment on column posts.published_at is 'Instant of publication (UTC); null if the form does not tell it.';
comment on column posts.sort_date is 'A day to sort by, see documents.';
comment on column posts.sort_date_basis is 'What sort_date is: see terms, list sort_date_basis.';
comment on column posts.kind is 'What sort of document it is: see terms, list kind.';
comment on column posts.title is 'The headline: its first line with words, as published.';
comment on column posts.channel is 'The channel that it stood in: its username, else its title; null if not known.';
comment on column posts.channel_title is 'Title of the channel, as the form shows it.';
comment on column posts.channel_id is 'Number of the channel, which never changes; null where the form has none.';
comment on column posts.message_id is 'Number of the post in its channel; null where the form has none.';
comment on column posts.post_kind is 'message, service or unsupported: see terms, list post_kind.';
comment on column posts.service_action is 'What happened to the channel: see terms, list service_action.';
comment on column posts.service_detail is 'The new title, the number of the pinned post, or the form''s own words.';
comment on column posts.status is 'present, gone or unknown: see terms, list status.';
comment on column posts.source_edited_at is 'When the source says that it was last edited (UTC).';
comment on column posts.is_edited is 'True where it bears an edit mark; null where the form has none.';
comment on column posts.author is 'Who signed it.';
comment on column posts.reply_to_key is 'The post that it answers, held or not.';
comment on column posts.album_key is 'Of posts sent as one set: the first of the set that is held.';
comment on column posts.views is 'Views, when they were last counted.';
comment on column posts.views_are_rounded is 'True where the form rounds them, as 4.85K.';
comment on column posts.forwards is 'How often it was forwarded, when that was last counted.';
comment on column posts.replies is 'Comments, when they were last counted.';
comment on column posts.reactions is 'Reactions and how many of each, when they were last counted.';
comment on column posts.media_count is 'Number of pictures, files and other media, as far as the form carries them.';
comment on column posts.source_key is 'The source whose capture shows it best.';
comment on column posts.position_in_source is 'Place among the records of that capture, from 1.';
comment on column posts.is_forward is 'True for a post forwarded from another channel.';
comment on column posts.forwarded_from is 'Name of that channel, as printed.';
comment on column posts.origin_key is 'The post that it was forwarded from, held or not; null where the form does not tell its id.';
comment on column posts.origin_at is 'When that was published (UTC), as the forward tells.';
comment on column posts.speakers is 'Who speaks.';
comment on column posts.lang is 'Language of the text (ISO 639-1).';
comment on column posts.event_from is 'First day of the event that it is about.';
comment on column posts.event_to is 'Last day of that event.';
comment on column posts.event_basis is 'How the year of the event is known: see terms, list event_basis.';
comment on column posts.event_place is 'Where the event took place, as printed.';
comment on column posts.published_after is 'Published on this day or later.';
comment on column posts.published_before is 'Published on this day or earlier.';
comment on column posts.published_basis is 'What the bounds rest on: see terms, list published_basis.';
comment on column posts.hashtags is 'Hashtags without #, each once.';
comment on column posts.flags is 'Flags as ISO 3166-1 alpha-2 codes, each once.';
comment on column posts.is_excerpt is 'True where it points to a fuller text elsewhere.';
comment on column posts.omission_count is 'Lines that are the publisher''s mark for words left out.';
comment on column posts.has_media_placeholder is 'True where the form shows that there was media and does not hold it.';
comment on column posts.text is 'The words, the post''s own lines.';
comment on column posts.word_count is 'Words in text.';
comment on column posts.is_sample is 'True where its source is a sample; null where nobody says what it shows.';
comment on column posts.version_count is 'Number of its versions.';
comment on column posts.notice_count is 'Number of oddities that were read past.';
comment on column posts.ref is 'Short name of the current version, to cite.';
