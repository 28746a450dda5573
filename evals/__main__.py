"""The command line of the evaluation: ``python -m evals --help``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from assistant.errors import AssistantError, BadInput
from evals.datasets import HALVES, Half
from evals.progress import progress

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
Folder = Annotated[Path, typer.Argument(help="the folder of a run")]
JudgeName = Annotated[str, typer.Option(help="openai:NAME, local:PATH, …, cross-encoder:PATH or words")]
BaseUrl = Annotated[str, typer.Option(help="an OpenAI-compatible server for the judge; its key: JUDGE_API_KEY")]
out = Console(soft_wrap=True)


@app.command("run")
def run_command(
    data: Annotated[str, typer.Option(help="a data set's name, or csv:FILE, jsonl:FILE, beir:FOLDER")],
    out_folder: Annotated[Path, typer.Option("--out", help="the folder to keep the run in")],
    half: Annotated[str, typer.Option(help="tune, report or all")] = "all",
    option: Annotated[list[str] | None, typer.Option(help="of the data set, as NAME=VALUE")] = None,
    variant: Annotated[str, typer.Option(help="a table of variants.toml")] = "default",
    limit: Annotated[int | None, typer.Option(min=1, help="only the first so many")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="only so many, drawn with --seed")] = None,
    seed: int = 0,
    workers: Annotated[int, typer.Option(min=1)] = 2,
    retry_failed: Annotated[bool, typer.Option(help="ask again what ended in an error")] = False,
    fresh: Annotated[bool, typer.Option(help="delete what the folder holds of a run")] = False,
) -> None:
    """Ask the cases; start it again to go on where it stopped."""
    from evals.runs import run

    options = dict(_pair(text) for text in option or [])
    done = run(
        data, out_folder, half=_half(half), options=options, variant=variant, limit=limit, sample=sample, seed=seed,
        workers=workers, retry_failed=retry_failed, fresh=fresh,
    )  # fmt: skip
    malformed = done.manifest["data"]["malformed"]
    out.print(", ".join(f"{count} {name}" for name, count in done.outcomes.items()), f"of {len(done.cases)} cases")
    for message in malformed:
        out.print(f"left out: {message}", markup=False)
    if done.outcomes["error"]:
        out.print("ask the failed ones again with --retry-failed")


@app.command()
def score(folder: Folder) -> None:
    """Compute all scores from the stored answers, into scores.json and system.json."""
    from evals.report import groups, number
    from evals.runs import read_run
    from evals.stored import write_scores

    scores = write_scores(read_run(folder))
    out.print(", ".join(f"{count} {name}" for name, count in scores.outcomes.items()))
    table = Table("metric", "value", "95% interval", "n")
    for _, rows in groups(scores):
        for metric, e, _ in rows:
            name = metric.name
            table.add_row(name, number(name, e.value), f"{number(name, e.low)} to {number(name, e.high)}", str(e.n))
    out.print(table)


@app.command()
def compare(before: Folder, after: Folder, everything: Annotated[bool, typer.Option("--all")] = False) -> None:
    """Compare two runs case by case; what is within noise is shown with --all."""
    from evals.comparison import compare
    from evals.report import number

    found = compare(before, after)
    out.print(f"{found.shared} shared cases, {found.only_before} only before, {found.only_after} only after")
    table = Table("metric", "", "before", "after", "95% interval", "p", "n")
    shown = [change for change in found.changes if everything or change.verdict != "same"]
    for c in shown:
        d = c.difference
        interval = f"{d.low:+.3f} to {d.high:+.3f}"
        values = (number(c.metric, d.before), number(c.metric, d.after))
        table.add_row(c.metric, c.verdict, *values, interval, f"{c.p:.3f}", str(d.n))
    out.print(table if shown else "nothing changed by more than noise; --all shows every metric")


@app.command()
def gate(
    folder: Folder,
    rules_file: Annotated[Path | None, typer.Option("--rules", help="default: evals/gate.toml")] = None,
    write: Annotated[bool, typer.Option(help="make this run the baseline instead")] = False,
) -> None:
    """Exit 1 where a metric is below its floor or worse than the baseline; 2 where that cannot be told."""
    from evals.gate import GATE, check, read_baseline, read_rules, write_baseline
    from evals.scoring import score

    scores = score(folder)
    path = rules_file or GATE
    rules = read_rules(scores.about["data"]["name"], path)
    baseline = path.parent / rules.baseline if rules.baseline else None
    if write:
        if baseline is None:
            raise BadInput(f"{path} names no baseline for this data set; add one, then write it.")
        write_baseline(scores, baseline)
        out.print(f"wrote {baseline}", markup=False)
        return
    cases = read_baseline(baseline) if baseline and baseline.exists() else None
    if cases is None:
        out.print("no baseline: only the floors are checked")
    checks = check(scores, rules, cases)
    for item in checks:
        out.print(f"{'ok  ' if item.passed else 'FAIL'} {item.name}: {item.says}", markup=False, highlight=False)
    failed = sum(not item.passed for item in checks)
    out.print(f"{failed} of {len(checks)} conditions fail" if failed else f"all {len(checks)} conditions hold")
    raise typer.Exit(1 if failed else 0)


@app.command()
def report(
    folder: Folder,
    against: Annotated[Path | None, typer.Option(help="an earlier run's folder, or a baseline's file")] = None,
) -> None:
    """Write report.html and report.md, and a copy to ASSISTANT_HOME/evals/reports."""
    from assistant.settings import load_settings
    from evals.gate import GATE, read_baseline, read_rules
    from evals.report import Against, write_report
    from evals.runs import read_run
    from evals.scoring import score

    whole = read_run(folder)
    scores = score(whole)
    other = None
    if against is None:
        named = read_rules(whole.manifest["data"]["name"]).baseline
        baseline = GATE.parent / named if named else None
        if baseline and baseline.exists() and {c.id for c in read_baseline(baseline)} & {c.id for c in whole.cases}:
            other = Against("the baseline", read_baseline(baseline))
    elif against.is_file():
        other = Against(str(against), read_baseline(against))
    else:
        earlier = read_run(against)
        other = Against(str(against), score(earlier).cases, earlier)
    shelf = load_settings().home / "evals" / "reports"
    out.print(str(write_report(whole, scores, other, shelf)), markup=False)


@app.command()
def judge(
    folder: Folder,
    judge: JudgeName,
    base_url: BaseUrl = "",
    force: Annotated[bool, typer.Option(help="also where the judge wrote the answers itself")] = False,
    workers: Annotated[int, typer.Option(min=1, help="questions to a chat model at a time")] = 4,
) -> None:
    """Let a model judge the citations, sentences and nuggets of a run's answers; start it again to go on."""
    from assistant.settings import load_settings
    from evals.judging.judge_run import judge_run
    from evals.judging.load import load_judge
    from evals.judging.tables import judged_table
    from evals.runs import read_run
    from evals.stored import write_scores

    run, asked = read_run(folder), load_judge(judge, base_url, workers)
    with progress(Console(stderr=True), None, "judging") as advance:
        judged = judge_run(run, asked, load_settings().home, force=force, advance=advance)
    out.print(str(judged), judged_table(judged, write_scores(run)), sep="\n", markup=False, highlight=False)


