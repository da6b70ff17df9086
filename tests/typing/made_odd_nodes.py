# Made by `comfy-cloud nodes stubs`, version 0.1.0; node classes: 23.
# Do not edit it: make it anew when the classes have changed.
# SHA-256 of all that follows the next line: 79eefd87ff12f2fdc8de24c8192dc980e7455fd4d0402eb97ffe44831eb51a1b
# fmt: off
"""The node classes of a server, to build graphs with; see `comfy_cloud.graph_builder`."""

from __future__ import annotations

import typing as _t

from comfy_cloud import graph_builder as _g

CLIP: _t.TypeAlias = _g.Link[_t.Literal["CLIP"]]
COMBO: _t.TypeAlias = _g.Link[_t.Literal["COMBO"]]
CURVE: _t.TypeAlias = _g.Link[_t.Literal["CURVE"]]
IMAGE: _t.TypeAlias = _g.Link[_t.Literal["IMAGE"]]
MASK: _t.TypeAlias = _g.Link[_t.Literal["MASK"]]
NO_OUTPUT: _t.TypeAlias = _g.Link[_t.Literal["NO_OUTPUT"]]
Many: _t.TypeAlias = _t.Literal["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11"]


class unnamed(_g.Node[tuple[()]]):
    """. The class ''."""

    def __init__(
        self,
    ) -> None:
        super().__init__("", {
        }, 0)


class Node_3D_Loader(_g.Node[tuple[()]]):
    """3D Loader. The class '3D Loader'.

    Args:
        input_3d: The input '3d'.
        a_b_2: The input 'a b'.
        a_b_3: The input 'a.b'.
    """

    def __init__(
        self,
        *,
        input_3d: _g.Int,
        a_b_2: _g.Int,
        a_b_3: _g.Int,
        a_b: _g.Int,
    ) -> None:
        super().__init__("3D Loader", {
            "3d": input_3d,
            "a b": a_b_2,
            "a.b": a_b_3,
            "a_b": a_b,
        }, 0)


class Choices(_g.Node[tuple[_g.Link[_t.Literal["COMBO", "COMBO a36b1f2c3f84"]], _g.Link[_t.Literal["COMBO", "COMBO 3554d2b8a1e3"]], COMBO, _g.Link[str]]]):
    """Choices."""

    def __init__(
        self,
        *,
        numbers: _t.Literal[1, 2, 3] | _g.Link[_t.Literal["COMBO a36b1f2c3f84"]],
        booleans: _t.Literal[True, False] | _g.Link[str],
        mixed: _t.Literal["a", 1] | _g.Link[str],
        floats: _g.Value | _g.Link[str],
        none: str | _g.Link[str],
        many: Many | _g.Link[str],
        twice: _t.Literal["a"] | _g.Link[str],
        several: _t.Literal["a", "b"] | _g.Several[_t.Literal["a", "b"]] | COMBO,
        remote: str | COMBO,
        upload: _g.File | _g.Link[str],
    ) -> None:
        super().__init__("Choices", {
            "numbers": numbers,
            "booleans": booleans,
            "mixed": mixed,
            "floats": floats,
            "none": none,
            "many": many,
            "twice": twice,
            "several": several,
            "remote": remote,
            "upload": upload,
        }, 4)

    @property
    def numbers(self) -> _g.Link[_t.Literal["COMBO", "COMBO a36b1f2c3f84"]]:
        """Output 0: numbers."""
        return self.outputs[0]

    @property
    def letters(self) -> _g.Link[_t.Literal["COMBO", "COMBO 3554d2b8a1e3"]]:
        """Output 1: letters."""
        return self.outputs[1]

    @property
    def combo(self) -> COMBO:
        """Output 2: combo."""
        return self.outputs[2]

    @property
    def any(self) -> _g.Link[str]:
        """Output 3: any."""
        return self.outputs[3]


