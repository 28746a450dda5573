"""Pages and feeds are fetched from real servers, within limits, and never from the private network unless allowed."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from assistant.errors import FetchFailed
from assistant.ingest.article import read_article
from assistant.ingest.fetch import FetchOptions, fetch
from assistant.ingest.items import RawItem, Unfound, find_items

ALLOW = FetchOptions(allow_private=True, timeout=5)
SENTENCE = "The council voted on Tuesday to close the old harbour bridge to lorries for two years, a spokesman said. "
ARTICLE = "".join(f"<p>{SENTENCE * 3} This is part {part}.</p>" for part in range(4))
PAGE = f"<html lang='en'><head><title>Bridge closed</title></head><body><article>{ARTICLE}</article></body></html>"


def entry(number: int, body: str = "", link: str = "") -> str:
    content = f"<content:encoded><![CDATA[{body}]]></content:encoded>" if body else ""
    link = f"<link>{link}</link>" if link else ""
    return (
        f"<item><title>Story {number}</title>{link}<guid isPermaLink='false'>story-{number}</guid>"
        f"<pubDate>Fri, 19 Jul 2024 08:30:00 GMT</pubDate><dc:creator>Jo Bloggs</dc:creator>{content}</item>"
    )


def feed(*entries: str) -> str:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    channel = f"<title>Harbour Courier</title><language>en</language>{''.join(entries)}"
    return f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel>{channel}</channel></rss>'


class Site(BaseHTTPRequestHandler):
    """A small outlet's web site."""

    agents: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        base = f"http://{self.headers['Host']}"
        self.agents.append(self.headers["User-Agent"])
        pages = {
            "/page": ("text/html; charset=utf-8", PAGE),
            "/latin": ("text/html; charset=iso-8859-1", PAGE.replace("council", "Zürich council")),
            "/plain.txt": ("text/plain", f"Bridge closed\n\n{SENTENCE}"),
            "/records.jsonl": (
                "application/octet-stream",
                '{"id": "a", "text": "Shut."}\n{"id": "b", "text": "Open."}\n',
            ),
            "/feed": (
                "application/rss+xml",
                feed(
                    entry(1, ARTICLE, f"{base}/page"),
                    entry(2, "<p>Teaser …</p>", f"{base}/page"),
                    entry(3, link=f"{base}/gone"),
                ),
            ),
            "/atom": (
                "text/xml",
                '<feed xmlns="http://www.w3.org/2005/Atom"><title>Courier</title><entry><id>tag:c,1</id>'
                "<title>One</title>"
                f'<content type="html"><![CDATA[{ARTICLE}]]></content></entry></feed>',
            ),
        }
        if self.path in pages:
            media_type, body = pages[self.path]
            self.answer(200, body.encode("latin-1" if "8859" in media_type else "utf-8"), {"Content-Type": media_type})
        elif self.path == "/big":
            self.answer(200, b"x" * 200_000)
        elif self.path == "/bomb":
            self.answer(200, gzip.compress(b"x" * 5_000_000), {"Content-Encoding": "gzip"})
        elif self.path.startswith("/to?"):
            self.answer(302, b"", {"Location": self.path.removeprefix("/to?")})
        else:
            self.answer(404, b"no")

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def items(origin: str) -> list[RawItem]:
    found = list(find_items(origin, ALLOW))
    assert not [item for item in found if isinstance(item, Unfound)]
    return [item for item in found if isinstance(item, RawItem)]


def test_a_page_becomes_an_article_of_its_host(site: str) -> None:
    (item,) = items(f"{site}/page")
    article = read_article(item.raw, item.name, url=item.url, charset=item.charset, place=item.place)
    assert (article.source.article_id, article.source.title) == (f"{site}/page", "Bridge closed")
    assert article.source.outlet == site.removeprefix("http://")
    assert article.text.count("council") == 12
    assert "news-assistant/" in Site.agents[-1]


def test_the_servers_charset_is_believed(site: str) -> None:
    (item,) = items(f"{site}/latin")
    assert "Zürich council" in read_article(item.raw, item.name, url=item.url, charset=item.charset).text


def test_files_behind_an_address_are_read_by_their_kind(site: str) -> None:
    assert read_article(items(f"{site}/plain.txt")[0].raw, "page.txt").source.title == "Bridge closed"
    assert [item.key for item in items(f"{site}/records.jsonl")] == [f"{site}/records.jsonl#{name}" for name in "ab"]


def test_a_feed_gives_full_entries_as_they_are_and_follows_teasers_to_their_page(site: str) -> None:
    full, followed, gone = list(find_items(f"{site}/feed", ALLOW))
    assert isinstance(full, RawItem)
    assert isinstance(followed, RawItem)
    one = read_article(full.raw, full.name)
    two = read_article(followed.raw, followed.name, url=followed.url, hints=followed.hints)
    for article, identity in ((one, "story-1"), (two, "story-2")):
        source = article.source
        assert (source.article_id, source.outlet, source.byline) == (identity, "Harbour Courier", "Jo Bloggs")
        assert source.published_at is not None
        assert source.published_at.isoformat() == "2024-07-19T08:30:00+00:00"
        assert article.text.count("council") == 12
    assert isinstance(gone, Unfound)
    assert "404" in gone.reason


def test_an_atom_feed(site: str) -> None:
    (item,) = items(f"{site}/atom")
    source = read_article(item.raw, item.name).source
    assert (source.article_id, source.title, source.outlet) == ("tag:c,1", "One", "Courier")


def test_redirects_are_followed_a_few_times(site: str) -> None:
    assert fetch(f"{site}/to?/to?/page", ALLOW).url == f"{site}/page"
    with pytest.raises(FetchFailed, match="redirects more than 5 times"):
        fetch(f"{site}{'/to?' * 7}/page", ALLOW)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/none", "404"), ("/big", "more than 0.1 MB"), ("/bomb", "more than 0.1 MB"), ("/to?ftp://x/y", "http")],
)
def test_what_cannot_be_fetched_says_why(site: str, path: str, words: str) -> None:
    with pytest.raises(FetchFailed, match=words):
        fetch(f"{site}{path}", FetchOptions(allow_private=True, max_bytes=100_000))


def test_private_addresses_are_refused(site: str) -> None:
    with pytest.raises(FetchFailed, match=r"private address 127\.0\.0\.1"):
        fetch(f"{site}/page", FetchOptions())


@pytest.mark.parametrize(
    "host",
    ["localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[fe80::1]"],
)
def test_no_spelling_of_a_private_address_is_let_through(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(FetchFailed, match="private address"):
        fetch(f"http://{host}/", FetchOptions(timeout=2))


@pytest.mark.parametrize(
    "address", ["ftp://a.example/x", "file:///etc/passwd", "http://", "http://a b/", "http://x:y/"]
)
def test_only_web_addresses_are_fetched(address: str) -> None:
    (found,) = find_items(address, ALLOW)
    assert isinstance(found, Unfound)
    assert "cannot be fetched" in found.reason


def test_a_server_that_is_not_there_is_a_rejection() -> None:
    (found,) = find_items("http://127.0.0.1:9/x", ALLOW)
    assert isinstance(found, Unfound)
    assert "cannot be fetched" in found.reason
