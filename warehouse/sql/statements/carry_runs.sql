-- In:  the writer's file, attached as `writer`, with no append and no view that the read copy lacks.
-- Add to the read copy the runs and snapshots that it lacks: they stand outside the appends.
insert into store.run by name
from writer.store.run
anti join store.run as known using (run_key);

insert into store.run_end by name
from writer.store.run_end
anti join store.run_end as known using (run_key);

insert into store.snapshot by name
from writer.store.snapshot
anti join store.snapshot as known using (snapshot_key);
