-- One row: one capture, with the part of its reading's key that its address makes (as extract.fields.made_key does).
-- An answer that is not read has null there: equal bytes, such as none at all, lend it no reading. One that confirms bytes
-- (304) has their reading.
create or replace view store.addressed_capture as
select
  capture.*,
  case
    when request.failure is not null then null
    when request.capture_key is not null and coalesce(transport.http_status, 0) not in (200, 304) then null
    when transport.address is null then ''
    else left(sha256(store.field(transport.address)), 16)
  end as address_key
from store.capture as capture
left join store.transport as transport using (capture_key)
left join store.request as request using (capture_key);
