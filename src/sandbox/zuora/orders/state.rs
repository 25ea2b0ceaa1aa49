//! An order that was placed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sandbox::zuora::number::as_text;

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderStatus {
    /// All of it has taken effect.
    Completed,
    /// One of its subscriptions waits for a date.
    Pending,
}

impl OrderStatus {
    /// As the service writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
            Self::Pending => "Pending",
        }
    }
}

/// A part of an order that is about one subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionDone {
    /// Number of the subscription.
    pub subscription: String,
    /// The version of the subscription that the order made.
    pub version: u32,
    /// The actions as they were sent, with the dates that they took effect on.
    pub actions: Vec<Map<String, Value>>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// The day on which it was signed.
    #[serde(with = "as_text")]
    pub date: Date,
    /// Id of the account that it is for.
    pub account: String,
    /// Its state.
    pub status: OrderStatus,
    /// What it did, subscription by subscription.
    pub done: Vec<ActionDone>,
    /// Things that were sold once and are no subscription, with their ids and numbers.
    pub line_items: Vec<Map<String, Value>>,
    /// Other fields of the body, as they were sent.
    pub fields: Map<String, Value>,
    /// When it was made.
    pub made: String,
}
