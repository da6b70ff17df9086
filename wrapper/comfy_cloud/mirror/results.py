"""`Rows`: what a question to the mirror found, and the same for pandas, Polars and Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from ..errors import ConfigurationError
from .exact_text import original_text


class Rows(Sequence[dict[str, Any]]):
    """The rows of a result, in order. Each is a dict by column.

    Attributes:
        columns: The names of the columns. A name that comes twice gets a number, as in `id_2`.
        tuples: The values of each row, in the order of `columns`.
        is_cut: Whether there are more rows, which a limit left out.
    """

    __slots__ = ("columns", "is_cut", "tuples")

    def __init__(
        self, columns: Iterable[str], tuples: Iterable[Sequence[Any]], *, is_cut: bool = False
    ) -> None:
        self.columns = _distinct(columns)
        self.tuples = [tuple(_original(value) for value in row) for row in tuples]
        self.is_cut = is_cut

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> Rows: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | Rows:
        if isinstance(index, slice):
            return Rows(self.columns, self.tuples[index], is_cut=self.is_cut)
        return dict(zip(self.columns, self.tuples[index], strict=True))

    def __len__(self) -> int:
        return len(self.tuples)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.tuples)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rows):
            return NotImplemented
        return (self.columns, self.tuples) == (other.columns, other.tuples)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        more = ", more were left out" if self.is_cut else ""
        count = len(self.tuples)
        return f"<{count} row{'' if count == 1 else 's'} of {', '.join(self.columns)}{more}>"

    def _repr_html_(self) -> str:
        from .._notebook.html import table_html

        return table_html(self.columns, self.tuples, is_cut=self.is_cut)

    def column(self, name: str) -> list[Any]:
        """The values of one column. Raises KeyError if there is none of that name."""
        if name not in self.columns:
            raise KeyError(name)
        place = self.columns.index(name)
        return [row[place] for row in self.tuples]

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict for each row."""
        return list(self)

    def to_pandas(self) -> Any:
        """A DataFrame of pandas. Raises ConfigurationError if that is not installed."""
        pandas = _package("pandas", "to_pandas()", "pip install pandas")
        return pandas.DataFrame({name: _exact(self.column(name)) for name in self.columns})

    def to_polars(self) -> Any:
        """A DataFrame of Polars. Raises ConfigurationError if that is not installed."""
        polars = _package("polars", "to_polars()", "pip install polars")
        return polars.DataFrame({name: _uniform(self.column(name)) for name in self.columns}, strict=False)

    def to_arrow(self) -> Any:
        """A Table of pyarrow. Raises ConfigurationError if that is not installed.

        A column whose values have several types becomes text.
        """
        pyarrow = _package("pyarrow", "to_arrow()", "pip install 'comfy-cloud[parquet]'")
        return pyarrow.table({name: pyarrow.array(_uniform(self.column(name))) for name in self.columns})


def _package(name: str, what: str, install: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != name:
            raise
        raise ConfigurationError(f"{what} needs the package {name}: {install}") from None


def _original(value: Any) -> Any:
    return original_text(value) if type(value) is str else value


def _distinct(names: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        number, candidate = 1, name
        while candidate in found:
            number += 1
            candidate = f"{name}_{number}"
        found[candidate] = None
    return list(found)


def _exact(values: list[Any]) -> list[Any] | Any:
    """Integers with gaps stay integers: pandas would round those beyond 2**53 to floats."""
    kinds = {type(value) for value in values}
    if kinds == {int, type(None)} and all(value is None or _fits(value) for value in values):
        import importlib

        return importlib.import_module("pandas").array(values, dtype="Int64")
    return values


def _uniform(values: list[Any]) -> list[Any]:
    """The values in one type that an array holds: as they are, as floats, or else as text."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {int, float}:
        return [None if value is None else float(value) for value in values]
    if kinds == {str} and any("\ud800" <= mark <= "\udfff" for value in values if value for mark in value):
        return [None if value is None else value.encode(errors="replace").decode() for value in values]
    if len(kinds) < 2 and (kinds != {int} or all(value is None or _fits(value) for value in values)):
        return values
    return [None if value is None else str(value) for value in values]


def _fits(number: int) -> bool:
    return -(2**63) <= number < 2**63
