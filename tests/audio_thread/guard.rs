//! A global allocator that notes what a watched thread allocates and frees.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Guard;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    /// Of this thread alone: other tests run beside it.
    static BROKEN: Cell<usize> = const { Cell::new(0) };
}

fn note() {
    if WATCHED.with(Cell::get) {
        BROKEN.with(|broken| broken.set(broken.get() + 1));
    }
}

// SAFETY: every call goes on to the system's allocator unchanged; the count beside it touches no memory of its
// own but two thread-locals, which do not allocate.
unsafe impl GlobalAlloc for Guard {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps `alloc`'s contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note();
        // SAFETY: the caller keeps `dealloc`'s contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static GUARD: Guard = Guard;

/// Runs `work` with the guard on; gives how often the law was broken.
pub fn watched(work: impl FnOnce()) -> usize {
    let before = BROKEN.with(Cell::get);
    WATCHED.with(|watched| watched.set(true));
    work();
    WATCHED.with(|watched| watched.set(false));
    BROKEN.with(Cell::get) - before
}
