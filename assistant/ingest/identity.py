"""What makes an article the same article when it is read again."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

# Parameters that say how a reader came, not what is read. Beside the named ones, everything that begins with "utm_".
_TRACKING = frozenset({"fbclid", "gclid", "dclid", "msclkid", "igshid", "mc_cid", "mc_eid", "cmpid", "ref_src"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


def identity(explicit: str, url: str, place: str) -> str:
    """The article's id: what it says itself, else its canonical URL, else where it was found.

    ``place`` is the source and path, relative to the folder that the user named and with that folder's name, so that
    it is equal on every machine: "corpus/eurasia/no-help-asked.txt".
    """
    return " ".join(explicit.split()) or canonical_url(url) or place


def canonical_url(url: str) -> str:
    """The address with its host in lower case, without fragment, tracking parameters and final slash; "" where it is
    no http or https address."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host:
        return ""
    authority = f"[{host}]" if ":" in host else host
    if port not in (None, _DEFAULT_PORTS[scheme]):
        authority += f":{port}"
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(k)])
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._").rstrip("/")
    return urlunsplit((scheme, authority, path, query, ""))


def host_of(url: str) -> str:
    """The address's host without "www.": "cnn.com"."""
    return urlsplit(canonical_url(url)).netloc.removeprefix("www.")


def _tracks(parameter: str) -> bool:
    return parameter.lower().startswith("utm_") or parameter.lower() in _TRACKING
