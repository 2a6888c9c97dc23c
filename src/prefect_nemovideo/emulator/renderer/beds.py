"""Music the emulator makes itself: four short loops of chords, bass and beat, as FFmpeg expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SAMPLE_RATE: Final = 48_000
# Middle A; the notes below are counted in half-tones from it.
TUNING_HZ: Final = 440.0

Chord = tuple[int, int, int]


@dataclass(frozen=True)
class Bed:
    """A piece of music without end.

    Attributes:
        beats_per_minute: its pace; a chord lasts four beats.
        chords: three notes each, in half-tones from middle A; they repeat.
        pad: loudness of the held chord, 0 to 1.
        pluck: loudness of the chord struck anew on every beat.
        kick: loudness of the drum on every beat.
        hat: loudness of the hiss between beats.
    """

    beats_per_minute: int
    chords: tuple[Chord, ...]
    pad: float
    pluck: float
    kick: float
    hat: float


BEDS: Final[Mapping[str, Bed]] = {
    # Jazz-like chords and a lazy beat.
    "lofi": Bed(76, ((-16, -12, -5), (-19, -12, -9), (-14, -10, -7), (-17, -13, -7)), 0.10, 0.10, 0.30, 0.02),
    # Bright major chords, twice as many beats.
    "upbeat": Bed(124, ((-9, -5, -2), (-2, 2, 5), (0, 3, 7), (-4, 0, 3)), 0.05, 0.16, 0.34, 0.04),
    # Only held chords that swell and fade.
    "calm": Bed(60, ((-9, -5, -2), (-12, -9, -5), (-16, -12, -9), (-14, -10, -7)), 0.22, 0.04, 0.0, 0.0),
    # Low minor chords under a slow heartbeat of a drum.
    "cinematic": Bed(50, ((-24, -17, -12), (-28, -21, -16), (-21, -14, -9), (-26, -19, -14)), 0.24, 0.0, 0.36, 0.0),
}


def bed_source(name: str) -> str:
    """A chain of filters without inputs that plays the bed for ever, in one channel.

    Example:
        >>> bed_source("calm")[:10]
        'aevalsrc=e'
    """
    bed = BEDS[name]
    beat = 60 / bed.beats_per_minute
    bar = 4 * beat
    # ld(0): seconds into the bar; ld(1): seconds into the beat; ld(2): the bar's number.
    clock = f"st(0,mod(t,{bar:.6f}));st(1,mod(t,{beat:.6f}));st(2,mod(floor(t/{bar:.6f}),{len(bed.chords)}))"
    chord = "+".join(_note(bed, voice) for voice in range(3))
    # The pad swells in and out within each bar, so that chords change without a click.
    swell = f"sin(PI*ld(0)/{bar:.6f})"
    parts = [f"{bed.pad:.2f}*{swell}*({chord})/1.5"]
    if bed.pluck:
        parts.append(f"{bed.pluck:.2f}*exp(-6*ld(1))*min(1,ld(1)*200)*({_octave_up(bed)})/1.5")
    if bed.kick:
        parts.append(f"{bed.kick:.2f}*exp(-14*ld(1))*sin(2*PI*(45*ld(1)+3*(1-exp(-30*ld(1)))))")
    if bed.hat:
        parts.append(f"{bed.hat:.2f}*exp(-60*mod(ld(1)+{beat / 2:.6f},{beat:.6f}))*(2*random(3)-1)")
    wave = f"{clock};" + "+".join(parts)
    phrase = round(len(bed.chords) * bar * SAMPLE_RATE)
    # Computing a second of it takes 0.08 s, so the phrase is computed once and repeated from memory (2 MB).
    return (
        f"aevalsrc=exprs='{wave}':channel_layout=mono:sample_rate={SAMPLE_RATE}"
        f":duration={phrase / SAMPLE_RATE:.6f},aloop=loop=-1:size={phrase}"
    )


def _note(bed: Bed, voice: int, shift: int = 0) -> str:
    """One voice of the chord of this bar: its frequency is chosen by the bar's number."""
    frequencies = [TUNING_HZ * 2 ** ((chord[voice] + shift) / 12) for chord in bed.chords]
    chosen = "+".join(f"eq(ld(2),{number})*{hertz:.3f}" for number, hertz in enumerate(frequencies))
    return f"sin(2*PI*ld(0)*({chosen}))"


def _octave_up(bed: Bed) -> str:
    return "+".join(_note(bed, voice, 12) for voice in range(3))
