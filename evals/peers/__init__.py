"""Our retrieval beside that of four other systems, each set up as its own documentation does: ``make peers``.

    python -m evals.peers.run --data realtimeqa-small     # the small set; without --data the whole of 2025

Every system, ours too, is a `evals.peers.exchange.System` in a module of its own and runs in a process of its own: the
peers in the environment of ``requirements.txt``, where nothing of ours but `exchange` is imported. They are given the
data set's file of articles as it is and the questions without their answers, and leave what they retrieved as files,
from which `table` computes everything. A system whose files are whole is not run again.
"""