class Defaults(_g.Node[tuple[()]]):
    """Defaults.

    Args:
        low: At least 1.
    """

    def __init__(
        self,
        *,
        i: _g.Int = 3,
        j: _g.Int,
        k: _g.Int,
        f: _g.Float,
        g: _g.Float = 1,
        h: _g.Float,
        s: _g.String,
        b: _g.Boolean,
        low: _g.Int,
        c: _t.Literal["a", "b"] | _g.Link[_t.Literal["COMBO 3554d2b8a1e3"]],
        d: CURVE | _g.Value | None = None,
        e: CURVE | _g.Value | None = None,
    ) -> None:
        super().__init__("Defaults", {
            "i": i,
            "j": j,
            "k": k,
            "f": f,
            "g": g,
            "h": h,
            "s": s,
            "b": b,
            "low": low,
            "c": c,
            "d": _g.or_default(d, "{}"),
            "e": _g.or_default(e, "[[0, 1.5]]"),
        }, 0)


class Dynamic(_g.Node[tuple[()]]):
    """Dynamic."""

    class ModeOnModeX(_g.Option):
        """Of mode_on_mode: the option x."""

        def __init__(
            self,
            *,
            y: _g.Int,
        ) -> None:
            super().__init__("x", {
                "y": y,
            })

    class ModeOn(_g.Option):
        """Of mode: the option on."""

        def __init__(
            self,
            *,
            strength: _g.Float = 1.0,
            mode: Dynamic.ModeOnModeX,
        ) -> None:
            super().__init__("on", {
                "strength": strength,
                "mode": mode,
            })

    class Slot(_g.Option):
        """slot with the inputs that it has once it is linked."""

        def __init__(
            self,
            value: IMAGE,
            /,
            *,
            blur: _g.Int = 2,
        ) -> None:
            super().__init__(value, {
                "blur": blur,
            })

    def __init__(
        self,
        *,
        mode: _t.Literal["off"] | Dynamic.ModeOn = "off",
        images: _g.Several[IMAGE],
        named: _g.Several[MASK] | _g.SeveralByName[MASK] = (),
        slot: Dynamic.Slot | None = None,
    ) -> None:
        super().__init__("Dynamic", {
            "mode": mode,
            "images": _g.grown(images, "image", 1, 3),
            "named": _g.grown_by_name(named, ["a", "b"], 0),
            "slot": slot,
        }, 0)


class Ep_ee(_g.Node[tuple[()]]):
    """Ep_ee."""

    def __init__(
        self,
    ) -> None:
        super().__init__("Ep_ee", {
        }, 0)


class Garbage(_g.Node[tuple[()]]):
    """Garbage."""

    def __init__(
        self,
    ) -> None:
        super().__init__("Garbage", {
        }, 0)


class Garbage2(_g.Node[tuple[_g.Link[str], _g.Link[str]]]):
    """Garbage2."""

    def __init__(
        self,
        *,
        c: _g.Anything,
        d: _g.Int,
    ) -> None:
        super().__init__("Garbage2", {
            "c": c,
            "d": d,
        }, 2)

    @property
    def unknown(self) -> _g.Link[str]:
        """Output 0: UNKNOWN."""
        return self.outputs[0]

    @property
    def unknown_2(self) -> _g.Link[str]:
        """Output 1: UNKNOWN."""
        return self.outputs[1]


class Literal(_g.Node[tuple[_g.Link[_t.Literal["int"]]]]):
    """Literal."""

    def __init__(
        self,
    ) -> None:
        super().__init__("Literal", {
        }, 1)

    @property
    def property_(self) -> _g.Link[_t.Literal["int"]]:
        """Output 0: property."""
        return self.outputs[0]


class MODEL(_g.Node[tuple[_g.Link[_t.Literal["MODEL"]], _g.Link[_t.Literal["MODEL"]], CLIP, _g.Link[_t.Literal[""]], _g.Link[_t.Literal["int"]]]]):
    """MODEL."""

    def __init__(
        self,
    ) -> None:
        super().__init__("MODEL", {
        }, 5)

    @property
    def model(self) -> _g.Link[_t.Literal["MODEL"]]:
        """Output 0: MODEL."""
        return self.outputs[0]

    @property
    def model_2(self) -> _g.Link[_t.Literal["MODEL"]]:
        """Output 1: MODEL."""
        return self.outputs[1]

    @property
    def outputs_(self) -> CLIP:
        """Output 2: outputs."""
        return self.outputs[2]

    @property
    def super_(self) -> _g.Link[_t.Literal[""]]:
        """Output 3: super."""
        return self.outputs[3]

    @property
    def int(self) -> _g.Link[_t.Literal["int"]]:
        """Output 4: INT."""
        return self.outputs[4]


