"""``/acr purge``: what Azure's ``acr purge`` would do, with all protections of the selection."""

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.graph import Graph, named_in_tag
from bot.domain.last import is_guarded, tags_to_spare
from bot.domain.manifest import Snapshot, Tag
from bot.domain.plan import Action, Item, item_of
from bot.domain.reason import Reason, Verdict, Why
from bot.domain.reference import Reference
from bot.domain.rule import Protection, Rule, TagFilter
from bot.domain.selection import Judgement, judge
from bot.domain.stay import Stay
from bot.domain.untag import why_it_stays
from bot.durations import format_duration
from bot.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Purge:
    """A request. ``repositories`` is a name, a glob, or, with ``regex``, a pattern of RE2 for a whole name.

    ``pattern`` is searched for in each tag. ``before``: what ``ago`` meant when it was looked at first. ``idle`` are
    the options that were given and make no difference here.
    """

    repositories: str
    pattern: str
    registry: str = ""
    regex: bool = False
    ago: timedelta = timedelta()
    before: datetime | None = None
    keep: int = 0
    untagged: bool = False
    idle: tuple[str, ...] = ()

    @property
    def reference(self) -> Reference:
        """The repositories, where they are a name or a glob."""
        return Reference(self.repositories)

    def select(self, names: Iterable[str]) -> list[str]:
        """Pick the repositories that are meant."""
        if not self.regex:
            return self.reference.select(names)
        matches = TagFilter(self.repositories)
        return sorted(name for name in names if matches(name))

    def fixed(self, now: datetime) -> "Purge":
        """Make its age one moment, so that it means the same later."""
        return self if self.before else replace(self, before=now - self.ago)

    def rule(self, now: datetime, protection: Protection) -> Rule:
        """Say which manifests it may delete: none, unless it was asked for."""
        return Rule(
            untagged=self.untagged,
            tagged=True,
            before=self.fixed(now).before,
            tags=self.pattern,
            search=True,
            protection=protection,
            spared=self.keep,
        )

    @property
    def narrower(self) -> str:
        """Give a command that selects less."""
        return f"{self._start()} --ago 365d"

    def of(self, repository: str) -> str:
        """Give the same command about another repository, without a registry."""
        return str(replace(self, repositories=repository, registry=""))

    def to_json(self) -> dict[str, Any]:
        """Give a form of a fixed request that a button can carry."""
        return {
            "cmd": "purge",
            "repo": self.repositories,
            "tags": self.pattern,
            "registry": self.registry,
            "regex": self.regex,
            "ago": self.ago.total_seconds(),
            "before": self.before.isoformat() if self.before else None,
            "keep": self.keep,
            "untagged": self.untagged,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Purge":
        """Read what ``to_json`` gave. Raises ValueError, TypeError or KeyError on anything else."""
        before = datetime.fromisoformat(data["before"])
        if before.tzinfo is None or int(data["keep"]) < 0 or not (data["repo"] and data["tags"]):
            raise ValueError("no purge")
        return cls(
            repositories=str(data["repo"]),
            pattern=str(data["tags"]),
            registry=str(data["registry"]),
            regex=bool(data["regex"]),
            ago=timedelta(seconds=data["ago"]),
            before=before,
            keep=int(data["keep"]),
            untagged=bool(data["untagged"]),
        )

    def _start(self) -> str:
        return f"/acr purge {shlex.quote(f'{self.repositories}:{self.pattern}')}"

    def __str__(self) -> str:
        parts = [self._start(), f"--ago {format_duration(self.ago) if self.ago else '0d'}"]
        parts += [f"--keep {self.keep}"] if self.keep else []
        parts += ["--untagged"] if self.untagged else []
        parts += [f"--registry {self.registry}"] if self.registry else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge would do to one repository: its items in order, and why tags that match and manifests stay.

    ``stays``: each of these tags, and where manifests are asked for as well, each of those that don't go.
    """

    repository: str
    items: tuple[Item, ...] = ()
    manifests: int = 0
    tags_kept: Mapping[Why, int] | None = None
    kept: Mapping[Why, int] | None = None
    stays: tuple[Stay, ...] = ()
    fault: str = ""
    tagged: Mapping[str, frozenset[str]] = field(default_factory=dict)


def purge(snapshot: Snapshot, request: Purge, rule: Rule, now: datetime) -> Purged:
    """Find the tags to remove and, where the request says so, the manifests to delete as a whole.

    A repository that can't be fully understood is left as it is (promise 6), its tags too.
    """
    judgement = judge(snapshot, rule, now)
    pattern = rule.protection.pattern_for_repository(snapshot.repository)
    fault = judgement.fault or (f"a pattern of the settings keeps it (keep_repositories: {pattern})" if pattern else "")
    if fault:
        return Purged(snapshot.repository, manifests=len(snapshot.manifests), fault=fault)
    hit, spared = _hits(snapshot, rule, request.keep, now)
    graph = Graph(snapshot)
    if is_guarded(rule):
        best = next((digest for digest, v in judgement.verdicts.items() if v.reason.why is Why.LAST_TAGGED), "")
        stays = tags_to_spare(snapshot, graph, (), {tag.name: tag for tag in hit}, best=best)
        hit = [tag for tag in hit if tag.name not in stays]
        spared |= dict.fromkeys(stays, Why.LAST_TAGGED)
    going = _going(judgement, graph, {tag.name for tag in hit}, request) if request.untagged else []
    gone = {verdict.manifest.digest for verdict in going}
    items: list[Item] = []
    for tag in hit:
        if tag.digest not in gone and tag.digest in snapshot.manifests:
            verdict = Verdict(snapshot.manifests[tag.digest], Reason(Why.TAGS_MATCH, detail=_when(tag.updated)))
            item = item_of(snapshot.repository, verdict, position=len(items))
            items.append(replace(item, action=Action.UNTAG, tag=tag.name))
    for verdict in going:
        rank = judgement.ranks[verdict.manifest.digest]
        items.append(item_of(snapshot.repository, verdict, position=len(items), rank=rank))
    stay = [_staying(verdict) for digest, verdict in judgement.verdicts.items() if digest not in gone]
    kept = Counter(verdict.reason.why for verdict in stay if request.untagged)
    kept.pop(Why.VANISHED, None)
    return Purged(
        snapshot.repository,
        tuple(items),
        len(judgement.verdicts),
        tags_kept=Counter(spared.values()),
        kept=dict(kept),
        stays=(
            *(
                Stay(snapshot.repository, Verdict(snapshot.manifests[tag.digest], Reason(spared[tag.name])), tag.name)
                for tag in snapshot.tags
                if tag.name in spared and tag.digest in snapshot.manifests
            ),
            *(Stay(snapshot.repository, verdict) for verdict in stay if request.untagged),
        ),
        tagged=judgement.tagged,
    )


def _staying(verdict: Verdict) -> Verdict:
    """Give what stays although the rule selects it the reason that it has: it is among the newest."""
    return replace(verdict, reason=Reason(Why.NEWEST)) if verdict.reason.why in _GO else verdict


_GO = frozenset({Why.UNTAGGED, Why.OLD, Why.TAGS_MATCH, Why.FOLLOWS, Why.ORPHAN})


def _hits(snapshot: Snapshot, rule: Rule, keep: int, now: datetime) -> tuple[list[Tag], dict[str, Why]]:
    """Give the tags that match and may go, the newest first, and of the other tags that match why they stay.

    As acr purge: by the tag's own time, and of those that would go the newest ``keep`` stay.
    """
    matches = TagFilter(rule.tags, search=True)
    since = now - rule.protection.grace
    spared: dict[str, Why] = {}
    hit: list[Tag] = []
    for tag in snapshot.tags:
        if not matches(tag.name):
            continue
        stays = why_it_stays(snapshot, tag)
        if stays is not None:
            spared[tag.name] = stays.why
        elif named_in_tag(tag.name):
            spared[tag.name] = Why.SIGNATURE_STORE  # its image may live elsewhere
        elif rule.protection.pattern_for([tag.name]):
            spared[tag.name] = Why.PATTERN
        elif tag.updated is None or (rule.before is not None and tag.updated >= rule.before):
            spared[tag.name] = Why.TOO_NEW
        elif rule.protection.grace and tag.updated > since:
            spared[tag.name] = Why.GRACE
        else:
            hit.append(tag)
    hit.sort(key=lambda tag: (tag.updated or now, tag.name), reverse=True)
    spared |= dict.fromkeys((tag.name for tag in hit[:keep]), Why.NEWEST)
    return hit[keep:], spared


def _going(judgement: Judgement, graph: Graph, hit: set[str], request: Purge) -> list[Verdict]:
    """Give the manifests that go as a whole: of those that the rule selects, none with a tag that stays.

    Of what is left the newest ``keep`` images stay as well, and all that is kept keeps what it needs.
    """
    stays = {
        verdict.manifest.digest
        for verdict in judgement.going
        if not graph.is_loose(verdict.manifest) and not hit.issuperset(verdict.manifest.tags)
    }
    stays |= graph.spread(stays, ()).keys()
    if request.keep:
        left = [v for v in judgement.going if v.manifest.digest not in stays and v.reason.why is not Why.FOLLOWS]
        left.sort(key=lambda verdict: (verdict.manifest.changed, verdict.manifest.digest), reverse=True)
        newest = {verdict.manifest.digest for verdict in left[: request.keep]}
        stays |= newest | graph.spread(newest, ()).keys()
    return [verdict for verdict in judgement.going if verdict.manifest.digest not in stays]


def _when(moment: datetime | None) -> str:
    return f"last updated {moment.astimezone(UTC):%Y-%m-%d %H:%M UTC}" if moment else ""


def check_repositories(text: str) -> bool:
    """Tell whether the part of a filter before the colon is a pattern of RE2 rather than a name or a glob.

    Raises BadInputError where it is a pattern that RE2 refuses.
    """
    regex = any(mark in text for mark in (".*", ".+", ".?", "\\", "(", ")", "|", "+", "^", "$", "{"))
    if regex:
        try:
            TagFilter(text)
        except BadInputError as error:
            error.problem = error.problem.replace("tag pattern", "repository pattern")
            error.example = "/acr purge 'team/*:^pr-' --ago 30d"
            raise
    return regex
