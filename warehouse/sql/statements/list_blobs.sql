-- Out: the hash of the bytes of every capture, each once, in hexadecimal.
select distinct lower(hex(raw_sha256)) as raw_sha256
from store.capture
order by raw_sha256;
