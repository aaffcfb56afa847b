"""The recall case: its scope, codes, contacts, notices, progress, reports, and drills that change nothing."""
