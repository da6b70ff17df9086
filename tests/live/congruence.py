"""Compare a real self-hosted ComfyUI with the emulator's imitation of one.

`make congruence URL=http://127.0.0.1:8188` sends the same requests to both; the shapes of the
responses must agree, except where `explained` has a reason. It leaves a few small images, jobs and
files on the server. It is not part of the test suite, which uses no other server.
"""

from __future__ import annotations

import argparse
import sys

from comfy_cloud_emulator import Emulator

from .explained import sorted_out
from .selfhosted import Observation, observe
from .shapes import differences


def compare(url: str, quirks: str) -> tuple[int, list[str]]:
    """The number of observations compared, and a line for each difference."""
    with Emulator(quirks=quirks, speed=1000) as emulator:
        ours = list(observe(emulator.url))
    theirs = list(observe(url))
    lines: list[str] = []
    known = {each.name: each for each in theirs}
    for each in ours:
        other = known.pop(each.name, None)
        if other is None:
            lines.append(f"{each.name}: only ours: {each.seen}")
        else:
            lines += [f"{each.name}: {line}" for line in differences(each.seen, other.seen)]
    lines += [_only_theirs(each) for each in known.values()]
    return len(theirs), lines


def _only_theirs(observation: Observation) -> str:
    return f"{observation.name}: only theirs: {observation.seen}"


def main() -> int:
    """Print the differences; return 1 if one is not explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.congruence", description=__doc__)
    parser.add_argument("url", help="base URL of the ComfyUI, such as http://127.0.0.1:8188")
    parser.add_argument("--quirks", default="comfyui", help="the quirks of the imitation to compare with")
    given = parser.parse_args()
    count, lines = compare(given.url, given.quirks)
    unexplained, explained, unused = sorted_out(lines)
    for line in (*explained, *unused, *unexplained):
        print(line)
    counts = f"{len(lines)} differences, {len(unexplained)} of them unexplained"
    print(f"{count} observations, {counts}", file=sys.stderr)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
