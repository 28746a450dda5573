"""The report of a run: one HTML page that needs no network, and its figures in Markdown."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evals import charts
from evals.comparison import Comparison, compare_cases
from evals.judging.files import read_judged
from evals.metrics import HEADLINES, METRICS, Metric
from evals.runs import Run
from evals.score_retrieval import KS
from evals.scoring import CaseScores, Scores
from evals.statistics import Estimate
from evals.stored import system
from evals.views import ORDER, case_views

COLUMNS = ("right", "crag", "answered_answerable", "silence_recall", "gold_article_hit", "gold_quote_hit", "hit@5")


@dataclass(frozen=True, slots=True)
class Against:
    """What a run is compared with: a name, scores of its cases, and its stored answers where it is a whole run."""

    name: str
    cases: Sequence[CaseScores]
    run: Run | None = None


def write_report(run: Run, scores: Scores, against: Against | None = None, shelf: Path | None = None) -> Path:
    """Write ``report.html`` and ``report.md`` into the run's folder, and a copy of the page onto ``shelf``, the folder
    that the web page lists; returns the page's path."""
    comparison = compare_cases(against.cases, scores.cases) if against else None
    page = run.folder / "report.html"
    page.write_text(html(run, scores, comparison, against), encoding="utf-8")
    (run.folder / "report.md").write_text(markdown(run, scores, comparison, against), encoding="utf-8")
    if shelf:
        shelf.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", f"{title(run)} {run.manifest['started']}").strip("-")
        shutil.copyfile(page, shelf / f"{name}.html")
    return page


def html(run: Run, scores: Scores, comparison: Comparison | None = None, against: Against | None = None) -> str:
    """The page. Whatever comes from cases, answers and articles is escaped by the template engine."""
    here = Path(__file__).parent
    environment = Environment(loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined)
    views = case_views(run, scores, against.run if against else None)
    changes = comparison.changes if comparison else ()
    return environment.get_template("page.html").render(
        title=title(run),
        about=about(run),
        style=Markup((here / "page.css").read_text(encoding="utf-8")),
        script=Markup((here / "page.js").read_text(encoding="utf-8")),
        outcomes=list(scores.outcomes.items()),
        comparison=comparison,
        against=against.name if against else "",
        left_out=comparison.only_before + comparison.only_after if comparison else 0,
        worse=[c for c in changes if c.verdict == "worse"],
        better=[c for c in changes if c.verdict == "better"],
        moved=comparison.moved if comparison else (),
        metrics=METRICS,
        groups=groups(scores),
        clusters=len({case.cluster for case in scores.cases}),
        abstention=scores.abstention,
        charts=all_charts(run, scores),
        parts=[*scores.by_turn.items(), *scores.by_tag.items()],
        columns=COLUMNS,
        standings=sorted({view.standing for view in views}, key=ORDER.index),
        tags=sorted({tag for case in scores.cases for tag in case.tags}),
        cases=views,
        made=made(run),
        interval=charts.interval,
        number=number,
        signed=signed,
    )


def title(run: Run) -> str:
    """What was evaluated."""
    data = run.manifest["data"]
    half = "" if data["half"] == "all" else f", half to {data['half']} on"
    return f"Evaluation of {data['name']}{half}: {run.manifest['variant']['name']}"


def about(run: Run) -> str:
    """One line: what answered, when, at which commit."""
    manifest = run.manifest
    git = manifest["git"]
    commit = f", commit {git['commit'][:10]}{' with changes' if git['changed'] else ''}" if git["commit"] else ""
    who = " ".join(part for part in (manifest["answerer"], manifest["model"]) if part)
    return f"{len(run.cases)} cases, answered by {who}, {manifest['started'][:16].replace('T', ' ')} UTC{commit}"


def groups(scores: Scores) -> list[tuple[str, list[tuple[Metric, Estimate, float | None]]]]:
    """The metrics that apply, by group, headlines first."""
    found: dict[str, list[tuple[Metric, Estimate, float | None]]] = {}
    for name in [*HEADLINES, *(name for name in METRICS if name not in HEADLINES)]:
        if name in scores.metrics:
            metric = METRICS[name]
            found.setdefault(metric.group, []).append((metric, scores.metrics[name], scores.detectable.get(name)))
    return list(found.items())


