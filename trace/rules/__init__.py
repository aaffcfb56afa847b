"""Rules: pure judgements on typed facts. Each returns all it finds; `docs/rules.md` lists them with their sources."""
