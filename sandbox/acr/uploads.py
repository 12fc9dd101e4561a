"""``/v2/.../blobs``: reading blobs, and pushing them whole, in chunks or by mount."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from sandbox.acr import errors
from sandbox.acr.documents import digest_of
from sandbox.acr.options import AcrOptions
from sandbox.acr.principals import Scope
from sandbox.acr.reply import Call, Reply
from sandbox.acr.state import RegistryState

#: A layer pushed over HTTP is held in memory.
BLOB_LIMIT: Final = 512 * 1024 * 1024
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d*)")
_CONTENT_RANGE: Final = re.compile(r"(?:bytes )?(\d+)-(\d+)(?:/.*)?")


@dataclass(slots=True)
class _Upload:
    repository: str
    state: str
    content: bytearray = field(default_factory=bytearray)


class BlobApi:
    """Answers for blobs and their uploads."""

    def __init__(self, state: RegistryState, options: AcrOptions) -> None:
        self._state = state
        self._options = options
        self._uploads: dict[str, _Upload] = {}
        self._signature = secrets.token_urlsafe(12)

    async def get_blob(self, call: Call) -> Reply:
        """GET a blob: 307 to storage, or the bytes; with Range 206."""
        self._find(call)
        if self._options.redirect_blobs:
            repository, digest = quote(call.route.repository), quote(call.route.reference, safe="")
            location = f"{call.scheme}://{call.host}/blob-storage/{repository}/{digest}?sig={self._signature}"
            return Reply(307, headers={"Location": location, "Docker-Content-Digest": call.route.reference})
        return self._serve(call)

    async def blob_data(self, call: Call) -> Reply:
        """GET from storage: no token, but the signature of the redirect."""
        if call.query.get("sig") != self._signature:
            raise errors.AcrError(403, "AuthenticationFailed", "Server failed to authenticate the request.")
        self._find(call)
        return self._serve(call)

    async def head_blob(self, call: Call) -> Reply:
        """HEAD a blob: its size."""
        size = self._find(call)
        return Reply(200, b"", "application/octet-stream", _blob_headers(call.route.reference), length=size)

    async def delete_blob(self, call: Call) -> Reply:
        """DELETE a blob from its repository."""
        self._find(call)
        self._state.unlink_blob(call.route.repository, call.route.reference)
        return Reply(202)

    async def start_upload(self, call: Call) -> Reply:
        """POST: begin an upload, mount a blob of another repository, or take a whole blob at once."""
        repository, digest = call.route.repository, call.query.get("digest")
        self._check_open(repository)
        mount, source = call.query.get("mount"), call.query.get("from")
        # Who may not pull from the source uploads the blob instead.
        allowed = source is not None and call.covers(Scope("repository", source, ("pull",)))
        if mount and source and allowed and self._state.has_blob(source, mount):
            self._state.link_blob(repository, mount)
            return _created(repository, mount)
        if digest:
            return self._keep(repository, digest, await call.read(BLOB_LIMIT))
        uuid = secrets.token_hex(16)
        self._uploads[uuid] = _Upload(repository, secrets.token_urlsafe(12))
        return self._progress(uuid, 202)

    async def upload_chunk(self, call: Call) -> Reply:
        """PATCH: add a chunk; one with a Content-Range must follow the last."""
        upload = self._upload(call)
        content_range = call.headers.get("Content-Range")
        if content_range is not None:
            match = _CONTENT_RANGE.fullmatch(content_range)
            if match is None or int(match[1]) != len(upload.content):
                raise errors.upload_invalid("the chunk does not follow the last one", 416)
        upload.content += await call.read(BLOB_LIMIT)
        upload.state = secrets.token_urlsafe(12)
        return self._progress(call.route.reference, 202)

    async def finish_upload(self, call: Call) -> Reply:
        """PUT: add what is left and name the digest."""
        upload = self._upload(call)
        digest = call.query.get("digest", "")
        content = bytes(upload.content) + await call.read(BLOB_LIMIT)
        reply = self._keep(upload.repository, digest, content)
        del self._uploads[call.route.reference]
        return reply

    async def upload_status(self, call: Call) -> Reply:
        """GET: how much has arrived."""
        self._upload(call)
        return self._progress(call.route.reference, 204)

    async def cancel_upload(self, call: Call) -> Reply:
        """DELETE: forget an upload."""
        self._upload(call)
        del self._uploads[call.route.reference]
        return Reply(204)

    def _find(self, call: Call) -> int:
        repository, digest = call.route.repository, call.route.reference
        size = self._state.blobs.size(digest)
        if size is None or not self._state.has_blob(repository, digest):
            raise errors.blob_unknown(digest)
        if not self._state.readable(repository):
            raise errors.disallowed()
        return size

    def _serve(self, call: Call) -> Reply:
        digest = call.route.reference
        content = self._state.blobs.read(digest)
        if content is None:
            raise errors.blob_unknown(digest)
        headers = _blob_headers(digest)
        asked = _RANGE.fullmatch(call.headers.get("Range", ""))
        if asked is None:
            return Reply(200, content, "application/octet-stream", headers)
        start, end = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
        if start > end:
            headers["Content-Range"] = f"bytes */{len(content)}"
            raise errors.AcrError(416, "RANGE_INVALID", "the range is not in the blob", headers=headers)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        return Reply(206, content[start : end + 1], "application/octet-stream", headers)

    def _keep(self, repository: str, digest: str, content: bytes) -> Reply:
        if digest != digest_of(content):
            raise errors.digest_invalid(digest)
        self._state.blobs.add(content)
        self._state.link_blob(repository, digest)
        return _created(repository, digest)

    def _check_open(self, repository: str) -> None:
        if not self._state.writable(repository):
            raise errors.disallowed()

    def _upload(self, call: Call) -> _Upload:
        uuid = call.route.reference
        upload = self._uploads.get(uuid)
        if upload is None or upload.repository != call.route.repository:
            raise errors.upload_unknown(uuid)
        # The service keeps its place in the address it gave out; a client must follow the last Location.
        if call.query.get("_state") != upload.state:
            raise errors.upload_invalid("the address is not that of the last answer")
        return upload

    def _progress(self, uuid: str, status: int) -> Reply:
        upload = self._uploads[uuid]
        location = f"/v2/{quote(upload.repository)}/blobs/uploads/{uuid}"
        return Reply(
            status,
            headers={
                "Location": f"{location}?_nouploadcache=false&_state={upload.state}",
                "Docker-Upload-UUID": uuid,
                "Range": f"0-{max(len(upload.content) - 1, 0)}",
            },
        )


def _blob_headers(digest: str) -> dict[str, str]:
    return {"Docker-Content-Digest": digest, "Accept-Ranges": "bytes"}


def _created(repository: str, digest: str) -> Reply:
    location = f"/v2/{quote(repository)}/blobs/{digest}"
    return Reply(201, headers={"Location": location, "Docker-Content-Digest": digest})
