"""Where platforms call us. Their connector verifies the call; nothing here trusts it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from connectors.core.contract import HookRequest
from inbox.flows.receive import receive_hook
from inbox.web.desk import TheDesk

router = APIRouter()


async def raw_body(request: Request) -> bytes:
    """The body as it came, for the signature."""
    return await request.body()


@router.get("/hooks/{channel}/{key}")
@router.post("/hooks/{channel}/{key}")
def hook(
    channel: str,
    key: str,
    request: Request,
    desk: TheDesk,
    body: Annotated[bytes, Depends(raw_body)],
) -> Response:
    """Answers after what came is stored; by GET platforms ask whether the address is ours."""
    now = desk.now()
    call = HookRequest(
        method=request.method,
        path=request.url.path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        body=body,
        received_at=now,
    )
    status, answer = receive_hook(
        desk.store, desk.settings, channel, key, call, desk.classifier, desk.now
    )
    if isinstance(answer, str):
        return PlainTextResponse(answer, status)
    return JSONResponse(answer, status)
