-- In:  looked, locators and hashes; $source_key.
-- Out: the captures of the source at these locators, in the order of their recording.
select
  locator,
  capture_key,
  raw_sha256,
  address
from store.capture
left join store.transport using (capture_key)
semi join looked using (locator)
where source_key = $source_key
order by capture.append_number, recorded_order;
