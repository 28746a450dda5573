"""A marker for pytest, so that your own tests can hold your own cases to a metric.

Put ``pytest_plugins = ["evals.pytest_plugin"]`` into the ``conftest.py`` at the root of your tests, then:

    @pytest.mark.evals("csv:questions.csv", options={"articles": "news"})
    def test_answers_are_right(evaluation):
        assert evaluation["right"].low > 0.5

The marker takes what `evals.run` takes, but for the folder.
"""

from __future__ import annotations

from typing import Any

import pytest

from evals.scoring import Scores, score

_KEPT = pytest.StashKey[dict[str, Scores]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "evals(data, **options): the data set that the fixture `evaluation` asks")
    config.stash[_KEPT] = {}


@pytest.fixture
def evaluation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """The scores of the marker's data set; asked once for all tests with the same marker."""
    from evals.runs import run

    marker = request.node.get_closest_marker("evals")
    if marker is None:
        raise pytest.UsageError("The fixture 'evaluation' needs @pytest.mark.evals(DATA) on its test.")
    kept = request.config.stash[_KEPT]
    key = repr((marker.args, sorted(marker.kwargs.items())))
    if key not in kept:
        (data,), options = marker.args, dict[str, Any](marker.kwargs)
        kept[key] = score(run(data, tmp_path_factory.mktemp("evals") / "run", **options))
    return kept[key]
