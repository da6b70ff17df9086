# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""The models of the contract. Each is imported when it is first used, since importing all is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .add_asset_tags_body import AddAssetTagsBody
    from .asset import Asset
    from .asset_created import AssetCreated
    from .asset_download_response import AssetDownloadResponse
    from .asset_download_response_status import AssetDownloadResponseStatus
    from .asset_metadata_response import AssetMetadataResponse
    from .asset_tag_histogram_response import AssetTagHistogramResponse
    from .asset_updated import AssetUpdated
    from .billing_balance import BillingBalance
    from .billing_plan import BillingPlan
    from .billing_plan_duration import BillingPlanDuration
    from .billing_plan_tier import BillingPlanTier
    from .billing_plans import BillingPlans
    from .billing_status import BillingStatus
    from .billing_status_billing_status import BillingStatusBillingStatus
    from .billing_status_subscription_duration import BillingStatusSubscriptionDuration
    from .billing_status_subscription_status import BillingStatusSubscriptionStatus
    from .billing_status_subscription_tier import BillingStatusSubscriptionTier
    from .create_asset_download_body import CreateAssetDownloadBody
    from .create_asset_from_hash_body import CreateAssetFromHashBody
    from .error_response import ErrorResponse
    from .execution_error import ExecutionError
    from .free_memory_request import FreeMemoryRequest
    from .get_asset_content_disposition import GetAssetContentDisposition
    from .get_features_response_200 import GetFeaturesResponse200
    from .get_features_response_200_free_tier_balance import GetFeaturesResponse200FreeTierBalance
    from .get_mask_layers_response_200 import GetMaskLayersResponse200
    from .get_user_data_response_full_file import GetUserDataResponseFullFile
    from .global_subgraph_data import GlobalSubgraphData
    from .global_subgraph_data_info import GlobalSubgraphDataInfo
    from .global_subgraph_info import GlobalSubgraphInfo
    from .global_subgraph_info_info import GlobalSubgraphInfoInfo
    from .history_detail_entry import HistoryDetailEntry
    from .history_detail_entry_prompt import HistoryDetailEntryPrompt
    from .history_detail_response import HistoryDetailResponse
    from .history_entry import HistoryEntry
    from .history_entry_prompt import HistoryEntryPrompt
    from .history_manage_request import HistoryManageRequest
    from .history_response import HistoryResponse
    from .interrupt_job_body import InterruptJobBody
    from .job_assets_response import JobAssetsResponse
    from .job_cancel_response import JobCancelResponse
    from .job_detail_response import JobDetailResponse
    from .job_detail_response_status import JobDetailResponseStatus
    from .job_entry import JobEntry
    from .job_entry_status import JobEntryStatus
    from .job_output_asset import JobOutputAsset
    from .job_status_response import JobStatusResponse
    from .job_status_response_status import JobStatusResponseStatus
    from .jobs_cancel_request import JobsCancelRequest
    from .jobs_cancel_response import JobsCancelResponse
    from .jobs_list_response import JobsListResponse
    from .list_assets_order import ListAssetsOrder
    from .list_assets_response import ListAssetsResponse
    from .list_assets_sort import ListAssetsSort
    from .list_jobs_output_type import ListJobsOutputType
    from .list_jobs_sort_by import ListJobsSortBy
    from .list_jobs_sort_order import ListJobsSortOrder
    from .list_tags_order import ListTagsOrder
    from .list_tags_response import ListTagsResponse
    from .list_tasks_response import ListTasksResponse
    from .list_tasks_sort_order import ListTasksSortOrder
    from .list_workflows_default_view import ListWorkflowsDefaultView
    from .list_workflows_order import ListWorkflowsOrder
    from .list_workflows_sort import ListWorkflowsSort
    from .model_file import ModelFile
    from .model_folder import ModelFolder
    from .node_info import NodeInfo
    from .pagination_info import PaginationInfo
    from .plan_availability import PlanAvailability
    from .plan_availability_reason import PlanAvailabilityReason
    from .post_userdata_file_full_info import PostUserdataFileFullInfo
    from .post_userdata_file_overwrite import PostUserdataFileOverwrite
    from .prompt_error_response import PromptErrorResponse
    from .prompt_info import PromptInfo
    from .prompt_info_exec_info import PromptInfoExecInfo
    from .prompt_request import PromptRequest
    from .prompt_response import PromptResponse
    from .queue_info import QueueInfo
    from .queue_manage_request import QueueManageRequest
    from .queue_manage_response import QueueManageResponse
    from .remove_asset_tags_body import RemoveAssetTagsBody
    from .saved_workflow import SavedWorkflow
    from .saved_workflow_change import SavedWorkflowChange
    from .saved_workflow_content import SavedWorkflowContent
    from .saved_workflow_creation import SavedWorkflowCreation
    from .saved_workflow_creation_default_view import SavedWorkflowCreationDefaultView
    from .saved_workflow_default_view import SavedWorkflowDefaultView
    from .saved_workflow_fork import SavedWorkflowFork
    from .saved_workflow_list import SavedWorkflowList
    from .saved_workflow_origin import SavedWorkflowOrigin
    from .saved_workflow_version import SavedWorkflowVersion
    from .system_stats_response import SystemStatsResponse
    from .system_stats_response_devices_item import SystemStatsResponseDevicesItem
    from .system_stats_response_system import SystemStatsResponseSystem
    from .tag_info import TagInfo
    from .tags_modification_response import TagsModificationResponse
    from .task import Task
    from .task_status import TaskStatus
    from .update_asset_body import UpdateAssetBody
    from .upload_asset_body import UploadAssetBody
    from .upload_image_body import UploadImageBody
    from .upload_image_response_200 import UploadImageResponse200
    from .upload_mask_body import UploadMaskBody
    from .upload_mask_response_200 import UploadMaskResponse200
    from .upload_mask_response_200_metadata import UploadMaskResponse200Metadata
    from .upload_mask_response_200_metadata_related_files import UploadMaskResponse200MetadataRelatedFiles
    from .user_data_response_full import UserDataResponseFull
    from .user_response import UserResponse
    from .validation_error import ValidationError
    from .validation_result import ValidationResult
    from .web_socket_executed_message import WebSocketExecutedMessage
    from .web_socket_executed_message_data import WebSocketExecutedMessageData
    from .web_socket_executed_message_type import WebSocketExecutedMessageType
    from .web_socket_executing_message import WebSocketExecutingMessage
    from .web_socket_executing_message_data import WebSocketExecutingMessageData
    from .web_socket_executing_message_type import WebSocketExecutingMessageType
    from .web_socket_execution_cached_message import WebSocketExecutionCachedMessage
    from .web_socket_execution_cached_message_data import WebSocketExecutionCachedMessageData
    from .web_socket_execution_cached_message_type import WebSocketExecutionCachedMessageType
    from .web_socket_execution_error_message import WebSocketExecutionErrorMessage
    from .web_socket_execution_error_message_data import WebSocketExecutionErrorMessageData
    from .web_socket_execution_error_message_type import WebSocketExecutionErrorMessageType
    from .web_socket_execution_interrupted_message import WebSocketExecutionInterruptedMessage
    from .web_socket_execution_interrupted_message_data import WebSocketExecutionInterruptedMessageData
    from .web_socket_execution_interrupted_message_type import WebSocketExecutionInterruptedMessageType
    from .web_socket_execution_start_message import WebSocketExecutionStartMessage
    from .web_socket_execution_start_message_data import WebSocketExecutionStartMessageData
    from .web_socket_execution_start_message_type import WebSocketExecutionStartMessageType
    from .web_socket_execution_success_message import WebSocketExecutionSuccessMessage
    from .web_socket_execution_success_message_data import WebSocketExecutionSuccessMessageData
    from .web_socket_execution_success_message_type import WebSocketExecutionSuccessMessageType
    from .web_socket_message import WebSocketMessage
    from .web_socket_message_type import WebSocketMessageType
    from .web_socket_progress_message import WebSocketProgressMessage
    from .web_socket_progress_message_data import WebSocketProgressMessageData
    from .web_socket_progress_message_type import WebSocketProgressMessageType
    from .web_socket_progress_state_message import WebSocketProgressStateMessage
    from .web_socket_progress_state_message_data import WebSocketProgressStateMessageData
    from .web_socket_progress_state_message_data_nodes_additional_property import (
        WebSocketProgressStateMessageDataNodesAdditionalProperty,
    )
    from .web_socket_progress_state_message_type import WebSocketProgressStateMessageType
    from .web_socket_status_message import WebSocketStatusMessage
    from .web_socket_status_message_data import WebSocketStatusMessageData
    from .web_socket_status_message_data_status import WebSocketStatusMessageDataStatus
    from .web_socket_status_message_data_status_exec_info import WebSocketStatusMessageDataStatusExecInfo
    from .web_socket_status_message_type import WebSocketStatusMessageType
    from .workspace import Workspace
    from .workspace_role import WorkspaceRole
    from .workspace_type import WorkspaceType