@app.command()
def repeats(folders: Annotated[list[Path], typer.Argument(help="the folders of runs of the same cases")]) -> None:
    """How much runs of the same cases differ: mean, standard deviation, share of cases scored otherwise."""
    from evals.repeats import repeats
    from evals.report import number
    from evals.scoring import score

    found = repeats([score(folder) for folder in dict.fromkeys(path.resolve() for path in folders)])
    out.print(f"{found.shared} shared cases, {found.left_out} left out")
    if found.made_with_other:
        out.print(f"no repeats: made with other {', '.join(found.made_with_other)}")
    table = Table("metric", "mean", "standard deviation", "cases that differ", "n")
    for r in found.rows:
        table.add_row(r.metric, number(r.metric, r.mean), f"{r.deviation:.4f}", f"{r.differing:.1%}", str(r.n))
    out.print(table)


@app.command()
def calibrate(
    half: Annotated[str, typer.Option(help="tune, report or all")] = "report",
    judge: Annotated[str, typer.Option(help="a judge, as for the command judge; none: shared words")] = "",
    base_url: BaseUrl = "",
    limit: Annotated[int | None, typer.Option(min=1, help="only so many of each set, drawn")] = None,
) -> None:
    """How well the scorer of support, or a judge, agrees with people; a judge's is kept for its reports."""
    from assistant.settings import load_settings
    from evals.calibration import calibrate
    from evals.judging.judge_run import calibrate_judge
    from evals.judging.load import load_judge
    from evals.judging.tables import calibration_table

    if judge:
        home, asked = load_settings().home, load_judge(judge, base_url)
        with progress(Console(stderr=True), None, "judging") as advance:
            made = calibrate_judge(asked, home, _half(half), limit, advance)
    else:
        made = calibrate(_half(half), limit=limit)
    out.print(calibration_table(made))


@app.command()
def draft(
    articles: Annotated[list[str], typer.Argument(help="files and folders of articles")],
    per_article: Annotated[int, typer.Option(min=1)] = 3,
    limit: Annotated[int | None, typer.Option(min=1)] = None,
) -> None:
    """Draft cases from your own articles, one JSON object a line, for a person to review."""
    from evals.draft import draft

    for form in draft(articles, per_article=per_article, limit=limit):
        sys.stdout.write(json.dumps(form, ensure_ascii=False) + "\n")


def _half(text: str) -> Half:
    for half in HALVES:
        if half == text:
            return half
    raise BadInput(f"There is no half {text!r}; choose tune, report or all.")


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"The option {text!r} is not NAME=VALUE; write for example --option noise=0.4.")
    return name, value


def main() -> None:
    """Run a command; an error on purpose is one sentence and its exit code."""
    try:
        app()
    except AssistantError as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
