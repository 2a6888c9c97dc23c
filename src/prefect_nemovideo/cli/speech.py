"""What of a reply can be shown while it is still coming. Pure."""

from __future__ import annotations

from itertools import takewhile

from prefect_nemovideo.api.frames import split_noise
from prefect_nemovideo.api.replies import translate
from prefect_nemovideo.api.wording import settled

_HEADING = (":", "：")


class Speech:
    """Takes a reply in pieces and hands back its content, sentence by sentence, with its line ends and quotations.

    What a sentence means is known at its end only, and from its line: so all that has come is read anew each time, and
    what is new of it is handed out.

    Example:
        >>> speech = Speech()
        >>> speech.add("Title added. Click Ex"), speech.add("port.\\nEn"), speech.end()
        ('Title added.', '', '\\nEn')
    """

    def __init__(self) -> None:
        self.shown = ""
        self._raw = ""
        self._read = 0

    def add(self, piece: str) -> str:
        """The next piece; returns what can be shown now, to be put right after what was shown before."""
        self._raw += piece
        begin = max(self._raw.rfind("\n") + 1, self._read)
        end = begin + settled(self._raw[begin:])
        if end == self._read:
            return ""
        self._read = end
        content = _content(self._raw[:end])
        if content.endswith(_HEADING):
            # If all under it is talk of a screen, the heading goes with it.
            content = content.rpartition("\n")[0].rstrip()
        return self._new_of(content)

    def end(self) -> str:
        """No more comes; returns the rest."""
        return self._new_of(_content(self._raw))

    def _new_of(self, content: str) -> str:
        if self.shown.startswith(content):
            return ""
        same = takewhile(lambda pair: pair[0] == pair[1], zip(self.shown, content, strict=False))
        new = content[sum(1 for _ in same) :]
        self.shown = content
        return new


def _content(text: str) -> str:
    # A trailing "temporary issue" is noise; whether more comes after it is seen only then. A sentence about a screen
    # that isn't there is not for the person.
    return translate(split_noise(text)[0]).text
