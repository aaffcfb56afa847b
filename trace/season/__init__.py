"""The season file: read strictly, checked whole, loaded in one transaction. The format documents itself."""

from trace.season.load import Loaded, load_season

__all__ = ["Loaded", "load_season"]
