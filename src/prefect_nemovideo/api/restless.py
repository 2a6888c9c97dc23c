"""What of a session's state changes by itself, between two reads with no instruction between them. Pure.

Services put times of writing, signed links, counters and request ids into what they return. Their names are not
documented, so they are found by reading twice: what differs then is no edit. A path names a place in the state, with
`*` for every element of a list: `draft/t/*/sg/*/m/preview`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prefect_nemovideo.api.draft import TEXTS, canonical, is_noise, parse_draft, unsigned

ROOTS = ("draft", "canvas_config", "generated_media", "video_infos")
"""The parts of a state by which an edit is seen."""

_CONTENT = frozenset(
    [
        *ROOTS,
        *("m", "t", "tracks", "tt", "type", "sg", "segments", "s", "st", "e", "d", "start", "end", "duration"),
        *("startMs", "start_ms", "startTime", "start_time", "endMs", "end_ms", "endTime", "end_time"),
        *("durationMs", "duration_ms", "title", "name", "text", "content", "label", "volume", "vol", "v"),
        *("width", "w", "height", "h", "fps", "frame_rate", "frameRate", "filename", "file_name"),
    ]
)
"""Keys that say what a video is. They change by edits alone: where two reads differ in one of them, somebody edits."""

_OPAQUE_CHARACTERS = 12
"""A word of so many characters or more that has no blank in it is an id, a digest, a moment or a link."""
_OPAQUE_NUMBER = 1e9
"""A larger number is a moment or an id; no value of an effect is."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two states differ. `key` is the nearest name; None stands for a value that isn't there."""

    path: str
    key: str
    old: Any
    new: Any

    @property
    def is_content(self) -> bool:
        return self.key in _CONTENT

    @property
    def is_opaque(self) -> bool:
        """Nothing that an instruction names: it may be an edit, and may as well be a new signature."""
        return not self.is_content and _opaque(self.old) and _opaque(self.new)


def restless(one: Mapping[str, Any], two: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths that differ between two states, but for those that say what the video is.

    Example:
        >>> one, two = ({"draft": {"m": {"title": "a", "reads": reads}}} for reads in (1, 2))
        >>> restless(one, two)
        ('draft/m/reads',)
    """
    return tuple(dict.fromkeys(found.path for found in compared(one, two) if not found.is_content))


def compared(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[Difference]:
    """Where two states differ, as far as an edit is seen by it."""
    for root in ROOTS:
        yield from _walk(_opened(one.get(root)), _opened(two.get(root)), root, root)


def calm(state: Mapping[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """The state without what stands at these paths; what comes as a JSON string is opened."""
    opened = {key: _opened(value) if key in ROOTS else value for key, value in state.items()}
    tree: dict[str, Any] = {}
    for path in paths:
        branch = tree
        *way, last = path.split("/")
        for step in way:
            branch = branch.setdefault(step, {})
            if branch is None:
                # Elsewhere in the list it was all of what this is a part of.
                break
        else:
            branch[last] = None
    return _pruned(opened, tree)


def to_keep(state: Mapping[str, Any]) -> dict[str, Any]:
    """What of a state an edit is seen by, without what signs its links: as good to compare with, and no secret.

    Example:
        >>> to_keep({"draft": {"src": "https://cdn.example/a.mp4?X-Amz-Signature=ab"}, "messages": []})
        {'draft': {'src': 'https://cdn.example/a.mp4'}}
    """
    kept = {root: _bare(_opened(state[root]), root) for root in ROOTS if root in state}
    nested = state.get("state")
    return {**kept, "state": to_keep(nested)} if isinstance(nested, Mapping) else kept


def _bare(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _bare(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_bare(item, key) for item in value]
    # What somebody wrote is compared word for word.
    return value if key in TEXTS else unsigned(value)


def _opened(value: Any) -> Any:
    """A draft may come as a JSON string, and so may a list of files; files may be told by their links."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(value)
    if isinstance(value, str):
        value = parse_draft(value) or value
    return {unsigned(name): item for name, item in value.items()} if isinstance(value, Mapping) else value


def _pruned(value: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: (item, tree.get(_step(key), {})) for key, item in value.items()}
    return {key: _inside(item, branch) for key, (item, branch) in kept.items() if branch is not None}


def _inside(value: Any, branch: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping) and branch:
        return _pruned(value, branch)
    if isinstance(value, list) and (elements := branch.get("*")):
        return [_inside(item, elements) for item in value]
    return value


def _walk(old: Any, new: Any, path: str, key: str) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        gone, come = (
            {str(k) for k in this if k not in that and not is_noise(str(k), this[k])}
            for this, that in ((old, new), (new, old))
        )
        if gone and come and key not in _CONTENT and not _CONTENT & (gone | come):
            # The names themselves change, as in a map of request ids: all of it does.
            yield Difference(path, key, canonical(old), canonical(new))
            return
        for name in [*old, *(name for name in new if name not in old)]:
            if not (is_noise(str(name), old.get(name)) or is_noise(str(name), new.get(name))):
                yield from _walk(old.get(name), new.get(name), f"{path}/{_step(name)}", str(name))
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield Difference(path, key, canonical(old), canonical(new))
            return
        for was, now in zip(old, new, strict=True):
            yield from _walk(was, now, f"{path}/*", key)
    elif canonical(old) != canonical(new):
        yield Difference(path, key, old, new)


def _step(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _opaque(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, int | float):
        return not isinstance(value, bool) and abs(value) >= _OPAQUE_NUMBER
    return isinstance(value, str) and len(value) >= _OPAQUE_CHARACTERS and not any(c.isspace() for c in unsigned(value))
