"""Names for downloaded files: safe whatever a server sends; and name templates."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from pathlib import Path, PurePath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError
from comfy_cloud._files import names as names_module
from comfy_cloud._files.file_types import split_name
from comfy_cloud._files.names import NameTemplate, distinct, output_name, safe_name
from comfy_cloud._jobs.outputs import Output

ANY_TEXT = st.text(st.characters(), max_size=300)
FORBIDDEN = set('<>:"/\\|?*')
DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789\u00b9\u00b2\u00b3"
}


@given(ANY_TEXT)
@example("../../etc/passwd")
@example("..")
@example("con.tar.gz")
@example("COM¹ .txt")
@example("a" * 500 + ".png")
@example("ü" * 150 + ".png")
@example("\u202egnp.exe")
@example("\ud800.png")
@example(" . hidden . ")
def test_a_safe_name_is_one_component_anywhere(text: str) -> None:
    name = safe_name(text)
    assert name
    assert name not in (".", "..")
    assert not set(name) & FORBIDDEN
    assert not any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in name)
    assert len(name.encode()) <= 200
    assert name == name.strip(" .")
    assert name.partition(".")[0].rstrip(" ").upper() not in DEVICES
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in name)
    assert name == unicodedata.normalize("NFC", name)
    assert (Path("/folder") / name).parent == Path("/folder")
    assert safe_name(name) == name


@given(st.sampled_from(sorted(DEVICES)), st.sampled_from(["", ".", " ", ".png", " .png", ".tar.gz", ". . ."]))
def test_windows_device_names_are_avoided(device: str, rest: str) -> None:
    for name in (device + rest, device.lower() + rest, device.title() + rest):
        assert safe_name(name).startswith("_")
        assert safe_name(f"x{name}") == f"x{name}".strip(" .")


@pytest.mark.parametrize(
    "name",
    [
        "a.png",
        "-rf",
        "--help.png",
        "~root",
        "$HOME",
        "%TEMP%",
        "a'b",
        "Ünïcode - name (1).webp",
        "日本.mp4",
        "a b_c-d.tar.gz",
        "~x.glb",
    ],
)
def test_a_safe_name_stays(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "shortened"),
    [
        ("a" * 200, "a" * 200),
        ("a" * 201, "a" * 200),
        ("a" * 196 + ".png", "a" * 196 + ".png"),
        ("a" * 500 + ".safetensors", "a" * 188 + ".safetensors"),
        ("ü" * 150 + ".png", "ü" * 98 + ".png"),
        ("ü" * 150 + ".jpeg", "ü" * 97 + ".jpeg"),  # of 195 bytes, the last is half a character
        ("a" * 193 + "... " + "b" * 50 + ".png", "a" * 193 + ".png"),
    ],
)
def test_a_name_has_at_most_200_bytes_with_its_extension(name: str, shortened: str) -> None:
    assert safe_name(name) == shortened


@pytest.mark.parametrize("char", ["\x00", "\x1f", "\x7f", "\u200b", "\u202e", "\u2028", "\u2029", "\ud800"])
def test_invisible_characters_are_replaced(char: str) -> None:
    assert safe_name(f"a{char}b.png") == "a_b.png"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.png", ("a", ".png")),
        ("a.tar.gz", ("a.tar", ".gz")),
        ("a", ("a", "")),
        (".png", (".png", "")),
        ("a.", ("a.", "")),
        ("Mr. Smith", ("Mr. Smith", "")),
        ("a." + "x" * 19, ("a", "." + "x" * 19)),
        ("a." + "x" * 20, ("a." + "x" * 20, "")),
    ],
)
def test_split(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_an_output_is_called_by_its_display_name() -> None:
    stored = "0" * 64 + ".png"
    assert output_name(Output({"filename": stored})) == stored
    assert output_name(Output({"filename": stored, "display_name": "a.png"})) == "a.png"
    assert output_name(Output({"filename": stored, "display_name": "a"})) == "a.png"


OUTPUT = Output({"filename": "0" * 64 + ".png", "display_name": "ima/ge.png"}, "9:1")


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{node}_{index}{ext}", "9_1_7.png"),
        ("{index:04}{ext}", "0007.png"),
        ("{created:%Y-%m-%d}/{job}_{kind}{ext}", "2026-11-23/j_1_image.png"),
        ("{name}{ext}", "ima_ge.png"),
        ("{{{index}}}{ext}", "{7}.png"),
        ("{created}{ext}", "2026-11-23T10-20-30.png"),
    ],
)
def test_templates(template: str, path: str) -> None:
    created = datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)
    assert NameTemplate(template).path_of(OUTPUT, 7, job="j/1", created=created) == PurePath(path)


def test_unknown_values() -> None:
    path = NameTemplate("{job}-{node}-{created:%Y}{ext}").path_of(Output({"filename": "a"}), 0)
    assert path == PurePath("unknown-unknown-unknown")


@pytest.mark.parametrize(
    "template",
    [
        "",
        "  ",
        "{",
        "{nod}",
        "{0}",
        "{}",
        "{job.__class__}",
        "{job[0]}",
        "{job!r}",
        "{index:{job}}",
        "/abs/{name}",
        "../{name}",
        "a/../{name}",
        "a//{name}",
        "..\\{name}",
        "{name}/",
    ],
)
def test_templates_that_cannot_be_used(template: str) -> None:
    with pytest.raises(ConfigurationError):
        NameTemplate(template)


def test_a_format_that_does_not_fit() -> None:
    with pytest.raises(ConfigurationError, match="cannot be written as"):
        NameTemplate("{name:04d}").path_of(OUTPUT, 0)


@given(
    ANY_TEXT,
    ANY_TEXT,
    ANY_TEXT,
    st.sampled_from(["{name}{ext}", ".{name}", "{job}/{node}/{name}.", "{node}.{job}"]),
)
def test_no_value_leads_out_of_the_folder(name: str, node: str, job: str, template: str) -> None:
    output = Output({"filename": name or "x"}, node)
    path = NameTemplate(template).path_of(output, 0, job=job)
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert len(path.parts) == template.count("/") + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A.png", "a.png"),
        ("\u00e4.png", "a\u0308.png"),
        ("stra\u00dfe", "STRASSE"),
        ("\ufb01sh", "fish"),
        (
            "\u0390",
            "\u03aa\u0301",
        ),  # the small letter falls into three when it is folded, the capital into two
        ("\u212b", "\u00e5"),
    ],
)
def test_names_that_a_file_system_may_take_for_the_same(one: str, other: str) -> None:
    first, second = distinct([PurePath(one), PurePath(other)])
    assert first.name == one
    assert "_2" in second.name


@given(st.lists(ANY_TEXT, max_size=6), st.sampled_from(["{name}{ext}", "{node}/{name}{ext}", "x{ext}"]))
def test_any_names_become_distinct_safe_paths(names: list[str], template: str) -> None:
    outputs = [Output({"filename": name or "x"}, name[::-1]) for name in names]
    paths = distinct([NameTemplate(template).path_of(output, 0) for output in outputs])
    assert len({unicodedata.normalize("NFC", str(path)).casefold() for path in paths}) == len(names)
    for path in paths:
        assert not path.is_absolute()
        for step in path.parts:
            assert step not in ("..", ".")
            assert not set(step) & FORBIDDEN
            assert len(step.encode()) <= 255
            assert not step.endswith((" ", "."))
            assert step.partition(".")[0].rstrip(" ").upper() not in DEVICES


def test_names_that_coincide_get_a_number() -> None:
    paths = [PurePath(name) for name in ("a.png", "A.PNG", "b/a.png", "a.png", "a_2.png")]
    found = [path.as_posix() for path in distinct(paths)]
    assert found == ["a.png", "A_2.PNG", "b/a.png", "a_3.png", "a_2_2.png"]


@given(st.lists(st.sampled_from(["a.png", "A.png", "a_2.png", "ä", "a\u0308", "b/a.png"]), max_size=12))
def test_distinct_names_differ_on_any_file_system(names: list[str]) -> None:
    found = distinct(PurePath(name) for name in names)
    assert len({path.as_posix().casefold() for path in found}) == len(names)


def test_equal_names_cost_no_more_than_different_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[PurePath] = []
    fold = names_module._folded

    def counted(path: PurePath) -> str:
        folded.append(path)
        return fold(path)

    monkeypatch.setattr(names_module, "_folded", counted)
    paths = [PurePath(f"folder/{name}") for name in ("a.png", "A.png", "b", "a_2.png") * 500]
    found = distinct(paths)
    assert len({path.as_posix().casefold() for path in found}) == 2000
    assert len(folded) <= 8 * len(paths)


@given(st.lists(st.sampled_from(["a.png", "A.png", "a_2.png", "a_3.png", "a", "x/a", "x/a_2"]), max_size=20))
def test_the_first_free_number_is_used(names: list[str]) -> None:
    taken: set[str] = set()
    for name, path in zip(names, distinct(PurePath(name) for name in names), strict=True):
        stem, dot, extension = name.partition(".")
        tries = (name, *(f"{stem}_{number}{dot}{extension}" for number in range(2, 99)))
        assert path.as_posix() == next(each for each in tries if each.casefold() not in taken)
        taken.add(path.as_posix().casefold())
