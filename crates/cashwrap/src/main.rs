//! The program: what was asked, done, and an exit code that says whether it worked.
//!
//! Errors are sentences on standard error; standard output carries only what was asked for.

mod bench;
mod cli;
mod commands;
mod config;
mod database;
mod demo;
mod explain_payment;
mod export;
mod import;
mod serve;
mod shop;
mod shopify;
mod simulator;
mod store_file;

use cli::{Command, Export, Import};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match config::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => match error.downcast::<clap::Error>() {
            // `--help` and `--version` are errors to the parser, with code 0.
            Ok(error) => error.exit(),
            Err(error) => return failed(&error),
        },
    };
    let filter = EnvFilter::try_from_env("CASHWRAP_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::run(&args).await,
        Command::Demo(args) => demo::run(&args).await,
        Command::Import(Import::Products(args)) => import::products(&args).await,
        Command::Import(Import::Taxes(args)) => import::taxes(&args).await,
        Command::Export(Export::Orders(args)) => export::orders(&args).await,
        Command::Check(args) => commands::check(&args),
        Command::Migrate(args) => commands::migrate(&args),
        Command::Audit(args) => commands::audit(&args).await,
        Command::ExplainPayment(args) => explain_payment::run(&args),
        Command::Apis => {
            commands::apis();
            Ok(())
        }
        Command::Bench(args) => bench::run(args).await,
        Command::Simulator(args) => simulator::run(&args).await,
    }
}
