//! Pictures of every screen at the sizes people use.

mod kit;

#[test]
fn home_opens() {
    let mut desk = kit::demo();
    println!("{}", desk.screen());
    desk.shows("Elm Grove MDT");
}
