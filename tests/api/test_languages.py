"""The language of an instruction."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.languages import detect

SAID = [
    ("upscale this video to 4K and sharpen the details", "en"),
    ("trim it", "en"),
    ("export", "en"),
    ("把这个视频升级到4K并锐化细节", "zh"),
    ("导出", "zh"),
    ("動画を短くしてください", "ja"),
    ("動画編集希望、音楽追加してください", "ja"),
    ("비디오를 4K로 업스케일해 주세요", "ko"),
    ("обрежь видео до пяти секунд", "ru"),
    ("обріж відео до п'яти секунд і додай музику", "uk"),
    ("قص الفيديو إلى خمس ثوان", "ar"),
    ("ویدیو را کوتاه کن و یک موسیقی پخش کن", "fa"),
    ("קצר את הסרטון", "he"),
    ("वीडियो को छोटा करें", "hi"),
    ("ตัดวิดีโอให้สั้นลง", "th"),
    ("κόψε το βίντεο", "el"),
    ("cắt video xuống còn 5 giây", "vi"),
    ("videoyu kısalt ve müzik ekle", "tr"),
    ("przytnij wideo i dodaj muzykę", "pl"),
    ("schneide die ersten drei Sekunden weg", "de"),
    ("füge einen Titel hinzu", "de"),
    ("coupe les trois premières secondes de la vidéo", "fr"),
    ("ajoute une musique avec un fondu", "fr"),
    ("corta los primeros tres segundos del vídeo", "es"),
    ("agrega una música más alta", "es"),
    ("corte os primeiros três segundos do vídeo", "pt"),
    ("adicione uma música", "pt"),
    ("taglia i primi tre secondi della clip", "it"),
    ("aggiungi una musica", "it"),
]


@pytest.mark.conformance("session-request")
@pytest.mark.parametrize(("text", "language"), SAID, ids=[language for _, language in SAID])
def test_an_instruction_tells_its_language(text: str, language: str) -> None:
    assert detect(text) == language
    assert detect(text.capitalize()) == language


@pytest.mark.parametrize("text", ["", "  ", "4K", "1080p 60", "!?", "clip.mp4", "🎬"])
def test_when_in_doubt_it_is_english(text: str) -> None:
    assert detect(text) == "en"


def test_a_quoted_title_is_the_videos_language_not_the_speakers() -> None:
    assert detect("add the title “夏天的海边真的很美丽”") == "en"
    assert detect("加上标题“Summer at the sea, the best of the year”") == "zh"
    assert detect("“夏天”") == "zh"
