"""Templates write nothing but code: every output goes through a filter that escapes or checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from scripts.generator import stock_generator
from scripts.generator.python_code import Code, only_code

TEMPLATES = sorted(Path(stock_generator.__file__).parent.joinpath("templates").glob("*.jinja"))
# These return source that is made of checked names and literals; what each does is tested below, in
# test_python_code.py and by tests/attacks/hostile_contracts.py.
ALLOWED = {
    "as_docstring", "base_class", "build_docstring", "call_arguments", "class_name", "code", "contract_path",
    "decoded_extras", "endpoint_imports", "enum_docstring", "extra_type_of", "field_value",
    "http_method", "identifier", "json_name", "key_use", "late_imports", "literal",
    "model_docstring", "model_import", "model_imports", "module_docstring", "name_and_module",
    "operation_id", "optional_type_of", "path_expression", "repeated_argument",
    "result_type", "signature", "signature_after_client",
}  # fmt: skip


def problems(source: str) -> Iterator[str]:
    """The outputs of a template that no allowed filter makes, or that are inside a literal."""
    tree = Environment(trim_blocks=True, lstrip_blocks=True).parse(source)
    for found in tree.find_all(
        (nodes.MarkSafe, nodes.FilterBlock, nodes.Include, nodes.Import, nodes.Extends)
    ):
        yield f"line {found.lineno}: {type(found).__name__}"
    before = ""
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                before = node.data
                continue
            if not (isinstance(node, nodes.Filter) and node.name in ALLOWED):
                yield f"line {node.lineno}: no allowed filter"
            line = before.rpartition("\n")[2]
            if line.count('"') % 2 or line.count("'") % 2 or "#" in line:
                yield f"line {node.lineno}: inside a literal or a comment"
            before = ""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_bare_variable(path: Path) -> None:
    assert list(problems(path.read_text(encoding="utf-8"))) == []


def test_all_templates_are_read() -> None:
    assert len(TEMPLATES) == 10


@pytest.mark.parametrize(
    "planted",
    [
        'base_url = "{{ openapi_server }}"',
        "base_url = {{ openapi_server }}",
        'path = f"{{ path }}"',
        '"""{{ description | safe_for_docstring }}"""',
        '"{{ name | literal }}"',
        "{{ name | upper }}",
        "{{ name | literal | upper }}",
        "{{ 'x' ~ name }}",
        "{% for name in names %}{{ name }}{% endfor %}",
        "{% if names %}'{{ names[0] | literal }}'{% endif %}",
        "{% include name %}",
        "# {{ name | literal }}",
    ],
)
def test_a_bare_variable_is_found(planted: str) -> None:
    assert list(problems("import x\n\n" + planted))


def test_a_template_that_writes_a_text_fails_when_it_is_rendered() -> None:
    environment = Environment(finalize=only_code)
    with pytest.raises(TypeError, match="without a filter"):
        environment.from_string("x = {{ name }}").render(name="1")
    assert environment.from_string("x = {{ name }}").render(name=Code("1")) == "x = 1"


def test_the_generator_renders_only_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The real run has the same guard: without the filter for the server, nothing is generated."""
    from comfy_cloud.contract._documents.reader import ContractError
    from scripts.generator import tree
    from scripts.project.checkout import Checkout

    folder = tmp_path / "templates"
    folder.mkdir()
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8").replace(
            "{{ openapi_server | literal }}", '"{{ openapi_server }}"'
        )
        (folder / path.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(stock_generator, "TEMPLATES", folder)
    checkout = Checkout()
    with pytest.raises(ContractError, match="without a filter"):
        tree.make(tmp_path, checkout.contract.read_bytes(), checkout.overlay.read_bytes())
