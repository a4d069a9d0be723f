//! What is streamed, on its way to its voice: pages of decoded sound, filled by the thread that decodes and given back by
//! the voice when they are read.
//!
//! Both ends know the sound's [`Course`], so from the place where the voice reads both know which pages come next. The
//! voice publishes that place; the decoder sees to it that the pages from there on are with the voice. A leap needs no
//! other word: the place is another one, and so are the pages. A loop that is left, or about to be, is a word of its own.
//!
//! A stream has a fixed number of pages, made with it: [`AHEAD_PAGES`] from the voice's place on, [`LEAP_PAGES`] for the
//! place to which it is about to leap, and as many again: if it is to leap elsewhere after all, the voice gives back what is
//! not wanted any more only with its next block, and what it then wants must be there by then.

use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// The most sounds that play from the disk at once, those that fade out after a stop not counted. What would be one more
/// has no voice. One takes 1.2 MB in stereo and, of Vorbis, the decoder's tables, which all streams of a file share.
pub const MOST_STREAMS: usize = 64;
/// With those that fade out.
pub const STREAM_SLOTS: usize = MOST_STREAMS + 32;
/// Frames of a page: 171 ms at 48 kHz.
pub const PAGE_FRAMES: usize = 8192;
/// The pages that are kept from a voice's place on: two seconds at 48 kHz and natural pitch.
pub const AHEAD_PAGES: usize = 12;
/// The pages that are kept for a leap.
pub const LEAP_PAGES: usize = 3;
/// The pages that are wanted at once.
const MOST_WANTED: usize = AHEAD_PAGES + LEAP_PAGES;
/// The pages of a stream.
const PAGES: usize = MOST_WANTED + LEAP_PAGES;
/// How many frames before its place a voice may look.
pub const REACH: u64 = 7;
/// A voice goes round its loop, is about to leave it, has left it.
const ROUND: u8 = 0;
const LEAVES: u8 = 1;
const LEFT: u8 = 2;
/// No place.
const NOWHERE: u64 = u64::MAX;

/// A piece of a sound, decoded.
pub struct Page {
    number: u32,
    /// The left and the right side; the right one is empty if there is but one.
    pub sides: [Box<[f32]>; 2],
}

/// The way of a voice through a sound, in the sound's frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// The sound's length; never 0.
    pub frames: u64,
    /// How much from the beginning on is in memory anyway.
    pub head: u64,
    /// What repeats, from the first frame to the one behind the last, if anything does.
    pub lap: Option<(u64, u64)>,
}

impl Course {
    /// Where the sound is at a place that counts on beyond the loop's end.
    pub fn fold(&self, place: u64) -> u64 {
        match self.lap {
            Some((start, end)) if place >= end && end > start => start + (place - start) % (end - start),
            _ => place.min(self.frames.saturating_sub(1)),
        }
    }

    /// The pages from a place on, as they are heard, each with how many frames pass until it is needed. Those that are in
    /// memory are left out. Of a loop, two laps: then nothing new comes.
    fn pages(&self, place: u64) -> impl Iterator<Item = (u32, u64)> {
        let limit = self.lap.map_or(self.frames, |(_, end)| end);
        let (mut at, mut passed, mut laps) = (self.fold(place).saturating_sub(REACH), 0, 0);
        let all = std::iter::from_fn(move || {
            if at >= limit {
                let (start, _) = self.lap.filter(|&(start, _)| laps == 0 && start < limit)?;
                (at, laps) = (start, 1);
            }
            let page = at / PAGE_FRAMES as u64;
            let end = ((page + 1) * PAGE_FRAMES as u64).min(limit);
            // Of a page in which the head ends, what is behind the head.
            let needed = passed + self.head.saturating_sub(at);
            passed += end - at;
            at = end;
            Some((page as u32, needed, end))
        });
        all.filter(|&(.., end)| end > self.head).map(|(page, needed, _)| (page, needed))
    }

    /// The same way without its loop.
    fn straight(&self) -> Self {
        Self { lap: None, ..*self }
    }

