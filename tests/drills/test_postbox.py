"""Announcements are kept as they arrive."""

from __future__ import annotations

import subprocess

import requests

from plimsoll.drills.host.postbox import LARGEST, Postbox


def test_letters_arrive_in_order() -> None:
    """What curl posts, as the scripts do, is there when curl has ended."""
    with Postbox() as post:
        for word in ("first", "second"):
            command = ["curl", "--fail", "--silent", "--max-time", "5", "--data", f'{{"text": "{word}"}}', post.url]
            assert subprocess.run(command, check=False).returncode == 0

        assert post.letters == ('{"text": "first"}', '{"text": "second"}')
        assert post.since(1) == ('{"text": "second"}',)


def test_long_letters_are_cut() -> None:
    """Nobody fills our memory."""
    with Postbox() as post:
        assert requests.post(post.url, data="x" * (LARGEST + 5), timeout=5).status_code == 200

        assert post.letters == ("x" * LARGEST,)
