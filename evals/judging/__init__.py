"""Scores that use a model, optional: ``python -m evals judge RUN --judge NAME``.

| module | what it does |
|---|---|
| ``port`` | what is asked of a judge |
| ``chat``, ``cross_encoder``, ``words``, ``load`` | the judges, and how they are named |
| ``material``, ``shares`` | what is asked of an answer, and the scores: pure |
| ``store``, ``files`` | what was judged once is kept; the file of a run and a judge's calibration |
| ``judge_run`` | a run, or sets of people's judgements, judged |
"""
