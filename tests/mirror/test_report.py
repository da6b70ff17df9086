"""The report: its data against the mirror, its policy, hostile texts, keys, and its bounds."""

from __future__ import annotations

import base64
import io
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from comfy_cloud.mirror import Mirror, schema
from comfy_cloud.mirror.report import thumbnails
from comfy_cloud.mirror.report.page_data import JobFilter
from comfy_cloud.mirror.report.page_strings import PageStrings
from comfy_cloud.mirror.report.report import report_html, write_report

from .hostile import ATTACKS, KEY, fill_hostile
from .pages import ReadPage
from .sample import NEWEST_MS, fill


@pytest.fixture
def mirror(tmp_path: Path):
    with Mirror.open(
        tmp_path / "history.sqlite", account="user-1", origin="https://cloud.example:443"
    ) as made:
        yield made


def png(width: int = 600, height: int = 300) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(target, "PNG")
    return target.getvalue()


def save_outputs(mirror: Mirror, folder: Path) -> int:
    """A file on this machine for each output; returns how many."""
    with mirror.store.writing() as connection:
        rows = connection.execute(select(schema.OUTPUTS.c.job_id, schema.OUTPUTS.c.position)).all()
        for number, (job_id, position) in enumerate(rows):
            path = folder / f"{number}.png"
            path.write_bytes(png())
            which = (schema.OUTPUTS.c.job_id == job_id) & (schema.OUTPUTS.c.position == position)
            connection.execute(schema.OUTPUTS.update().where(which).values(local_path=str(path)))
    return len(rows)


def test_every_job_is_in_it_as_the_mirror_has_it(mirror: Mirror) -> None:
    ids = fill(mirror, 40)
    page = ReadPage(report_html(mirror, now=datetime(2026, 11, 30, tzinfo=UTC)))
    assert [job["id"] for job in page.jobs] == ids
    assert (page.data["account"], page.data["origin"], page.data["total"]) == (
        "user-1",
        "https://cloud.example:443",
        40,
    )
    with mirror.connect() as connection:
        for job in page.jobs:
            row = (
                connection.execute(select(schema.JOBS).where(schema.JOBS.c.id == job["id"])).mappings().one()
            )
            assert (job["status"], job["created"], job["queue"], job["run"], job["credits"]) == (
                row["status"], row["created_ms"], row["queue_seconds"], row["run_seconds"], row["credits"],
            )  # fmt: skip
            of = {
                table: connection.execute(select(table).where(table.c.job_id == job["id"])).mappings().all()
                for table in (schema.PROMPTS, schema.SEEDS, schema.MODELS, schema.INPUTS)
            }
            assert [(role, page.text(text)) for role, text in job["prompts"]] == [
                (each["role"], each["text"]) for each in of[schema.PROMPTS] if each["text"]
            ]
            assert [page.text(seed) for seed in job["seeds"]] == [each["seed"] for each in of[schema.SEEDS]]
            assert [page.text(model) for _, model in job["models"]] == [
                each["model"] for each in of[schema.MODELS]
            ]
            own = {
                (each["node_id"], each["name"]): each["value"]
                for each in of[schema.INPUTS]
                if each["type"] != "link"
            }
            shape = [] if job["shape"] is None else page.data["shapes"][job["shape"]]
            values = [page.text(value) for value in job["values"]]
            assert {
                (node, name): value for (node, _, _, name), value in zip(shape, values, strict=True)
            } == own


def test_only_the_wanted_jobs_are_in_it_and_it_says_how_many_there_are(mirror: Mirror) -> None:
    fill(mirror, 200)
    with mirror.connect() as connection:
        failed = connection.execute(
            select(func.count()).select_from(schema.JOBS).where(schema.JOBS.c.status == "failed")
        ).scalar_one()
    page = ReadPage(report_html(mirror, JobFilter(statuses=("failed",)), limit=3))
    assert [job["status"] for job in page.jobs] == ["failed"] * 3
    assert page.data["total"] == failed > 3
    flux = ReadPage(report_html(mirror, JobFilter(model="FLUX1-dev"), limit=5))
    assert all("flux1-dev" in "".join(page_model(flux, job)) for job in flux.jobs)
    middle = NEWEST_MS - 100 * 60_000
    older = ReadPage(report_html(mirror, JobFilter(until_ms=middle)))
    newer = ReadPage(report_html(mirror, JobFilter(since_ms=middle)))
    assert len(older.jobs) + len(newer.jobs) == 200
    assert all(job["created"] < middle for job in older.jobs)


def page_model(page: ReadPage, job: dict) -> list[str]:
    return [page.text(number) for _, number in job["models"]]


def test_the_policy_names_each_script_and_style_by_its_hash_and_allows_nothing_else(mirror: Mirror) -> None:
    fill(mirror, 3)
    page = ReadPage(report_html(mirror))
    rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
    for rule, texts in (("script-src", page.scripts), ("style-src", page.styles)):
        hashes = [f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts]
        assert rules[rule].split() == hashes != []
    assert (rules["default-src"], rules["connect-src"], rules["img-src"]) == ("'none'", "'none'", "data:")
    assert "unsafe" not in page.policy
    assert not {"style", "onclick", "onload", "onerror"} & set(page.attributes)


