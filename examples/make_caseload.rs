//! Writes a risk list of invented people, in twenty-nine columns: `cargo run --release --example make_caseload -- 50000 list.csv`.
//! The same number of rows gives the same list, byte for byte.
#![allow(missing_docs, reason = "a program of its own")]

#[path = "../benches/kit/list.rs"]
#[allow(dead_code, reason = "the benches make the same list in memory")]
mod list;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(rows), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("Say how many rows, and into which file: make_caseload 50000 list.csv".into());
    };
    // Nothing that is there is written over.
    let mut file = std::io::BufWriter::new(std::fs::File::create_new(path)?);
    list::write(rows.parse()?, &mut file)?;
    Ok(std::io::Write::flush(&mut file)?)
}