def all_charts(run: Run, scores: Scores) -> list[tuple[str, Markup]]:
    """The charts that have something to show, with their captions."""
    found: list[tuple[str, Markup]] = []
    ranks = {"fused": "hit@", "dense": "dense_hit@", "lexical": "lexical_hit@"}
    series = {
        name: [(float(k), scores.metrics[f"{prefix}{k}"].value) for k in KS]
        for name, prefix in ranks.items()
        if f"{prefix}1" in scores.metrics
    }
    if series:
        ticks = [(float(k), str(k)) for k in KS]
        found.append(("A gold article among the first k", charts.lines(series, "k", "share", ticks)))
    if scores.risk_coverage:
        ticks = [(0.0, "0"), (0.5, ".5"), (1.0, "1")]
        curve = charts.lines({"risk": scores.risk_coverage}, "share of the answers given", "share wrong", ticks)
        found.append(("Risk and coverage, most confident first", curve))
    if scores.calibration:
        found.append(("Calibration of the confidence", charts.calibration(scores.calibration)))
    times = system(run)
    rows = {"question": (1000 * times["seconds"]["p50"], 1000 * times["seconds"]["p95"])} | {
        name: (stage["p50"], stage["p95"]) for name, stage in times["stages_ms"].items()
    }
    if times["n"]:
        found.append(("Milliseconds by stage, p50 and p95", charts.bars(rows, "ms")))
    return found


def number(metric: str, value: float) -> str:
    """A value as it is read: shares with two digits, words with one."""
    return f"{value:z.1f}" if METRICS[metric].unit else f"{value:z.2f}"


def signed(metric: str, value: float) -> str:
    """A difference as it is read."""
    return ("+" if value > 0 else "") + number(metric, value)


def made(run: Run) -> list[tuple[str, str]]:
    """What the run was made with, for the foot of the page."""
    manifest: Mapping[str, Any] = run.manifest
    names = ("settings_id", "embedding", "prompt_ids", "code", "corpus_hash", "selection", "settings")
    wanted = ("torch", "sentence-transformers", "chromadb", "tantivy", "langchain-core")
    packages = {name: version for name, version in manifest["packages"].items() if name in wanted}
    return [
        *((name.replace("_", " "), str(manifest[name])) for name in names),
        *((("judge", str(judged)),) if (judged := read_judged(run.folder)) else ()),
        ("data hash", manifest["data"]["hash"]),
        ("lines left out", "; ".join(manifest["data"]["malformed"]) or "none"),
        *packages.items(),
    ]


def markdown(run: Run, scores: Scores, comparison: Comparison | None, against: Against | None) -> str:
    """The figures of the report as Markdown."""
    lines = [f"# {title(run)}", "", about(run), ""]
    lines.append(", ".join(f"{count} {name}" for name, count in scores.outcomes.items()))
    if comparison and against:
        lines += ["", f"## Against {against.name} ({comparison.shared} shared cases)", ""]
        told = [c for c in comparison.changes if c.verdict != "same"]
        lines += [
            f"- {c.metric} {c.verdict}: {number(c.metric, c.difference.before)} →"
            f" {number(c.metric, c.difference.after)} ({signed(c.metric, c.difference.low)} to"
            f" {signed(c.metric, c.difference.high)}, p {c.p:.3f}, n {c.difference.n})"
            for c in told
        ] or ["Nothing changed by more than noise."]
    lines += ["", "## Metrics", "", "| metric | value | 95% interval | n | finds |", "|---|---|---|---|---|"]
    for _, rows in groups(scores):
        for m, e, detectable in rows:
            finds = "" if detectable is None else number(m.name, detectable)
            low, high = number(m.name, e.low), number(m.name, e.high)
            lines.append(f"| {m.name} | {number(m.name, e.value)} | {low} to {high} | {e.n} | {finds} |")
    if judged := read_judged(run.folder):
        lines += ["", f"{judged}."]
    times = system(run)
    lines += ["", f"Seconds a question: p50 {times['seconds']['p50']:.2f}, p95 {times['seconds']['p95']:.2f}."]
    return "\n".join(lines) + "\n"
