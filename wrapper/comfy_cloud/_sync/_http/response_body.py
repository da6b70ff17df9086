# Made from wrapper/comfy_cloud/_async/_http/response_body.py by `make unasync`. Do not edit.
"""Read the whole body of a response, up to a number of bytes.

What a body may have is decided in `_http/bounded_bodies.py`.
"""

from __future__ import annotations

from typing import Any

import httpx

from comfy_cloud_api.types import Operation

from ..._http.bounded_bodies import LONGEST_ERROR_BODY, body_failure, bound
from ..._http.content_decoding import BodyRefused, BodyTooLarge


def read_body(response: httpx.Response, operation: Operation, limit: int | None) -> None:
    """Read the body, decoded, and close the response.

    Raises UnexpectedResponse when it has more than `limit` bytes. Of an error response only the
    beginning is read.
    """
    is_error = response.status_code >= 400
    if is_error:
        limit = LONGEST_ERROR_BODY if limit is None else min(limit, LONGEST_ERROR_BODY)
    headers = response.headers
    try:
        if response.is_stream_consumed:  # a hook of the user's own client has read it
            body = response.read()
            if limit is not None and len(body) > limit and not is_error:
                raise BodyTooLarge
            return
        if bound(response, limit, is_cut=is_error):
            response.headers = httpx.Headers()  # else httpx would decode it once more
        stream: Any = response.stream
        read_whole = getattr(getattr(stream, "_stream", None), "read_whole", None)
        if read_whole is not None:  # it is short, and over aiohttp
            content = read_whole()
            stream.close()
            response.stream = httpx.ByteStream(content)
            response.read()
            return
        response.read()
        # The stream refers to the response, which would be freed only when garbage is collected.
        response.stream = httpx.ByteStream(b"")
        return
    except (BodyTooLarge, BodyRefused) as error:
        response.headers = headers
        failure = body_failure(operation, response, error, limit)
        response.close()
    except BaseException:
        response.close()
        raise
    finally:
        response.headers = headers
    raise failure
