//! Writes a caseload list of invented people: `cargo run --release --example make_caseload -- 50000 list.csv`.
//! The same number of rows gives the same list, byte for byte.
#![allow(missing_docs, reason = "a program of its own")]

#[path = "../benches/kit/list.rs"]
mod list;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(rows), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("Say how many rows, and into which file: make_caseload 50000 list.csv".into());
    };
    // Nothing that is there is written over.
    let mut file = std::fs::File::create_new(path)?;
    Ok(std::io::Write::write_all(&mut file, list::list(rows.parse()?).as_bytes())?)
}
