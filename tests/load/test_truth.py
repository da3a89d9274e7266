"""What is told of a server is what the server knows of itself, also where a closed loop would wait with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.statistics.histogram import merged
from tests.load.runs import ran

STALL, EVERY, BASE = 0.5, 2.0, 0.05
SERVER = Path(__file__).parent / "slow_server.py"


def test_a_stall_is_told_as_whoever_came_in_it_felt_it(tmp_path: Path) -> None:
    """Half a second of every two nobody is answered: of evenly spread arrivals 5 % wait 400 ms and more, 1 % wait 480.

    A closed loop of one user would send one request into each stall, and tell 50 ms as the 95th percentile.
    """
    log = tmp_path / "took"
    command = [sys.executable, str(SERVER), str(log), str(BASE), str(STALL), str(EVERY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        host = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        words = ("--rate", "100", "--arrivals", "constant", "--run-time", "6", "--warm-up", "0", "--limit", "1000")
        over = ran(tmp_path / "load.json", "--host", host, *words)
        server.stdin.close()
    truth = sorted(int(line) / 1e9 for line in log.read_text(encoding="ascii").split())
    told = merged(tally.latency for tally in over.run.judged())
    found = {share: bucket.high / 1e9 for share in (0.5, 0.95, 0.99) if (bucket := told.percentile(share))}

    assert len(truth) == told.count == 600
    assert found[0.5] == pytest.approx(truth[300], rel=0.1)
    assert found[0.95] == pytest.approx(BASE + STALL - 0.05 * EVERY, rel=0.1)
    assert found[0.99] == pytest.approx(BASE + STALL - 0.01 * EVERY, rel=0.1)
