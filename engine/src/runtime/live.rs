//! The reload's last step: another version of the project goes live under what plays.

use super::engine::{Engine, facts};
use super::plan::plan;
use crate::bank;
use crate::mixer::Parcel;
use crate::reload::{Changes, Project, Reload, Saved};

/// How long after a reload all of its fades have ended, on their way to the mixer included.
const SETTLE_MILLISECONDS: u64 = 250;

impl Engine {
    pub(super) fn take_live(&mut self, saved: Saved) {
        let reload = match saved.project {
            Err(error) => Reload::Refused(error),
            Ok(project) if !self.is_whole(&project) => {
                // A bank was loaded while the save was. Nothing goes live by halves.
                self.tell_watcher();
                if let Some(watcher) = &self.watcher {
                    watcher.load_again(saved.noticed);
                }
                return;
            }
            Ok(project) => {
                let lines = self.reload(project);
                Reload::Live(Changes { lines, took: saved.noticed.elapsed() })
            }
        };
        self.reloads.push(reload);
    }

    /// Takes another version of the project live at the next block: what plays keeps playing, gains and
    /// settings glide. Says what changed, a line for each, in the designer's words. A project that changes
    /// nothing changes nothing.
    ///
    /// The project must be loaded at this engine's rate. If it uses a plug-in that is not registered, that
    /// effect passes its signal through and a line says so. Sounds of bank files that are not loaded stay unloaded,
    /// whether the project has them or not; those of loaded files that it lacks are loaded.
    pub fn reload(&mut self, mut project: Project) -> Vec<String> {
        self.fit(&mut project);
        let lines = self.go_live(project);
        self.tell_watcher();
        self.look_over();
        lines
    }

    fn go_live(&mut self, project: Project) -> Vec<String> {
        let mut lines = bank::diff(&self.project.sources, &project.sources);
        lines.extend(replaced_files(&self.project, &project));
        let same_samples = facts(&self.project) == facts(&project);
        if *self.project.bank == *project.bank && same_samples {
            // Comments and blanks at most: nothing that is heard.
            let old = std::mem::replace(&mut self.project, project);
            self.take_same_samples(&old.store);
            return lines;
        }
        if let Some((bus, plugin)) = self.plugins.missing(&project) {
            lines.push(format!("bus {bus}: plug-in {plugin} is not registered and does nothing"));
        }
        let settled =
            self.now().saturating_sub(self.reloaded) > u64::from(self.rate) * SETTLE_MILLISECONDS / 1000;
        self.reloaded = self.now();
        let chance = (self.rate, self.director.seed());
        let (graph, layout) = plan(&project, &self.desk, (&self.layout, settled), &self.plugins, chance);
        let stamp = self.stamp();
        self.pass_on_orders();
        self.control.send(stamp, Box::new(Parcel::Graph(graph)));
        self.editions += 1;
        self.layout = layout;
        self.bank_version += 1;
        self.unknown_reverbs.clear();
        self.measured.retain(|bus| project.bank.bus(bus).is_some());
        self.director.adopt(project.bank.clone(), facts(&project), stamp);
        let old = std::mem::replace(&mut self.project, project);
        self.leave(&old.store);
        lines
    }
}

/// Sound files with other contents than before.
fn replaced_files(old: &Project, new: &Project) -> Vec<String> {
    let contents = |project: &Project| -> std::collections::BTreeMap<std::path::PathBuf, u64> {
        project.store.iter().map(|(request, sample)| (request.file.clone(), sample.content())).collect()
    };
    let (before, after) = (contents(old), contents(new));
    let replaced = |media: &&bank::Media| {
        before.get(&media.file).zip(after.get(&media.file)).is_some_and(|(before, after)| before != after)
    };
    new.bank.media.iter().filter(replaced).map(|media| format!("{} replaced", media.path)).collect()
}
