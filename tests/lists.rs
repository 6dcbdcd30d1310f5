//! Agenda, actions, minutes and team: keys in, screens and records out.

mod kit;

const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (110, 32), (200, 60)];

fn print(desk: &mut kit::Desk, name: &str) {
    for (columns, rows) in SIZES {
        desk.resize(columns, rows);
        println!("── {name} {columns}×{rows}\n{}", desk.screen());
    }
    desk.resize(110, 32);
}

#[test]
fn agenda_prints() {
    let mut desk = kit::demo();
    desk.keys("3");
    print(&mut desk, "candidates");
    desk.keys("<tab>jj");
    print(&mut desk, "agenda");
}

#[test]
fn the_others_print() {
    let mut desk = kit::demo();
    desk.keys("5");
    print(&mut desk, "actions");
    desk.keys("f");
    print(&mut desk, "actions filter");
    desk.keys("<esc>6");
    print(&mut desk, "minutes");
    desk.keys("<enter><pgdn>");
    print(&mut desk, "minutes read");
    desk.keys("<esc>8jj");
    print(&mut desk, "team");
}
