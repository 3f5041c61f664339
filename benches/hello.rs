//! The floor of every start-up measurement: the same command line definition, and nothing behind it.

use clap::Parser;

fn main() {
    let cli = clawsift::cli::Cli::parse();
    std::hint::black_box(cli);
}
