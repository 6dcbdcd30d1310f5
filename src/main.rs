//! Reads the arguments, hands over, turns an error into words and an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Whatever is made from here on is its owner's alone.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let arguments = match mdt::cli::arguments() {
        Ok(arguments) => arguments,
        Err(code) => return ExitCode::from(code),
    };
    match mdt::cli::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("mdt: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
