-- In:  the variable `ledger`, a pattern for all parts of the ledger.
-- Out: the refs of the ledger that the archive lacks.
select distinct ledger.ref
from read_parquet(getvariable('ledger')) as ledger
anti join store.ref as issued using (ref, document_key, content_sha256)
order by ledger.ref;
