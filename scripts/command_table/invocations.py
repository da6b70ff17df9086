"""The arguments that each command is tried with. Names in braces are those of `account.Account`."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN_ID = "0badc0de-0000-4000-8000-000000000000"
UNKNOWN_HASH = f"blake3:{'0' * 64}"


@dataclass(frozen=True, slots=True)
class Invocation:
    """How one command is tried.

    Attributes:
        given: Its arguments, for a run that succeeds.
        unknown: Arguments that name a thing which does not exist; None if it takes no name.
        code: The exit code of the run that succeeds.
        unknown_code: The exit code of the run with `unknown`.
        stdin: What is piped into it.
        is_local: Whether it needs no server.
        is_verbatim: Whether it prints data as it is, which no terminal makes narrower: JSON, a
            URL, an id, a path, a script.
        serves: Whether it goes on until Ctrl-C.
        needs_key: Whether the server wants a key for it.
        down_code: The exit code without a server.
        changes: Whether it could not do the same once more.
    """

    given: str = ""
    unknown: str | None = None
    code: int = 0
    unknown_code: int = 5
    stdin: str = ""
    is_local: bool = False
    is_verbatim: bool = False
    serves: bool = False
    needs_key: bool = True
    changes: bool = False
    down_code: int = 9


def _local(given: str = "", unknown: str | None = None, **more: object) -> Invocation:
    return Invocation(given, unknown, is_local=True, **{"unknown_code": 2, **more})  # type: ignore[arg-type]


def _mirrored(given: str, unknown: str, **more: object) -> Invocation:
    return _local(
        f"{given} --database {{mirror}}", f"{unknown} --database {{mirror}}", unknown_code=5, **more
    )


def _verbatim(given: str = "", unknown: str | None = None, **more: object) -> Invocation:
    return Invocation(given, unknown, is_verbatim=True, **more)  # type: ignore[arg-type]


INVOCATIONS: dict[str, Invocation] = {
    "run": _verbatim("workflow.json -s KSampler.steps=2 -d out", UNKNOWN_ID),
    "sweep": Invocation(
        "workflow.json -s KSampler.cfg=5:6:1 -d sweep --yes", f"{UNKNOWN_ID} -s KSampler.cfg=5 -d sweep"
    ),
    "jobs list": Invocation(),
    "jobs show": Invocation("{failed}", UNKNOWN_ID),
    "jobs status": _verbatim("{job}", UNKNOWN_ID),
    "jobs cancel": _verbatim("{waiting}", UNKNOWN_ID, changes=True),
    "jobs delete": _verbatim("{job} --yes", f"{UNKNOWN_ID} --yes", changes=True),
    "jobs assets": Invocation("{job}", UNKNOWN_ID),
    "jobs watch": _verbatim("{job}", UNKNOWN_ID),
    "jobs wait": _verbatim("{job}", UNKNOWN_ID),
    "jobs download": _verbatim("{job} -d out", UNKNOWN_ID),
    "jobs explain": Invocation("{failed}", UNKNOWN_ID),
    "jobs rerun": _verbatim("{job}", UNKNOWN_ID),
    "history list": Invocation(),
    "history show": Invocation("{failed}", UNKNOWN_ID),
    "history download": _verbatim("--limit 2 -d out"),
    "history sync": Invocation(),
    "history report": _local("-o report.html --database missing.sqlite", code=2),
    "history browse": _local("--database missing.sqlite", code=2),
    "history search": _local("harbour --database {mirror}"),
    "history stats": _local("--database {mirror}"),
    "history query": _local("SELECT(1) --database {mirror}"),
    "history similar": _mirrored("{mirrored}", UNKNOWN_ID),
    "history diff": _mirrored("{mirrored} {mirrored}", f"{UNKNOWN_ID} {UNKNOWN_ID}"),
    "history estimate": _mirrored("{mirrored}", UNKNOWN_ID),
    "history export": _local("--to history.csv --overwrite --database {mirror}", is_verbatim=True),
    # Without the mirror it does not get as far as the server.
    "history rerun": _mirrored("{mirrored}", UNKNOWN_ID, is_verbatim=True),
    "history delete": _verbatim("{job} --yes", f"{UNKNOWN_ID} --yes", unknown_code=0, changes=True),
    "history clear": Invocation("--yes", changes=True),
    "queue list": Invocation(),
    "queue remaining": Invocation(),
    "queue cancel": _verbatim("{waiting}", UNKNOWN_ID, unknown_code=1, changes=True),
    "queue clear": Invocation("--yes", changes=True),
    "queue interrupt": _verbatim("--yes", UNKNOWN_ID + " --yes", changes=True),
    "assets list": Invocation(),
    "assets show": Invocation("{asset}", UNKNOWN_ID),
    "assets exists": _verbatim("{hash}", UNKNOWN_HASH),
    "assets tags": Invocation(),
    "assets count": Invocation(),
    "assets metadata": Invocation("{model}"),
    "assets download": _verbatim("{asset} -d out", UNKNOWN_ID),
    "assets upload": Invocation("photo.png --tag input", "missing.png", unknown_code=2),
    "assets import": Invocation("{model} --folder loras"),
    "assets from-hash": Invocation("{hash} --tag input --name again.png", UNKNOWN_HASH + " --tag input"),
    "assets set": Invocation("{asset} --name new.png", f"{UNKNOWN_ID} --name new.png", changes=True),
    "assets tag": _verbatim("{asset} cats", f"{UNKNOWN_ID} cats", changes=True),
    "assets untag": _verbatim("{asset} cats", f"{UNKNOWN_ID} cats", changes=True),
    "assets delete": _verbatim("{asset} --yes", f"{UNKNOWN_ID} --yes", changes=True),
    "files upload": Invocation("photo.png", "missing.png", unknown_code=2),
    "files mask": Invocation("photo.png {input}", "photo.png missing.png", unknown_code=7),
    "files layers": Invocation("{masked}", "missing.png"),
    "files download": _verbatim("{output} -d out", "missing.png -d out"),
    "files url": _verbatim("{output}", "missing.png"),
    "models folders": Invocation(needs_key=False),
    "models list": Invocation("checkpoints", "missing", needs_key=False),
    "models preview": _verbatim(
        "checkpoints {checkpoint} --output-file preview.webp",
        "checkpoints missing.safetensors --output-file preview.webp",
        needs_key=False,
    ),
    "nodes list": Invocation(),
    "nodes show": Invocation("KSampler", "KSamplre"),
    "nodes stubs": _verbatim("--class KSampler", "--class KSamplre", unknown_code=2),
    "userdata list": Invocation(),
    "userdata read": _verbatim("{saved} --output-file saved.json", "missing.json"),
    "userdata write": Invocation("workflows/new.json workflow.json", "workflows/new.json missing.json",
                                 unknown_code=2),
    "userdata delete": _verbatim("{saved} --yes", "missing.json --yes", changes=True),
    "tasks list": Invocation(),
    "tasks show": Invocation("{task}", UNKNOWN_ID),
    "tasks wait": Invocation("{task}", UNKNOWN_ID),
    "tasks cancel": _verbatim("{task}", UNKNOWN_ID, code=7, changes=True),
    "workflow show": _local("workflow.json", "missing.json"),
    "workflow set": _local("workflow.json -s KSampler.seed=7", "missing.json -s KSampler.seed=7",
                           is_verbatim=True),
    "workflow validate": Invocation("workflow.json", "missing.json", unknown_code=2),
    "workflow extract": _local("workflow.json", "missing.json", is_verbatim=True),
    "workflow diff": _local("workflow.json other.json", "workflow.json missing.json", code=1),
    "workflow convert": _verbatim("ui.json", "missing.json", unknown_code=2),
    "workflow layout": _verbatim("workflow.json", "missing.json", unknown_code=2),
    "workflow templates": Invocation(needs_key=False),
    "workflow subgraphs": Invocation(needs_key=False),
    "workflow subgraph": Invocation("text-to-image", "missing", needs_key=False),
    "user show": Invocation(),
    "user balance": Invocation(),
    "system stats": Invocation(needs_key=False),
    "system features": Invocation(needs_key=False),
    "config show": _local(),
    "config path": _local(is_verbatim=True),
    "config set": _local("timeout 60", "missing 60"),
    "config unset": _local("timeout", "missing", code=2),
    "auth status": Invocation(),
    "auth login": Invocation("--with-key -", stdin="{key}\n", needs_key=False),
    "auth logout": _local(code=2),
    "auth list": _local(),
    "api": _verbatim("/api/user", "/api/missing"),
    "spec diff": _local("contract.yaml", "missing.yaml"),
    "contract run": Invocation(code=0),
    "doctor": Invocation(down_code=1),
    "emulate": _local("--port 0 --seed-data none", "--port 0 --quirks missing", serves=True),
    "record": _local("-o session.comfycloud", "-o missing/session.comfycloud", serves=True),
    "replay": _local("missing.comfycloud", code=2),
    "mcp": _local("", "--folder missing", is_verbatim=True),
    "demo": _local(is_verbatim=True),
    "emulate stop": _local(code=5),
    "emulate status": _local(),
    "emulate env": _local(code=5),
    "completion": _local("bash", "missing", is_verbatim=True),
}  # fmt: skip
"""By the words that call it. A test fails when a command is missing here."""
