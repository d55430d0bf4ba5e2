-- Where to look when a root is not that of its rows: the beginnings of the leaves' hashes. They prove nothing.

-- One stretch of the leaves of one append, in their order. An append made before this migration has none.
create table store.leaf_mark (
  append_number integer not null,
  part integer not null, -- from 1
  marks blob not null -- the first 8 bytes of each leaf's hash, end to end
);
