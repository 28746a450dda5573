"""Where the files that travel with the package are: prompts and the sample corpus.

In an installed wheel they lie inside the package (``assistant/_data``, see pyproject's force-include), in a checkout at
its root.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """The path of a bundled folder or file such as ``"prompts"`` or ``"corpus"``."""
    bundled = _PACKAGE / "_data" / name
    return bundled if bundled.exists() else _PACKAGE.parent / name
