"""``/acr/v1``: listings and properties of repositories, manifests and tags, their locks, and deletes."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote

from sandbox.acr import errors
from sandbox.acr.clock import stamp
from sandbox.acr.documents import IMAGES
from sandbox.acr.listing import Order, walk_manifests, walk_tags
from sandbox.acr.model import Manifest, Repository, Tag
from sandbox.acr.reply import Call, Reply, json_reply, next_link
from sandbox.acr.state import RegistryState

PAGE_DEFAULT: Final = 100
PAGE_MOST: Final = 1000
_ORDERS: Final = {"": "none", "none": "none", "timeasc": "timeasc", "timedesc": "timedesc"}
_PATCH_LIMIT: Final = 64 * 1024

EntryT = TypeVar("EntryT")


class MetadataApi:
    """Answers for ``/acr/v1``, and for the catalogs of both APIs, from the registry's state."""

    def __init__(self, state: RegistryState) -> None:
        self._state = state

    async def list_repositories(self, call: Call) -> Reply:
        """GET ``_catalog``: names in lexical order."""
        size = page_size(call)
        page, more = cut(self._state.repositories_after(call.query.get("last") or None), size)
        names = [found.name for found in page]
        headers = next_link(call.path, names[-1], size, orderby="") if more else {}
        return json_reply({"repositories": names or None}, headers=headers)

    async def get_repository(self, call: Call) -> Reply:
        """GET a repository's properties."""
        return json_reply(_repository(call.host, self._state.repository(call.route.repository)))

    async def update_repository(self, call: Call) -> Reply:
        """PATCH a repository's locks."""
        attributes = await _attributes(call)
        return json_reply(_repository(call.host, self._state.patch_repository(call.route.repository, attributes)))

    async def delete_repository(self, call: Call) -> Reply:
        """DELETE a repository with all in it."""
        digests, tags = self._state.delete_repository(call.route.repository)
        return json_reply({"manifestsDeleted": digests, "tagsDeleted": tags}, 202)

    async def list_manifests(self, call: Call) -> Reply:
        """GET a page of manifests, by digest or by time."""
        repository = self._state.repository(call.route.repository)
        order, size = _order(call), page_size(call)
        walk = walk_manifests(repository, call.query.get("last") or None, order, self._state.now())
        page, more = cut(walk, size)
        headers = _page_link(call, "_manifests", page[-1].digest, size) if more else {}
        entries = [_manifest(found) for found in page] or None
        return json_reply({**_head(call, repository.name), "manifests": entries}, headers=headers)

    async def get_manifest_properties(self, call: Call) -> Reply:
        """GET a manifest's properties by digest."""
        found = self._state.manifest(call.route.repository, call.route.reference)
        return json_reply({**_head(call, call.route.repository), "manifest": _manifest(found)})

    async def update_manifest_properties(self, call: Call) -> Reply:
        """PATCH a manifest's locks."""
        route = call.route
        found = self._state.patch_manifest(route.repository, route.reference, await _attributes(call))
        return json_reply({**_head(call, route.repository), "manifest": _manifest(found)})

    async def list_tags(self, call: Call) -> Reply:
        """GET a page of tags, by name or by time, of one digest or of all."""
        repository = self._state.repository(call.route.repository)
        order, size = _order(call), page_size(call)
        walk = walk_tags(repository, call.query.get("last") or None, order, self._state.now())
        wanted = call.query.get("digest")
        if wanted:
            walk = (tag for tag in walk if tag.digest == wanted)
        page, more = cut(walk, size)
        headers = _page_link(call, "_tags", page[-1].name, size) if more else {}
        entries = [_tag(found) for found in page] or None
        return json_reply({**_head(call, repository.name), "tags": entries}, headers=headers)

    async def get_tag_properties(self, call: Call) -> Reply:
        """GET a tag's properties."""
        found = self._state.tag_entry(call.route.repository, call.route.reference)
        return json_reply({**_head(call, call.route.repository), "tag": _tag(found)})

    async def update_tag_properties(self, call: Call) -> Reply:
        """PATCH a tag's locks."""
        route = call.route
        found = self._state.patch_tag(route.repository, route.reference, await _attributes(call))
        return json_reply({**_head(call, route.repository), "tag": _tag(found)})

    async def delete_tag(self, call: Call) -> Reply:
        """DELETE a tag; its manifest stays."""
        self._state.delete_tag(call.route.repository, call.route.reference)
        return Reply(202)


def page_size(call: Call) -> int:
    """Read ``n``: 100 by default, at most 1,000; raises 400 for what is no count."""
    text = call.query.get("n", "")
    if not text:
        return PAGE_DEFAULT
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise errors.AcrError(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested", {"n": text})
    return min(int(text), PAGE_MOST)


def cut(walk: Iterator[EntryT], size: int) -> tuple[list[EntryT], bool]:
    """Take one page of a walk, and say whether there is more."""
    page = list(islice(walk, size + 1))
    return page[:size], len(page) > size


def _order(call: Call) -> Order:
    asked = call.query.get("orderby", "")
    if asked not in _ORDERS:
        raise errors.bad_request(f"invalid orderby {asked!r}")
    return cast(Order, _ORDERS[asked])


def _page_link(call: Call, what: str, last: str, size: int) -> dict[str, str]:
    others = {"digest": call.query["digest"]} if call.query.get("digest") else {}
    path = f"/acr/v1/{quote(call.route.repository, safe='')}/{what}"
    return next_link(path, last, size, orderby=call.query.get("orderby", ""), **others)


async def _attributes(call: Call) -> dict[str, Any]:
    try:
        attributes = json.loads(await call.read(_PATCH_LIMIT))
    except ValueError:
        raise errors.bad_request("the body is no JSON") from None
    if not isinstance(attributes, dict):
        raise errors.bad_request("the body is no JSON object")
    return attributes


def _head(call: Call, repository: str) -> dict[str, str]:
    return {"registry": call.host, "imageName": repository}


def _repository(host: str, found: Repository) -> dict[str, Any]:
    return {
        "registry": host,
        "imageName": found.name,
        "createdTime": stamp(found.created),
        "lastUpdateTime": stamp(found.updated),
        "manifestCount": len(found.manifests),
        "tagCount": len(found.tags),
        "changeableAttributes": {**found.locks.wire(), "teleportEnabled": False},
    }


def _manifest(found: Manifest) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "digest": found.digest,
        "imageSize": found.image_size,
        "createdTime": stamp(found.created),
        "lastUpdateTime": stamp(found.updated),
    }
    optional = {
        "architecture": found.architecture,
        "os": found.os,
        "mediaType": found.media_type,
        "configMediaType": found.config_media_type,
        "artifactType": found.artifact_type,
    }
    entry |= {key: value for key, value in optional.items() if value is not None}
    # The key is absent, not empty, on what is untagged.
    if found.tags:
        entry["tags"] = list(found.tags)
    entry["changeableAttributes"] = found.locks.wire()
    if found.media_type in IMAGES:
        entry["changeableAttributes"]["quarantineState"] = "Passed"
    return entry


def _tag(found: Tag) -> dict[str, Any]:
    return {
        "name": found.name,
        "digest": found.digest,
        "createdTime": stamp(found.created),
        "lastUpdateTime": stamp(found.updated),
        "signed": False,
        "changeableAttributes": found.locks.wire(),
    }
