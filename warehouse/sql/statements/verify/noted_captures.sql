-- Out: the captures of all appends with what is told of them, the first append first.
select
  append.batch_key,
  capture.* exclude (size_bytes, blocks_root, address_key, shows_documents, recorded_at, append_number)
from store.told_capture as capture
left join store.append as append using (append_number)
order by
  capture.append_number,
  capture.capture_key;
