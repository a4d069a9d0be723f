//! Rendering a scene as fast as the machine can.

use super::Player;

/// Frames rendered at a time; less than the scene stays ahead.
const STRETCH: usize = 256;

/// Renders a whole scene with an offline engine. `sink` gets interleaved stereo, stretch by stretch, and the
/// player, to read meters from or to tell of progress; the first error it gives ends the rendering.
///
/// # Errors
/// What `sink` gives.
pub fn render<E>(
    player: &mut Player,
    mut sink: impl FnMut(&mut Player, &[f32]) -> Result<(), E>,
) -> Result<(), E> {
    let mut stretch = [0.0; STRETCH * 2];
    let mut left = player.frames();
    while left > 0 {
        let count = left.min(STRETCH as u64) as usize;
        player.follow_mixer();
        player.engine().render(&mut stretch[..count * 2]);
        sink(player, &stretch[..count * 2])?;
        left -= count as u64;
    }
    Ok(())
}
