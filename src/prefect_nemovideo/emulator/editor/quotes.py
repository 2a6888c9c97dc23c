"""Quoted text is never read for operations: it is lifted out of a sentence before, and put back after."""

from __future__ import annotations

import re

from prefect_nemovideo.emulator.editor.clause import QUOTE, TAKEN

QUOTATION = re.compile(
    r"\"(?P<a>[^\"\n]*)(?:\"|$)|“(?P<b>[^”\n]*)(?:”|$)|「(?P<c>[^」]*)」|『(?P<d>[^』]*)』|«(?P<e>[^»]*)»|《(?P<f>[^》]*)》"
    # An apostrophe inside a word ("don't") opens nothing and closes nothing.
    r"|(?<!\w)'(?P<g>(?:[^'\n]|'(?=\w))+)'(?!\w)|(?<!\w)‘(?P<h>(?:[^’\n]|’(?=\w))+)’(?!\w)"
)
_WIDE = str.maketrans("，；：！？（）％＋０１２３４５６７８９　\u00a0’", ",;:!?()%+0123456789  '")


def lift(instruction: str) -> tuple[str, list[str]]:
    """The sentence with a private-use character for each quotation, and the quotations.

    A quotation that is never closed goes on to the end of its line. What remains is given plain digits and
    punctuation.
    """
    quotes: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        quotes.append(next(text for text in match.groups() if text is not None).strip())
        return f" {chr(0xE000 + len(quotes) - 1)} "

    plain = re.sub(f"{QUOTE}|{TAKEN}", " ", instruction)
    return re.sub(r"[^\S\n]+", " ", QUOTATION.sub(put_away, plain).translate(_WIDE)), quotes


def restore(text: str, quotes: list[str]) -> str:
    """Words of the sentence as they were typed."""
    whole = re.sub(QUOTE, lambda char: f'"{quotes[ord(char[0]) - 0xE000]}"', text.replace(TAKEN, " "))
    return re.sub(r"\s+", " ", whole).strip(" ,.;")
