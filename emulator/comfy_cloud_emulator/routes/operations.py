"""Every operation about files, assets, models and the account's own data, in the order in which paths are tried."""

from __future__ import annotations

from comfy_cloud_emulator.engine.import_progress import Imports
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.account import Account
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.signed_urls import Signer

from .assets import assets, tags, tasks
from .assets import creation as asset_creation
from .files import uploads, userdata, view
from .service import billing, models


def routes(
    store: Store, signer: Signer, account: Account, imports: Imports, quirks: Quirks
) -> list[Operation]:
    """The operations over a store, an account, and what follows its imports."""
    return [
        *view.routes(store, signer),
        *uploads.routes(store),
        # Their fixed paths come before the id of an asset.
        *asset_creation.routes(store, imports, quirks),
        *tags.routes(store),
        *assets.routes(store, quirks),
        *tasks.routes(store),
        *userdata.routes(store),
        *models.routes(store),
        *billing.routes(account),
    ]
