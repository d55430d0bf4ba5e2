"""Bytes become values: pure functions, one module for each format."""
