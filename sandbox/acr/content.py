"""``/v2``: manifests, referrers and tag names, as the distribution specification has them."""

import json
import re
from typing import Any, Final
from urllib.parse import quote

from sandbox.acr import documents, errors
from sandbox.acr.listing import walk_tags
from sandbox.acr.metadata import cut, page_size
from sandbox.acr.model import Repository
from sandbox.acr.reply import Call, Reply, json_reply, next_link
from sandbox.acr.state import RegistryState

#: The service takes manifests up to 4 MiB.
MANIFEST_LIMIT: Final = 4 * 1024 * 1024
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


class ContentApi:
    """Answers for manifests under ``/v2``."""

    def __init__(self, state: RegistryState) -> None:
        self._state = state

    async def ping(self, _: Call) -> Reply:
        """GET ``/v2/``: an empty object for who has a token."""
        return json_reply({})

    async def get_manifest(self, call: Call) -> Reply:
        """GET or HEAD a manifest's bytes by digest or tag."""
        found = self._state.pull(call.route.repository, call.route.reference)
        if not _accepts(call.accept, found.media_type):
            raise errors.manifest_unknown(call.route.repository, call.route.reference)
        headers = {"Docker-Content-Digest": found.digest, "ETag": f'"{found.digest}"'}
        return Reply(200, found.body, found.media_type, headers)

    async def put_manifest(self, call: Call) -> Reply:
        """PUT a manifest under a tag or its digest; what it names must be there already."""
        route = call.route
        body = await call.read(MANIFEST_LIMIT)
        digest = documents.digest_of(body)
        by_digest = ":" in route.reference
        if by_digest and route.reference != digest:
            raise errors.digest_invalid(route.reference)
        if not by_digest and not _TAG.fullmatch(route.reference):
            raise errors.AcrError(400, "TAG_INVALID", "manifest tag did not match URI", {"tag": route.reference})
        media_type = _media_type(call, body)
        read = documents.outline(body)
        self._check_content(route.repository, media_type, read)
        tags = () if by_digest else (route.reference,)
        self._check_locks(route.repository, digest, tags)
        found = self._state.store(route.repository, body, media_type, tags=tags, read=read)
        headers = {
            "Location": f"/v2/{quote(route.repository)}/manifests/{digest}",
            "Docker-Content-Digest": digest,
        }
        if found.subject is not None:
            headers["OCI-Subject"] = found.subject
        return Reply(201, headers=headers)

    async def delete_manifest(self, call: Call) -> Reply:
        """DELETE a manifest by digest, with its tags and referrers."""
        if not DIGEST.fullmatch(call.route.reference):
            raise errors.unsupported("a manifest is deleted by digest; a tag by /acr/v1")
        self._state.delete_manifest(call.route.repository, call.route.reference)
        return Reply(202)

    async def list_tag_names(self, call: Call) -> Reply:
        """GET ``tags/list``."""
        repository = self._state.repository(call.route.repository)
        size = page_size(call)
        walk = walk_tags(repository, call.query.get("last") or None, "none", self._state.now())
        page, more = cut(walk, size)
        path = f"/v2/{quote(repository.name)}/tags/list"
        headers = next_link(path, page[-1].name, size, orderby="") if more else {}
        return json_reply({"name": repository.name, "tags": [tag.name for tag in page] or None}, headers=headers)

    async def list_referrers(self, call: Call) -> Reply:
        """GET what refers to a digest, as an index; an unknown digest has none."""
        wanted = call.query.get("artifactType")
        entries: list[dict[str, Any]] = []
        for found in self._state.referrers(call.route.repository, call.route.reference):
            kind = found.artifact_type or found.config_media_type
            if wanted and kind != wanted:
                continue
            entry = documents.descriptor(found.media_type, found.digest, len(found.body))
            if kind:
                entry["artifactType"] = kind
            annotations = documents.outline(found.body).annotations
            if annotations:
                entry["annotations"] = annotations
            entries.append(entry)
        reply = json_reply(documents.index_document("oci", entries))
        reply.content_type = documents.OCI_INDEX
        if wanted:
            reply.headers["OCI-Filters-Applied"] = "artifactType"
        return reply

    def _check_content(self, repository: str, media_type: str, read: documents.Outline) -> None:
        if media_type in documents.IMAGES and read.config is None:
            raise errors.manifest_invalid("an image manifest has a config")
        if media_type not in documents.IMAGES | documents.INDEXES | documents.ARTIFACTS:
            raise errors.manifest_invalid(f"unsupported media type {media_type!r}")
        for digest, size in (*((read.config,) if read.config else ()), *read.layers):
            if not self._state.has_blob(repository, digest):
                raise errors.manifest_blob_unknown(digest)
            if self._state.blobs.size(digest) != size:
                raise errors.manifest_invalid(f"blob {digest} is not of size {size}")
        for digest in read.children:
            self._state_child(repository, digest)

    def _state_child(self, repository: str, digest: str) -> None:
        try:
            self._state.manifest(repository, digest)
        except errors.AcrError:
            raise errors.manifest_blob_unknown(digest) from None

    def _check_locks(self, name: str, digest: str, tags: tuple[str, ...]) -> None:
        try:
            repository: Repository = self._state.repository(name)
        except errors.AcrError:
            return
        locks = [repository.locks]
        # Assumed: a new tag is an update of its manifest, which a write lock forbids.
        if digest in repository.manifests:
            locks.append(repository.manifests[digest].locks)
        locks += [repository.tags[tag].locks for tag in tags if tag in repository.tags]
        if not all(lock.write for lock in locks):
            raise errors.disallowed()


def _accepts(accept: str, media_type: str) -> bool:
    """Say whether a client takes a media type; one that names none takes all."""
    kinds = {part.partition(";")[0].strip() for part in accept.split(",")}
    return not accept or media_type in kinds or bool(kinds & {"*/*", "application/*"})


def _media_type(call: Call, body: bytes) -> str:
    try:
        document = json.loads(body)
    except ValueError:
        raise errors.manifest_invalid("no JSON") from None
    if not isinstance(document, dict) or document.get("schemaVersion", 2) != 2:  # noqa: PLR2004 - the only schema
        raise errors.manifest_invalid("schemaVersion must be 2")
    sent = call.headers.get("Content-Type", "").partition(";")[0].strip()
    said = document.get("mediaType")
    if said is not None and sent and said != sent:
        raise errors.manifest_invalid(f"mediaType {said!r} does not match the Content-Type {sent!r}")
    media_type = said or sent
    if not isinstance(media_type, str) or not media_type:
        raise errors.manifest_invalid("no media type")
    return media_type
