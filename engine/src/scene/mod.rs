//! Scripted scenes.
