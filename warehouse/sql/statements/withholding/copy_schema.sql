-- Into the new file `anew`: all tables, without their rows, and all views.
copy from database archive to anew (schema); -- noqa: PRS
