"""Language models over the Model Context Protocol: they send a photo as a data URL, and are answered in JSON.

Gradio asks them for addresses, writes the photo to a file under its content's name, and answers as Python prints it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gradio.mcp

from mint.evidence.verdict import is_between
from mint.ui.server.programs.settings import LEAST_ALPHA, MOST_ALPHA, SETTINGS

PRIVATE_NAMES: Mapping[str, str] = {
    "gradio.mcp.GradioMCPServer": "replaced by what overrides it",
    "gradio.mcp.GradioMCPServer.convert_strings_to_filedata": "overridden",
    "gradio.mcp.GradioMCPServer.create_mcp_server": "overridden",
    "gradio.mcp.GradioMCPServer.postprocess_output_data": "overridden",
    "gradio.mcp.GradioMCPServer.simplify_filedata_schema": "overridden",
}
PHOTO = "the file as a data URL, data:image/jpeg;base64,…; addresses are not fetched"
ASKED = f"The tool takes a photo, {PHOTO}; and, as you like, alpha and prior."
BOUNDS = {"alpha": (LEAST_ALPHA, MOST_ALPHA), "prior": (0, 1)}
ADDRESS = tuple(f"{scheme}://" for scheme in ("http", "https"))


class AuditTool(gradio.mcp.GradioMCPServer):
    """The page's one tool."""

    def create_mcp_server(self) -> Any:
        """Make gradio's server; refuse what cannot be asked in the page's words, and give every answer as data as well.

        Structured content is the object ``{"audits": [...]}``.
        """
        server: Any = super().create_mcp_server()
        call = self.types.CallToolRequest
        answer = server.request_handlers[call]

        async def answered(request: Any) -> Any:
            sent = request.params.arguments or {}
            if request.params.name in self.tool_to_endpoint and (why := _refusal(sent)):
                told = self.types.TextContent(type="text", text=why)
                return self.types.ServerResult(self.types.CallToolResult(content=[told], isError=True))
            result = await answer(request)
            if not result.root.isError:
                result.root.structuredContent = {"audits": json.loads(result.root.content[0].text)}
            return result

        server.request_handlers[call] = answered
        return server

    def simplify_filedata_schema(self, schema: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
        """Describe photo and numbers as what is taken."""
        simple, positions = super().simplify_filedata_schema(schema)
        for name in BOUNDS.keys() & simple["properties"].keys():
            simple["properties"][name] |= dict(zip(("minimum", "maximum"), BOUNDS[name], strict=True))
        for (name,) in positions:
            simple["properties"][name]["format"] = PHOTO
        return simple, positions

    def convert_strings_to_filedata(self, value: dict[str, Any], filedata_positions: list[list[str | int]]) -> Any:
        """Pass a photo on inside the request; write it nowhere. Addresses are judged where all of them are."""
        return {name: _photo(sent) if [name] in filedata_positions else sent for name, sent in value.items()}

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        """Write an answer as JSON."""
        return [self.types.TextContent(type="text", text=json.dumps(told, ensure_ascii=False)) for told in data]


def _refusal(sent: Mapping[str, Any]) -> str:
    """Say why something cannot be asked; nothing if it can."""
    photo = sent.get("photo")
    if not (isinstance(photo, str) and photo.startswith(("data:", *ADDRESS))) or sent.keys() - {"photo", *BOUNDS}:
        return ASKED
    return "" if all(is_between(sent[name], *BOUNDS[name]) for name in BOUNDS.keys() & sent) else SETTINGS


def _photo(sent: str) -> dict[str, Any]:
    return {"path": sent, "meta": {"_type": "gradio.FileData"}} if sent.startswith(ADDRESS) else {"url": sent}


def answer_models() -> None:
    """Let gradio serve ``AuditTool`` to language models from now on."""
    module: Any = gradio.mcp
    module.GradioMCPServer = AuditTool
