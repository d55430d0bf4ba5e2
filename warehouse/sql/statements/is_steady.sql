-- Out: whether all documents that the append touches are steady: then no looks need be compared.
select not exists (from touched_unsteady) as is_steady;
