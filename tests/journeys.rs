//! A whole meeting by keys on a real file: screens, minutes, log.

mod kit;

#[test]
fn a_meeting_from_roll_to_close() {
    let mut desk = kit::demo();
    for (keys, note) in [
        ("4", "meeting"),
        ("n<enter>", "open"),
        ("<enter><enter><enter><enter>", "roll"),
        ("n", "matters"),
        ("n", "walk"),
        ("eRuth is up three times a night.", "update"),
        ("<f2>aRefer to falls service @pri +2w", "capture"),
        ("<enter>n", "readback"),
        ("d<enter>w", "kw"),
    ] {
        desk.keys(keys);
        println!("=== {note}\n{}", desk.screen());
    }
}
