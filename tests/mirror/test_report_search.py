"""The search of a report is that of the mirror: the same cases, run by Node.js."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.index_tokens import index_tokens
from comfy_cloud.mirror.name_words import with_name_words
from comfy_cloud.mirror.report.page_data import page_data

from .same_answers import QUERIES
from .sample import NEWEST_MS, fill

NODE = shutil.which("node")
NAMES = ["KSampler", "CLIPTextEncode", "UNETLoader", "flux1-dev.safetensors", "sd_xl_base_1.0",
         "4x-UltraSharp", "ÖlBild ñandÚ", "桜の木", "ABc1D", "", "a", "XY"]  # fmt: skip
TEXTS = ["Café at Dusk", "e\u0301te\u0301 ЁЛКА Σίσυφος ς", "(masterpiece:1.2)", "naïve_x", "🎨 ok", "İ ß µ"]
PIECES = [" ", " ", '"', "-", "*", "fox", "light", "at", "dusk", "café", "model:", "title:", "Prompt:", "x:",
          "flux", "sampler", " -status:failed ", "seed:", "workflow:", "wf-tests", "(1.2)"]  # fmt: skip
SCRIPT = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const jobs = new Jobs(given.data);
const found = given.queries.map((text) => {
  jobs.find({ text, status: "", since: null, until: null, model: "", order: "newest" });
  return jobs.shown.map((job) => job.id);
});
const words = given.texts.map((text) => spaced(text).trim().split(" ").filter((word) => word !== ""));
console.log(JSON.stringify({ found, words, names: given.names.map((name) => spaced(named(name)).trim()) }));
"""


@pytest.mark.skipif(NODE is None, reason="without Node.js; `make report-check` runs the page in a browser")
def test_the_report_finds_what_the_mirror_finds(tmp_path: Path) -> None:
    rng = random.Random(4)
    queries = [*QUERIES, *("".join(rng.choices(PIECES, k=rng.randrange(1, 7))) for _ in range(150))]
    with Mirror.open(tmp_path / "m.sqlite") as mirror:
        fill(mirror, 120)
        with mirror.store.writing() as connection:  # errors are searched in the report alone
            connection.exec_driver_sql("UPDATE jobs SET error_class = NULL, error_node_class = NULL")
        expected = [sorted(mirror.search(query, limit=None).column("id")) for query in queries]
        with mirror.connect() as connection:
            data = page_data(connection, made_ms=NEWEST_MS).json
    static = resources.files("comfy_cloud.mirror.report") / "static"
    code = "\n".join([*((static / f"{name}.js").read_text("utf-8") for name in ("search", "jobs")), SCRIPT])
    given = json.dumps({"data": data, "queries": queries, "texts": TEXTS, "names": NAMES})
    done = subprocess.run(
        [NODE or "node", "-e", code], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert answers["words"] == [index_tokens(text) for text in TEXTS]
    assert answers["names"] == [
        " ".join(dict.fromkeys(index_tokens(with_name_words(name)))) for name in NAMES
    ]
    for query, found, wanted in zip(queries, answers["found"], expected, strict=True):
        assert sorted(found) == wanted, query
    assert len({json.dumps(each) for each in expected}) > 15
