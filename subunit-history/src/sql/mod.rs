//! What the index asks of a database, and what a second engine implements.
//!
//! Each question of a history is one text in SQL, which SQLite and PostgreSQL both understand: `?` and `?1` stand for values,
//! truth is what each of them takes for it, and conflicts are named. What they do not share is [`SqlDialect`]'s to say, or a
//! method of [`Engine`]. SQLite is here; another engine is a crate of its own, so that this one has one driver.

mod connection;
pub(crate) mod database;
mod dialect;
mod engine;
mod error;
mod params;
mod sqlite;
mod value;

pub use self::{
    connection::{Column, Connection, MappedRows, Rows, SqlRow, Statement, Transaction},
    database::{
        Database, HistoryAccess, Opener, is_address, knows_databases, shown_place, use_databases,
    },
    dialect::SqlDialect,
    engine::{Append, Engine, EngineRow, EngineRows, EngineStatement, TestHash},
    error::{OptionalRow, SqlError, SqlErrorKind, SqlResult},
    params::Params,
    value::{FromValue, SqlValue, ToValue},
};
pub(crate) use self::{params::params, sqlite::SqliteEngine};
