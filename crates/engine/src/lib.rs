//! Use cases and ports: execute, quote, sweep, settle.
