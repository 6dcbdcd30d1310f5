//! `mdt template`: looks a template over, and prints one to begin with.

use std::path::PathBuf;

use crate::exchange::output::template::{EXAMPLE, Template};

use super::{Failure, say};

/// What `mdt template` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt template example > template.toml\n  mdt template check template.toml\n  mdt minutes --template template.toml --format pdf\n\nA file template.toml beside the data file is taken by itself; --template none leaves it out."
)]
pub struct TemplateArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Say whether a template is sound, or all that is wrong with it, line by line.
    Check {
        /// The template.
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
    /// Print a template in which every line says what it does.
    Example,
}

/// Looks one over, or prints the example.
pub(super) fn run(args: &TemplateArgs) -> Result<(), Failure> {
    match &args.what {
        What::Check { path } => {
            Template::read(path)?;
            say("This template is sound.")
        }
        What::Example => say(EXAMPLE.trim_end()),
    }
}
