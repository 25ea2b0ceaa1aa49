//! The one integration binary.

mod law;
