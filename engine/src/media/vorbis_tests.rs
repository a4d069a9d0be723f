//! Vorbis streams cut, bent and put together anew, against the stream they come from.

use super::{decode_bytes, ogg, vorbis_setup};

/// 10 000 frames of a soft 441 Hz sine with two clicks, mono, 44 100 Hz, made with `oggenc -q 0`.
const CLICKS: &[u8] = include_bytes!("testdata/clicks.ogg");
/// Its blocks are of 256 and 2048 frames: the clicks stand in short ones.
const BLOCKS: &str = "SLLLSSSSLLLSSSSSLLLL";

/// Three headers and the packets of sound.
fn packets() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let links = ogg::links(CLICKS).unwrap();
    let mut headers: Vec<_> = links[0].packets.iter().map(|packet| packet.data.to_vec()).collect();
    let sound = headers.split_off(3);
    (headers, sound)
}

/// The place of each packet: the centre of its block, counted from the first packet's.
fn centres(blocks: &str) -> Vec<usize> {
    let size = |block: u8| if block == b'L' { 2048 } else { 256 };
    let steps = blocks.as_bytes().windows(2).map(|pair| (size(pair[0]) + size(pair[1])) / 4);
    let mut at = 0;
    std::iter::once(0)
        .chain(steps.map(|step| {
            at += step;
            at
        }))
        .collect()
}

/// Writes a stream: the headers, then a page for each list of packets and its position.
fn stream(headers: &[Vec<u8>], pages: &[(&[Vec<u8>], i64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let head = [(&headers[..1], 0), (&headers[1..], 0)];
    for (number, (packets, granule)) in head.iter().chain(pages).enumerate() {
        let flags = if number == 0 { 2 } else { u8::from(number == pages.len() + 1) * 4 };
        let lacing = packets.iter().flat_map(|packet| {
            std::iter::repeat_n(255, packet.len() / 255).chain([(packet.len() % 255) as u8])
        });
        let lacing: Vec<u8> = lacing.collect();
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend_from_slice(&granule.to_le_bytes());
        page.extend_from_slice(&[1, 0, 0, 0, number as u8, 0, 0, 0, 0, 0, 0, 0, lacing.len() as u8]);
        page.extend_from_slice(&lacing);
        packets.iter().for_each(|packet| page.extend_from_slice(packet));
        let sum = ogg::checksum(0, &page);
        page[22..26].copy_from_slice(&sum.to_le_bytes());
        bytes.extend_from_slice(&page);
    }
    bytes
}

fn sound(bytes: &[u8]) -> Vec<f32> {
    decode_bytes("x.ogg", bytes).unwrap().channels.remove(0)
}

/// All that the packets hold, without any trim.
fn whole() -> Vec<f32> {
    let (headers, packets) = packets();
    sound(&stream(&headers, &[(&packets, i64::MAX)]))
}

#[test]
fn the_blocks_are_those_that_the_tests_say() {
    let (headers, packets) = packets();
    let modes = vorbis_setup::read(&headers[2], 1).unwrap();
    let blocks: String =
        packets.iter().map(|packet| if modes.is_long(packet).unwrap() { 'L' } else { 'S' }).collect();
    assert_eq!(blocks, BLOCKS);
    assert_eq!(whole().len(), *centres(BLOCKS).last().unwrap());
    assert_eq!(sound(CLICKS), whole()[..10_000]);
}

#[test]
fn a_stream_may_begin_and_end_with_any_block() {
    let (headers, packets) = packets();
    let (whole, centres) = (whole(), centres(BLOCKS));
    for first in 0..packets.len() {
        for end in first + 2..=packets.len() {
            let bytes = stream(&headers, &[(&packets[first..end], i64::MAX)]);
            assert!(sound(&bytes) == whole[centres[first]..centres[end - 1]], "packets {first}..{end}");
        }
    }
}

#[test]
fn blocks_overlap_by_what_they_are_and_not_by_what_they_say() {
    let (headers, mut packets) = packets();
    for (packet, block) in packets.iter_mut().zip(BLOCKS.bytes()) {
        // One bit says it is sound, one is the mode, and a long block has two flags.
        if block == b'L' {
            packet[0] ^= 0b1100;
        }
    }
    assert!(sound(&stream(&headers, &[(&packets, i64::MAX)])) == whole());
}

#[test]
fn the_last_position_trims_the_last_packet_alone() {
    let (headers, packets) = packets();
    let (whole, centres) = (whole(), centres(BLOCKS));
    // Three packets on: a long block, of which the next is short.
    for (end, position, frames) in [
        (20, 10_000, 10_000),
        (20, 1, centres[18]),
        (4, 1000, centres[2]),
        (4, 2600, 2600),
        (4, 2624, 2624),
        (4, 2700, 2624),
    ] {
        let kept = sound(&stream(&headers, &[(&packets[..end], position)]));
        assert!(kept == whole[..frames], "{end} packets, position {position}: {} frames", kept.len());
    }
    // After a position of its own, the last one counts from there.
    let bytes = stream(&headers, &[(&packets[..3], 50_000), (&packets[3..5], 51_500)]);
    assert!(sound(&bytes) == whole[..centres[2] + 1500]);
}

#[test]
fn the_first_position_trims_the_packet_that_bears_it() {
    let (headers, packets) = packets();
    let (whole, centres) = (whole(), centres(BLOCKS));
    let position = centres[3] as i64 - 100;
    let bytes = stream(&headers, &[(&packets[..4], position), (&packets[4..], i64::MAX)]);
    assert!(sound(&bytes) == [&whole[..centres[2]], &whole[centres[2] + 100..]].concat());
    let bytes = stream(&headers, &[(&packets[..2], 76), (&packets[2..], 9_500)]);
    assert!(sound(&bytes) == whole[500..10_000]);
}

#[test]
fn parts_join_without_a_seam() {
    let (headers, packets) = packets();
    let pages: Vec<_> = (0..120).map(|_| (&packets[..], -1)).collect();
    let sound = sound(&stream(&headers, &pages));
    // From the last centre of a round to the first of the next is a long and a short block's step.
    let round = centres(BLOCKS)[19] + 576;
    assert_eq!(sound.len(), 120 * round - 576, "1.4 million frames: six parts");
    assert!(sound[round..] == sound[..sound.len() - round]);
}

#[test]
fn an_empty_packet_is_passed_over() {
    let (headers, mut packets) = packets();
    packets.insert(7, Vec::new());
    assert!(sound(&stream(&headers, &[(&packets, i64::MAX)])) == whole());
}

#[test]
fn a_packet_of_one_byte_is_a_silent_block() {
    let (headers, mut packets) = packets();
    packets[5] = vec![0b10];
    let sound = sound(&stream(&headers, &[(&packets, i64::MAX)]));
    let centres = centres("SLLLSLSSLLLSSSSSLLLL");
    assert_eq!(sound.len(), centres[19]);
    assert!(sound[..centres[4]] == whole()[..centres[4]]);
    assert!(sound[centres[4] + 128..centres[6] - 128].iter().all(|&sample| sample == 0.0));
}

#[test]
fn a_setup_header_that_ends_early_is_refused_before_the_decoder_sees_it() {
    let setup = &packets().0[2];
    for end in 0..setup.len() {
        assert!(vorbis_setup::read(&setup[..end], 1).is_err(), "{end}");
    }
}
