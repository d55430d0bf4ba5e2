-- In the read copy, put the computed versions in the place of the view store.version.
drop view store.version;

alter table store.computed_version rename to version;

drop table store.look;

drop table sorted_look;
