-- In:  $source_key, $format, $extractor_version, $cleaning_version, $channel_id.
-- Out: what these versions have read of the channel for the source, newest first: key, bytes and their number, number of posts.
select
  extraction.extraction_key,
  extraction.raw_sha256,
  blob.size_bytes,
  showing.post_count
from store.extraction as extraction
inner join store.showing as showing using (extraction_key)
inner join store.blob as blob using (raw_sha256)
where
  extraction.source_key = $source_key
  and extraction.format = $format
  and extraction.extractor_version = $extractor_version
  and extraction.cleaning_version = $cleaning_version
  and extraction.outcome <> 'failed'
  and showing.channel_id = $channel_id
order by
  extraction.append_number desc,
  extraction.extraction_key;
