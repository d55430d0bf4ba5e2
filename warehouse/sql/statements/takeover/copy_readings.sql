-- In:  taken_record; renamed, descriptions by their hashes, old and new; $extraction_key; $part, the place of a Parquet
--      file. What is described anew but not renamed is left out.
copy ( -- noqa: PRS
  select
    $extraction_key as extraction_key,
    byte_from,
    byte_to,
    document_key as strong_key,
    null::varchar as weak_key,
    '' as key_date,
    content_sha256,
    coalesce(renamed_sha256, description_sha256) as description_sha256,
    event_from,
    event_to,
    event_basis,
    null::integer as event_month_days,
    false as event_is_ahead,
    published_after,
    published_before,
    edited_at,
    views,
    views_are_rounded,
    forwards,
    replies,
    reactions,
    poll_votes,
    poll_voters
  from taken_record
  left join renamed using (description_sha256)
  where not is_renamed or renamed_sha256 is not null
) to $part (format parquet, compression lz4);
