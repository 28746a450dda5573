"""The command line. Commands parse, call and show; what they call is `assistant.bootstrap.Home`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from assistant import render
from assistant.bootstrap import Home
from assistant.errors import AssistantError, BadInput
from assistant.records import parse_day, parse_request, to_json
from assistant.resources import resource
from assistant.settings import load_settings, set_value
from assistant.types import Request, Turn

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, help=(
    "Answers questions about your news articles with cited passages, and says nothing it cannot show in a source."
))  # fmt: skip
index_app = typer.Typer(no_args_is_help=True, help="The two indexes, derived from the catalog.")
config_app = typer.Typer(no_args_is_help=True, help="Settings: config.toml, .env and the environment.")
app.add_typer(index_app, name="index")
app.add_typer(config_app, name="config")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

DEMO_QUESTIONS = (
    "Who signed the comprehensive strategic partnership treaty between Russia and Iran?",
    "How many Windows devices were affected by the CrowdStrike update?",
    "When did the WHO end the Covid-19 global emergency?",
    "What temperature was recorded at Coningsby?",
    "How long did Kipchoge take in Vienna?",
    "Who was elected president of Mexico in 2024?",
    "What is the recipe for sourdough bread?",
)


def main() -> None:
    """Run the command line; every error of ours is one sentence on standard error and an exit code."""
    try:
        app()
    except AssistantError as error:
        err.print(f"error: {escape(str(error))}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("Stopped; what was finished is kept, run the command again to go on.")
        sys.exit(130)


def _home() -> Home:
    return Home(load_settings())


@app.command()
def demo() -> None:
    """Index the sample articles and answer a few questions about them."""
    home = _home()
    report = _ingest(home, [str(resource("corpus"))], prune=False, allow_private=False)
    _show_counts(report)
    for question in DEMO_QUESTIONS:
        out.print(f"\n[bold]{escape(question)}[/bold]")
        out.print(escape(render.as_text(home.assistant.ask(question))))
    out.print(
        f"\nOpen the chat page with `ASSISTANT_HOME={home.settings.home} .venv/bin/assistant serve`, "
        "then http://127.0.0.1:8000"
    )


@app.command()
def ingest(
    origins: Annotated[list[str], typer.Argument(metavar="PATH|URL|FEED...", help="files, folders, pages, feeds")],
    prune: Annotated[bool, typer.Option(help="remove what came from the same PATH and is gone")] = False,
    allow_private: Annotated[bool, typer.Option(help="fetch from private addresses too")] = False,
) -> None:
    """Take articles in: only what is new or changed costs anything."""
    report = _ingest(_home(), origins, prune=prune, allow_private=allow_private)
    _show_counts(report)
    if report.rejected:
        for row in report.rejected:
            out.print(f"rejected {escape(row.key)}: {escape(row.reason)}")
        raise typer.Exit(1)


def _ingest(home: Home, origins: list[str], *, prune: bool, allow_private: bool) -> Any:
    with _progress() as progress:
        reading = progress.add_task("reading", total=None)
        report = home.ingest(
            origins,
            prune=prune,
            allow_private=allow_private,
            on_progress=lambda done, total, key: progress.update(reading, completed=done, total=total),
        )
        _apply(home, progress)
    return report


def _apply(home: Home, progress: Progress) -> None:
    task = progress.add_task("indexing", total=None, visible=False)
    home.apply(lambda done, total: progress.update(task, completed=done, total=total, visible=True))


class Rate(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=err,
    )


def _show_counts(report: Any) -> None:
    counts = report.counts
    out.print(", ".join(f"{counts.get(k, 0)} {k}" for k in ("added", "updated", "unchanged", "removed", "rejected")))


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="the question; leave it out with --input")] = "",
    since: Annotated[str, typer.Option(help="first publication day, YYYY-MM-DD")] = "",
    until: Annotated[str, typer.Option(help="last publication day, YYYY-MM-DD")] = "",
    outlet: Annotated[list[str], typer.Option(help="only this outlet; may be repeated")] = [],  # noqa: B006
    kind: Annotated[list[str], typer.Option(help="only this kind, such as report or opinion; may be repeated")] = [],  # noqa: B006
    as_of: Annotated[str, typer.Option(help="hide what was published after this day")] = "",
    documents: Annotated[Path | None, typer.Option(help="answer from this JSON list of documents instead")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
    input: Annotated[Path | None, typer.Option(help="records to answer, one JSON object a line")] = None,
    output: Annotated[
        Path | None, typer.Option(help="where their answers go; what is there is not asked again")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=16, help="records answered at the same time")] = 2,
) -> None:
    """Answer a question with cited passages, or a file of records."""
    if input is not None:
        if output is None:
            raise BadInput("--input needs --output; name the file that the answers go to.")
        from assistant.entrypoints.batch import answer_records

        failed = answer_records(_home(), input, output, workers, err)
        raise typer.Exit(1 if failed else 0)
    record: dict[str, Any] = {"question": question, "outlets": outlet, "kinds": kind}
    for name, text in (("since", since), ("until", until), ("as_of", as_of)):
        if text:
            record[name] = parse_day(text, name=f"--{name.replace('_', '-')}")
    if documents is not None:
        record["documents"] = _read_documents(documents)
    answer = _home().assistant.ask(parse_request(record, name="question"))
    out.print(to_json(answer) if as_json else escape(render.as_text(answer)), markup=not as_json)


def _read_documents(path: Path) -> list[dict[str, Any]]:
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise BadInput(f'{path} is not JSON; it should hold a list of objects with a "text".') from error
    return given if isinstance(given, list) else [given]


@app.command()
def chat() -> None:
    """Ask one question after another; follow-ups are understood. An empty line ends it."""
    assistant = _home().assistant
    history: list[Turn] = []
    while question := out.input("[bold]>[/bold] ").strip() if sys.stdin.isatty() else sys.stdin.readline().strip():
        try:
            answer = assistant.ask(Request(question, history=tuple(history)))
        except BadInput as error:
            err.print(escape(str(error)))
            continue
        out.print(escape(render.as_text(answer)))
        history += [Turn("user", question), Turn("assistant", answer.text or "")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "",
    port: Annotated[int, typer.Option(help="port to listen on")] = 0,
) -> None:
    """Serve the API and the chat page."""
    from assistant.entrypoints.api import run_server

    settings = load_settings()
    run_server(Home(settings), host or settings.server.host, port or settings.server.port)


@app.command()
def articles(
    search: Annotated[str, typer.Argument(help="words of the title or the outlet")] = "",
    limit: Annotated[int, typer.Option(min=1, help="how many")] = 50,
) -> None:
    """List the articles, newest first."""
    table = Table("id", "date", "outlet", "title")
    for source in _home().catalog.list_articles(text=search, limit=limit):
        day = f"{source.published_at:%Y-%m-%d}" if source.published_at else "unknown"
        table.add_row(escape(source.article_id), day, escape(source.outlet), escape(source.title))
    out.print(table)


@app.command()
def show(article_id: str) -> None:
    """Print one article."""
    article = _home().catalog.article(article_id)
    out.print(escape(f"{article.source.title}\n{render.citation(article.source)}\n\n{article.text}"))


@app.command()
def remove(article_ids: list[str]) -> None:
    """Remove articles, with all their versions, from the catalog and the indexes."""
    home = _home()
    removed = home.catalog.remove(article_ids)
    home.apply()
    out.print(f"{removed} removed")
    if removed < len(set(article_ids)):
        raise BadInput("Some of these ids are not in the catalog; `assistant articles` lists them.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """What the corpus holds, and how far the indexes are."""
    form = _home().status()
    if as_json:
        out.print(json.dumps(form, ensure_ascii=False), markup=False)
        return
    for name, value in form.items():
        out.print(f"{name:<14} {escape(str(value))}")


@app.command()
def doctor() -> None:
    """Check the installation, and say how to mend what is not well."""
    from assistant.entrypoints.doctor import findings

    ill = 0
    for finding in findings(_home()):
        ill += not finding.well
        mark = "[green]ok[/green]  " if finding.well else "[red]fix[/red] "
        out.print(f"{mark} {finding.name:<16} {escape(finding.message)}")
    raise typer.Exit(1 if ill else 0)


@index_app.command("rebuild")
def index_rebuild() -> None:
    """Throw both indexes away and make them again from the catalog."""
    with _progress() as progress:
        task = progress.add_task("indexing", total=None)
        count = _home().rebuild(lambda done, total: progress.update(task, completed=done, total=total))
    out.print(f"{count} changes applied")


@config_app.command("show")
def config_show() -> None:
    """Print every setting as it is in force."""
    out.print_json(load_settings().model_dump_json())


@config_app.command("set")
def config_set(name: str, value: str) -> None:
    """Write a setting such as chat.model into config.toml."""
    set_value(load_settings().home, name, value)
    out.print(f"{escape(name)} is set")
