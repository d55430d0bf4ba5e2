-- One row: one version of one document, see store.version_in.
create or replace view store.version as
select *
from store.version_in('store.look');
