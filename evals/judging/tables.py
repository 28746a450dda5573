"""What the command line prints of a judge."""

from __future__ import annotations

from rich.table import Table

from evals.calibration import Calibration
from evals.judging.files import Judged
from evals.metrics import METRICS
from evals.report import number
from evals.scoring import Scores


def judged_table(judged: Judged, scores: Scores) -> Table:
    """The judged metrics; ``of``: sentences, citations or nuggets."""
    table = Table("metric", "value", "95% interval", "answers", "of", "unscored")
    for name, metric in METRICS.items():
        of, unscored = judged.units(name)
        if metric.group == "judged" and (of or unscored or name in scores.metrics):
            e = scores.metrics.get(name)
            shown = (number(name, e.value), f"{number(name, e.low)} to {number(name, e.high)}") if e else ("", "")
            table.add_row(name, *shown, str(e.n if e else 0), str(of), str(unscored))
    return table


def calibration_table(calibration: Calibration) -> Table:
    """Agreement with people."""
    drawn = f", {calibration.limit} drawn of each" if calibration.limit else ""
    table = Table(
        "judgements", "measure", "value", "95% interval", "n", "unscored", "aim",
        title=f"agreement with people, half {calibration.half}{drawn}",
    )  # fmt: skip
    for a in calibration.agreements:
        e = a.estimate
        shown = (f"{e.value:.3f}", f"{e.low:.2f} to {e.high:.2f}") if e.n else ("", "")
        table.add_row(a.name, a.measure, *shown, str(e.n), str(a.unscored), f"{a.target:.2f}")
    return table
