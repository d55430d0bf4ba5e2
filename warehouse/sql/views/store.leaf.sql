-- One row: one leaf of the chain, version 1: a row of a listed table, its fields laid end to end, and the SHA-256
-- (hexadecimal) of a zero byte and them. The leaves of one append stand in the order of table and key.
-- The columns listed here are all that the chain covers, for ever; columns that later migrations add stand outside,
-- tables that they add are listed with all their columns: an append made before has no row in them.
-- Words and descriptions are covered by their hashes, which the readings name; documents and refs follow from readings.
-- Of a rejection whose words were withheld the hash stands that the withholding kept, and no data.
create or replace view store.leaf as
with listed as (
  select
    append_number,
    'alias' as leaf_table,
    channel_id || ' ' || coalesce(username, '') || ' ' || coalesce(title, '') as leaf_key,
    store.field(extraction_key) as fields
  from store.alias
  union all
  select
    append_number,
    'answer' as leaf_table,
    rejection_key as leaf_key,
    store.field(extraction_key) || store.field(outcome) as fields
  from store.answer
  union all
  select
    append_number,
    'blob' as leaf_table,
    lower(hex(raw_sha256)) as leaf_key,
    store.field(size_bytes) || store.hash_field(blocks_root) as fields
  from store.blob
  union all
  select
    append_number,
    'capture' as leaf_table,
    capture_key as leaf_key,
    store.field(source_key)
    || store.field(locator)
    || store.field(captured_via)
    || store.instant_field(captured_at)
    || store.field(captured_basis)
    || store.hash_field(raw_sha256)
    || store.instant_field(recorded_at)
    || store.field(recorded_order) as fields
  from store.capture
  union all
  select
    append_number,
    'coverage' as leaf_table,
    capture_key as leaf_key,
    store.field(claim) || store.field(claim_basis) as fields
  from store.coverage
  union all
  select
    append_number,
    'extraction' as leaf_table,
    extraction_key as leaf_key,
    store.hash_field(raw_sha256)
    || store.field(source_key)
    || store.field(format)
    || store.field(extractor_version)
    || store.field(cleaning_version)
    || store.field(outcome)
    || store.field(record_count)
    || store.field(rejection_count)
    || store.instant_field(told_at) as fields
  from store.extraction
  union all
  select
    append_number,
    'request' as leaf_table,
    capture_key as leaf_key,
    store.instant_field(asked_at)
    || store.field(purpose)
    || store.field(looked_for)
    || store.field(failure)
    || store.field(detail)
    || store.field(vantage)
    || store.field(etag)
    || store.field(last_modified)
    || store.instant_field(not_before)
    || store.field(headers)
    || store.field(duration_ms) as fields
  from store.request
  union all
  select
    append_number,
    'intake' as leaf_table,
    source_key || ' ' || locator || ' ' || coalesce(capture_key, '') as leaf_key,
    store.field(read_count)
    || store.field(appended_count)
    || store.field(unchanged_count)
    || store.field(rejected_count) as fields
  from store.intake
  union all
  select
    append_number,
    'measurement' as leaf_table,
    extraction_key || ' ' || lpad(position::varchar, 10, '0') as leaf_key,
    store.field(views)
    || store.field(views_are_rounded)
    || store.field(forwards)
    || store.field(replies)
    || store.list_field(list_transform(reactions, lambda one: store.field(one.reaction) || store.field(one.count)))
    || store.list_field(poll_votes)
    || store.field(poll_voters) as fields
  from store.measurement
  union all
  select
    append_number,
    'reading' as leaf_table,
    extraction_key || ' ' || lpad(position::varchar, 10, '0') as leaf_key,
    store.field(byte_from)
    || store.field(byte_to)
    || store.field(document_key)
    || store.hash_field(content_sha256)
    || store.hash_field(description_sha256)
    || store.field(event_from)
    || store.field(event_to)
    || store.field(event_basis)
    || store.field(published_after)
    || store.field(published_before) as fields
  from store.reading
  union all
  select
    append_number,
    'rejection' as leaf_table,
    rejection_key as leaf_key,
    store.field(source_key)
    || store.field(locator)
    || store.hash_field(raw_sha256)
    || store.field(extraction_key)
    || store.field(byte_from)
    || store.field(byte_to)
    || store.field(reason)
    || store.field(found)
    || store.field(expected)
    || store.field(remedy)
    || store.field(excerpt)
    || store.instant_field(recorded_at) as fields
  from store.rejection
  where found <> 'withheld'
  union all
  select
    append_number,
    'rejection' as leaf_table,
    rejection_key as leaf_key,
    null as fields
  from store.rejection
  where found = 'withheld'
  union all
  select
    append_number,
    'reread' as leaf_table,
    capture_key as leaf_key,
    store.field(cause) || store.field(hints) as fields
  from store.reread
  union all
  select
    append_number,
    'showing' as leaf_table,
    extraction_key || ' ' || channel_id as leaf_key,
    store.field(id_from) || store.field(id_to) || store.field(post_count) || store.field(claim) as fields
  from store.showing
  union all
  select
    append_number,
    'source' as leaf_table,
    source_key as leaf_key,
    store.field(format)
    || store.field(locator)
    || store.field(publisher)
    || store.field(channel)
    || store.field(language)
    || store.field(time_zone)
    || store.field(encoding)
    || store.field(coverage)
    || store.instant_field(captured_at)
    || store.field(minimum)
    || store.field(maximum)
    || store.field(note)
    || store.instant_field(recorded_at) as fields
  from store.source
  union all
  select
    append_number,
    'transport' as leaf_table,
    capture_key as leaf_key,
    store.field(address) || store.field(http_status) || store.field(content_type) || store.field(note) as fields
  from store.transport
  union all
  select
    append_number,
    'withholding' as leaf_table,
    withholding_key || ' ' || lower(hex(raw_sha256)) as leaf_key,
    store.field(asked)
    || store.field(who)
    || store.field(why)
    || store.field(byte_ranges)
    || store.field(content_sha256s)
    || store.field(leaves)
    || store.instant_field(recorded_at) as fields
  from store.withholding
)

select
  listed.append_number,
  listed.leaf_table,
  listed.leaf_key,
  store.field(listed.leaf_table) || store.field(listed.leaf_key) || listed.fields as leaf_data,
  coalesce(
    sha256('\x00'::blob || encode(store.field(listed.leaf_table) || store.field(listed.leaf_key) || listed.fields)),
    withheld.leaf_sha256,
    sha256('')
  ) as leaf_sha256
from listed
left join store.withheld_leaf as withheld
  on listed.fields is null and listed.leaf_table = 'rejection' and listed.leaf_key = withheld.rejection_key;
