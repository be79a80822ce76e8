"""Clients that generators make from the documents read every answer as the server sends it.

The documents have no fault that redocly or spectral can find; what these do not look for is in
their settings, with the reason.

`make test-typescript` installs the generators and runs these.
"""

import copy
import importlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.documents import APIS, Promise, document, schema_name, undiscriminated, unions
from tests.clients.recording import recorded
from tests.clients.workshop import GENERATORS

pytestmark = [pytest.mark.typescript, pytest.mark.slow, pytest.mark.django_db]

_BIN = GENERATORS / "node_modules" / ".bin"
_JAVA = ("typescript-fetch", "kotlin", "swift6")
every_api = pytest.mark.parametrize("api", APIS)


def _run(*command: str | Path, where: Path) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Recording:
    """What the APIs answered, and a folder for each with its document and its clients."""

    folder: Path
    answers: dict[str, dict[Promise, Any]]


@pytest.fixture(scope="module")
def recording(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("generated")
    (folder / "node_modules").symlink_to(GENERATORS / "node_modules")
    answers = {}
    with django_db_blocker.unblock():
        for api in APIS:
            (folder / api).mkdir()
            (folder / api / "openapi.json").write_text(json.dumps(document(api)))
            answers[api] = recorded(api)
    return Recording(folder, answers)


@pytest.fixture(scope="module")
def by_java(recording):
    """The clients of openapi-generator, all made by one process: Java starts slowly."""
    configurations = []
    for api in APIS:
        for generator in _JAVA:
            target = recording.folder / api / f"{generator}.yaml"
            options = (GENERATORS / f"{generator}.yaml").read_text()
            target.write_text(
                f"{options}\ninputSpec: {recording.folder / api / 'openapi.json'}\n"
                f"outputDir: {recording.folder / api / generator}\n"
            )
            configurations.append(str(target))
    tool = Path(sys.executable).with_name("openapi-generator-cli")
    _run(tool, "batch", *configurations, where=recording.folder)
    return recording.folder


def test_redocly_finds_no_error(recording):
    (recording.folder / "redocly.yaml").write_text((GENERATORS / "redocly.yaml").read_text())

    _run(_BIN / "redocly", "lint", "ninja", "drf", where=recording.folder)


def test_spectral_finds_no_error_and_nothing_to_warn_of(recording):
    rules = ("--ruleset", GENERATORS / "spectral.yaml", "--fail-severity", "warn")
    documents = [f"{api}/openapi.json" for api in APIS]

    _run(_BIN / "spectral", "lint", *rules, *documents, where=recording.folder)


@every_api
def test_every_answer_of_the_document_comes(recording, api):
    came = {
        promise: (answer["status"], _told(promise, answer["body"]))
        for promise, answer in recording.answers[api].items()
    }

    assert came == {promise: (promise.status, promise.arm) for promise in came}


def _told(promise: Promise, body: Any) -> str:
    if promise.arm == "fields":
        return "fields" if all(isinstance(said, list) for said in body.values()) else ""
    return (body or {}).get("code" if promise.status >= 400 else "step", "")


def _documented(body: Any) -> Any:
    """Leave out what a JWT library adds to its error."""
    return {name: said for name, said in (body or {}).items() if name != "messages"}


def _types_of(api: str, answers: dict[Promise, Any]) -> str:
    """A program that compiles if each answer has its type, and each union no other arm."""
    lines = [
        'import type { operations } from "./types";',
        "type Body<Id extends keyof operations, Status> = operations[Id] extends {",
        "  responses: infer Responses;",
        "} ? Status extends keyof Responses",
        '  ? Responses[Status] extends { content: { "application/json": infer Found } }',
        "    ? Found : never : never : never;",
    ]
    arms: dict[tuple[str, int], list[str]] = {}
    for number, (promise, answer) in enumerate(answers.items()):
        if answer["body"] is None or schema_name(api, promise) is None:
            continue
        kind = f'Body<"{promise.operation}", {promise.status}>'
        lines.append(
            f"export const answer{number}: {kind} = {json.dumps(_documented(answer['body']))};"
        )
        arms.setdefault((promise.operation, promise.status), []).append(promise.arm)
    for (operation, status), told in arms.items():
        if len(told) == 1 or "fields" in told:
            continue
        name = "code" if status >= 400 else "step"
        cases = " ".join(f'case "{arm}": return;' for arm in told)
        lines.append(
            f"export function {operation}{status}(said: "
            f'Body<"{operation}", {status}>): void {{ switch (said.{name}) {{ {cases} '
            "default: { const nothing: never = said; return nothing; } } }"
        )
    return "\n".join(lines)


def test_openapi_typescript_has_a_type_for_every_answer(recording):
    for api in APIS:
        folder = recording.folder / api
        _run(_BIN / "openapi-typescript", "openapi.json", "--output", "types.ts", where=folder)
        (folder / "answers.ts").write_text(_types_of(api, recording.answers[api]))
    files = [f"{api}/answers.ts" for api in APIS]
    strict = ("--strict", "--noEmit", "--skipLibCheck", "--lib", "es2022,dom")

    _run(_BIN / "tsc", *strict, *files, where=recording.folder)


_PARSE = """
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
const answers = JSON.parse(readFileSync("answers.json", "utf8"));
for (const { promise, schema, body, documented, has_discriminator } of answers) {
  const back = read(schema, body);
  // Without one, typescript-fetch takes the first alternative that has the required keys.
  if (has_discriminator) assert.deepEqual(back, documented, promise);
  else assert.equal(back.code, documented.code, promise);
}
"""
_ZOD = """
import * as generated from "./hey/zod.gen";
const read = (schema, body) => generated[`z${schema}`].parse(body);
"""
# It makes objects of dates, and writes them with milliseconds.
_FETCH = """
import * as generated from "./typescript-fetch/index";
function read(schema, body) {
  if (schema === "TotpTokenValid") return body; // it makes nothing of an object without fields
  const back = generated[`${schema}ToJSON`](generated[`${schema}FromJSON`](body));
  const plain = JSON.parse(JSON.stringify(back).replaceAll(".000Z", "Z"), (name, value) =>
    // Where a schema takes further keys, it has those that it knows in its own spelling as well.
    /^[a-z]+([A-Z][a-z]+)+$/.test(name) ? undefined : value,
  );
  delete plain.messages;
  return plain;
}
"""


def _reads_every_answer(recording: Recording, api: str, reader: str) -> None:
    folder = recording.folder / api
    answers = [
        {"promise": str(promise), "schema": schema, "body": answer["body"]}
        | {"documented": _documented(answer["body"])}
        | {"has_discriminator": reader is not _FETCH or schema not in undiscriminated(api)}
        for promise, answer in recording.answers[api].items()
        if (schema := schema_name(api, promise)) is not None
    ]
    (folder / "answers.json").write_text(json.dumps(answers))
    (folder / "read.ts").write_text(reader + _PARSE)
    bundle = ("--bundle", "--platform=node", "--format=esm", "--outfile=read.mjs")
    _run(_BIN / "esbuild", "read.ts", *bundle, where=folder)
    _run("node", "read.mjs", where=folder)
    assert len(answers) > 120


@every_api
def test_openapi_ts_of_hey_api_parses_every_answer_with_zod(recording, api):
    plugins = ("-p", "@hey-api/typescript", "-p", "zod")
    where = recording.folder / api
    _run(_BIN / "openapi-ts", "-i", "openapi.json", "-o", "hey", *plugins, where=where)

    _reads_every_answer(recording, api, _ZOD)


@every_api
def test_typescript_fetch_of_openapi_generator_reads_every_answer(recording, by_java, api):
    _reads_every_answer(recording, api, _FETCH)


@every_api
def test_openapi_python_client_reads_every_answer(recording, api, monkeypatch):
    import httpx

    folder, package = recording.folder / api, f"generated_from_{api}"
    tool = Path(sys.executable).with_name("openapi-python-client")
    (folder / "json.json").write_text(json.dumps(_in_json_alone(document(api))))
    made = ("generate", "--path", "json.json", "--meta", "none", "--output-path", package)
    (folder / "no_hooks.yaml").write_text("post_hooks: []\n")  # it would call ruff
    _run(tool, *made, "--config", "no_hooks.yaml", "--fail-on-warning", where=folder)
    monkeypatch.syspath_prepend(folder)
    client = importlib.import_module(package).Client("https://example.org")
    modules = {path.stem: path for path in (folder / package / "api").glob("*/*.py")}

    for promise, answer in recording.answers[api].items():
        path = modules[promise.operation].relative_to(folder).with_suffix("")
        module = importlib.import_module(".".join(path.parts))
        response = httpx.Response(promise.status, json=answer["body"])
        read = module._parse_response(client=client, response=response)
        back = _documented(read.to_dict() if read is not None else None)
        assert _with_plain_dates(back) == _with_plain_dates(_documented(answer["body"])), promise


def _in_json_alone(described: dict[str, Any]) -> dict[str, Any]:
    """Leave out forms: where a body has several types, this generator forgets an import."""
    described = copy.deepcopy(described)
    for calls in described["paths"].values():
        for operation in calls.values():
            content = operation.get("requestBody", {}).get("content", {})
            for kind in content.keys() - {"application/json"}:
                del content[kind]
    return described


def _with_plain_dates(body: Any) -> Any:
    return json.loads(json.dumps(body).replace("+00:00", "Z"))


@every_api
@pytest.mark.parametrize(
    ("generator", "arm"),
    [
        ("kotlin", r'"{value}" -> \{{\s+val decoded = \S+\({schema}\.serializer\(\), element\)'),
        ("swift6", r'case "{value}":\s+self = \.\w+\(try {schema}\(from: decoder\)\)'),
    ],
)
def test_each_arm_of_a_union_is_told_apart(by_java, api, generator, arm):
    sources = {
        path.stem: path.read_text() for path in (by_java / api / generator).rglob("Totp*.*t")
    }
    missing = [
        (union, value)
        for union, arms in unions(api).items()
        for value, schema in arms.items()
        if not re.search(arm.format(value=value, schema=schema), sources[union])
    ]

    assert len(unions(api)) > 10
    assert missing == []
