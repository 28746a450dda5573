"""The articles of a folder as ingestion reads them: ids for gold that names files, texts for quotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError, BadInput
from assistant.types import Article


@dataclass(frozen=True, slots=True)
class Library:
    """``texts`` by article id; ``ids`` by place, "folder/path" or "folder/path#line" of each article."""

    texts: Mapping[str, str]
    ids: Mapping[str, str]

    def resolve(self, name: str, folder: Path) -> str:
        """An article id as it is; ``file:PATH`` within the folder is the id that ingestion gives to that file.

        Raises `BadInput` (the message begins with the field) where there is no such article.
        """
        place = f"{folder.name}/{name.removeprefix('file:')}"
        known = self.ids.get(place, "") if name.startswith("file:") else name
        if known not in self.texts:
            raise BadInput(f"'gold_article_ids': no article {name!r} is in {folder.name}.")
        return known


def read_articles(origin: Path) -> Iterator[tuple[str, Article]]:
    """(place, article) of each article in a file or folder, by the readers of ingestion, without a catalog; what
    cannot be read is left out. Where two have one identity the later is the current version."""
    from assistant.ingest.article import read_article
    from assistant.ingest.fetch import FetchOptions
    from assistant.ingest.items import RawItem, find_items

    for item in find_items(str(origin), FetchOptions()):
        if not isinstance(item, RawItem):
            continue
        try:
            article = read_article(
                item.raw, item.name, url=item.url, charset=item.charset, place=item.place, hints=item.hints
            )
        except AssistantError:
            continue
        yield item.place, article


def read_library(origins: Iterable[Path]) -> Library:
    """The articles of files and folders."""
    texts: dict[str, str] = {}
    ids: dict[str, str] = {}
    for origin in origins:
        for place, article in read_articles(origin):
            ids[place] = article.source.article_id
            texts[article.source.article_id] = article.text
    return Library(texts, ids)