def test_text_of_the_server_ends_no_block_and_comes_through_whole(mirror: Mirror) -> None:
    fill_hostile(mirror)
    html = report_html(mirror)
    page = ReadPage(html)
    assert page.tags.count("script") == 3
    assert len(page.jobs) == len(ATTACKS)
    shown = [page.text(job["prompts"][0][1]) for job in page.jobs]
    assert [text for text in shown if text in ATTACKS] == [text for text in ATTACKS if KEY not in text]
    assert len(shown) == len(ATTACKS)
    block = html[html.index('id="data">') + 10 : html.index("</script>", html.index('id="data">'))]
    assert not set(block) & set("<>&\u2028\u2029\u202e\u200b\x00\x1b\ud800")
    html.encode()


def test_there_is_never_a_key_in_it(mirror: Mirror) -> None:
    fill_hostile(mirror)
    assert KEY not in report_html(mirror)
    strings = PageStrings()
    number = strings.input_number("api_key_comfy_org", "sk-secret-of-a-partner")
    assert "secret" not in strings.texts[number]
    assert strings.texts[strings.input_number("text", "a plain text")] == "a plain text"


def test_a_very_long_text_is_cut_and_says_so() -> None:
    strings = PageStrings()
    text = strings.texts[strings.number("x" * 1_000_000)]
    assert len(text) < 30_000
    assert text.endswith("... (1,000,000 characters)")


def test_thumbnails_are_made_of_downloads_and_bounded_in_number(mirror: Mirror, tmp_path: Path) -> None:
    fill(mirror, 10)
    outputs = save_outputs(mirror, tmp_path)
    page = ReadPage(report_html(mirror, thumbnails=4))
    assert outputs > 4 == len(page.data["thumbs"])
    content = base64.b64decode(page.data["thumbs"][0].removeprefix("data:image/webp;base64,"))
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("WEBP", (256, 128))
    noted = [output[3] for job in page.jobs for output in job["outputs"] if output[3] is not None]
    assert sorted(noted) == [0, 1, 2, 3]
    # One of each of the newest jobs, before a second one of any.
    assert all(job["outputs"][0][3] is not None for job in [job for job in page.jobs if job["outputs"]][:4])
    assert ReadPage(report_html(mirror, thumbnails=0)).data["thumbs"] == []


def test_thumbnails_are_bounded_in_bytes_all_together(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(mirror, 10)
    save_outputs(mirror, tmp_path)
    one = thumbnails.thumbnail(png())
    assert one is not None
    monkeypatch.setattr(thumbnails, "MOST_BYTES", 2 * len(one))
    assert len(ReadPage(report_html(mirror)).data["thumbs"]) == 2


def test_what_is_not_an_image_of_a_bearable_size_has_no_thumbnail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert thumbnails.thumbnail(b"<svg onload='alert(1)'/>") is None
    assert thumbnails.thumbnail(png()[:100]) is None
    monkeypatch.setattr(thumbnails, "MOST_PIXELS", 600 * 300 - 1)
    assert thumbnails.thumbnail(png()) is None
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    assert thumbnails.local_file(str(pipe)) is None
    assert thumbnails.local_file(str(tmp_path)) is None
    assert thumbnails.local_file("nul\x00.png") is None
    assert thumbnails.local_file(None) is None


def test_images_that_are_not_here_can_be_fetched(mirror: Mirror) -> None:
    fill(mirror, 10)
    asked: list[str] = []

    def fetch(row, edge: int) -> bytes | None:
        asked.append(row["filename"])
        return png() if len(asked) != 2 else None

    page = ReadPage(report_html(mirror, thumbnails=5, fetch=fetch))
    assert len(asked) == 5
    assert len(page.data["thumbs"]) == 4


def test_a_file_that_exists_stays_and_a_report_is_written_whole(mirror: Mirror, tmp_path: Path) -> None:
    fill(mirror, 2)
    path = tmp_path / "report.html"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        write_report(mirror, path)
    assert path.read_text() == "mine"
    assert write_report(mirror, path, overwrite=True, status="completed") == path
    page = ReadPage(path.read_text(encoding="utf-8"))
    assert {job["status"] for job in page.jobs} <= {"completed"}
    assert [each.name for each in tmp_path.iterdir() if "report" in each.name] == ["report.html"]


def test_infinity_and_nan_are_no_numbers_of_json(mirror: Mirror) -> None:
    fill(mirror, 1)
    with mirror.store.writing() as connection:
        connection.execute(schema.JOBS.update().values(run_seconds=float("inf"), credits=2.5))
    (job,) = ReadPage(report_html(mirror)).jobs
    assert (job["run"], job["credits"]) == (None, 2.5)
