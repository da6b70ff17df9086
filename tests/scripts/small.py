"""A project of one operation, for tests of the scripts that need no real contract."""

from __future__ import annotations

from pathlib import Path

from scripts.project.checkout import Checkout

FILES = {
    "openapi-cloud.yaml": """\
# The contract, in our words.
openapi: 3.0.3
info:
  title: Things
  version: 1.0.0
  description: Our description.

paths:
  /api/user:
    get:
      operationId: getUser
      tags: [user]
      summary: Show who is calling
      responses:
        '200':
          description: The caller.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/User'

components:
  schemas:
    # The owner of the key.
    User:
      type: object
      description: The caller.
      properties:
        name:
          type: string  # as they typed it
          description: What to call them.
        size:
          type: integer
          description: How tall, in centimetres.
""",
    "openapi-overlay.yaml": """\
# Where the service differs.
overlay: 1.0.0
info:
  title: As it responds
  version: 1.0.0
actions:
  # Users

  - target: $.components.schemas.User.properties.size
    description: Some have none.
    update:
      nullable: true

  # Statuses

  - target: $.paths['/api/user'].get.responses
    description: A key is needed.
    update:
      '401':
        description: There is no key.
""",
    "openapi.lock.toml": """\
[published]
title = "Things of others"
version = "0.9"
date = 2026-01-02
sha256 = "abc"
""",
    "API.md": "",
    "generated/comfy_cloud_api/api/user/get_user.py": """\
OPERATION = Operation("getUser", "GET", "/api/user", "required")


def parse(response) -> User: ...
""",
    "generated/comfy_cloud_api/contract.json": """\
{"paths": {"/api/user": {"get": {"operationId": "getUser", "tags": ["user"], "responses": {}}}}}
""",
    "wrapper/comfy_cloud/__init__.py": """\
if TYPE_CHECKING:
    from ._async.client import AsyncComfyCloud
""",
    "wrapper/comfy_cloud/_async/client.py": """\
from comfy_cloud_api.api.user import get_user


class AsyncComfyCloud:
    async def whoami(self):
        '''The user (GET /api/user).'''
        return await self._call(get_user.build())
""",
}


def small_project(root: Path) -> Checkout:
    """The project, written below `root`."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Checkout(root)
