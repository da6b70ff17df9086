"""Spans of OpenTelemetry for one job on a local Comfy Cloud, printed when they end.

It needs `pip install 'comfy-cloud[emulator,otel]' opentelemetry-sdk`, and no key and no network.
"""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from comfy_cloud import ComfyCloud
from comfy_cloud.integrations.otel import OpenTelemetry
from comfy_cloud_emulator import Emulator

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "traced"}},
}


def line(span: ReadableSpan) -> str:
    """One span on one line: how long it took, its name and what it says."""
    took = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
    said = {name: value for name, value in (span.attributes or {}).items() if name.startswith("comfy")}
    return f"{took:7.1f} ms  {span.name}  {said}\n"


def main() -> None:
    """Run the job and print its spans."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=line)))
    with Emulator(speed=10) as emulator:
        tracing = OpenTelemetry(provider)
        with ComfyCloud(api_key=emulator.key, base_url=emulator.url, tracing=tracing) as cloud:
            with provider.get_tracer("example").start_as_current_span("a whole evening"):
                cloud.run(GRAPH)
    provider.shutdown()


if __name__ == "__main__":
    main()
