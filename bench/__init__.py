"""Speed, one script for each claim of `docs/performance.md`; run as `python -m bench.trace` from the root."""