    /// The pages that are wanted by a voice at a place, which is about to leap to another one, or to leave its loop.
    fn wanted(&self, place: u64, leap: u64, way: u8) -> Wanted {
        let mut wanted = Wanted { pages: [(0, 0); MOST_WANTED], count: 0 };
        let own = if way == LEFT { self.straight() } else { *self };
        wanted.add(own.pages(place), AHEAD_PAGES);
        if leap != NOWHERE {
            wanted.add(own.pages(leap), LEAP_PAGES);
        } else if let Some((_, end)) = own.lap.filter(|&(_, end)| way == LEAVES && end < self.frames) {
            wanted.add(self.straight().pages(end), LEAP_PAGES);
        }
        wanted
    }
}

/// Pages, each with how soon it is needed.
struct Wanted {
    pages: [(u32, u64); MOST_WANTED],
    count: usize,
}

impl Wanted {
    /// Adds the first `most` pages that are not there yet.
    fn add(&mut self, pages: impl Iterator<Item = (u32, u64)>, most: usize) {
        let most = (self.count + most).min(MOST_WANTED);
        for (page, needed) in pages {
            if self.count >= most {
                return;
            }
            if !self.has(page) {
                self.pages[self.count] = (page, needed);
                self.count += 1;
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &(u32, u64)> {
        self.pages.iter().take(self.count)
    }

    fn has(&self, page: u32) -> bool {
        self.iter().any(|&(other, _)| other == page)
    }
}

struct Shared {
    /// Where the voice reads.
    place: AtomicU64,
    /// Where it is about to leap.
    leap: AtomicU64,
    /// Whether it has left its loop.
    way: AtomicU8,
    /// Whether it wants pages that it does not have.
    hungry: AtomicBool,
    /// Whether there is no voice any more.
    closed: AtomicBool,
}

impl Shared {
    fn wanted(&self, course: &Course) -> Wanted {
        let (place, leap) = (self.place.load(Ordering::Acquire), self.leap.load(Ordering::Acquire));
        course.wanted(place, leap, self.way.load(Ordering::Acquire))
    }
}

/// The game thread's handle of a stream.
#[derive(Clone)]
pub struct PageControl {
    shared: Arc<Shared>,
}

/// The decoder's end.
pub struct PageWriter {
    filled: Producer<Page>,
    spent: Consumer<Page>,
    shared: Arc<Shared>,
    course: Course,
    spare: Vec<Page>,
    /// The pages that are with the voice, or on their way.
    given: Vec<u32>,
}

/// The voice's end.
pub struct PageReader {
    filled: Consumer<Page>,
    spent: Producer<Page>,
    shared: Arc<Shared>,
    course: Course,
    held: [Option<Page>; PAGES],
}

/// Makes a stream of a sound with one or two channels, to be read from `place` on.
pub fn pages(course: Course, channels: usize, place: u64) -> (PageControl, PageWriter, PageReader) {
    let (filled_in, filled_out) = RingBuffer::new(PAGES);
    let (spent_in, spent_out) = RingBuffer::new(PAGES);
    let shared = Arc::new(Shared {
        place: AtomicU64::new(course.fold(place)),
        leap: AtomicU64::new(NOWHERE),
        way: AtomicU8::new(ROUND),
        hungry: AtomicBool::new(true),
        closed: AtomicBool::new(false),
    });
    let side = |there: bool| vec![0.0; if there { PAGE_FRAMES } else { 0 }].into_boxed_slice();
    let page = |_| Page { number: 0, sides: [side(true), side(channels > 1)] };
    let writer = PageWriter {
        filled: filled_in,
        spent: spent_out,
        shared: Arc::clone(&shared),
        course,
        spare: (0..PAGES).map(page).collect(),
        given: Vec::with_capacity(PAGES),
    };
    let reader = PageReader {
        filled: filled_out,
        spent: spent_in,
        shared: Arc::clone(&shared),
        course,
        held: [const { None }; PAGES],
    };
    (PageControl { shared }, writer, reader)
}

impl PageControl {
    /// Whether its voice is gone, and its pages with it.
    pub fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire)
    }

    /// Where the voice reads.
    pub fn place(&self) -> u64 {
        self.shared.place.load(Ordering::Acquire)
    }

    /// Says that an order to leap is on its way, so that the pages are there when it arrives.
    pub fn lead(&self, to: u64) {
        self.shared.leap.store(to, Ordering::Release);
        self.shared.hungry.store(true, Ordering::Release);
    }

    /// Says that an order to leave the loop is on its way, so that the pages behind it are there when it is left.
    pub fn leave_loop(&self) {
        self.shared.way.fetch_max(LEAVES, Ordering::AcqRel);
        self.shared.hungry.store(true, Ordering::Release);
    }

    /// Whether the voice wants pages since the last call. For whoever has the time to wait for them.
    pub fn take_hungry(&self) -> bool {
        self.shared.hungry.swap(false, Ordering::AcqRel)
    }

    /// Memory taken by the pages of a stream of so many channels.
    pub fn bytes(channels: usize) -> usize {
        PAGES * PAGE_FRAMES * channels * size_of::<f32>()
    }
}

impl PageWriter {
    /// Whether its voice is gone.
    pub fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire)
    }

    /// The page to be written next, and how many frames the voice has until it needs it. `None` if the voice has all
    /// that it wants, or has all the pages there are.
    pub fn missing(&mut self) -> Option<(u32, u64)> {
        while let Ok(page) = self.spent.pop() {
            self.given.retain(|&number| number != page.number);
            self.spare.push(page);
        }
        let wanted = self.shared.wanted(&self.course);
        let missing =
            wanted.iter().filter(|(page, _)| !self.given.contains(page)).min_by_key(|(_, needed)| *needed);
        missing.filter(|_| !self.spare.is_empty()).copied()
    }

    /// Fills a page and hands it over.
    pub fn write(&mut self, number: u32, fill: impl FnOnce(&mut [Box<[f32]>; 2])) {
        let Some(mut page) = self.spare.pop() else { return };
        page.number = number;
        fill(&mut page.sides);
        self.given.push(number);
        // There is room: the ring holds all the pages there are.
        if let Err(rtrb::PushError::Full(page)) = self.filled.push(page) {
            self.given.retain(|&given| given != number);
            self.spare.push(page);
        }
    }
}

