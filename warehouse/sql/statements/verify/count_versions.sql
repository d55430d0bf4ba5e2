-- Out: number of versions in the read copy.
select count(*)
from published.store.version;
