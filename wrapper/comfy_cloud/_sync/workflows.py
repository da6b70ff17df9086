# Made from wrapper/comfy_cloud/_async/workflows.py by `make unasync`. Do not edit.
"""Templates and shared subgraphs that a server offers.

The saved workflows of a user are files of `userdata`.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud_api.api.workflow import get_global_subgraph, get_global_subgraphs, get_workflow_templates
from comfy_cloud_api.models.global_subgraph_data import GlobalSubgraphData
from comfy_cloud_api.models.global_subgraph_info import GlobalSubgraphInfo
from comfy_cloud_api.types import Response

from ..errors import NotFound
from ._http.session import Session


class Workflows:
    """`cloud.workflows`: templates and shared subgraphs of the server.

    To run a workflow of your own use `cloud.run`; to read and change one, `Workflow`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def templates(self) -> dict[str, Any]:
        """The templates of custom node packages, by package (GET /api/workflow_templates).

        Comfy Cloud has none.
        """
        return self._session.call(get_workflow_templates.build(), get_workflow_templates.parse)

    def subgraphs(self) -> dict[str, GlobalSubgraphInfo]:
        """Shared subgraphs by id, without their graphs (GET /api/global_subgraphs)."""
        return self._session.call(get_global_subgraphs.build(), get_global_subgraphs.parse)

    def subgraph(self, subgraph_id: str) -> GlobalSubgraphData:
        """One shared subgraph (GET /api/global_subgraphs/{id}); its `data` is the graph as JSON.

        Raises NotFound when there is no subgraph with this id.
        """
        request = get_global_subgraph.build(subgraph_id)
        found = self._session.call(request, _subgraph_or_none)
        if found is None:
            raise NotFound(
                f"There is no subgraph {subgraph_id}",
                status=404,
                code="NOT_FOUND",
                method=request.operation.method,
                path=request.operation.path,
            )
        return found


def _subgraph_or_none(response: Response) -> GlobalSubgraphData | None:
    # A self-hosted ComfyUI responds with 200 and null for an unknown id.
    if response.status_code == 200 and response.content.strip() == b"null":
        return None
    return get_global_subgraph.parse(response)
