"""Tests of the generated client, `comfy_cloud_api`."""
