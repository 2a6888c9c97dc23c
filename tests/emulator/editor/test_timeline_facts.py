"""What the timeline is after an edit, to the millisecond."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_nemovideo.emulator.editor import UploadedFile


def test_the_first_upload_goes_on_the_timeline_and_sets_the_canvas(session: Any) -> None:
    assert session.clips == [("file_1", 0, 10_000, 0)]
    assert session.canvas == (1920, 1080)
    assert (session.draft["m"]["fps"], session.draft["d"]) == (30.0, 10_000)


def test_later_clips_wait_for_an_instruction_and_songs_never_go_on_by_themselves(rich: Any) -> None:
    assert rich.clips == [("file_1", 0, 10_000, 0)]
    assert rich.segments(1) == []


def test_a_picture_stands_for_five_seconds_on_an_even_canvas_within_what_can_be_encoded(open_session: Any) -> None:
    photo = open_session(UploadedFile("file_3", "photo.jpg", "image", 0, 4001, 3001))
    assert photo.clips == [("file_3", 0, 5000, 0)]
    assert photo.canvas == (3072, 2304)
    assert photo.draft["m"]["fps"] == 30.0


@pytest.mark.parametrize(
    ("instruction", "clips"),
    [
        ("trim the first 3 seconds", [("file_1", 0, 7000, 3000)]),
        ("remove the last 2 seconds", [("file_1", 0, 8000, 0)]),
        ("keep 0:02 to 0:05", [("file_1", 0, 3000, 2000)]),
        ("keep the last 4 seconds", [("file_1", 0, 4000, 6000)]),
        ("cut from 0:01 to 0:03", [("file_1", 0, 1000, 0), ("file_1", 1000, 7000, 3000)]),
        ("trim to 4 seconds", [("file_1", 0, 4000, 0)]),
        ("twice as fast", [("file_1", 0, 5000, 0)]),
        ("half speed", [("file_1", 0, 20_000, 0)]),
        (
            "speed up 2x from 2s to 4s",
            [("file_1", 0, 2000, 0), ("file_1", 2000, 1000, 2000), ("file_1", 3000, 6000, 4000)],
        ),
        (
            "mute from 0:02 to 0:05",
            [("file_1", 0, 2000, 0), ("file_1", 2000, 3000, 2000), ("file_1", 5000, 5000, 5000)],
        ),
    ],
)
def test_clips_after_an_edit_in_time(session: Any, instruction: str, clips: list[tuple[str, int, int, int]]) -> None:
    session.say(instruction)
    assert session.clips == clips
    assert session.draft["d"] == sum(length for _src, _start, length, _in in clips)


def test_a_cut_of_a_faster_clip_counts_source_time_in_source_seconds(session: Any) -> None:
    session.say("play at 2x", "trim the first 2 seconds")
    assert session.clips == [("file_1", 0, 3000, 4000)]


def test_trims_work_over_all_clips(rich: Any) -> None:
    rich.say("merge all clips", "cut from 0:08 to 0:12")
    assert rich.clips == [("file_1", 0, 8000, 0), ("file_2", 8000, 2000, 2000), ("file_3", 10_000, 5000, 0)]


def test_merging_keeps_the_upload_order_and_happens_before_what_is_done_to_the_clips(rich: Any) -> None:
    rich.say("mute it and merge all clips")
    assert [src for src, *_rest in rich.clips] == ["file_1", "file_2", "file_3"]
    assert [segment["m"]["volume"] for segment in rich.segments(0)] == [0, 0, 0]


def test_a_picture_keeps_standing_still_when_it_is_cut_or_sped_up(rich: Any) -> None:
    rich.say("merge all clips", "keep the last 4 seconds", "twice as fast")
    assert rich.clips == [("file_3", 0, 2000, 0)]
    assert rich.look["speed"] == 1.0


def test_titles_move_with_the_picture_and_are_clipped_by_cuts(session: Any) -> None:
    session.say('add a title "Early" from 0s to 4s', 'add a title "Late" from 6s to 8s', "trim the first 3 seconds")
    assert session.titles == [("Early", 0, 1000), ("Late", 3000, 2000)]
    session.say("trim the first 2 seconds")
    assert session.titles == [("Late", 1000, 2000)]


def test_a_title_keeps_its_reading_time_when_the_video_plays_faster(session: Any) -> None:
    session.say('add a title "Hi" at 0:04 for 2 seconds', "twice as fast")
    assert session.titles == [("Hi", 2000, 2000)]


def test_a_title_over_the_whole_video_goes_on_covering_it(session: Any) -> None:
    session.say('add text "Hi" throughout the video', "half speed")
    assert session.titles == [("Hi", 0, 20_000)]


@pytest.mark.parametrize(
    ("instruction", "title"),
    [
        ('add a title "T"', ("T", 0, 3000)),
        ('add a title "T" at the end', ("T", 7000, 3000)),
        ('add a title "T" for the last 2 seconds', ("T", 8000, 2000)),
        ('add a title "T" at 0:09', ("T", 9000, 1000)),
        ('add a title "T" from 2s to 5s', ("T", 2000, 3000)),
    ],
)
def test_when_a_title_is_shown(session: Any, instruction: str, title: tuple[str, int, int]) -> None:
    session.say(instruction)
    assert session.titles == [title]


def test_titles_can_be_changed_moved_and_removed(session: Any) -> None:
    session.say('add a title "One" for 2 seconds', 'change the title to "Two"', "move the title to the top")
    assert session.titles == [("Two", 0, 2000)]
    assert session.segments(7)[0]["m"]["position"] == "top"
    assert [track["m"]["title"] for track in session.draft["t"] if track["tt"] == 7] == ["Two"]
    session.say("remove the title")
    assert session.titles == []


def test_music_lasts_as_long_as_the_video_and_follows_it(session: Any) -> None:
    session.say("add lofi music at 35%", "trim the first 3 seconds")
    music = session.segments(1)[0]
    assert (music["src"], music["s"], music["d"], music["m"]["volume"]) == ("bed:lofi", 0, 7000, 35)
    session.say("half speed")
    assert session.segments(1)[0]["d"] == 14_000


def test_an_uploaded_song_is_found_by_its_name_with_or_without_ending(rich: Any) -> None:
    for name in ("Sunset Drive.mp3", "sunset drive", "sunset"):
        rich.say(f'use "{name}" as the music at 20%')
        assert [(m["src"], m["m"]["volume"]) for m in rich.segments(1)] == [("file_4", 20)]


def test_new_music_takes_the_place_of_the_old(rich: Any) -> None:
    rich.say("add calm music", "add upbeat music")
    assert [segment["src"] for segment in rich.segments(1)] == ["bed:upbeat"]


def test_fades_stay_at_the_ends_whatever_is_cut_or_added(rich: Any) -> None:
    rich.say("fade in for 2 seconds and fade out", "cut from 0:00 to 0:01", "merge all clips")
    fades = [(s["m"].get("fade_in"), s["m"].get("fade_out")) for s in rich.segments(0)]
    assert fades == [(2000, None), (None, None), (None, 1000)]


def test_fades_never_last_longer_than_the_clip(session: Any) -> None:
    session.say("fade in and out for 4 seconds", "trim to 2 seconds")
    assert session.look["fade_in"] + session.look["fade_out"] == 2000


@pytest.mark.parametrize(
    ("instructions", "canvas"),
    [
        (["upscale to 4K"], (3840, 2160)),
        (["upscale to 4K and make it vertical"], (2160, 3840)),
        (["make it vertical and upscale to 4K"], (2160, 3840)),
        (["make it vertical", "upscale to 4K"], (2160, 3840)),
        (["upscale to 4K", "make it vertical"], (2160, 3840)),
        (["make it square and 4K"], (2160, 2160)),
        (["make it 9:16"], (1080, 1920)),
        (["make it 9:16", "make it 16:9"], (1920, 1080)),
        (["make it 4:5"], (1080, 1350)),
        (["make it 21:9 and 4K"], (3840, 1644)),
        (["rotate 90 left"], (1080, 1920)),
        (["upscale 4x"], (3840, 2160)),
        (["720p"], (1280, 720)),
        (["1080x1920"], (1080, 1920)),
    ],
)
def test_the_canvas_after_edits_of_the_frame(session: Any, instructions: list[str], canvas: tuple[int, int]) -> None:
    session.say(*instructions)
    assert session.canvas == canvas


def test_a_new_shape_is_filled_by_cropping_unless_bars_or_blur_are_asked_for(session: Any) -> None:
    session.say("make it vertical")
    assert session.draft["m"]["fit"] == "crop"
    session.say("use a blurred background")
    assert session.draft["m"]["fit"] == "blur"
    session.say("make it square with black bars")
    assert session.draft["m"]["fit"] == "pad"


def test_looks_are_set_or_added_and_stay_in_range(session: Any) -> None:
    session.say("sharpen a bit, increase brightness by 80%", "brighten by 50%", "black and white")
    assert (session.look["sharpen"], session.look["brightness"], session.look["grayscale"]) == (0.4, 100, True)
    session.say("set brightness to -5", "in color again")
    assert (session.look["brightness"], session.look["grayscale"]) == (-5, False)


def test_a_turn_of_a_mirrored_picture_turns_what_is_seen(session: Any) -> None:
    session.say("flip horizontally", "rotate 90 degrees")
    assert (session.look["rotate"], session.look["flip"]) == (90, "v")


def test_volume_is_set_relative_or_in_decibels(session: Any) -> None:
    session.say("set the volume to 50%", "twice as loud")
    assert session.look["volume"] == 100
    session.say("lower the volume by 6 dB")
    assert session.look["volume"] == 50


def test_starting_over_goes_back_to_the_first_upload(rich: Any) -> None:
    first = rich.draft
    rich.say("merge all clips, mute, add music and make it vertical", "start over")
    assert rich.draft == first
