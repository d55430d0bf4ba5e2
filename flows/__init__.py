"""Runs: settings, the pipeline, the command line, Prefect."""
