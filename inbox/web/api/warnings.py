"""The warnings of a conversation."""

from fastapi import APIRouter

from inbox.flows import noticing
from inbox.store import thread
from inbox.web.api.call import TheCall
from inbox.web.api.models_warnings import Warned, WarnedList
from inbox.web.api.problems import not_found
from inbox.web.desk import Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Warnings"])


@router.get("/conversations/{id}/warnings")
def of_conversation(desk: TheDesk, _: TheCall, id: Number) -> WarnedList:
    """Which steps of a conversation's waits were told, to whom and by what."""
    with desk.store.read() as session:
        if not thread.exists(session, id):
            raise not_found("conversation")
        found = noticing.told_of(session, id)
    return WarnedList(warnings=[Warned(**noticing.warning(one)) for one in found])