class Nothing(_g.Node[tuple[()]]):
    """Nothing."""

    def __init__(
        self,
    ) -> None:
        super().__init__("Nothing", {
        }, 0)


class Optional(_g.Node[tuple[()]]):
    """Optional. A partner service, billed by use. Deprecated. Experimental.

    Args:
        steps: How many. From 1 to 9.
    """

    def __init__(
        self,
        *,
        steps: _g.Int,
        model: _g.Link[_t.Literal["MODEL"]] | None = None,
        strength: _g.Float = 0.5,
        slot: _g.Int | None = None,
        group: _g.Anything | None = None,
    ) -> None:
        super().__init__("Optional", {
            "steps": steps,
            "model": model,
            "strength": strength,
            "slot": slot,
            "group": group,
        }, 0)


class Types(_g.Node[tuple[_g.Link[_t.Literal["IMAGE", "MASK"]], _g.Link[str]]]):
    """Types."""

    def __init__(
        self,
        *,
        two: IMAGE | MASK,
        any: _g.Anything,
        number: _g.Float | _g.Int,
        new: _g.Anything,
        only: NO_OUTPUT | _g.Value,
    ) -> None:
        super().__init__("Types", {
            "two": two,
            "any": any,
            "number": number,
            "new": new,
            "only": only,
        }, 2)

    @property
    def both(self) -> _g.Link[_t.Literal["IMAGE", "MASK"]]:
        """Output 0: both, a list."""
        return self.outputs[0]

    @property
    def matched(self) -> _g.Link[str]:
        """Output 1: matched."""
        return self.outputs[1]


class g(_g.Node[tuple[()]]):
    """_g. The class '_g'."""

    def __init__(
        self,
    ) -> None:
        super().__init__("_g", {
        }, 0)


class t(_g.Node[tuple[()]]):
    """_t. The class '_t'."""

    def __init__(
        self,
    ) -> None:
        super().__init__("_t", {
        }, 0)


class a_b_2(_g.Node[tuple[()]]):
    """a/b. The class 'a/b'."""

    def __init__(
        self,
    ) -> None:
        super().__init__("a/b", {
        }, 0)


class a_b(_g.Node[tuple[()]]):
    """a_b."""

    def __init__(
        self,
    ) -> None:
        super().__init__("a_b", {
        }, 0)


class a_b_3(_g.Node[tuple[()]]):
    """a|b. The class 'a|b'."""

    def __init__(
        self,
    ) -> None:
        super().__init__("a|b", {
        }, 0)


class class_(_g.Node[tuple[()]]):
    """class. The class 'class'.

    Args:
        from_: The input 'from'.
        self_: The input 'self'.
        super_: The input 'super'.
        value_: The input 'value'.
    """

    def __init__(
        self,
        *,
        from_: _g.Int,
        self_: _g.Int,
        super_: _g.Int,
        value_: _g.Int,
    ) -> None:
        super().__init__("class", {
            "from": from_,
            "self": self_,
            "super": super_,
            "value": value_,
        }, 0)


class lower(_g.Node[tuple[_g.Link[_t.Literal["x"]]]]):
    """lower."""

    class ModeA(_g.Option):
        """Of mode: the option a."""

        def __init__(
            self,
            *,
            b: _g.Int,
        ) -> None:
            super().__init__("a", {
                "b": b,
            })

    def __init__(
        self,
        *,
        mode: lower.ModeA,
    ) -> None:
        super().__init__("lower", {
            "mode": mode,
        }, 1)

    @property
    def lower_(self) -> _g.Link[_t.Literal["x"]]:
        """Output 0: lower."""
        return self.outputs[0]


class print_(_g.Node[tuple[()]]):
    """print. The class 'print'."""

    def __init__(
        self,
    ) -> None:
        super().__init__("print", {
        }, 0)


class Epee_fast(_g.Node[tuple[()]]):
    """Épée (fast). The class 'Épée (fast)'."""

    def __init__(
        self,
    ) -> None:
        super().__init__("Épée (fast)", {
        }, 0)


class u52a0_u8f7d(_g.Node[tuple[()]]):
    """加载. The class '加载'."""

    def __init__(
        self,
    ) -> None:
        super().__init__("加载", {
        }, 0)
