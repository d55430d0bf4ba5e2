-- One row: one capture, with the part of its reading's key that its address makes (as extract.fields.made_key does).
create or replace view store.addressed_capture as
select
  capture.*,
  case when transport.address is null then '' else left(sha256(store.field(transport.address)), 16) end as address_key
from store.capture as capture
left join store.transport as transport using (capture_key);
