"""Fetching pages and feeds, from public addresses only."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import urllib.request
from dataclasses import dataclass
from email.message import Message
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import httpx

from assistant.errors import FetchFailed


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """``timeout`` is seconds without an answer, ``deadline`` seconds for all of one address; a long page has 5 MB, so
    that 20 MB is too much. ``allow_private`` admits addresses of the machine and its network."""

    timeout: float = 20.0
    deadline: float = 60.0
    max_bytes: int = 20_000_000
    max_redirects: int = 5
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered: ``url`` is where redirects led, ``media_type`` such as "text/html"."""

    url: str
    content: bytes
    media_type: str
    charset: str


def fetch(url: str, options: FetchOptions) -> Fetched:
    """Get an address.

    Every hop's host is resolved here, its addresses are checked, and the connection is made to the checked one, so
    that neither a redirect nor a name server that answers differently twice leads into the private network. Behind an
    HTTP proxy the proxy resolves, and it is the proxy's part to keep the network closed.

    Raises `FetchFailed`.
    """
    ends = time.monotonic() + options.deadline
    named = url
    try:
        with httpx.Client(timeout=options.timeout, verify=_certificates(), headers=_headers()) as client:
            for _ in range(options.max_redirects + 1):
                request = _request(client, httpx.URL(url), options)
                response = client.send(request, stream=True)
                try:
                    if response.is_redirect:
                        url = str(httpx.URL(url).join(response.headers["location"]))
                        continue
                    return _read(response, url, options, ends)
                finally:
                    response.close()
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, UnicodeError) as error:
        raise FetchFailed(f"{named} cannot be fetched: {str(error) or type(error).__name__}.") from error
    raise FetchFailed(f"{named} redirects more than {options.max_redirects} times; give the page's final address.")


def _request(client: httpx.Client, url: httpx.URL, options: FetchOptions) -> httpx.Request:
    if url.scheme not in ("http", "https") or not url.host:
        raise FetchFailed(f"{url} cannot be fetched: only addresses that begin with http:// or https:// are.")
    if _proxied(url):
        return client.build_request("GET", url)
    address = _address(url, options)
    # The server's name still goes into the Host header and the TLS handshake, which checks the certificate against it.
    return client.build_request(
        "GET", url.copy_with(host=address), headers={"Host": url.netloc.decode()}, extensions={"sni_hostname": url.host}
    )


def _address(url: httpx.URL, options: FetchOptions) -> str:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise FetchFailed(f"{url} cannot be fetched: the host {url.host} is not known.") from error
    private = next((address for address in found if not _is_public(address)), "")
    if private and not options.allow_private:
        raise FetchFailed(
            f"{url} leads to the private address {private} and is not fetched; allow private addresses if you mean to."
        )
    return found[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not parsed.is_multicast


def _proxied(url: httpx.URL) -> bool:
    proxies = urllib.request.getproxies()
    return bool(proxies.get(url.scheme) or proxies.get("all")) and not urllib.request.proxy_bypass(url.host)


def _read(response: httpx.Response, url: str, options: FetchOptions, ends: float) -> Fetched:
    if response.status_code >= 400:
        raise FetchFailed(f"{url} answers {response.status_code} {response.reason_phrase}; check the address.")
    content = bytearray()
    for piece in response.iter_bytes(65_536):
        content += piece
        if len(content) > options.max_bytes:
            raise FetchFailed(f"{url} has more than {options.max_bytes / 1e6:g} MB; save it and ingest the file.")
        if time.monotonic() > ends:
            raise FetchFailed(f"{url} has not arrived after {options.deadline:g} seconds; try again later.")
    header = Message()
    header["content-type"] = response.headers.get("content-type", "")
    charset = header.get_content_charset("") or ""
    return Fetched(url, bytes(content), header.get_content_type() if header["content-type"] else "", charset)


def _headers() -> dict[str, str]:
    try:
        release = version("news-assistant")
    except PackageNotFoundError:
        release = "0"
    return {
        "User-Agent": f"news-assistant/{release} (reads articles for its user's own collection)",
        "Accept": "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, */*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
    }


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()
