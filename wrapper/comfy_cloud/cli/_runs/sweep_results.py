"""What a sweep leaves behind: a table of results, and a contact sheet as HTML and as PNG."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..._files.whole_file import write_whole
from .._console.exits import CommandError
from .._console.formats import csv_line

THUMBNAIL = 256
_MOST_PIXELS = 100_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@dataclass(slots=True)
class CellResult:
    """How one cell ended."""

    index: int
    values: Mapping[str, str]
    status: str = "not run"
    job_id: str | None = None
    seconds: float | None = None
    files: list[Path] = field(default_factory=list)
    error: str | None = None


def rows(results: Sequence[CellResult], names: Mapping[str, str], folder: Path) -> list[dict[str, Any]]:
    """The results as rows: a column for each value, and what became of the cell."""
    return [
        {
            "index": each.index,
            **{names[address]: value for address, value in each.values.items()},
            "status": each.status,
            "job": each.job_id,
            "seconds": each.seconds,
            "files": [_relative(path, folder) for path in each.files],
            "error": each.error,
        }
        for each in results
    ]


def write_table(found: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the rows as CSV, or as Parquet if the name ends so (package pyarrow)."""
    if path.suffix == ".parquet":
        write_whole(path, _parquet(found), overwrite=True)
        return
    header = list(found[0]) if found else []
    lines = [csv_line(header)]
    for row in found:
        cells = {**row, "files": " ".join(row["files"])}
        lines.append(csv_line([cells[name] for name in header]))
    write_whole(path, "".join(lines).encode(), overwrite=True)


def _parquet(found: Sequence[Mapping[str, Any]]) -> bytes:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise CommandError("Parquet needs the package pyarrow: pip install 'comfy-cloud[parquet]'") from None
    content = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in found]), content)
    return content.getvalue()


def write_contact_sheet(
    results: Sequence[CellResult], names: Mapping[str, str], folder: Path, title: str
) -> list[Path]:
    """Write `contact-sheet.html`, which needs no other file, and `contact-sheet.png`.

    Raises CommandError when the package pillow is not installed.
    """
    try:
        from PIL import Image  # noqa: F401
    except ModuleNotFoundError:
        raise CommandError(
            "the contact sheet needs the package pillow: pip install 'comfy-cloud[preview]'"
        ) from None
    thumbnails = {each.index: _thumbnail(each.files) for each in results}
    page, image = folder / "contact-sheet.html", folder / "contact-sheet.png"
    write_whole(page, _page(results, names, folder, title, thumbnails).encode(), overwrite=True)
    write_whole(image, _sheet(results, names, thumbnails), overwrite=True)
    return [page, image]


def _thumbnail(files: Sequence[Path]) -> bytes | None:
    """The first image among the files, made small, as JPEG; None if there is none."""
    from PIL import Image

    for path in files:
        try:
            with Image.open(path, formats=_FORMATS) as opened:
                if opened.width * opened.height > _MOST_PIXELS:
                    continue
                opened.draft("RGB", (THUMBNAIL, THUMBNAIL))
                small = opened.convert("RGB")
                small.thumbnail((THUMBNAIL, THUMBNAIL))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue
        content = io.BytesIO()
        small.save(content, "JPEG", quality=85)
        return content.getvalue()
    return None


def _caption(result: CellResult, names: Mapping[str, str]) -> list[str]:
    lines = [f"{names[address]} = {value}" for address, value in result.values.items()]
    if result.status != "completed":
        lines.append(result.status if result.error is None else f"{result.status}: {result.error}")
    return lines


_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem }
figure { margin: 0; border: 1px solid #ddd; border-radius: 6px; overflow: hidden }
img { display: block; width: 100%; height: auto; background: #eee }
.none { padding: 3rem 1rem; text-align: center; background: #eee; color: #555 }
figcaption { padding: .5rem .75rem; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818 }
  figure { border-color: #444 }
  .none, img { background: #2a2a2a; color: #aaa }
}
"""


def _page(
    results: Sequence[CellResult],
    names: Mapping[str, str],
    folder: Path,
    title: str,
    thumbnails: Mapping[int, bytes | None],
) -> str:
    figures = []
    for each in results:
        small = thumbnails[each.index]
        caption = "<br>".join(html.escape(line) for line in _caption(each, names))
        if small is None:
            shown = '<div class="none">no image</div>'
        else:
            data = base64.b64encode(small).decode()
            link = html.escape(_address(each.files[0], folder), quote=True)
            text = html.escape(f"cell {each.index}", quote=True)
            shown = f'<a href="{link}"><img alt="{text}" src="data:image/jpeg;base64,{data}"></a>'
        figures.append(f"<figure>{shown}<figcaption>{each.index}<br>{caption}</figcaption></figure>")
    done = sum(each.status == "completed" for each in results)
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1><p>{done} of {len(results)} cells completed</p>\n<main>\n"
        + "\n".join(figures)
        + "\n</main></body></html>\n"
    )


def _sheet(
    results: Sequence[CellResult], names: Mapping[str, str], thumbnails: Mapping[int, bytes | None]
) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    columns = max(1, min(len(results), _columns(results)))
    line_height, lines = 14, max((len(_caption(each, names)) for each in results), default=1) + 1
    cell = THUMBNAIL + line_height * lines + 12
    height = cell * ((len(results) + columns - 1) // columns)
    sheet = Image.new("RGB", (columns * (THUMBNAIL + 8), max(1, height)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for place, each in enumerate(results):
        left, top = (place % columns) * (THUMBNAIL + 8), (place // columns) * cell
        small = thumbnails[each.index]
        if small is not None:
            with Image.open(io.BytesIO(small), formats=("JPEG",)) as opened:
                sheet.paste(opened, (left, top))
        for number, line in enumerate([f"#{each.index}", *_caption(each, names)]):
            text = line.encode("latin-1", "replace").decode("latin-1")[:42]
            draw.text((left + 4, top + THUMBNAIL + 4 + number * line_height), text, fill="black", font=font)
    content = io.BytesIO()
    sheet.save(content, "PNG")
    return content.getvalue()


def _columns(results: Sequence[CellResult]) -> int:
    """As many columns as the last value has, if the sweep is a grid of up to twelve; else six."""
    if not results or not results[0].values:
        return 6
    last = list(results[0].values)[-1]
    count = len({each.values.get(last) for each in results})
    return count if 1 < count <= 12 else 6


def _relative(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return str(path)


def _address(path: Path, folder: Path) -> str:
    from urllib.parse import quote

    return "./" + quote(_relative(path, folder))
