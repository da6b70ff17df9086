"""What commands that show one thing have in common: their options, and the forms it is shown in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple

import click

from .exits import CommandError
from .formats import fields_text, json_text, output_format, yaml_text
from .jq import jq_lines
from .options import GlobalOptions, output_option
from .sanitizing import safe_text
from .streams import use_color, write_data
from .times import duration_text, iso_text, wall_time, zone_name


class Details(NamedTuple):
    """The options of a command that shows one thing, read; it writes that thing.

    Attributes:
        form: "table" for labelled lines, "json" or "yaml".
    """

    form: str
    jq: str | None
    utc: bool
    color: bool

    def as_json(self) -> Details:
        """The same, but for the form."""
        return Details("json", self.jq, self.utc, self.color)

    def write(
        self, record: Mapping[str, Any], *, text: Callable[[], str] | Mapping[str, Any] | None = None
    ) -> None:
        """Write the record to stdout.

        `text` is what people get, if that differs: labelled values, or a function that makes the
        whole text.
        """
        if self.jq is not None:
            write_data("".join(f"{line}\n" for line in jq_lines(self.jq, plain(record))))
        elif self.form == "json":
            write_data(f"{json_text(plain(record), indent=2)}\n")
        elif self.form == "yaml":
            write_data(yaml_text(plain(record)))
        elif callable(text):
            write_data(text())
        else:
            write_data(self.fields(record if text is None else text))

    def fields(self, values: Mapping[str, Any]) -> str:
        """Labelled values, one a line. What is None or empty is left out."""
        shown = ((label, self._readable(value)) for label, value in values.items())
        return fields_text([(label, value) for label, value in shown if value])

    def _readable(self, value: Any) -> str:
        if value is None or value == "" or value == [] or value == {}:
            return ""
        if isinstance(value, datetime):
            return f"{wall_time(value, utc=self.utc)} {zone_name(value, utc=self.utc)}"
        if isinstance(value, timedelta):
            return duration_text(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (list, tuple)) and all(isinstance(each, (str, int, float)) for each in value):
            return ", ".join(str(each) for each in value)
        if isinstance(value, (list, tuple, Mapping)):
            return json_text(plain(value))
        return safe_text(str(value))


def plain(value: Any) -> Any:
    """The value as JSON has it: instants as ISO text in UTC, durations in seconds."""
    if isinstance(value, datetime):
        return iso_text(value) if value.tzinfo is not None else value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def details_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add --output, --jq and --utc, and pass the command a `Details` as `details`."""

    @wraps(function)
    def with_details(*arguments: Any, chosen: str | None, jq: str | None, utc: bool, **more: Any) -> Any:
        if jq is not None and chosen not in (None, "json"):
            raise CommandError(f"--jq works on JSON; leave out --output {chosen}")
        options = click.get_current_context().ensure_object(GlobalOptions)
        details = Details(output_format(chosen), jq, utc, use_color(options.color))
        return function(*arguments, details=details, **more)

    decorators: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = [
        click.option("--utc", is_flag=True, help="Show times in UTC; default: local time."),
        click.option("--jq", metavar="EXPRESSION", help="Filter the JSON with a jq expression."),
        output_option("table", "json", "yaml", on_terminal="text"),
    ]
    decorated: Callable[..., Any] = with_details
    for decorator in decorators:
        decorated = decorator(decorated)
    return decorated
