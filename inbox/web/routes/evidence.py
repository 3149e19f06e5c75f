"""The evidence pack of the days of a report, to download."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from inbox.domain.calendars import zones
from inbox.flows.neutral import YEARS
from inbox.web.auth import Agent
from inbox.web.desk import Desk, TheDesk
from reports.evidence.archive import TooLong, pieces
from reports.evidence.pack import Asked, make
