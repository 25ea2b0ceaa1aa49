//! The two versions that a request may name, and what each changes.

/// The version of the v1 API, header `Zuora-Version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiVersion {
    /// A numbered minor version, `186.0` to `341.0`.
    Minor(u32),
    /// `2024-05-20`: errors have their own HTTP status.
    May2024,
    /// `2025-08-12`.
    August2025,
}

/// What a tenant has that was never upgraded: the version of a request that names none.
const MINOR_DEFAULT: u32 = 186;
/// The last numbered version.
const MINOR_LAST: u32 = 341;
/// From here on a product of the catalog has a URL in place of its rate plans.
const PLANS_BY_URL: u32 = 230;

impl ApiVersion {
    /// Reads the header; `None` when the service does not know such a version.
    #[must_use]
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None => Some(Self::Minor(MINOR_DEFAULT)),
            Some("2024-05-20") => Some(Self::May2024),
            Some("2025-08-12") => Some(Self::August2025),
            Some(text) => {
                let minor: u32 = text.strip_suffix(".0").unwrap_or(text).parse().ok()?;
                (MINOR_DEFAULT..=MINOR_LAST).contains(&minor).then_some(Self::Minor(minor))
            }
        }
    }

    /// Whether an error of the v1 API has its own HTTP status; before, it was 200.
    #[must_use]
    pub fn has_error_status(self) -> bool {
        self >= Self::May2024
    }

    /// Whether a product of the catalog has a URL in place of its rate plans.
    #[must_use]
    pub fn lists_plans_by_url(self) -> bool {
        self >= Self::Minor(PLANS_BY_URL)
    }
}

/// The version of the objects in CRUD and Actions, header `X-Zuora-WSDL-Version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WsdlVersion(u32);

/// What a request has that names no WSDL version.
const WSDL_DEFAULT: u32 = 79;
/// The first WSDL that the service ever had.
const WSDL_FIRST: u32 = 1;
/// Newest WSDL that this emulation knows of; the fields of §2 of the reference end at 133.
const WSDL_LAST: u32 = 140;

impl WsdlVersion {
    /// Reads the header; `None` when the service does not know such a version.
    #[must_use]
    pub fn parse(text: Option<&str>) -> Option<Self> {
        let Some(text) = text else { return Some(Self(WSDL_DEFAULT)) };
        let number: u32 = text.strip_suffix(".0").unwrap_or(text).parse().ok()?;
        (WSDL_FIRST..=WSDL_LAST).contains(&number).then_some(Self(number))
    }

    /// Whether this is version `first` or a later one.
    #[must_use]
    pub fn is_from(self, first: u64) -> bool {
        u64::from(self.0) >= first
    }

    /// Whether this version has the field; a custom or an old field is in every version.
    #[must_use]
    pub fn has(self, field: &str) -> bool {
        self.0 >= first_wsdl(field)
    }
}

/// The WSDL version that brought a field (service's SOAP version history).
fn first_wsdl(field: &str) -> u32 {
    match field {
        "ProductNumber" | "ProductRatePlanNumber" | "ProductRatePlanChargeNumber" => 133,
        "IsStackedDiscount" => 130,
        "SpecificListPriceBase" => 129,
        "Grade" => 116,
        "ExcludeItemBillingFromRevenueAccounting" | "ExcludeItemBookingFromRevenueAccounting" => {
            115
        }
        "IsPrepaid"
        | "PrepaidOperationType"
        | "PrepaidQuantity"
        | "PrepaidTotalQuantity"
        | "PrepaidUom"
        | "DrawdownRate"
        | "DrawdownUom"
        | "ValidityPeriodType"
        | "IsRollover"
        | "RolloverApply"
        | "RolloverPeriods" => 114,
        _ => WSDL_FIRST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_versions_of_the_service() {
        for (text, expected) in [
            (None, Some(ApiVersion::Minor(186))),
            (Some("230.0"), Some(ApiVersion::Minor(230))),
            (Some("2025-08-12"), Some(ApiVersion::August2025)),
            (Some("2025-08-13"), None),
            (Some("342.0"), None),
            (Some("latest"), None),
        ] {
            assert_eq!(ApiVersion::parse(text), expected, "{text:?}");
        }
        assert!(!ApiVersion::Minor(341).has_error_status());
        assert!(ApiVersion::May2024.has_error_status());
        assert!(!WsdlVersion::parse(None).unwrap().has("ProductNumber"));
        assert!(WsdlVersion::parse(Some("133")).unwrap().has("ProductNumber"));
        assert_eq!(WsdlVersion::parse(Some("x")), None);
    }
}
