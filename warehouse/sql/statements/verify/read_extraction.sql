-- Out: new_extraction, as append/09_new_reading asks for it: here all that was read again.
create or replace temporary table new_extraction as
select *
from staged_extraction;
