"""The OpenAPI document: valid, whole, equal to the router, and true of what the API answers."""

import json
from collections import Counter
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from catalog.api.app import ALL, create_api
from catalog.api.documentation import rendered
from catalog.api.http.openapi.document import references
from tests.catalog.api.client import Client, SharedConnectionExecutor
from tests.catalog.api.contract import DOCUMENT, METHODS, allows, faults, operations, resolved

BY_ID = {said["operationId"]: said for _, _, said in operations()}


@pytest.mark.contract("resources.openapi")
def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


@pytest.mark.contract("resources.openapi")
def test_the_router_and_the_document_know_the_same_operations(db: None) -> None:
    executor = SharedConnectionExecutor()
    routes = create_api(executor).router.routes()
    routed = {(each.method.lower(), each.resource.canonical) for each in routes if each.resource and each.method != "*"}
    executor.close()
    assert routed == {(method, path) for method, path, _ in operations()}


def test_every_component_is_used() -> None:
    used = set(references(DOCUMENT))
    there = {
        f"#/components/{kind}/{name}"
        for kind, named in DOCUMENT["components"].items()
        for name in named
        if kind != "securitySchemes"
    }
    assert used == there


def test_operation_ids_are_unique_and_name_a_verb_and_a_noun() -> None:
    ids = Counter(said["operationId"] for _, _, said in operations())
    assert max(ids.values()) == 1
    assert all("_" in each for each in ids)


def test_every_tag_is_described_and_used() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    assert described == {tag for _, _, said in operations() for tag in said["tags"]}


@pytest.mark.parametrize("name", BY_ID)
def test_an_operation_says_what_it_does_takes_and_needs(name: str) -> None:
    said = BY_ID[name]
    assert said["summary"]
    assert said["description"].endswith(".")
    assert said["security"] in ([{}, {"token": []}], [{"token": said["security"][0].get("token")}])


@pytest.mark.parametrize("name", BY_ID)
def test_every_parameter_is_described_with_an_example_that_it_takes(name: str) -> None:
    for parameter in map(resolved, BY_ID[name]["parameters"]):
        assert parameter["description"].endswith(".")
        if "example" in parameter:
            assert not allows(parameter["schema"], parameter["example"]), parameter["name"]


@pytest.mark.parametrize("name", BY_ID)
def test_every_example_of_a_body_fits_its_schema(name: str) -> None:
    said = BY_ID[name]
    bodies = [resolved(each) for each in said["responses"].values()] + [said.get("requestBody", {})]
    for media in [each for body in bodies for each in body.get("content", {}).values() if "example" in each]:
        assert not allows(media["schema"], media["example"])


@pytest.mark.parametrize("name", BY_ID)
def test_every_answer_is_described_and_names_its_request(name: str) -> None:
    for response in map(resolved, BY_ID[name]["responses"].values()):
        assert response["description"].endswith((".", "`"))
        assert {"X-Request-ID", "RateLimit", "RateLimit-Policy"} <= response["headers"].keys()


def test_the_index_can_be_asked_for_by_its_tag(client: Client) -> None:
    tag = client.get("/api").headers["ETag"]
    assert client.get("/api", headers={"If-None-Match": tag}).status == 304


@pytest.mark.parametrize("name", BY_ID)
def test_every_link_leads_to_an_operation_and_fills_its_path(name: str) -> None:
    for response in BY_ID[name]["responses"].values():
        for link in response.get("links", {}).values():
            path = {
                each["name"] for each in map(resolved, BY_ID[link["operationId"]]["parameters"]) if each["in"] == "path"
            }
            assert path == link["parameters"].keys()


@pytest.mark.contract("writes.key")
def test_every_post_takes_a_key() -> None:
    without = {
        path
        for method, path, operation in operations()
        if method == "post"
        and "Idempotency-Key" not in {each["name"] for each in map(resolved, operation["parameters"])}
    }
    assert without == set()


def test_head_is_told_wherever_get_is() -> None:
    for path, item in DOCUMENT["paths"].items():
        if "get" in item:
            assert item["head"]["responses"].keys() == item["get"]["responses"].keys(), path
            assert item["head"]["parameters"] == item["get"]["parameters"]


def test_what_parses_is_what_is_described() -> None:
    """Each operation's parameters are the parsers' own schemas."""
    for operation in ALL:
        said = {
            each["name"]: each["schema"]
            for each in map(resolved, BY_ID[operation.id]["parameters"])
            if each["in"] == "query"
        }
        assert said.keys() == operation.parameters.keys()
        for name, parameter in operation.parameters.items():
            schema = said[name]["items"] if parameter.repeatable else said[name]
            assert parameter.parser.schema.items() <= schema.items()


def test_the_document_is_served_as_it_was_made(client: Client) -> None:
    answer = client.get("/api/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json == DOCUMENT
    assert client.get("/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}).status == 304


def test_servers_are_relative() -> None:
    assert [each["url"] for each in DOCUMENT["servers"]] == ["/"]


@pytest.mark.parametrize(
    "status,media,body,fault",
    [
        (402, "application/json", {}, "does not declare 402"),
        (200, "text/html", {}, "does not declare 'text/html' for 200"),
        (200, "application/json", {"data": []}, '"page" is a required property'),
    ],
)
def test_an_answer_that_is_not_declared_is_seen(status: int, media: str, body: Any, fault: str) -> None:
    found = list(faults("GET", "/api/movies?limit=1", status, media, json.dumps(body).encode()))
    assert fault in found[0]


def test_every_method_that_the_document_could_hold_is_looked_at() -> None:
    assert {key for item in DOCUMENT["paths"].values() for key in item} <= set(METHODS)


def test_where_reads_are_not_open_the_document_says_so() -> None:
    paths = json.loads(rendered(ALL, public_read=False))["paths"]
    assert paths["/api/movies"]["get"]["security"] == [{"token": ["movies:read"]}]
    assert paths["/api/openapi.json"]["get"]["security"] == [{}, {"token": []}]
