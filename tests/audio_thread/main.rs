//! The audio thread's law: while the mixer renders, nothing is allocated or freed on its thread.

mod banks;
mod fuzz;
mod guard;
mod streams;
mod tour;

#[test]
fn the_guard_sees_an_allocation_and_a_free() {
    assert_eq!(guard::watched(|| drop(std::hint::black_box(Box::new(7_u64)))), 2);
}
