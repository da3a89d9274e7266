"""What lies in a bucket of our own server, which asks nobody who they are: the AWS CLI would take 100 times longer."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

from plimsoll.errors import CouldNotLook

SECONDS = 60.0
OK = 200
S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"
"""The namespace of S3's answers."""


def listed(endpoint: str, bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    """The names that begin so, with their sizes in bytes, page by page. Raises CouldNotLook."""
    more: dict[str, str] = {}
    while True:
        page = _page(endpoint, bucket, {"list-type": "2", "prefix": prefix, **more})
        for each in page.iter(f"{S3}Contents"):
            yield each.findtext(f"{S3}Key", ""), int(each.findtext(f"{S3}Size", "0"))
        token = page.findtext(f"{S3}NextContinuationToken", "")
        if not token:
            return
        more = {"continuation-token": token}


def _page(endpoint: str, bucket: str, query: dict[str, str]) -> ET.Element:
    asked = HTTPConnection(urlsplit(endpoint).netloc, timeout=SECONDS)
    try:
        asked.request("GET", f"/{bucket}?{urlencode(query)}")
        answer = asked.getresponse()
        page = ET.fromstring(answer.read())  # noqa: S314 - from the server that we started
    except OSError as error:
        raise CouldNotLook(f"the object store does not answer: {error}") from error
    finally:
        asked.close()
    if answer.status != OK:
        raise CouldNotLook(f"the object store lists nothing in {bucket}: {page.findtext('Code')}")
    return page
