"""A tree that does not work is refused before it replaces the old one: faults in templates."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts import generate
from scripts.generator import stock_generator, tree
from scripts.project.checkout import Checkout
from scripts.proof import tree_proof
from tests.scripts.copies import checksums
from tests.scripts.small import small_project
from tests.scripts.without_types import WithoutTypes

CONTRACT = """
openapi: 3.0.3
info: {title: Things, version: 1.0.0}
servers: [{url: https://things.test}]
security: [{ApiKeyAuth: []}]
paths:
  /things/{name}/parts:
    get:
      operationId: listParts
      tags: [thing]
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: whole, in: query, schema: {type: boolean}}
        - {name: X-Trace, in: header, schema: {type: string}}
      responses:
        '200':
          description: The parts.
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}
  /things:
    patch:
      operationId: changeThing
      tags: [thing]
      requestBody:
        required: true
        content: {application/merge-patch+json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: {'204': {description: Changed.}}
  /pet:
    get:
      operationId: getPet
      tags: [pet]
      security: []
      responses:
        '200':
          description: A pet.
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
  /forms:
    post:
      operationId: postForm
      tags: [thing]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              properties:
                image: {type: string, format: binary}
                note: {type: array, items: {type: string}}
            encoding:
              image: {contentType: 'image/png, image/jpeg'}
              note: {headers: {X-Trace: {required: true, schema: {type: string}}}}
      responses:
        '200':
          description: A form.
          content: {application/json: {schema: {$ref: '#/components/schemas/Form'}}}
components:
  securitySchemes: {ApiKeyAuth: {type: apiKey, in: header, name: X-API-Key}}
  schemas:
    Thing:
      type: object
      required: [madeAt]
      properties: {madeAt: {type: string, format: date-time}, size: {type: integer}}
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind}
    Form:
      oneOf: [{$ref: '#/components/schemas/Left'}, {$ref: '#/components/schemas/Right'}]
      discriminator: {propertyName: side}
    Left: {type: object, properties: {size: {type: integer}}}
    Right: {type: object, properties: {size: {type: integer}}}
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, age: {type: integer}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}, age: {type: integer}}}
"""


@dataclass(frozen=True)
class Fault:
    """A mistake in a template, and words of the refusal."""

    template: str
    right: str
    wrong: str
    words: tuple[str, ...]


FAULTS = {
    "wrong percent-encoding": Fault(
        "types.py.jinja",
        'quote(text, safe="")',
        'quote(text, safe="/")',
        ("listParts (GET /things/{name}/parts)", "the path is ", "q/ä"),
    ),
    "a query parameter is dropped": Fault(
        "endpoint_module.py.jinja",
        "in endpoint | query_names %}",
        "in (endpoint | query_names)[1:] %}",
        ("listParts (GET", "the query is ", "('sort', "),
    ),
    "a truth value is written in another way": Fault(
        "types.py.jinja",
        'return "true" if value else "false"',
        "return str(value)",
        ("listParts (GET", "the query is ", "('whole', 'True')"),
    ),
    "headers are dropped": Fault(
        "client.py.jinja",
        ", **own_headers}",
        ', **{name: own_headers[name] for name in own_headers if name == "X-API-Key"}}',
        ("listParts (GET", "the header X-Trace is None"),
    ),
    "the key is dropped": Fault(
        "client.py.jinja", ", **own_headers}", "}", ("the key is not where the contract has it: ApiKeyAuth",)
    ),
    "wrong media type": Fault(
        "client.py.jinja",
        'request.content_type or "application/json"',
        '"application/json"',
        ("changeThing (PATCH /things)", "Content-Type is 'application/json'", "merge-patch+json"),
    ),
    "a field is written under another name": Fault(
        "model.py.jinja",
        "{{ property | json_name }}: {{ property",
        "{{ property.python_name | identifier | literal }}: {{ property",
        ("changeThing (PATCH", "the body is", "made_at"),
    ),
    "alternatives are read as the first": Fault(
        "types.py.jinja",
        "best = min(models, key=lambda model: _misfit(model, value))",
        "return models[0].from_dict(value)",
        ("getPet (GET /pet), response 200", "Cat and Dog are both read as Cat"),
    ),
    "a list is read as its first item": Fault(
        "types.py.jinja",
        "return [reader(item) for item in value]\n",
        "return [reader(item) for item in value[:1]]\n",
        ("listParts (GET", "response 200", "is written back as"),
    ),
    "a name that cannot be imported": Fault(
        "model.py.jinja",
        "from attrs import define as _define",
        "from attrs import nothing as _nothing, define as _define",
        ("cannot be imported", "ImportError", "nothing"),
    ),
    "a word that names an alternative is not known": Fault(
        "types.py.jinja",
        "named_otherwise += names_model",
        "named_otherwise += 0",
        ("postForm (POST /forms), response 200", "Left and Right are both read as Left"),
    ),
    "a part has a media type of another": Fault(
        "types.py.jinja",
        'return next((kind for kind in given if "*" not in kind), None)',
        'return ", ".join(given)',
        ("postForm (POST /forms)", "the media type of image is", "where the contract has"),
    ),
    "headers of parts are dropped": Fault(
        "types.py.jinja",
        "header_fields(self.headers) or {}",
        '{name: "other" for name in self.headers}',
        ("postForm (POST /forms)", "the header X-Trace of note is 'other'"),
    ),
    "an operation that raises": Fault(
        "types.py.jinja",
        "def redirect(response",
        "del decode_list\n\n\ndef redirect(response",
        ("cannot be imported", "decode_list"),
    ),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A project of four operations, whose templates can be changed."""
    checkout = small_project(tmp_path / "project")
    checkout.contract.write_text(CONTRACT, encoding="utf-8")
    checkout.overlay.write_text("overlay: 1.0.0\nactions: []\n", encoding="utf-8")
    templates = tmp_path / "templates"
    shutil.copytree(stock_generator.TEMPLATES, templates)
    for module in (stock_generator, tree):
        monkeypatch.setattr(module, "TEMPLATES", templates)
    monkeypatch.setattr(tree, "format_tree", lambda _: None)
    return checkout


