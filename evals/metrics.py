"""The metrics: what each is called, what it says, which way is better. One table, read by scoring, gate and report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Group = Literal["answer", "silence", "citations", "retrieval", "conflict", "judged"]


@dataclass(frozen=True, slots=True)
class Metric:
    """``unit`` is 1 for shares, else what the values are counted in. ``headline``: shown first, by tag and by turn, and
    tested together when two runs are compared."""

    name: str
    says: str
    group: Group
    better: Literal["higher", "lower"] = "higher"
    unit: str = ""
    headline: bool = False


_KS = (1, 3, 5, 10)


def _all() -> list[Metric]:
    lower: Literal["lower"] = "lower"
    found = [
        Metric("right", "a gold answer (every part of it) is in what is said; silence counts as not right", "answer",
               headline=True),
        Metric("gold_contained", "the same, of the answerable that were answered", "answer", headline=True),
        Metric("exact_match", "the answer is a gold answer, normalised", "answer"),
        Metric("token_f1", "words in common with the nearest gold answer", "answer", headline=True),
        Metric("answer_words", "length of what is said", "answer", lower, "words", headline=True),
        Metric("planted_wrong", "a planted wrong answer is in what is said", "answer", lower, headline=True),
        Metric("crag", "right +1, silent 0, wrong -1, over all (CRAG)", "silence", headline=True),
        Metric("answered_answerable", "of the answerable, answered", "silence", headline=True),
        Metric("silence_precision", "of the silent, not answerable", "silence"),
        Metric("silence_recall", "of those not answerable, silent", "silence", headline=True),
        Metric("silence_f1", "the harmonic mean of both", "silence"),
        Metric("confidence_auroc", "the confidence tells answerable questions from others", "silence"),
        Metric("confidence_auroc_right", "the confidence tells right answers from wrong ones", "silence"),
        Metric("calibration_error", "mean distance of confidence and share of right answers", "silence", lower),
        Metric("risk_coverage_area", "mean share of wrong answers as more is answered, most confident first", "silence",
               lower),
        Metric("citation_validity", "labels that name evidence of the answer", "citations", headline=True),
        Metric("citation_coverage", "sentences with a valid citation", "citations", headline=True),
        Metric("span_fidelity", "citations and claims that stand, word for word, where they say", "citations",
               headline=True),
        Metric("gold_article_hit", "answers that cite a gold article", "citations", headline=True),
        Metric("gold_article_precision", "of the cited articles, gold", "citations"),
        Metric("gold_article_recall", "of the gold articles, cited", "citations"),
        Metric("gold_article_f1", "the harmonic mean of both", "citations"),
        Metric("gold_quote_hit", "answers that cite a gold quote", "citations", headline=True),
        Metric("gold_quote_precision", "of the cited sentences, on a gold quote", "citations", headline=True),
        Metric("gold_quote_recall", "of the gold quotes, cited", "citations"),
        Metric("gold_quote_f1", "the harmonic mean of both", "citations"),
        Metric("support", "words and runs of words of each sentence in the cited text", "citations", headline=True),
        Metric("numbers_supported", "numbers of a sentence that are in the cited text", "citations", headline=True),
        Metric("dates_supported", "days of a sentence that are in the cited text", "citations"),
        Metric("names_supported", "names of a sentence that are in the cited text or its headline", "citations",
               headline=True),
        Metric("negation_kept", "sentences that deny what the cited text denies, and no other", "citations",
               headline=True),
        Metric("mis_citation", "sentences that another passage supports better than the cited one", "citations", lower,
               headline=True),
        Metric("evidence_recall", "a gold quote is in the evidence that was chosen for the answerer",
               "retrieval"),
        Metric("mrr", "1 / rank of the first gold article", "retrieval", headline=True),
        Metric("conflict_true_only", "only the true answer", "conflict"),
        Metric("conflict_planted_only", "only the planted one", "conflict", lower),
        Metric("conflict_both", "both", "conflict"),
        Metric("conflict_neither", "neither", "conflict", lower),
        Metric("judged_citation_recall", "sentences that their citations entail (ALCE)", "judged"),
        Metric("judged_citation_precision", "citations that a sentence so entailed needs (ALCE)", "judged"),
        Metric("judged_grounded", "sentences that what was retrieved entails (RAGChecker's faithfulness)", "judged"),
        Metric("judged_right", "sentences that the gold answer and quotes entail (RAGChecker's precision)", "judged"),
        Metric("judged_grounded_right", "both", "judged"),
        Metric("judged_grounded_wrong", "grounded, and not right (noise sensitivity)", "judged", lower),
        Metric("judged_ungrounded_right", "right, and not grounded (self-knowledge)", "judged", lower),
        Metric("judged_hallucinated", "neither", "judged", lower),
        Metric("judged_nuggets", "of the gold answer's parts, told by the answer (RAGChecker's recall)", "judged"),
        Metric("judged_quotes", "of the gold quotes, told by the answer", "judged"),
    ]  # fmt: skip
    for k in _KS:
        found += [
            Metric(f"hit@{k}", f"a gold article among the first {k}", "retrieval", headline=k in (1, 5)),
            Metric(f"recall@{k}", f"of the gold articles, among the first {k}", "retrieval"),
            Metric(f"ndcg@{k}", f"gold articles near the top of the first {k}", "retrieval", headline=k == 10),
            Metric(f"quote_hit@{k}", f"a gold quote in the first {k} passages", "retrieval"),
            Metric(f"answer_hit@{k}", f"a gold answer in the first {k} passages", "retrieval", headline=k == 5),
        ]
    for stage in ("dense", "lexical"):
        found += [Metric(f"{stage}_hit@{k}", f"hit@{k} of {stage} search alone", "retrieval") for k in _KS]
    for words in (200, 900, 1700):
        found.append(Metric(f"answer_in_{words}", f"a gold answer in the first {words} words retrieved", "retrieval"))
    for k in (1, 2, 3):
        says = f"a gold answer in the best {k} sentences" if k > 1 else "a gold answer in the best sentence"
        found.append(Metric(f"best_{k}", says, "retrieval", headline=k == 1))
    return found


METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _all()}
HEADLINES = tuple(name for name, metric in METRICS.items() if metric.headline)
