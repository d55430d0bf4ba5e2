-- One row: one document in its current state.
create or replace view documents as
with counted as (
  select
    document_key,
    count(*)::integer as version_count,
    count(*) filter (where cause = 'edited')::integer as source_edit_count,
    min(valid_from) as first_seen_at,
    max(held_until) as last_seen_at,
    max(valid_from) filter (where cause = 'edited') as last_changed_at
  from store.version
  group by document_key
),

described as (
  select
    version.document_key,
    version.ref,
    version.ref || ':' || left(version.first_capture_key, 8) as version_key,
    document.key_is_strong,
    content.medium,
    content.title,
    content.text,
    content.word_count,
    content.published_text,
    content.document_number,
    content.forwarded_from,
    description.* exclude (description_sha256, append_number),
    reading.event_from,
    reading.event_to,
    reading.event_basis,
    reading.published_after,
    reading.published_before,
    capture.source_key,
    source.publisher,
    source.channel,
    source.time_zone,
    capture.coverage = 'sample' as is_sample,
    (description.published_at at time zone source.time_zone)::date as published_date
  from store.version as version
  inner join store.document as document using (document_key)
  inner join store.content as content using (content_sha256)
  inner join store.reading as reading using (extraction_key, position)
  inner join store.description as description using (description_sha256)
  inner join store.capture as capture using (capture_key)
  left join (
    from store.source
    qualify row_number() over (partition by source_key order by append_number desc) = 1
  ) as source using (source_key)
  where version.is_current
)

select
  described.document_key,
  described.published_date,
  described.kind,
  described.title,
  described.speakers,
  described.lang,
  described.medium,
  described.source_key,
  described.publisher,
  described.channel,
  described.document_number,
  described.published_at,
  described.published_text,
  case
    when described.published_basis is not null then described.published_basis
    when coalesce(described.published_after, described.published_before) is not null then 'order_and_event_dates'
  end as published_basis,
  described.published_after,
  described.published_before,
  coalesce(
    described.published_date, described.event_to, described.published_after, described.published_before
  ) as sort_date,
  case
    when described.published_date is not null then 'published'
    when described.event_to is not null then 'event'
    when described.published_after is not null then 'published_after'
    when described.published_before is not null then 'published_before'
  end as sort_date_basis,
  described.event_from,
  described.event_to,
  described.event_text,
  described.event_basis,
  described.event_place,
  described.kind_basis,
  described.languages_available,
  described.text,
  described.word_count,
  described.hashtags,
  described.flags,
  described.has_media_placeholder,
  described.furniture,
  described.forwarded_from is not null as is_forward,
  described.forwarded_from,
  described.is_excerpt,
  len(list_filter(described.passage_roles, lambda role : role = 'omission'))::integer as omission_count,
  described.is_sample,
  described.key_is_strong,
  counted.first_seen_at,
  counted.last_seen_at,
  counted.last_changed_at,
  counted.version_count,
  counted.source_edit_count,
  described.version_key,
  described.ref,
  len(described.notices)::integer as notice_count
from described
inner join counted using (document_key);

comment on view documents is 'One row: one document in its current state.';
comment on column documents.document_key is 'Names the document: made of the publisher''s id where the form has one, else weak, see key_is_strong.';
comment on column documents.published_date is 'Day of publication in the publisher''s zone (Moscow); null if the document does not say.';
comment on column documents.kind is 'What sort of document it is, by its title: see terms, list kind.';
comment on column documents.title is 'The title of a page; the headline of a post, as published.';
comment on column documents.speakers is 'Who speaks, as far as the title or labels in the text say so.';
comment on column documents.lang is 'Language of the text (ISO 639-1).';
comment on column documents.medium is 'page or post.';
comment on column documents.source_key is 'The source whose capture shows it best, see sources.';
comment on column documents.publisher is 'Who published it, by the registry of sources; null if not known.';
comment on column documents.channel is 'The channel that it stood in, by the registry; null if not known.';
comment on column documents.document_number is 'The ministry''s own number, such as 1893-27-09-2023; null if not printed.';
comment on column documents.published_at is 'Instant of publication (UTC) by the document''s own date line; null if it does not say.';
comment on column documents.published_text is 'The publisher''s date line, as printed.';
comment on column documents.published_basis is 'How the publication is dated: see terms, list published_basis.';
comment on column documents.published_after is 'Published on this day or later, where only bounds are known; the assumption is in terms, list published_basis.';
comment on column documents.published_before is 'Published on this day or earlier, likewise.';
comment on column documents.sort_date is 'A day to sort by: the best that is known, see sort_date_basis. No statement about publication.';
comment on column documents.sort_date_basis is 'What sort_date is: see terms, list sort_date_basis.';
comment on column documents.event_from is 'First day of the event that it is about; another thing than publication.';
comment on column documents.event_to is 'Last day of that event.';
comment on column documents.event_text is 'The event''s date, as printed.';
comment on column documents.event_basis is 'How the year of the event is known: see terms, list event_basis.';
comment on column documents.event_place is 'Where the event took place, as printed; null if not stated.';
comment on column documents.kind_basis is 'title where the title says so, none where no rule fits.';
comment on column documents.languages_available is 'Languages in which the page says that it exists (ISO 639-1).';
comment on column documents.text is 'The words, one line for each paragraph or line; empty for a document without text.';
comment on column documents.word_count is 'Words in text, apart from white space.';
comment on column documents.hashtags is 'Hashtags without #, each once, in the order of the text.';
comment on column documents.flags is 'Flags in the text as ISO 3166-1 alpha-2 codes (and EU, UN), each once, in its order.';
comment on column documents.has_media_placeholder is 'True where the form shows that there was media and does not hold it.';
comment on column documents.furniture is 'What stood around the text and is no part of it, as printed.';
comment on column documents.is_forward is 'True for a post forwarded from another channel.';
comment on column documents.forwarded_from is 'Name of the channel that it was forwarded from, as printed.';
comment on column documents.is_excerpt is 'True where it points to a fuller text elsewhere.';
comment on column documents.omission_count is 'Lines that are the publisher''s own mark for words left out.';
comment on column documents.is_sample is 'True where its source is a sample: counts over it say nothing of how much there is.';
comment on column documents.key_is_strong is 'True where the key is made of the publisher''s id; a weak one is made of the source, the printed date and the first lines.';
comment on column documents.first_seen_at is 'When the archive''s captures first show it (UTC); where a capture''s time is unknown, when it was recorded.';
comment on column documents.last_seen_at is 'When they last show it, likewise.';
comment on column documents.last_changed_at is 'When they first show its newest words, if the publisher ever changed them.';
comment on column documents.version_count is 'Number of its versions.';
comment on column documents.source_edit_count is 'How often the publisher changed the words, as far as captures show.';
comment on column documents.version_key is 'The current version, see versions.';
comment on column documents.ref is 'Short name of the current version, to cite.';
comment on column documents.notice_count is 'Number of oddities that were read past, see notices.';
