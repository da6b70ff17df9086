"""Building one account of the emulator: its store, its job engine, and its application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from comfy_cloud_emulator.comfyui.operations import remove_unshown_seed_jobs
from comfy_cloud_emulator.engine.events import EventHub
from comfy_cloud_emulator.engine.import_progress import ImportProgress
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.http.addresses import Addresses
from comfy_cloud_emulator.http.request_log import Exchange, Request
from comfy_cloud_emulator.node_execution.lazy_executor import LazyNodeExecutor
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.routes.control.controlled import Controlled
from comfy_cloud_emulator.routes.operations import cloud_operations
from comfy_cloud_emulator.seeds.initial_content import begin
from comfy_cloud_emulator.state.account import Account
from comfy_cloud_emulator.state.assets.models import add_public_models
from comfy_cloud_emulator.storage.signed_urls import Signer, bucket_of

from .application import Application
from .settings import CloudSettings
from .tenants import Tenant, Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What every account of one emulator is built with."""

    faults: FaultScript
    sleep: Callable[[float], Awaitable[object]]
    gzip: bool
    on_exchange: Exchange | None
    on_request: Callable[[Request], object] | None
    emulator: Controlled
    addresses: Addresses
    control_key: str | None

    def tenant(
        self,
        tenants: Tenants,
        key: str,
        account: Account,
        settings: CloudSettings,
        signer: Signer,
        quirks: Quirks,
    ) -> Tenant:
        """Open and fill the store of an account, and build its engine and application.

        The tenant is not added to `tenants` yet.
        """
        store, time = tenants.store_of(account.name), tenants.time
        if account.credits is not None and tenants.folder is not None:
            # What earlier processes spent stays spent.
            account.charge(store.spent)
        classes = settings.classes(quirks)
        engine = JobEngine(
            store,
            time,
            hub=EventHub(),
            account=account,
            catalogue=classes,
            executor=LazyNodeExecutor(store, classes, has_folders=quirks.comfyui_files),
            quirks=quirks,
        )
        with store.first_use() as is_new:
            if is_new:
                begin(store, settings.seed_data, settings.seed)
                remove_unshown_seed_jobs(store, quirks)
        engine.resume_unfinished()
        imports = ImportProgress(store, engine)
        imports.resume()
        add_public_models(store.assets)
        operations = cloud_operations(
            store,
            engine,
            signer.for_bucket(bucket_of(account.name)),
            imports,
            tenants.foreign_job_check(account.name),
        )
        application = Application(
            store,
            self.faults,
            engine,
            time,
            operations=operations,
            poll_step=settings.poll_step,
            key=key,
            keys=tenants.buckets.keys,
            sleep=self.sleep,
            gzip=self.gzip,
            log=tenants.request_log,
            on_exchange=self.on_exchange,
            on_request=self.on_request,
            emulator=self.emulator,
            addresses=self.addresses,
            control_key=self.control_key,
            account=account.name,
        )
        return Tenant(key, account, store, engine, application)
