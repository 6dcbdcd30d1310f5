//! Reads the arguments, hands over, turns an error into words and an exit code.

use std::process::ExitCode;

use mdt::domain::text::DisplaySafe;
use zeroizing_alloc::ZeroAlloc;

/// Whatever the program gives back – the caseload when it locks, a card that was closed – is overwritten first. (SQLite's
/// memory is its own affair, see `store`.)
#[global_allocator]
static MEMORY: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    mdt::cli::process::keep_to_itself();
    mdt::cli::process::keep_mistakes_short();
    if let Some(name) = mdt::cli::process::secret_in(std::env::vars_os().map(|(name, _)| name)) {
        eprintln!("mdt: {}", DisplaySafe::new(mdt::cli::process::not_from_there(&name)));
        return ExitCode::from(1);
    }
    let arguments = match mdt::cli::arguments() {
        Ok(arguments) => arguments,
        Err(code) => return ExitCode::from(code),
    };
    match mdt::cli::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", mdt::cli::in_words(&failure));
            ExitCode::from(failure.exit_code())
        }
    }
}
