-- In:  the variable `macro_call`: a public table macro with a null for each of its parameters.
-- Out: no row, under the names and types of its columns.
select *
from query('from ' || getvariable('macro_call'))
where false;
