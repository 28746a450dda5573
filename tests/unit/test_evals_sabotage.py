"""A harness that cannot catch a saboteur proves nothing: each sabotage of stored answers must move the metric that is
there to catch it by more than its interval, head the report, and fail the gate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from evals_runs import hashing, write_data

import evals
from assistant.types import Answer, Claim, Evidence, Reason
from evals.gate import Rules, check, read_baseline, read_rules, write_baseline
from evals.report import Against, html, markdown
from evals.results import Opened, Result
from evals.scoring import Scores

RULES = read_rules("sample")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[evals.Run]:
    cases = write_data(tmp_path_factory.mktemp("data"), copies=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSISTANT_HOME", str(tmp_path_factory.mktemp("home")))
        options = {"articles": str(cases.parent / "news")}
        yield evals.run(f"jsonl:{cases}", tmp_path_factory.mktemp("run") / "r", options=options, prepare=hashing)


@pytest.fixture(scope="module")
def honest(run: evals.Run) -> Scores:
    return evals.score(run)


def retold(answer: Answer, tell: Callable[[str], str]) -> Answer:
    """The answer with each sentence told otherwise, its citations left alone."""
    claims: list[Claim] = []
    text = ""
    for claim in answer.claims:
        told = tell(claim.text)
        start = len(text) + bool(text)
        text = f"{text} {told}".strip()
        claims.append(replace(claim, text=told, start=start, end=start + len(told)))
    return replace(answer, text=text, claims=tuple(claims))


def shuffle_citations(result: Result, other: Result) -> Result:
    assert result.answer
    assert other.answer
    labels = tuple(e.label for e in other.answer.evidence)
    claims = tuple(replace(claim, labels=labels[:1]) for claim in result.answer.claims)
    answer = replace(result.answer, claims=claims, evidence=other.answer.evidence)
    return replace(result, answer=answer, opened=other.opened)


def swap_numbers(result: Result, other: Result) -> Result:
    assert result.answer
    told = retold(result.answer, lambda text: re.sub(r"\d+", lambda m: str(int(m[0]) + 7), text))
    return replace(result, answer=told)


def drop_negations(result: Result, other: Result) -> Result:
    assert result.answer
    return replace(result, answer=retold(result.answer, lambda text: re.sub(r"\b(did not|no) ", "", text)))


def answer_from_memory(result: Result, other: Result) -> Result:
    assert result.answer
    return replace(result, answer=replace(result.answer, claims=(), evidence=()), opened=())


def always_abstain(result: Result, other: Result) -> Result:
    assert result.answer
    silence = Answer("?", "abstained", reason=Reason("not_covered", "No."), trace=result.answer.trace)
    return replace(result, outcome="abstained", answer=silence, opened=())


def quote_everything(result: Result, other: Result) -> Result:
    assert result.answer
    source = result.answer.evidence[0].source
    evidence = tuple(
        Evidence(str(n), replace(source, article_id=p.article_id), p.text, p.start, p.end, 1.0)
        for n, p in enumerate(result.passages, 1)
    )
    claims: list[Claim] = []
    text = ""
    for item in evidence:
        start = len(text) + bool(text)
        text = f"{text} {item.text}".strip()
        claims.append(Claim(item.text, start, start + len(item.text), (item.label,), 1.0))
    answer = replace(result.answer, text=text, claims=tuple(claims), evidence=evidence)
    return replace(result, answer=answer, opened=tuple(Opened(text=e.text) for e in evidence))


def sabotaged(run: evals.Run, sabotage: Callable[[Result, Result], Result]) -> evals.Run:
    answered = [result for result in run.results.values() if result.outcome == "answered"]
    following = dict(zip([r.id for r in answered], [*answered[1:], answered[0]], strict=True))
    results: Mapping[str, Result] = {
        name: sabotage(result, following[name]) if name in following else result for name, result in run.results.items()
    }
    return replace(run, results=results)


@pytest.mark.parametrize(
    ("sabotage", "catches"),
    [
        (shuffle_citations, ("gold_article_hit", "gold_quote_hit", "support", "mis_citation")),
        (swap_numbers, ("numbers_supported",)),
        (drop_negations, ("negation_kept",)),
        (answer_from_memory, ("citation_coverage", "support")),
        (always_abstain, ("answered_answerable", "right", "crag")),
        (quote_everything, ("answer_words", "gold_quote_precision", "token_f1")),
    ],
)
def test_sabotage_is_caught_by_its_metric_the_report_and_the_gate(
    run: evals.Run,
    honest: Scores,
    tmp_path: Path,
    sabotage: Callable[[Result, Result], Result],
    catches: tuple[str, ...],
) -> None:
    bad_run = sabotaged(run, sabotage)
    bad = evals.score(bad_run)
    comparison = evals.compare(honest, bad)
    worse = [change.metric for change in comparison.changes if change.verdict == "worse"]
    for metric in catches:
        change = comparison[metric]
        assert change.verdict == "worse", metric
        width = honest[metric].high - honest[metric].low
        assert -change.gain > width, metric
        assert not change.difference.low <= 0 <= change.difference.high, metric
    assert worse == [change.metric for change in comparison.changes[: len(worse)]]

    page = html(bad_run, bad, comparison, Against("honest", honest.cases, run))
    top = page[page.index("What got worse") : page.index("<h2>Metrics</h2>")]
    assert all(f"{metric} worse" in top for metric in catches)
    assert f"{catches[0]} worse" in markdown(bad_run, bad, comparison, Against("honest", honest.cases))

    write_baseline(honest, tmp_path / "base.json")
    failed = [c.name for c in check(bad, RULES, read_baseline(tmp_path / "base.json")) if not c.passed]
    assert any(f"no loss of {metric}" in failed for metric in catches)


def test_the_same_answers_pass_the_gate_and_nothing_differs(honest: Scores, tmp_path: Path) -> None:
    write_baseline(honest, tmp_path / "base.json")
    baseline = read_baseline(tmp_path / "base.json")
    assert all(c.passed for c in check(honest, RULES, baseline))
    assert {c.verdict for c in evals.compare(honest, honest).changes} == {"same"}
    assert all(c.difference.value == 0 for c in evals.compare(honest, replace(honest, cases=baseline)).changes
               if c.metric in honest.cases[0].scores)  # fmt: skip


def test_errors_and_missing_cases_fail_the_gate(run: evals.Run, honest: Scores, tmp_path: Path) -> None:
    names = list(run.results)
    few = replace(run, results={name: run.results[name] for name in names[:30]})
    failed = {c.name for c in check(evals.score(few), RULES, honest.cases) if not c.passed}
    assert failed >= {"errors", "shared cases"}


def test_a_loss_within_the_margin_passes_and_one_beyond_it_does_not(run: evals.Run, honest: Scores) -> None:
    def lose(count: int) -> Scores:
        names = [r.id for r in run.results.values() if r.outcome == "answered"][:count]
        results = {n: always_abstain(r, r) if n in names else r for n, r in run.results.items()}
        return evals.score(replace(run, results=results))

    rules = Rules(margins={"answered_answerable": 0.2})
    named = "margin of answered_answerable"
    assert next(c for c in check(lose(1), rules, honest.cases) if c.name == named).passed
    assert not next(c for c in check(lose(12), rules, honest.cases) if c.name == named).passed