_MODULES: dict[str, str] = {
    "AddAssetTagsBody": "add_asset_tags_body",
    "Asset": "asset",
    "AssetCreated": "asset_created",
    "AssetDownloadResponse": "asset_download_response",
    "AssetDownloadResponseStatus": "asset_download_response_status",
    "AssetMetadataResponse": "asset_metadata_response",
    "AssetTagHistogramResponse": "asset_tag_histogram_response",
    "AssetUpdated": "asset_updated",
    "BillingBalance": "billing_balance",
    "BillingPlan": "billing_plan",
    "BillingPlanDuration": "billing_plan_duration",
    "BillingPlanTier": "billing_plan_tier",
    "BillingPlans": "billing_plans",
    "BillingStatus": "billing_status",
    "BillingStatusBillingStatus": "billing_status_billing_status",
    "BillingStatusSubscriptionDuration": "billing_status_subscription_duration",
    "BillingStatusSubscriptionStatus": "billing_status_subscription_status",
    "BillingStatusSubscriptionTier": "billing_status_subscription_tier",
    "CreateAssetDownloadBody": "create_asset_download_body",
    "CreateAssetFromHashBody": "create_asset_from_hash_body",
    "ErrorResponse": "error_response",
    "ExecutionError": "execution_error",
    "FreeMemoryRequest": "free_memory_request",
    "GetAssetContentDisposition": "get_asset_content_disposition",
    "GetFeaturesResponse200": "get_features_response_200",
    "GetFeaturesResponse200FreeTierBalance": "get_features_response_200_free_tier_balance",
    "GetMaskLayersResponse200": "get_mask_layers_response_200",
    "GetUserDataResponseFullFile": "get_user_data_response_full_file",
    "GlobalSubgraphData": "global_subgraph_data",
    "GlobalSubgraphDataInfo": "global_subgraph_data_info",
    "GlobalSubgraphInfo": "global_subgraph_info",
    "GlobalSubgraphInfoInfo": "global_subgraph_info_info",
    "HistoryDetailEntry": "history_detail_entry",
    "HistoryDetailEntryPrompt": "history_detail_entry_prompt",
    "HistoryDetailResponse": "history_detail_response",
    "HistoryEntry": "history_entry",
    "HistoryEntryPrompt": "history_entry_prompt",
    "HistoryManageRequest": "history_manage_request",
    "HistoryResponse": "history_response",
    "InterruptJobBody": "interrupt_job_body",
    "JobAssetsResponse": "job_assets_response",
    "JobCancelResponse": "job_cancel_response",
    "JobDetailResponse": "job_detail_response",
    "JobDetailResponseStatus": "job_detail_response_status",
    "JobEntry": "job_entry",
    "JobEntryStatus": "job_entry_status",
    "JobOutputAsset": "job_output_asset",
    "JobStatusResponse": "job_status_response",
    "JobStatusResponseStatus": "job_status_response_status",
    "JobsCancelRequest": "jobs_cancel_request",
    "JobsCancelResponse": "jobs_cancel_response",
    "JobsListResponse": "jobs_list_response",
    "ListAssetsOrder": "list_assets_order",
    "ListAssetsResponse": "list_assets_response",
    "ListAssetsSort": "list_assets_sort",
    "ListJobsOutputType": "list_jobs_output_type",
    "ListJobsSortBy": "list_jobs_sort_by",
    "ListJobsSortOrder": "list_jobs_sort_order",
    "ListTagsOrder": "list_tags_order",
    "ListTagsResponse": "list_tags_response",
    "ListTasksResponse": "list_tasks_response",
    "ListTasksSortOrder": "list_tasks_sort_order",
    "ListWorkflowsDefaultView": "list_workflows_default_view",
    "ListWorkflowsOrder": "list_workflows_order",
    "ListWorkflowsSort": "list_workflows_sort",
    "ModelFile": "model_file",
    "ModelFolder": "model_folder",
    "NodeInfo": "node_info",
    "PaginationInfo": "pagination_info",
    "PlanAvailability": "plan_availability",
    "PlanAvailabilityReason": "plan_availability_reason",
    "PostUserdataFileFullInfo": "post_userdata_file_full_info",
    "PostUserdataFileOverwrite": "post_userdata_file_overwrite",
    "PromptErrorResponse": "prompt_error_response",
    "PromptInfo": "prompt_info",
    "PromptInfoExecInfo": "prompt_info_exec_info",
    "PromptRequest": "prompt_request",
    "PromptResponse": "prompt_response",
    "QueueInfo": "queue_info",
    "QueueManageRequest": "queue_manage_request",
    "QueueManageResponse": "queue_manage_response",
    "RemoveAssetTagsBody": "remove_asset_tags_body",
    "SavedWorkflow": "saved_workflow",
    "SavedWorkflowChange": "saved_workflow_change",
    "SavedWorkflowContent": "saved_workflow_content",
    "SavedWorkflowCreation": "saved_workflow_creation",
    "SavedWorkflowCreationDefaultView": "saved_workflow_creation_default_view",
    "SavedWorkflowDefaultView": "saved_workflow_default_view",
    "SavedWorkflowFork": "saved_workflow_fork",
    "SavedWorkflowList": "saved_workflow_list",
    "SavedWorkflowOrigin": "saved_workflow_origin",
    "SavedWorkflowVersion": "saved_workflow_version",
    "SystemStatsResponse": "system_stats_response",
    "SystemStatsResponseDevicesItem": "system_stats_response_devices_item",
    "SystemStatsResponseSystem": "system_stats_response_system",
    "TagInfo": "tag_info",
    "TagsModificationResponse": "tags_modification_response",
    "Task": "task",
    "TaskStatus": "task_status",
    "UpdateAssetBody": "update_asset_body",
    "UploadAssetBody": "upload_asset_body",
    "UploadImageBody": "upload_image_body",
    "UploadImageResponse200": "upload_image_response_200",
    "UploadMaskBody": "upload_mask_body",
    "UploadMaskResponse200": "upload_mask_response_200",
    "UploadMaskResponse200Metadata": "upload_mask_response_200_metadata",
    "UploadMaskResponse200MetadataRelatedFiles": "upload_mask_response_200_metadata_related_files",
    "UserDataResponseFull": "user_data_response_full",
    "UserResponse": "user_response",
    "ValidationError": "validation_error",
    "ValidationResult": "validation_result",
    "WebSocketExecutedMessage": "web_socket_executed_message",
    "WebSocketExecutedMessageData": "web_socket_executed_message_data",
    "WebSocketExecutedMessageType": "web_socket_executed_message_type",
    "WebSocketExecutingMessage": "web_socket_executing_message",
    "WebSocketExecutingMessageData": "web_socket_executing_message_data",
    "WebSocketExecutingMessageType": "web_socket_executing_message_type",
    "WebSocketExecutionCachedMessage": "web_socket_execution_cached_message",
    "WebSocketExecutionCachedMessageData": "web_socket_execution_cached_message_data",
    "WebSocketExecutionCachedMessageType": "web_socket_execution_cached_message_type",
    "WebSocketExecutionErrorMessage": "web_socket_execution_error_message",
    "WebSocketExecutionErrorMessageData": "web_socket_execution_error_message_data",
    "WebSocketExecutionErrorMessageType": "web_socket_execution_error_message_type",
    "WebSocketExecutionInterruptedMessage": "web_socket_execution_interrupted_message",
    "WebSocketExecutionInterruptedMessageData": "web_socket_execution_interrupted_message_data",
    "WebSocketExecutionInterruptedMessageType": "web_socket_execution_interrupted_message_type",
    "WebSocketExecutionStartMessage": "web_socket_execution_start_message",
    "WebSocketExecutionStartMessageData": "web_socket_execution_start_message_data",
    "WebSocketExecutionStartMessageType": "web_socket_execution_start_message_type",
    "WebSocketExecutionSuccessMessage": "web_socket_execution_success_message",
    "WebSocketExecutionSuccessMessageData": "web_socket_execution_success_message_data",
    "WebSocketExecutionSuccessMessageType": "web_socket_execution_success_message_type",
    "WebSocketMessage": "web_socket_message",
    "WebSocketMessageType": "web_socket_message_type",
    "WebSocketProgressMessage": "web_socket_progress_message",
    "WebSocketProgressMessageData": "web_socket_progress_message_data",
    "WebSocketProgressMessageType": "web_socket_progress_message_type",
    "WebSocketProgressStateMessage": "web_socket_progress_state_message",
    "WebSocketProgressStateMessageData": "web_socket_progress_state_message_data",
    "WebSocketProgressStateMessageDataNodesAdditionalProperty": "web_socket_progress_state_message_data_nodes_additional_property",
    "WebSocketProgressStateMessageType": "web_socket_progress_state_message_type",
    "WebSocketStatusMessage": "web_socket_status_message",
    "WebSocketStatusMessageData": "web_socket_status_message_data",
    "WebSocketStatusMessageDataStatus": "web_socket_status_message_data_status",
    "WebSocketStatusMessageDataStatusExecInfo": "web_socket_status_message_data_status_exec_info",
    "WebSocketStatusMessageType": "web_socket_status_message_type",
    "Workspace": "workspace",
    "WorkspaceRole": "workspace_role",
    "WorkspaceType": "workspace_type",
}

