//! What subscriptions are worth: monthly recurring revenue, total contracted value and billing.
//!
//! MRR is a quantity times its price per month. TCV counts the months of a time, a part of one by
//! its actual days; TCB counts a part of a month by thirty days. Months are counted from the first
//! day of the charge, so that a term of whole months has whole months, and a time cut in two has
//! the value of both parts.

pub mod curve;
pub mod documents;
pub mod months;
pub mod mrr;
pub mod sums;
