"""Files and generated media of a session: what came, what went, in words. Pure.

An instruction such as "generate a clip of a sunset" may leave the timeline as it is and put a file beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prefect_nemovideo.api.draft import file_name, pick, unsigned

GENERATED = "generated_media"

_IDS = ("id", "file_id", "fileId", "media_id", "mediaId", "hash", "asset_id", "assetId")
_NAMES = ("title", "filename", "file_name", "fileName", "name", "label", "prompt")
_ADDRESSES = ("url", "cdn_url", "cdnUrl", "src", "output_url", "outputUrl", "uri", "path")
_STATES = ("status", "state")


@dataclass(frozen=True, slots=True)
class Item:
    """One file. Two are the same by `identity`, or one of their `marks`; `address` is its place without a signature,
    `status` as told."""

    identity: str
    name: str
    address: str = ""
    status: str = ""
    marks: frozenset[str] = frozenset()


def material_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed among a state's generated media and files, one short sentence each; [] when nothing did.

    Example:
        >>> after = {"generated_media": [{"id": "gen_1", "title": "sunset", "status": "completed"}]}
        >>> material_changes({"generated_media": []}, after)
        ['Generated: sunset']
    """
    # Of an uploaded file the service goes on learning by itself; what is generated is made by instructions alone.
    return [
        *_made(before.get(GENERATED), after.get(GENERATED)),
        *_uploaded(before.get("video_infos"), after.get("video_infos")),
    ]


def _uploaded(before: Any, after: Any) -> Iterator[str]:
    if after is None:
        # Not told is not gone.
        return
    left = list(_items(before).values())
    for item in _items(after).values():
        # An id or an address may be learnt later than a name: what is known of both times tells whether it is the same.
        same = next((old for old in left if old.marks & item.marks), None)
        if same is None:
            yield f"File added: {item.name}{_unfinished(item)}"
        else:
            left.remove(same)
    yield from (f"File removed: {item.name}" for item in left)


def _made(before: Any, after: Any) -> Iterator[str]:
    if after is None:
        return
    noun = "Generated media"
    old, new = _items(before), _items(after)
    for identity, item in new.items():
        was = old.get(identity)
        if was is None:
            yield f"Generated: {item.name}{_unfinished(item)}"
        elif item.status != was.status and was.status:
            yield f"{noun} {item.name}: {item.status or 'done'}"
        elif item.address != was.address and was.address and item.address:
            yield f"{noun} {item.name} replaced"
    yield from (f"{noun} removed: {item.name}" for identity, item in old.items() if identity not in new)


def _unfinished(item: Item) -> str:
    done = item.status.casefold() in {"", "completed", "complete", "done", "ready", "success", "succeeded", "ok"}
    return "" if done else f" ({item.status})"


def _items(value: Any) -> dict[str, Item]:
    listed = [("", entry) for entry in value] if isinstance(value, list) else []
    found: dict[str, Item] = {}
    for key, entry in value.items() if isinstance(value, Mapping) else listed:
        item = _item(str(key), entry)
        if item is None:
            continue
        identity, again = item.identity or item.address or item.name, 0
        while (unique := f"{identity}#{again}") in found:
            again += 1
        found[unique] = item
    return found


def _item(key: str, entry: Any) -> Item | None:
    key = str(unsigned(key))
    if isinstance(entry, str) and entry:
        address = str(unsigned(entry))
        return Item(key, file_name(entry), address, marks=frozenset({key, address} - {""}))
    if not isinstance(entry, Mapping):
        return None
    # Any of these may be a link, which is signed anew each time.
    address = str(unsigned(pick(entry, *_ADDRESSES, kind=str) or ""))
    told = unsigned(pick(entry, *_IDS))
    identity = str(told) if isinstance(told, str | int) else key
    title = str(unsigned(pick(entry, *_NAMES, kind=str) or ""))
    name = " ".join(title.split()) or file_name(address) or key or "untitled"
    status = pick(entry, *_STATES, kind=str) or ""
    ids = (str(unsigned(entry[each])) for each in _IDS if isinstance(entry.get(each), str | int))
    return Item(
        identity, name, address, " ".join(status.split()), frozenset({key, address, name, *ids} - {"", "untitled"})
    )
