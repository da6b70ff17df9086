# Made by `comfy-cloud nodes stubs`, version 0.1.0; node classes: 1 of x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s.
# Do not edit it: make it anew when the classes have changed.
# SHA-256 of all that follows the next line: a657ffe22cce8f5940a469144283930cfa70a131c04d6c53859d90e01915cb16
# fmt: off
"""The node classes of a server, to build graphs with; see `comfy_cloud.graph_builder`."""

from __future__ import annotations

import typing as _t

from comfy_cloud import graph_builder as _g

CURVE: _t.TypeAlias = _g.Link[_t.Literal["CURVE"]]
IMAGE: _t.TypeAlias = _g.Link[_t.Literal["IMAGE"]]


class x_import_os_os_system_touch_attacked_0_s(_g.Node[tuple[_g.Link[_t.Literal["x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"]], _g.Link[_t.Literal["COMBO", "COMBO 59f1805d4011"]], _g.Link[_t.Literal["A", "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"]]]]):
    """x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s (x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s). The class 'x\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.

    x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s

    Args:
        x_import_os_os_system_touch_attacked_0_s: The input 'x\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'. x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s
        ax_import_os_os_system_touch_attacked_0_s: The input 'ax\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'. x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %sx\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %sx\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %sx\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %sx\"\"\"); import os; os
        bx_import_os_os_system_touch_attacked_0_s: The input 'bx\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.
        cx_import_os_os_system_touch_attacked_0_s: The input 'cx\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.
        dx_import_os_os_system_touch_attacked_0_s: The input 'dx\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.
        ex_import_os_os_system_touch_attacked_0_s: The input 'ex\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.
        fx_import_os_os_system_touch_attacked_0_s: The input 'fx\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.
        gx_import_os_os_system_touch_attacked_0_s: The input 'gx\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.
        ix_import_os_os_system_touch_attacked_0_s: The input 'ix\"\"\"); import os; os.system(\"touch attacked\") # \\n\\\\\" \\' \\r\\x00\\u202e\\u200f\u05d0 {} {0} %s'.
    """

    class GxImportOsOsSystemTouchAttacked0SXImportOsOsSystemTouchAttacked0S(_g.Option):
        """Of gx_import_os_os_system_touch_attacked_0_s: the option x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s."""

        def __init__(
            self,
            *,
            x_import_os_os_system_touch_attacked_0_s: _g.Int,
        ) -> None:
            super().__init__("x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s", {
                "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": x_import_os_os_system_touch_attacked_0_s,
            })

    class IxImportOsOsSystemTouchAttacked0S(_g.Option):
        """ix_import_os_os_system_touch_attacked_0_s with the inputs that it has once it is linked."""

        def __init__(
            self,
            value: _g.Link[_t.Literal["x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"]],
            /,
            *,
            x_import_os_os_system_touch_attacked_0_s: _g.Int,
        ) -> None:
            super().__init__(value, {
                "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": x_import_os_os_system_touch_attacked_0_s,
            })

    def __init__(
        self,
        *,
        x_import_os_os_system_touch_attacked_0_s: _g.Link[_t.Literal["x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"]],
        ax_import_os_os_system_touch_attacked_0_s: _t.Literal["x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s", "b"] | _g.Link[str] = "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s",
        bx_import_os_os_system_touch_attacked_0_s: _g.String = "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s",
        cx_import_os_os_system_touch_attacked_0_s: IMAGE | _g.Link[_t.Literal["x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"]] | _g.Value,
        dx_import_os_os_system_touch_attacked_0_s: CURVE | _g.Value | None = None,
        ex_import_os_os_system_touch_attacked_0_s: _g.Several[IMAGE | _g.Value] = (),
        fx_import_os_os_system_touch_attacked_0_s: _g.Several[IMAGE | _g.Value] | _g.SeveralByName[IMAGE | _g.Value] = (),
        gx_import_os_os_system_touch_attacked_0_s: _t.Literal["hx\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"] | x_import_os_os_system_touch_attacked_0_s.GxImportOsOsSystemTouchAttacked0SXImportOsOsSystemTouchAttacked0S,
        ix_import_os_os_system_touch_attacked_0_s: x_import_os_os_system_touch_attacked_0_s.IxImportOsOsSystemTouchAttacked0S | None = None,
    ) -> None:
        super().__init__("x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s", {
            "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": x_import_os_os_system_touch_attacked_0_s,
            "ax\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": ax_import_os_os_system_touch_attacked_0_s,
            "bx\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": bx_import_os_os_system_touch_attacked_0_s,
            "cx\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": cx_import_os_os_system_touch_attacked_0_s,
            "dx\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": _g.or_default(dx_import_os_os_system_touch_attacked_0_s, "{\"x\\\"\\\"\\\"); import os; os.system(\\\"touch attacked\\\")  # \\n\\\\\\\" ' \\r\\u0000\\u202e\\u200f\\u05d0 {} {0} %s\": [\"x\\\"\\\"\\\"); import os; os.system(\\\"touch attacked\\\")  # \\n\\\\\\\" ' \\r\\u0000\\u202e\\u200f\\u05d0 {} {0} %s\", {}]}"),
            "ex\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": _g.grown(ex_import_os_os_system_touch_attacked_0_s, "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s", 0, 100),
            "fx\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": _g.grown_by_name(fx_import_os_os_system_touch_attacked_0_s, ["x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"], 0),
            "gx\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": gx_import_os_os_system_touch_attacked_0_s,
            "ix\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s": ix_import_os_os_system_touch_attacked_0_s,
        }, 3)

    @property
    def x_import_os_os_system_touch_attacked_0_s_(self) -> _g.Link[_t.Literal["x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"]]:
        """Output 0: x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s."""
        return self.outputs[0]

    @property
    def x_import_os_os_system_touch_attacked_0_s_2(self) -> _g.Link[_t.Literal["COMBO", "COMBO 59f1805d4011"]]:
        """Output 1: x\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s."""
        return self.outputs[1]

    @property
    def xx_import_os_os_system_touch_attacked_0_s(self) -> _g.Link[_t.Literal["A", "x\"\"\"); import os; os.system(\"touch attacked\")  # \x0a\\\" ' \x0d\x00\u202e\u200f\u05d0 {} {0} %s"]]:
        """Output 2: xx\"\"\"); import os; os.system(\"touch attacked\") # \\\" ' \u05d0 {} {0} %s."""
        return self.outputs[2]
