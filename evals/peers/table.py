"""The report of a comparison, in Markdown: figures of each system, differences to ours, and what follows from them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.peers.exchange import Passage, Stats
from evals.records import Case
from evals.score_retrieval import WORDS, first_words
from evals.scorers import contained
from evals.statistics import Difference, Score, paired_weighted

QUALITY: Mapping[str, str] = {
    "hit@5": "article hit@5",
    **{f"answer_in_{count}": f"answer in {count:,} words" for count in WORDS},
    "in_best": "answer in best sentence",
}
"""The quality columns: what each is called in the report. All are 0 or 1 for a question."""
METHOD = """\
Each system ingested the same file of articles and was asked the same questions, one after the other, in a process of
its own on this machine, with the same embedding weights. Article hit@5: a gold article is among the first five
different articles. Answer in so many words: a gold answer stands, as whole words, in the first so many words of the
passages as they are ranked. Best sentence: ours is the first evidence of the answer it serves, or the nearest where
it keeps silent; the others name none, so theirs is the sentence of their first 900 words whose MiniLM vector is
nearest to the question's. More passages are taken of each than its documentation takes, so that 1,700 words are
reached; the way of ranking is left as it is. Index size is what a system's own way of saving leaves on disk, articles
included. Question ms is the median of what a call takes: of ours the whole answer, its sentences chosen and checked;
of the others the passages alone. Times are as measured, on a machine that others may have used too. "Ahead": the 95%
interval of the difference (paired bootstrap over questions, those on one article together) excludes 0."""

Verdict = Literal["ahead", "not ahead", "behind"]


@dataclass(frozen=True, slots=True)
class Row:
    """One system: what its ingestion took, the median milliseconds of a question, the scores of each case in order,
    the fewest words and different articles that any question brought."""

    title: str
    setup: str
    stats: Stats
    milliseconds: float
    scores: Sequence[Mapping[str, float]]
    fewest_words: int
    fewest_articles: int


def scores_of(case: Case, passages: Sequence[Passage], best: str) -> dict[str, float]:
    """The quality scores of one case."""
    articles = list(dict.fromkeys(passage.article_id for passage in passages))[:5]
    words = first_words([passage.text for passage in passages], max(WORDS))
    found = {"hit@5": float(bool(set(articles) & set(case.gold_article_ids)))}
    found |= {f"answer_in_{count}": contained(" ".join(words[:count]), case.answers) for count in WORDS}
    return found | {"in_best": contained(best, case.answers)}


def differences(ours: Row, peer: Row, clusters: Sequence[Hashable]) -> dict[str, Difference]:
    """Ours minus the peer in every quality column, over the same cases."""
    return {
        name: paired_weighted([Score(s[name]) for s in peer.scores], [Score(s[name]) for s in ours.scores], clusters)
        for name in QUALITY
    }


def verdict(difference: Difference) -> Verdict:
    """How ours stands, by the interval of the difference."""
    if difference.low > 0:
        return "ahead"
    return "behind" if difference.high < 0 else "not ahead"


def conclusion(peers: Mapping[str, Mapping[str, Difference]]) -> str:
    """In which quality columns ours is ahead of whom, and in which not: a sentence for all, and one for each peer."""
    lines = []
    for title, found in peers.items():
        by_verdict: dict[Verdict, list[str]] = {"ahead": [], "not ahead": [], "behind": []}
        for name, difference in found.items():
            by_verdict[verdict(difference)].append(QUALITY[name])
        said = [f"{word} in {', '.join(names)}" for word, names in by_verdict.items() if names]
        lines.append(f"- {title}: ours is {'; '.join(said)}.")
    everywhere = all(verdict(difference) == "ahead" for found in peers.values() for difference in found.values())
    whole = "Ours is ahead of each in every quality column." if everywhere else "Ours is not ahead of each everywhere:"
    return "\n".join([whole, "", *lines])


def report(data: str, ours: Row, peers: Sequence[Row], clusters: Sequence[Hashable]) -> str:
    """The whole report. ``clusters`` names, for each case in order, what dependent cases share."""
    found = {peer.title: differences(ours, peer, clusters) for peer in peers}
    parts = [
        f"# {data}: {len(ours.scores):,} questions, {ours.stats.articles:,} articles",
        _figures([ours, *peers]),
        f"Ours minus each, n {len(ours.scores):,}, with the 95% interval:",
        _differences(found),
        conclusion(found),
        METHOD,
        "\n".join(_about(row) for row in (ours, *peers)),
    ]
    return "\n\n".join(parts) + "\n"


def _figures(rows: Sequence[Row]) -> str:
    headings = ["system", "ingestion, articles/s", "index, MB", "question, ms", *QUALITY.values()]
    lines = [
        [
            row.title,
            f"{row.stats.articles / row.stats.ingestion_seconds:.1f}",
            f"{row.stats.index_bytes / 1e6:,.1f}",
            f"{row.milliseconds:,.0f}",
            *(short(sum(s[name] for s in row.scores) / len(row.scores)) for name in QUALITY),
        ]
        for row in rows
    ]
    return _table(headings, lines)


def _differences(peers: Mapping[str, Mapping[str, Difference]]) -> str:
    cells = [[title, *(_interval(found[name]) for name in QUALITY)] for title, found in peers.items()]
    return _table(["ours minus", *QUALITY.values()], cells)


def _interval(difference: Difference) -> str:
    return f"{short(difference.value, '+')} ({short(difference.low, '+')} to {short(difference.high, '+')})"


def _about(row: Row) -> str:
    reach = f"At least {row.fewest_words:,} words and {row.fewest_articles} articles a question."
    return f"- {row.title} ({row.stats.versions}): {row.setup} {reach}"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---", *("---:" for _ in headings[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def short(value: float, sign: Literal["", "+"] = "") -> str:
    """A share as it is printed: .437, 1.000, +.012."""
    return f"{value:{sign}.3f}".replace("0.", ".", 1)
