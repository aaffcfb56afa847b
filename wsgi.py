"""Entry: our folder first on the path (`trace` is also a standard-library module), then the application."""

import gc
import pathlib
import sys

_ROOT = str(pathlib.Path(__file__).resolve().parent)
if sys.path[:1] != [_ROOT]:
    sys.path.insert(0, _ROOT)
if not hasattr(sys.modules.get("trace"), "__path__"):
    sys.modules.pop("trace", None)

from api.app import create_app  # noqa: E402 -- the path above must be set first
from web import add_pages  # noqa: E402

app = create_app()
add_pages(app)

gc.collect()
gc.freeze()  # what is loaded now stays: no collection in the middle of a large answer walks through it again
