//! Firewheel: a sampler node for each voice, a spatial node behind it, buses as filter nodes.

use super::Render;
use crate::BLOCK;
use crate::scene::{BUSES, LOW_PASS_HZ, RATE, SEND_DB, SOUND_RATE, Scene, Sound, Voice};
use audioadapter_buffers::direct::InterleavedSlice;
use firewheel::backend::BackendProcessInfo;
use firewheel::channel_config::NonZeroChannelCount;
use firewheel::collector::ArcGc;
use firewheel::node::{NodeID, StreamStatus};
use firewheel::nodes::fast_filters::lowpass::FastLowpassStereoNode;
use firewheel::nodes::freeverb::FreeverbNode;
use firewheel::nodes::sampler::{RepeatMode, SamplerConfig, SamplerNode};
use firewheel::nodes::spatial_basic::SpatialBasicNode;
use firewheel::nodes::volume::VolumeNode;
use firewheel::sample_resource::SampleResource;
use firewheel::vector::Vec3;
use firewheel::{ActivateInfo, FirewheelConfig, FirewheelContext, Volume, processor::FirewheelProcessor};
use std::num::NonZeroU32;
use std::time::Duration;

struct Firewheel {
    processor: FirewheelProcessor,
    frames: u64,
    /// Kept: without it the processor falls silent.
    _context: FirewheelContext,
}

impl Render for Firewheel {
    fn block(&mut self, out: &mut [f32]) {
        let info = BackendProcessInfo {
            frames: BLOCK,
            process_timestamp: None,
            duration_since_stream_start: Duration::from_secs_f64(self.frames as f64 / f64::from(RATE)),
            input_stream_status: StreamStatus::empty(),
            output_stream_status: StreamStatus::empty(),
            dropped_frames: 0,
            process_to_playback_delay: None,
        };
        self.frames += BLOCK as u64;
        let none = InterleavedSlice::new(&[] as &[f32], 0, BLOCK).expect("no channels need no samples");
        let mut out = InterleavedSlice::new_mut(out, 2, BLOCK).expect("a block is two channels");
        self.processor.process(&none, &mut out, info);
    }
}

fn words(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

pub(super) fn build(scene: Scene, voices: usize, sounds: &[Sound]) -> Result<Box<dyn Render>, String> {
    let mut context = FirewheelContext::new(FirewheelConfig {
        initial_node_capacity: 2 * voices as u32 + 64,
        initial_edge_capacity: 8 * voices as u32 + 64,
        initial_event_group_capacity: 2 * voices as u32,
        immediate_event_capacity: 2 * voices + 512,
        ..FirewheelConfig::default()
    });
    // One channel as a list of channels: the interleaved kind replays stale sound when it has only one.
    let resources: Vec<ArcGc<dyn SampleResource + Send + Sync>> = sounds
        .iter()
        .map(|sound| ArcGc::new_unsized(|| std::sync::Arc::new(vec![sound.to_vec()]) as _))
        .collect();

    let output = context.graph_out_node_id();
    let mut buses: Vec<NodeID> = Vec::new();
    if scene == Scene::Buses {
        let hall = context.add_node(FreeverbNode::default(), None).map_err(words)?;
        context.connect_stereo(hall, output, false).map_err(words)?;
        for _ in 0..BUSES {
            let filter = FastLowpassStereoNode::from_cutoff_hz(LOW_PASS_HZ);
            let bus = context.add_node(filter, None).map_err(words)?;
            let send = VolumeNode { volume: Volume::Decibels(SEND_DB), ..VolumeNode::default() };
            let send = context.add_node(send, None).map_err(words)?;
            context.connect_stereo(bus, output, false).map_err(words)?;
            context.connect_stereo(bus, send, false).map_err(words)?;
            context.connect_stereo(send, hall, false).map_err(words)?;
            buses.push(bus);
        }
    }
    for voice in Voice::all(voices) {
        let mut sampler = SamplerNode {
            volume: Volume::Decibels(voice.gain_db),
            repeat_mode: RepeatMode::RepeatEndlessly,
            // It does not know the sound's own rate.
            speed: voice.rate * f64::from(SOUND_RATE) / f64::from(RATE),
            ..SamplerNode::default()
        };
        sampler.start_or_restart();
        let config = SamplerConfig { channels: NonZeroChannelCount::MONO, ..SamplerConfig::default() };
        let node = context.add_node(sampler, Some(config)).map_err(words)?;
        context.queue_event_for(node, SamplerNode::set_dyn_sample_event(resources[voice.sound].clone()));
        context.queue_event_for(node, sampler.sync_play_event());
        if scene == Scene::Flat {
            context.connect_stereo(node, output, false).map_err(words)?;
            continue;
        }
        let [x, y, z] = voice.place;
        let spatial = SpatialBasicNode { offset: Vec3::new(x, y, z), ..SpatialBasicNode::default() };
        let spatial = context.add_node(spatial, None).map_err(words)?;
        context.connect_stereo(node, spatial, false).map_err(words)?;
        context.connect_stereo(spatial, *buses.get(voice.bus).unwrap_or(&output), false).map_err(words)?;
    }

    let info = ActivateInfo {
        sample_rate: NonZeroU32::new(RATE).ok_or("a rate of 0")?,
        max_block_frames: NonZeroU32::new(BLOCK as u32).ok_or("a block of 0")?,
        num_stream_in_channels: 0,
        num_stream_out_channels: 2,
        input_to_output_latency_seconds: 0.0,
    };
    let processor = context.activate(info).map_err(words)?;
    context.update().map_err(words)?;
    Ok(Box::new(Firewheel { processor, frames: 0, _context: context }))
}
