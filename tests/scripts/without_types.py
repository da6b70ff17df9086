"""In place of mypy over a new tree, which takes longer than all else that proves it."""

from __future__ import annotations

from pathlib import Path


class WithoutTypes:
    """Finds no problem, as mypy in most trees; `tests/scripts/proof` asks mypy itself."""

    def __init__(self, tree: Path, package: str, home: str) -> None:
        assert (tree / package / "__init__.py").is_file()
        assert Path(home).is_dir()

    def __enter__(self) -> WithoutTypes:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was started."""

    def problems(self) -> list[str]:
        """None."""
        return []