__all__: list[str] = [
    "AddAssetTagsBody",
    "Asset",
    "AssetCreated",
    "AssetDownloadResponse",
    "AssetDownloadResponseStatus",
    "AssetMetadataResponse",
    "AssetTagHistogramResponse",
    "AssetUpdated",
    "BillingBalance",
    "BillingPlan",
    "BillingPlanDuration",
    "BillingPlans",
    "BillingPlanTier",
    "BillingStatus",
    "BillingStatusBillingStatus",
    "BillingStatusSubscriptionDuration",
    "BillingStatusSubscriptionStatus",
    "BillingStatusSubscriptionTier",
    "CreateAssetDownloadBody",
    "CreateAssetFromHashBody",
    "ErrorResponse",
    "ExecutionError",
    "FreeMemoryRequest",
    "GetAssetContentDisposition",
    "GetFeaturesResponse200",
    "GetFeaturesResponse200FreeTierBalance",
    "GetMaskLayersResponse200",
    "GetUserDataResponseFullFile",
    "GlobalSubgraphData",
    "GlobalSubgraphDataInfo",
    "GlobalSubgraphInfo",
    "GlobalSubgraphInfoInfo",
    "HistoryDetailEntry",
    "HistoryDetailEntryPrompt",
    "HistoryDetailResponse",
    "HistoryEntry",
    "HistoryEntryPrompt",
    "HistoryManageRequest",
    "HistoryResponse",
    "InterruptJobBody",
    "JobAssetsResponse",
    "JobCancelResponse",
    "JobDetailResponse",
    "JobDetailResponseStatus",
    "JobEntry",
    "JobEntryStatus",
    "JobOutputAsset",
    "JobsCancelRequest",
    "JobsCancelResponse",
    "JobsListResponse",
    "JobStatusResponse",
    "JobStatusResponseStatus",
    "ListAssetsOrder",
    "ListAssetsResponse",
    "ListAssetsSort",
    "ListJobsOutputType",
    "ListJobsSortBy",
    "ListJobsSortOrder",
    "ListTagsOrder",
    "ListTagsResponse",
    "ListTasksResponse",
    "ListTasksSortOrder",
    "ListWorkflowsDefaultView",
    "ListWorkflowsOrder",
    "ListWorkflowsSort",
    "ModelFile",
    "ModelFolder",
    "NodeInfo",
    "PaginationInfo",
    "PlanAvailability",
    "PlanAvailabilityReason",
    "PostUserdataFileFullInfo",
    "PostUserdataFileOverwrite",
    "PromptErrorResponse",
    "PromptInfo",
    "PromptInfoExecInfo",
    "PromptRequest",
    "PromptResponse",
    "QueueInfo",
    "QueueManageRequest",
    "QueueManageResponse",
    "RemoveAssetTagsBody",
    "SavedWorkflow",
    "SavedWorkflowChange",
    "SavedWorkflowContent",
    "SavedWorkflowCreation",
    "SavedWorkflowCreationDefaultView",
    "SavedWorkflowDefaultView",
    "SavedWorkflowFork",
    "SavedWorkflowList",
    "SavedWorkflowOrigin",
    "SavedWorkflowVersion",
    "SystemStatsResponse",
    "SystemStatsResponseDevicesItem",
    "SystemStatsResponseSystem",
    "TagInfo",
    "TagsModificationResponse",
    "Task",
    "TaskStatus",
    "UpdateAssetBody",
    "UploadAssetBody",
    "UploadImageBody",
    "UploadImageResponse200",
    "UploadMaskBody",
    "UploadMaskResponse200",
    "UploadMaskResponse200Metadata",
    "UploadMaskResponse200MetadataRelatedFiles",
    "UserDataResponseFull",
    "UserResponse",
    "ValidationError",
    "ValidationResult",
    "WebSocketExecutedMessage",
    "WebSocketExecutedMessageData",
    "WebSocketExecutedMessageType",
    "WebSocketExecutingMessage",
    "WebSocketExecutingMessageData",
    "WebSocketExecutingMessageType",
    "WebSocketExecutionCachedMessage",
    "WebSocketExecutionCachedMessageData",
    "WebSocketExecutionCachedMessageType",
    "WebSocketExecutionErrorMessage",
    "WebSocketExecutionErrorMessageData",
    "WebSocketExecutionErrorMessageType",
    "WebSocketExecutionInterruptedMessage",
    "WebSocketExecutionInterruptedMessageData",
    "WebSocketExecutionInterruptedMessageType",
    "WebSocketExecutionStartMessage",
    "WebSocketExecutionStartMessageData",
    "WebSocketExecutionStartMessageType",
    "WebSocketExecutionSuccessMessage",
    "WebSocketExecutionSuccessMessageData",
    "WebSocketExecutionSuccessMessageType",
    "WebSocketMessage",
    "WebSocketMessageType",
    "WebSocketProgressMessage",
    "WebSocketProgressMessageData",
    "WebSocketProgressMessageType",
    "WebSocketProgressStateMessage",
    "WebSocketProgressStateMessageData",
    "WebSocketProgressStateMessageDataNodesAdditionalProperty",
    "WebSocketProgressStateMessageType",
    "WebSocketStatusMessage",
    "WebSocketStatusMessageData",
    "WebSocketStatusMessageDataStatus",
    "WebSocketStatusMessageDataStatusExecInfo",
    "WebSocketStatusMessageType",
    "Workspace",
    "WorkspaceRole",
    "WorkspaceType",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
