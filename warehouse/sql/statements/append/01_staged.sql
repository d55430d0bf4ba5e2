-- In:  the variable `staged`, the folder of a sealed batch.
-- Out: one temporary view for each staged table.
create or replace temporary view staged_source as
from read_parquet(getvariable('staged') || '/source-*.parquet');

create or replace temporary view staged_capture as
from read_parquet(getvariable('staged') || '/capture-*.parquet');

create or replace temporary view staged_request as
from read_parquet(getvariable('staged') || '/request-*.parquet');

create or replace temporary view staged_extraction as
from read_parquet(getvariable('staged') || '/extraction-*.parquet');

create or replace temporary view staged_rejection as
from read_parquet(getvariable('staged') || '/rejection-*.parquet');

create or replace temporary view staged_withholding as
from read_parquet(getvariable('staged') || '/withholding-*.parquet');

create or replace temporary view staged_content as
select
  *,
  file_index * 4294967296 + file_row_number as place
from read_parquet(getvariable('staged') || '/content-*.parquet');

create or replace temporary view staged_description as
select
  *,
  file_index * 4294967296 + file_row_number as place
from read_parquet(getvariable('staged') || '/description-*.parquet');

create or replace temporary view staged_reading as
select
  *,
  file_index * 4294967296 + file_row_number as place
from read_parquet(getvariable('staged') || '/reading-*.parquet');

create or replace temporary view staged_order as
from read_parquet(getvariable('staged') || '/order-*.parquet');