def plant(fault: Fault) -> None:
    path = stock_generator.TEMPLATES / fault.template
    text = path.read_text(encoding="utf-8")
    assert fault.right in text
    path.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=name, marks=[] if place % 4 == 0 else [pytest.mark.slow])
        for place, (name, fault) in enumerate(FAULTS.items())
    ],
)
def test_a_fault_is_refused_by_name_and_changes_nothing(
    project: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: Fault
) -> None:
    monkeypatch.setattr(tree_proof, "_Types", WithoutTypes)
    before = checksums(project.root)
    plant(fault)
    assert generate.main([], project) == 1
    error = capsys.readouterr().err
    assert [words for words in fault.words if words not in error] == []
    assert "nothing is changed" in error
    assert checksums(project.root) == before


def test_a_wrong_type_is_refused(project: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    before = checksums(project.root)
    plant(Fault("types.py.jinja", "def __len__(self) -> int:", "def __len__(self) -> str:", ()))
    assert generate.main([], project) == 1
    assert "mypy strict: comfy_cloud_api/types.py" in capsys.readouterr().err
    assert checksums(project.root) == before


def test_what_works_is_put_in_place_and_says_what_was_tried(
    project: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main([], project) == 0
    assert "4 operations: 12 requests, 13 responses, mypy strict: ok" in capsys.readouterr().out
    assert (project.generated / "comfy_cloud_api" / "api" / "pet" / "get_pet.py").exists()
    assert list(project.generated.rglob("*.pyc")) == []
    assert generate.main(["--check"], project) == 0


def test_nothing_of_the_tree_is_imported_here(project: Checkout, tmp_path: Path) -> None:
    """The new code only runs in the isolated process, where it finds no key."""
    made = tree.make(tmp_path, project.contract.read_bytes(), project.overlay.read_bytes())
    module = made / "comfy_cloud_api" / "errors.py"
    with module.open("a", encoding="utf-8") as file:
        file.write("\nimport os\nraise ImportError(str('HOME_OF_TESTS' in os.environ))\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME_OF_TESTS", "1")
        with pytest.raises(
            ContractError, match="cannot be imported, so nothing is changed: ImportError: False"
        ):
            tree_proof.prove_made(made)
