"""What is no edit: said so when it was asked for, passed over when it was not."""

from __future__ import annotations

import pytest

from prefect_nemovideo.emulator.editor.language import understand


@pytest.mark.parametrize(
    "sentence",
    [
        "remove the background",
        "generate",
        "generate a video of a dragon",
        "make a video about cats",
        "translate the speech",
        "add a voiceover",
        "remove the watermark",
        "stabilize the footage",
        "reverse the video",
        "zoom in",
        "remove background noise",
        "add a logo",
        "make the text red",
        "cut out the boring parts",
        "翻译字幕",
        "去掉背景",
    ],
)
def test_a_request_beyond_the_editor_is_quoted_back_and_nothing_is_done(sentence: str) -> None:
    understood = understand(sentence)
    assert understood.operations == ()
    assert understood.unclear == (sentence,)


@pytest.mark.parametrize(
    ("sentence", "quoted"),
    [
        ("upscale to 4K and remove the watermark", "remove the watermark"),
        ("upscale to 4K with a dragon in the sky", "with a dragon in the sky"),
        ('add a title "Hot" in red', "in red"),
        ('mute it, then translate "hola" please', 'translate "hola" please'),
    ],
)
def test_the_part_that_was_not_understood_is_quoted_back(sentence: str, quoted: str) -> None:
    understood = understand(sentence)
    assert understood.operations
    assert understood.unclear == (quoted,)


@pytest.mark.parametrize(
    "sentence",
    [
        "hello",
        "thanks!",
        "please",
        "save the session",
        "save it so I can come back and make changes later",
        "I'm making a vlog about Rome",
        "这是我的视频，谢谢",
    ],
)
def test_politeness_and_context_ask_for_nothing(sentence: str) -> None:
    understood = understand(sentence)
    assert (understood.operations, understood.unclear) == ((), ())


@pytest.mark.parametrize(
    "sentence",
    [
        "don't add music",
        "no music and no titles",
        "do not upscale",
        "without music please",
        "不要加音乐",
        "never mute it",
    ],
)
def test_what_is_not_wanted_is_not_done(sentence: str) -> None:
    understood = understand(sentence)
    assert (understood.operations, understood.unclear, understood.declined) == ((), (), True)
