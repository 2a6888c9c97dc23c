"""An edit that is to come before the export is not lost, and what only waits for the export is one."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.requests import Kind, route


@pytest.mark.parametrize(
    "sentence",
    [
        "export it after lowering the volume",
        "export after you've added music",
        "export once you have muted the audio",
        "after trimming, export",
        "Download the video after muting it",
        "export when the music is quieter",
        "export, but the music should be quieter",
        "send me the video once it's brighter",
        "when the title is shorter, export it",
        "The music is too loud when I export",
    ],
)
def test_a_change_that_the_export_waits_for_is_sent_as_it_was_said(sentence: str) -> None:
    request = route(sentence)
    assert (request.kind, request.edit) == (Kind.EDIT, sentence)


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("show me the timeline, then export", Kind.STATE),
        ("先看状态，再导出", Kind.STATE),
        ("show my balance then export", Kind.CREDITS),
        ("查余额，然后导出", Kind.CREDITS),
    ],
)
def test_an_export_follows_a_look(sentence: str, kind: Kind) -> None:
    assert (route(sentence).kind, route(sentence).then_export) == (kind, True)


def test_an_ampersand_joins_an_edit_and_its_export() -> None:
    request = route("add music & export in 1080p")
    assert (request.edit, request.then_export, request.resolution) == ("add music", True, "1080p")


@pytest.mark.parametrize(
    "sentence",
    [
        "export it when you're ready",
        "export once it's done",
        "export once you're done editing",
        "export when you can",
        "looks great, export",
        "my boss is waiting, so export it",
        "if it's ready, export it",
        "I like how you changed it, export",
        "the music was louder before, export it please",
    ],
)
def test_an_export_that_waits_for_nothing_new_is_an_export(sentence: str) -> None:
    assert route(sentence).kind is Kind.EXPORT
