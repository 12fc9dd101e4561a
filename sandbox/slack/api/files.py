"""files.*: the two calls around an upload. The bytes go to the upload URL in between."""

import json

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import method
from sandbox.slack.api.reach import thread_parent, writable_channel
from sandbox.slack.api.shapes import file_json
from sandbox.slack.core import Core, Upload
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json


@method("files.getUploadURLExternal", "files:write", tier=4)
def get_upload_url(core: Core, args: Arguments) -> Json:
    """Give out an address to send a file's bytes to."""
    (filename,) = args.required("filename")
    args.required("length")
    length = args.number("length", 0)
    if length <= 0:
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] length must be greater than 0"])
    file_id = core.workspace.new_id("F")
    core.uploads[file_id] = Upload(filename=filename, length=length)
    return {"ok": True, "upload_url": f"{core.base_url}/upload/v1/{file_id}", "file_id": file_id}


@method("files.completeUploadExternal", "files:write", tier=4)
def complete_upload(core: Core, args: Arguments) -> Json:
    """Finish uploads and share them into a channel or a thread, in one message."""
    wanted = _wanted(args)
    uploads = [(entry, core.uploads.get(str(entry.get("id")))) for entry in wanted]
    if any(upload is None or upload.content is None for _, upload in uploads):
        raise SlackError("file_not_found")
    names = args.text("channel_id") or args.text("channels") or ""
    channels = [writable_channel(core, name) for name in names.split(",") if name]
    parents = [thread_parent(core, channel, args.text("thread_ts")) for channel in channels]
    files = []
    for entry, upload in uploads:
        file_id = str(entry["id"])
        del core.uploads[file_id]
        if upload is not None and upload.content is not None:
            title = str(entry.get("title") or upload.filename)
            files.append(
                core.workspace.add_file(file_id=file_id, name=upload.filename, title=title, content=upload.content)
            )
    for channel, parent in zip(channels, parents, strict=True):
        comment = args.text("initial_comment") or ""
        core.workspace.post(channel.id, core.bot, text=comment, thread_ts=parent, files=files)
    return {"ok": True, "files": [file_json(core, file) for file in files]}


def _wanted(args: Arguments) -> list[Json]:
    value = args.get("files")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] missing required field: files"])
    return value
