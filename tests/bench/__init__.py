"""Benchmarks: ratios that are measured in one run, and never a test."""
