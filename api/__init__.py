"""The doors for programs: HTTP, JSON and the command line. Parses, calls one domain function, presents."""
