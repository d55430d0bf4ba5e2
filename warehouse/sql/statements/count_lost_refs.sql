-- Out: the number of refs whose bytes no capture holds.
select count(*) as lost_count
from store.ref
anti join store.blob using (raw_sha256);
