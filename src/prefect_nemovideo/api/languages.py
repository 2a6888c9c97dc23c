"""The language of an instruction, for the `language` field of a new session. Pure; a guess, which is good enough."""

from __future__ import annotations

import re
from collections import Counter

from prefect_nemovideo.api.wording import MASK, mask

DEFAULT = "en"

# Order matters: Japanese is told from Chinese by its kana, so those are looked for first.
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff\uff66-\uff9f]"),
    "ko": re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"),
    "zh": re.compile(r"[\u3400-\u9fff\U00020000-\U0002a6df]"),
    "uk": re.compile(r"[іїєґІЇЄҐ]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "fa": re.compile(r"[پچژگ]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "bn": re.compile(r"[\u0980-\u09ff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "vi": re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE),
    "tr": re.compile(r"[ğışİ]"),
    "pl": re.compile(r"[ąęłńśźż]", re.IGNORECASE),
}

_WORDS = {
    "en": "the and to it this that my make add with of in on from video cut trim please music title first into for",
    "de": "der die das und ein eine einen den dem mit auf ist für zu im bitte mach schneide füge hinzu das von nicht",
    "fr": "le la les un une et des du avec de pour au dans est ajoute coupe s'il vous plaît cette ce mets vidéo en",
    "es": "el la los las un una y del con de para en por favor agrega añade corta este esta haz música más que al",
    "pt": "o a os as um uma e do da com de para em no na por favor adicione corte este esta faça mais não",
    "it": "il lo la gli un una e del della con di per in su taglia aggiungi questo questa fai musica più che al nel",
}
_VOTERS = {language: frozenset(words.split()) for language, words in _WORDS.items()}

_SCRIPT_SHARE = 0.15
"""A script counts from this share of the letters: a Chinese title in an English sentence makes no Chinese."""


def detect(text: str) -> str:
    """The ISO 639-1 code of a sentence's language: by its script, else by its small words; "en" when in doubt.

    What stands in quotes is the video's text, not the speaker's, and is left out unless there is nothing else.

    Example:
        >>> detect("把视频剪到5秒"), detect("schneide die ersten 3 Sekunden weg"), detect("4K")
        ('zh', 'de', 'en')
    """
    spoken = mask(text).replace(MASK, "").strip() or text
    letters = sum(character.isalpha() for character in spoken)
    if not letters:
        return DEFAULT
    marked = {"vi", "tr", "pl", "uk", "fa"}
    for language, script in _SCRIPTS.items():
        share = len(script.findall(spoken)) / letters
        # Marked letters are rare in their own languages too; one of them in a few words says enough.
        if share >= (_SCRIPT_SHARE / 5 if language in marked else _SCRIPT_SHARE) or (language == "ja" and share > 0.05):
            return language
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", spoken.casefold())
    votes = Counter({language: sum(word in known for word in words) for language, known in _VOTERS.items()})
    best, count = max(votes.items(), key=lambda item: (item[1], item[0] == DEFAULT))
    return best if count > votes[DEFAULT] else DEFAULT
