"""The user and the service's features: `/api/user`, `/api/features`, `/api/system_stats`."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.account import DEFAULT_NAME, Account

USER: Final = {"id": "user_emulated", "status": "active"}
FEATURES: Final = {
    "supports_preview_metadata": True,
    "max_upload_size": 52_428_800,
    "sso_enabled": False,
    "free_tier_balance": {"allowance": 0, "used": 0, "remaining": 0},
}
SYSTEM_STATS: Final = {
    "system": {
        "os": "linux",
        "python_version": "3.12.11 (main, Jul  1 2025, 05:32:21) [GCC 12.2.0]",
        "embedded_python": False,
        "comfyui_version": "0.3.64",
        "comfyui_frontend_version": "1.27.10",
        "workflow_templates_version": "0.1.94",
        "cloud_version": "emulated",
        "pytorch_version": "2.8.0+cu128",
        "argv": ["main.py", "--listen"],
        "ram_total": 137_438_953_472,
        "ram_free": 98_784_247_808,
    },
    "devices": [
        {
            "name": "cuda:0 Emulated GPU",
            "type": "cuda",
            "index": 0,
            "vram_total": 50_952_273_920,
            "vram_free": 46_170_898_432,
            "torch_vram_total": 2_147_483_648,
            "torch_vram_free": 1_073_741_824,
        }
    ],
}


def user_id(account: Account) -> str:
    """The id of the account's user."""
    return USER["id"] if account.name == DEFAULT_NAME else f"{USER['id']}_{account.name}"


def routes(account: Account) -> list[Operation]:
    """The operations of this module over an account."""

    async def get_user(request: Request) -> Response:
        return json_response(USER | {"id": user_id(account)})

    async def get_features(request: Request) -> Response:
        reply = json_response(FEATURES | {"max_concurrent_jobs": account.concurrent_jobs})
        reply.headers["cache-control"] = "private, max-age=30"
        reply.headers["vary"] = "Authorization, X-API-Key"
        return reply

    async def get_system_stats(request: Request) -> Response:
        return json_response(SYSTEM_STATS)

    return [
        Operation("GET", "/api/user", get_user),
        Operation("GET", "/api/features", get_features),
        Operation("GET", "/api/system_stats", get_system_stats),
    ]
