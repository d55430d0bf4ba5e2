-- In: the variable `append_number`; $part and $marks, one stretch of the append's leaves.
insert into store.leaf_mark (append_number, part, marks)
values (getvariable('append_number'), $part, $marks);
