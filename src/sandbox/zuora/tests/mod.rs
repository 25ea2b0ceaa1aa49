//! The whole service over real HTTP.
