"""Record `comfy-cloud run` on a terminal, as the moving picture docs/run.svg of the README.

The command runs on a terminal of its own against the local Comfy Cloud. What the screen shows is
kept each time that it changes. Each of those frames becomes a group of the SVG, and CSS shows one
after the other. The file holds no script, no font and no address. With "reduce motion" switched on,
it shows the last frame. Run by `make picture`.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from io import StringIO
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from comfy_cloud_emulator import Emulator

from .command_table.account import GRAPH
from .local_shell import local_environment

PICTURE = Path(__file__).parents[1] / "docs" / "run.svg"
COLUMNS, LINES = 84, 13
COMMANDS = (
    'comfy-cloud run workflow.json -s 6.text="a lighthouse at dusk" -d out',
    "comfy-cloud history list --limit 5",
)
_LEAST = 0.25  # seconds between two frames: what is shown for less, nobody reads
_LAST = 4.0  # seconds that the end stays
_ADDRESS = "http://127.0.0.1:8189"
_CHARACTER_WIDTH, _LINE_HEIGHT = 12.2, 24.4  # as rich lays characters out
_FRAME = "<style>{styles}</style>{backgrounds}<g class='text'>{matrix}</g>"
# What rich adds for terminals whose fonts are too wide, and a text for the end of each line.
_SURPLUS = re.compile(r' clip-path="[^"]*"|<text [^>]*>\n</text>')


@dataclass(frozen=True)
class Frame:
    """What the screen showed, and for how many seconds."""

    screen: Text
    seconds: float


def main() -> int:
    """Record the picture anew."""
    frames: list[Frame] = []
    with Emulator(seed_data="demo", seed=7) as emulator, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "workflow.json").write_text(json.dumps(GRAPH))
        environment = local_environment(emulator, folder, "xterm-256color")
        screen = pyte.Screen(COLUMNS, LINES)
        for command in COMMANDS:
            frames += _recorded(command, folder, environment, screen)
    frames.append(Frame(frames[-1].screen, _LAST))
    PICTURE.write_text(drawn(frames), encoding="utf-8")
    print(f"{PICTURE.name}: {len(frames)} frames, {PICTURE.stat().st_size:,} bytes")
    return 0


def _recorded(command: str, folder: str, environment: dict[str, str], screen: pyte.Screen) -> list[Frame]:
    """The frames that one command makes, its own line first."""
    stream = pyte.ByteStream(screen)
    stream.feed(f"\x1b[0m\x1b[32m$\x1b[0m {command}\r\n".encode())
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    frames: list[Frame] = []
    shown, since = _shown(screen), time.monotonic()
    while True:
        ready, _, _ = select.select([controller], [], [], _LEAST)
        if ready:
            try:
                part = os.read(controller, 65_536)
            except OSError:  # the command has closed the terminal
                break
            if not part:
                break
            stream.feed(part)
        now = time.monotonic()
        if now - since >= _LEAST and (latest := _shown(screen)) != shown:
            frames.append(Frame(shown, now - since))
            shown, since = latest, now
    process.wait()
    os.close(controller)
    return [*frames, Frame(shown, time.monotonic() - since), Frame(_shown(screen), 1.0)]


def _shown(screen: pyte.Screen) -> Text:
    """The screen as text with styles."""
    text = Text(no_wrap=True)
    for number in range(LINES):
        row = screen.buffer[number]
        cells = [row[column] for column in range(COLUMNS)]
        while cells and cells[-1] == screen.default_char:
            cells.pop()
        for style, part in groupby(cells, _style):
            text.append("".join(cell.data for cell in part), style)
        text.append("\n")
    return text


def _style(cell: pyte.screens.Char) -> Style:
    colour, background = (
        None if name == "default" else _NAMES.get(name, f"#{name}") for name in (cell.fg, cell.bg)
    )
    return Style(color=colour, bgcolor=background, bold=cell.bold, reverse=cell.reverse)


# What pyte calls a colour, where rich says it in another way.
_NAMES = {
    **{name: name for name in ("black", "red", "green", "blue", "magenta", "cyan", "white")},
    "brown": "yellow",
    **{f"bright{name}": f"bright_{name}" for name in ("black", "red", "green", "blue", "cyan", "white")},
    "brightbrown": "bright_yellow",
    "bfightmagenta": "bright_magenta",  # as pyte spells it
    "brightmagenta": "bright_magenta",
}


def drawn(frames: list[Frame]) -> str:
    """The frames as one SVG that shows one after the other, over and over."""
    whole = sum(frame.seconds for frame in frames)
    width, height = COLUMNS * _CHARACTER_WIDTH + 40, LINES * _LINE_HEIGHT + 70
    groups, rules, start = [], [], 0.0
    for number, frame in enumerate(frames):
        console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
        console.print(frame.screen, end="", soft_wrap=True)
        content = console.export_svg(code_format=_FRAME, unique_id=f"f{number}", theme=MONOKAI)
        content = _SURPLUS.sub("", content)
        groups.append(f'<g id="frame{number}" class="frame">{content}</g>')
        end = start + frame.seconds
        rules.append(
            f"@keyframes k{number}{{0%,{100 * start / whole:.2f}%{{visibility:hidden}}"
            f"{100 * start / whole + 0.01:.2f}%,{100 * end / whole:.2f}%{{visibility:visible}}"
            f"{min(100 * end / whole + 0.01, 100):.2f}%,100%{{visibility:hidden}}}}"
            f"#frame{number}{{animation:k{number} {whole:.1f}s step-end infinite}}"
        )
        start = end
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">
<title>comfy-cloud run in a terminal: it submits a workflow, follows its nodes, and saves the image</title>
<style>
.text {{ font: 20px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }}
.text text {{ white-space: pre }}
.frame {{ visibility: hidden }}
{"".join(rules)}
@media (prefers-reduced-motion: reduce) {{
  .frame {{ animation: none !important }}
  #frame{len(frames) - 1} {{ visibility: visible }}
}}
</style>
<rect width="100%" height="100%" rx="10" fill="#1c1c22"/>
<g fill="#4a4a55">
<circle cx="26" cy="24" r="7"/><circle cx="48" cy="24" r="7"/><circle cx="70" cy="24" r="7"/>
</g>
<g transform="translate(20, 48)">
{"".join(groups)}
</g>
</svg>
"""


if __name__ == "__main__":
    sys.exit(main())
