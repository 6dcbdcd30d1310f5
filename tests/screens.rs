//! Pictures of every screen at the sizes people use.

mod kit;

#[test]
fn home_opens() {
    let mut desk = kit::demo();
    for size in [(110, 32), (80, 24), (60, 20)] {
        desk.resize(size.0, size.1);
        println!("{}", desk.screen());
    }
    desk.shows("NEEDS ATTENTION");
}
