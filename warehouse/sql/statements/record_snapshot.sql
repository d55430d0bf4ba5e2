-- In: one snapshot.
insert into store.snapshot (snapshot_key, taken_at, head, manifest_sha256)
values ($snapshot_key, $taken_at, $head, $manifest_sha256);
