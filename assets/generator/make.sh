#!/bin/sh
# Remakes every sound of the demo project: synthesis, speech, encoding. Running it again gives the same bytes.
#
#   assets/generator/make.sh [GENERATOR]
#
# GENERATOR is a built `tonmeister-assets`; without it, cargo builds one. Needs espeak-ng and oggenc (vorbis-tools).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
demo=$(cd "$here/../demo" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

if [ $# -gt 0 ]; then
    generator=$1
else
    (cd "$here" && cargo build --release -p tonmeister-assets)
    target=$(cd "$here" && cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    generator=$target/release/tonmeister-assets
fi

"$generator" "$work"

# Speech: `say NUMBER TEXT`. The texts are SSML, for the pauses.
say() {
    espeak-ng -v en-gb-x-rp -s 150 -p 34 -a 100 -m -w "$work/raw.wav" \
        "<speak><prosody range='130%'>$2</prosody></speak>"
    mkdir -p "$work/voice"
    "$generator" --voice "$work/raw.wav" "$work/voice/narrator_$1.wav"
}
pause='<break time="180ms"/>'
say 1 "Welcome to the camp. $pause Sit by the fire; $pause listen to how it sits in the mix."
say 2 "Walk east, $pause and the stream comes up on your left."
say 3 "When I speak, the music and the forest step back, $pause and return when I am done."
say 4 "Now the cave. $pause Every footstep takes on the room around it."
say 5 "And that is the tour. $pause Change the bank while it plays, $pause and hear it at once."

# Encoding: `name quality title`. The serial number is fixed, so that the bytes are.
serial=1000
while read -r name quality title; do
    serial=$((serial + 1))
    mkdir -p "$demo/$(dirname "$name")"
    oggenc --quiet -q "$quality" -s "$serial" -t "$title" -a "Tonmeister" -l "Tonmeister demo" \
        -c "license=MIT OR Apache-2.0" -o "$demo/$name.ogg" "$work/$name.wav"
done <<'LIST'
sfx/fire 5 Camp fire (loop)
sfx/stream 5 Stream (loop)
sfx/log 5 A log shifts
sfx/owl 5 Tawny owl, distant
sfx/gravel_1 5 Footstep on gravel and leaves 1
sfx/gravel_2 5 Footstep on gravel and leaves 2
sfx/gravel_3 5 Footstep on gravel and leaves 3
sfx/gravel_4 5 Footstep on gravel and leaves 4
sfx/gravel_5 5 Footstep on gravel and leaves 5
sfx/stone_1 5 Footstep on stone 1
sfx/stone_2 5 Footstep on stone 2
sfx/stone_3 5 Footstep on stone 3
sfx/stone_4 5 Footstep on stone 4
sfx/stone_5 5 Footstep on stone 5
sfx/drip_1 5 Drip 1
sfx/drip_2 5 Drip 2
sfx/drip_3 5 Drip 3
sfx/drip_4 5 Drip 4
amb/forest 6 Forest at dusk, wind and crickets (loop)
amb/cave 6 Cave air (loop)
amb/bird_1 5 Tit, two-note call
amb/bird_2 5 Thrush, flute phrase
amb/bird_3 5 Wren, trill
amb/bird_4 5 Robin, falling phrase
music/pad 6 Pad (layer, 8 bars at 80 bpm, D dorian)
music/pluck 6 Harp (layer, 8 bars at 80 bpm, D dorian)
music/drum 6 Frame drum (layer, 8 bars at 80 bpm)
music/cave 8 Cave drone and bells (8 bars at 80 bpm, D dorian)
voice/narrator_1 5 Narrator 1, welcome
voice/narrator_2 5 Narrator 2, the stream
voice/narrator_3 5 Narrator 3, ducking
voice/narrator_4 5 Narrator 4, the cave
voice/narrator_5 5 Narrator 5, farewell
LIST

# What was made, as the table in SOUNDS.md: measured on the decoded files, as a player hears them.
rm -rf "$work/decoded"
for file in "$demo"/sfx/*.ogg "$demo"/amb/*.ogg "$demo"/music/*.ogg "$demo"/voice/*.ogg; do
    name=${file#"$demo"/}
    mkdir -p "$work/decoded/$(dirname "$name")"
    oggdec --quiet -o "$work/decoded/$name" "$file"
done
(cd "$work/decoded" && "$generator" --measure sfx/*.ogg amb/*.ogg music/*.ogg voice/*.ogg)
