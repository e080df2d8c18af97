"""The vocabulary of our OpenAPI description: how a call, a shape and a failure are written in it."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
CURSOR = {"type": "string", "description": "EPOCH-SEQ, opaque to clients"}
ROOM = {
    "name": "room_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}


def fields(**properties: Any) -> dict[str, Any]:
    """Describe an object that always has these fields."""
    return {"type": "object", "required": list(properties), "properties": properties}


def ref(name: str) -> dict[str, Any]:
    """Point to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: dict[str, Any]) -> dict[str, Any]:
    """Describe a list."""
    return {"type": "array", "items": items}


def listed(key: str, name: str) -> dict[str, Any]:
    """Describe an object with one field, a list of a named schema."""
    return fields(**{key: array(ref(name))})


def call(
    summary: str,
    answer: dict[str, Any] | None,
    *,
    status: str = "200",
    who: str = "",
    body: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
    fails: tuple[int, ...] = (),
    also: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Describe one call; `who` with a `?` may also be nobody."""
    content = {"content": {"application/json": {"schema": answer}}} if answer else {}
    described: dict[str, Any] = {
        "summary": summary,
        "responses": {status: {"description": "Done", **content}},
    }
    for failed in fails:
        described["responses"][str(failed)] = failure("Refused; the body says why")
    for other, schema in (also or {}).items():
        content = {"content": {"application/json": {"schema": ref(schema)}}}
        described["responses"][other] = {"description": "Nothing of it was accepted", **content}
    if who:
        described["security"] = [{who.rstrip("?"): []}, *([{}] if who.endswith("?") else [])]
    if body:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if query:
        described["parameters"] = [
            {"name": name, "in": "query", "schema": schema} for name, schema in query.items()
        ]
    return described


def failure(description: str) -> dict[str, Any]:
    """Describe an answer that is an error."""
    return {"description": description, "content": {"application/json": {"schema": ref("Error")}}}
