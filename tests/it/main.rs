//! The one integration binary.

mod schemas;
