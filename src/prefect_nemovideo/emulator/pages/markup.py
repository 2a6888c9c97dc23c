"""HTML that is safe by construction: text is escaped unless it was made here."""

from __future__ import annotations

import html


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *inside: str, **attributes: object) -> Html:
    """An element. Its text and the values of its attributes are escaped; `class_` stands for `class`.

    An attribute that is None or False is left out, one that is True stands alone.

    Example:
        >>> tag("p", "a < b", tag("br"), class_="note")
        '<p class="note">a &lt; b<br></p>'
    """
    written = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    content = "".join(text if isinstance(text, Html) else html.escape(text) for text in inside)
    return Html(f"<{name}{written}>{content}" + ("" if name in _VOID else f"</{name}>"))


def joined(parts: list[Html]) -> Html:
    return Html("".join(parts))


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'


_VOID = frozenset({"br", "img", "meta"})
