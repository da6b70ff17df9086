"""`import httpx` imports the command of httpx where rich and click are, as they are here.

Only the process of our own command is spared that: the library changes no other module.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def without_the_command_of_httpx() -> None:
    """Keep `import httpx` from importing its own command, which it does where rich and click are.

    That takes as long as half of the rest. `httpx.main` works as ever, and imports it then.
    """
    name = "httpx._main"
    if "httpx" in sys.modules:
        return

    def __getattr__(attribute: str) -> Any:
        if attribute.startswith("__"):  # such as import asks for
            raise AttributeError(attribute)
        from importlib import import_module

        if sys.modules.get(name) is substitute:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    def main() -> None:
        __getattr__("main")()

    substitute = ModuleType(name)
    substitute.__dict__.update(main=main, __getattr__=__getattr__)
    sys.modules[name] = substitute
