"""Requests about one tag or one lock, and how a plan tells them from deletes."""

from dataclasses import replace

import pytest

from bot.domain.manifest import Locks
from bot.domain.parse import parse_command
from bot.domain.plan import Action, checksum_of, count_actions, make_plan
from bot.domain.proposal import Outcome
from bot.domain.request import request_from_json
from bot.domain.tag_requests import Lock, Unlock, Untag
from bot.domain.untag import check_again, tags_by_name, why_it_stays
from bot.errors import BadInputError
from tests.domain.build import NOW, UNTAGGED, Repo

LOCKED = Locks(delete_enabled=False, write_enabled=False)

DIGEST = "sha256:" + "3f" * 32


@pytest.mark.parametrize("line", ["untag app:v1", "unlock app", "unlock app:v1", f"unlock app@{DIGEST}"])
def test_a_button_carries_the_request(line: str) -> None:
    """What a button holds is read back as it was, with the digest that was found."""
    request = parse_command(f"{line} --registry other")
    assert isinstance(request, Untag | Unlock)
    assert str(request) == f"/acr {line} --registry other"
    known = replace(request, digest=DIGEST)
    again = request_from_json(known.to_json()) if line != "unlock app" else request_from_json(request.to_json())
    assert again == (known if line != "unlock app" else request)
    with pytest.raises(BadInputError, match="another version"):
        request_from_json({**known.to_json(), "digest": "sha256:short"})


def test_locking_is_no_button() -> None:
    """A lock is set at once, so nothing proposes it."""
    request = parse_command("lock app:v1")
    assert isinstance(request, Lock)
    with pytest.raises(BadInputError, match="another version"):
        request_from_json({"cmd": "lock", "repo": "app", "registry": "", "tag": "v1", "digest": ""})


def test_the_checksum_covers_what_is_to_be_done() -> None:
    """An item with another action or another tag is another plan; a delete's fingerprint is as it always was."""
    repo = Repo()
    repo.image()
    (item,) = make_plan("r", repo.name, UNTAGGED, [repo.judge()], NOW).items
    others = [item, replace(item, action=Action.UNTAG, tag="v1"), replace(item, action=Action.UNTAG, tag="v2")]
    others += [replace(item, action=Action.UNLOCK), replace(item, action=Action.UNLOCK, tag="v1")]
    assert len({checksum_of("r", [each.fingerprint]) for each in others}) == len(others)
    assert len({each.key for each in others}) == len(others)
    assert item.fingerprint == (item.repository, item.digest)
    assert count_actions(others) == {Action.DELETE: 1, Action.UNTAG: 2, Action.UNLOCK: 2}
    assert [each.counted_size for each in others] == [item.size, 0, 0, 0, 0]


def test_what_stands_against_removing_a_tag() -> None:
    """Its own lock, that of the repository, and being the way to the signature of an image that is here."""
    repo = Repo()
    image = repo.image("v1")
    repo.signature(image)
    repo.image("kept", tag_locks=LOCKED)
    repo.image("by-manifest", locks=LOCKED)
    snapshot = repo.snapshot()
    tags = tags_by_name(snapshot)
    stays = {name: str(why_it_stays(snapshot, tag) or "") for name, tag in tags.items()}
    signature = f"sha256-{image.removeprefix('sha256:')}.sig"
    assert stays.pop(signature).startswith("signature or attachment of a kept image")
    assert stays == {"v1": "", "kept": "locked (its tag kept is)", "by-manifest": ""}
    repo.locks = LOCKED
    assert str(why_it_stays(repo.snapshot(), tags["v1"])) == "locked (the whole repository is)"
    repo.locks = snapshot.locks
    repo.delete(image)
    assert why_it_stays(repo.snapshot(), tags[signature]) is None


def test_an_approved_removal_is_pinned_to_its_digest() -> None:
    """Only what still is what was approved goes."""
    repo = Repo()
    repo.image()
    one, two = repo.image("v1"), repo.image("v2")
    plan = make_plan("r", repo.name, UNTAGGED, [repo.judge()], NOW)
    item = replace(plan.items[0], action=Action.UNTAG, tag="v1", digest=one)
    snapshot = repo.snapshot()
    tags = tags_by_name(snapshot)
    assert check_again(snapshot, tags, item) is None
    assert check_again(snapshot, tags, replace(item, tag="v3")) == (Outcome.GONE, "")
    moved = check_again(snapshot, tags, replace(item, digest=two))
    assert moved is not None
    assert moved[0] is Outcome.SKIPPED
    assert "points to" in moved[1]
