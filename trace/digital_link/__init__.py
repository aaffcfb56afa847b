"""GS1 Digital Link: what the web address on a pack says, and whether it says it rightly. Pure.

`parse` judges a whole URI, `parse_path` the path and query a server was asked for, `build_link` writes one.
"""

from trace.digital_link.uri import LinkError, ParsedLink, build_link, canonical_uri, parse, parse_path

__all__ = ["LinkError", "ParsedLink", "build_link", "canonical_uri", "parse", "parse_path"]
