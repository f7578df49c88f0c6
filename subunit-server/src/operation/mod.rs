//! What does somebody want to know and to have done who looks after a server?

pub(crate) mod metrics;
pub(crate) mod observe;
pub(crate) mod request_log;
pub(crate) mod store_size;
