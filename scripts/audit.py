"""Ask an advisory service about the locked dependencies: `make audit [SERVICE=osv]`.

Runs pip-audit over the locks, without installing what they name. It says plainly when the service
cannot be reached: pip-audit itself then reports success for packages that it could not look up.
The lock of the lowest releases is left out, because it is old on purpose.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scripts.project.checkout import Checkout

LOCKS: Final = ("dev", "publish", "audit")


@dataclass(frozen=True)
class Findings:
    """What a service knows: advisories as lines, and how many packages it could look up."""

    advisories: tuple[str, ...]
    asked: int
    unknown: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 0 when nothing is known, 1 for advisories, 2 without a service."""
    parser = argparse.ArgumentParser(prog="make audit", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--service", choices=["pypi", "osv"], default="pypi")
    parser.add_argument("--program", default="pip-audit", help="the pip-audit to run")
    given = parser.parse_args(arguments)
    options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    for lock in LOCKS:
        options += ["-r", str(Checkout().root / "requirements" / f"{lock}.txt")]
    ran = subprocess.run(
        [given.program, *options, "-s", given.service], capture_output=True, text=True, check=False
    )
    return report(ran.stdout, ran.stderr, given.service)


def report(output: str, errors: str, service: str) -> int:
    """Print what pip-audit found, and return the exit status."""
    try:
        findings = read(json.loads(output))
    except ValueError:
        findings = Findings((), 0, ())
    if not findings.asked:
        reason = (errors.strip().splitlines() or ["it did not respond"])[-1][:300]
        if findings.unknown:
            reason = f"it knows none of {len(findings.unknown)} packages"
        print(
            f"error: nothing was audited; the service {service} cannot be reached: {reason}", file=sys.stderr
        )
        print("Run this where it can be, or try another: make audit SERVICE=osv", file=sys.stderr)
        return 2
    for line in findings.advisories:
        print(line)
    if findings.unknown:
        print(f"not audited, since the service does not know them: {', '.join(findings.unknown)}")
    print(f"{findings.asked} packages audited, {len(findings.advisories)} advisories")
    return 1 if findings.advisories else 0


def read(document: Any) -> Findings:
    """The findings in pip-audit's JSON."""
    advisories: list[str] = []
    unknown: list[str] = []
    asked = 0
    for each in document["dependencies"]:
        if "skip_reason" in each:
            unknown.append(each["name"])
            continue
        asked += 1
        for found in each["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            advisories.append(f"{each['name']} {each['version']}: {found['id']}, fixed in {fixed}")
    return Findings(tuple(advisories), asked, tuple(unknown))


if __name__ == "__main__":
    sys.exit(main())