impl PageReader {
    /// Tells where the voice is, takes the pages that have come, and gives back those that are not wanted any more.
    pub fn tend(&mut self, place: u64) {
        self.shared.place.store(place, Ordering::Release);
        let wanted = self.shared.wanted(&self.course);
        let Self { filled, spent, held, .. } = self;
        for slot in held.iter_mut() {
            if let Some(page) = slot.take_if(|page| !wanted.has(page.number)) {
                give_back(spent, page);
            }
        }
        while let Ok(page) = filled.pop() {
            match held.iter_mut().find(|slot| slot.is_none()) {
                Some(slot) if wanted.has(page.number) => *slot = Some(page),
                _ => give_back(spent, page),
            }
        }
        if wanted.iter().any(|&(page, _)| !self.has(page)) {
            self.shared.hungry.store(true, Ordering::Release);
        }
    }

    /// Says that the voice has left its loop; the sound then goes on behind it.
    pub fn leave_loop(&mut self) {
        if self.course.lap.take().is_some() {
            self.shared.way.store(LEFT, Ordering::Release);
        }
    }

    /// Says that the voice is about to leap.
    pub fn lead(&mut self, to: u64) {
        self.shared.leap.store(to, Ordering::Release);
    }

    /// Says that the voice has leapt.
    pub fn land(&mut self) {
        self.shared.leap.store(NOWHERE, Ordering::Release);
    }

    fn has(&self, number: u32) -> bool {
        self.held.iter().flatten().any(|page| page.number == number)
    }

    /// Whether the next `frames` frames from a place on are there, as they are heard.
    pub fn reaches(&self, place: u64, frames: u64) -> bool {
        self.ahead(place) > frames
    }

    /// How many frames pass from a place on, as they are heard, until the first page is needed that is not there; what
    /// looks back before the place counts.
    pub fn ahead(&self, place: u64) -> u64 {
        let absent = self.course.pages(place).find(|&(page, _)| !self.has(page));
        absent.map_or(u64::MAX, |(_, needed)| needed)
    }

    /// What of one side lies from a frame on, up to the end of its page. `None` if the page is not there.
    pub fn from(&self, frame: usize, side: usize) -> Option<&[f32]> {
        let number = (frame / PAGE_FRAMES) as u32;
        let page = self.held.iter().flatten().find(|page| page.number == number)?;
        let [left, right] = &page.sides;
        let side = if side == 0 || right.is_empty() { left } else { right };
        side.get(frame % PAGE_FRAMES..)
    }
}

