-- Out: the instant at which the append under way was recorded, see append/01b_recorded_at.sql.
select getvariable('recorded_at') as recorded_at;