/// There is always room: the ring holds all the pages there are. A page must never be freed here.
fn give_back(spent: &mut Producer<Page>, page: Page) {
    if let Err(rtrb::PushError::Full(page)) = spent.push(page) {
        debug_assert!(false, "more pages than there are");
        std::mem::forget(page);
    }
}

impl Drop for PageReader {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: u64 = PAGE_FRAMES as u64;

    fn fill_all(writer: &mut PageWriter) -> Vec<u32> {
        let mut numbers = Vec::new();
        while let Some((page, _)) = writer.missing() {
            writer.write(page, |sides| sides[0].fill(page as f32));
            numbers.push(page);
        }
        numbers
    }

    #[test]
    fn pages_come_as_they_are_heard_and_go_when_they_are_read() {
        let course = Course { frames: 40 * PAGE + 5, head: 2 * PAGE + 1, lap: None };
        let (control, mut writer, mut reader) = pages(course, 1, 0);
        assert_eq!(
            fill_all(&mut writer),
            (2..14).collect::<Vec<_>>(),
            "from the page in which the head ends"
        );
        reader.tend(0);
        assert!(reader.reaches(0, 13 * PAGE) && !reader.reaches(0, 14 * PAGE));
        assert_eq!(fill_all(&mut writer), [], "nothing is read yet");
        control.take_hungry();
        reader.tend(5 * PAGE + 6);
        assert!(control.take_hungry());
        assert_eq!(
            reader.from(4 * PAGE_FRAMES, 0).unwrap()[0],
            4.0,
            "interpolation looks back over the border"
        );
        reader.tend(5 * PAGE + 7);
        assert!(reader.from(4 * PAGE_FRAMES, 0).is_none());
        assert_eq!(fill_all(&mut writer), [14, 15, 16]);
        // A leap is made ready while all goes on as before, and does not need a second word.
        control.lead(30 * PAGE);
        assert_eq!(fill_all(&mut writer), [29, 30, 31]);
        reader.tend(5 * PAGE + 7);
        assert!(reader.reaches(30 * PAGE, PAGE));
        reader.land();
        reader.tend(30 * PAGE);
        assert_eq!(fill_all(&mut writer), [32, 33, 34, 35, 36, 37, 38, 39, 40]);
        assert!(!control.is_closed());
        drop(reader);
        assert!(control.is_closed() && writer.is_closed());
    }

    #[test]
    fn a_leap_that_goes_elsewhere_after_all_has_its_pages_as_soon() {
        let course = Course { frames: 400 * PAGE, head: 2 * PAGE, lap: None };
        let (control, mut writer, mut reader) = pages(course, 1, 0);
        fill_all(&mut writer);
        reader.tend(0);
        // Before each block another place: what was made ready for the one before is still with the voice.
        for to in [30, 60, 90, 120, 150] {
            control.lead(to * PAGE + REACH);
            fill_all(&mut writer);
            reader.tend(0);
            assert!(reader.reaches(to * PAGE + REACH, 2 * PAGE), "page {to}");
        }
    }

    #[test]
    fn a_loop_brings_its_beginning_before_its_end_is_heard() {
        let course = Course { frames: 40 * PAGE, head: 2 * PAGE, lap: Some((5 * PAGE + 100, 30 * PAGE)) };
        let (_, mut writer, mut reader) = pages(course, 2, 28 * PAGE + 50);
        assert_eq!(fill_all(&mut writer), [28, 29, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        // A place beyond the loop's end is one in a later lap.
        reader.tend(course.fold(30 * PAGE + 50));
        assert_eq!(fill_all(&mut writer), [15, 16]);
        assert_eq!(course.fold(3 * PAGE), 3 * PAGE, "what comes before it is heard once");
        // A tiny one far from the head is all there is to want.
        let tiny = Course { lap: Some((10 * PAGE - 3, 10 * PAGE + 20)), ..course };
        let (_, mut writer, mut reader) = pages(tiny, 2, 10 * PAGE);
        assert_eq!(fill_all(&mut writer), [9, 10]);
        reader.tend(10 * PAGE);
        assert!(reader.reaches(10 * PAGE, 1 << 40));
    }
}
