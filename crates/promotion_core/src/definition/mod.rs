//! The promotion definition language (spec/definition.md): the types that parse it, print it
//! normalized and are evaluated.

mod action;
mod attribute;
mod check;
mod compound;
mod condition;
mod input;
mod limit;
mod limit_input;
mod product;
mod product_action;
mod read;
#[cfg(feature = "schema")]
mod schema;
mod scope;
mod tender;

pub use action::{
    Action, Allocation, AmountKind, CartBasedAction, CartScope, ShippingAction, ShippingPer, TenderAction,
};
pub use attribute::{AttributeCondition, AttributeSource, AttributeTest};
pub use compound::{CountPer, GroupScope, PerUnitAction, PerUnitKpi, Tier, TierKpi, TieredAction, UnitGrouping};
pub use condition::{CartCondition, CartKpi, Comparison, Condition};
pub use limit::{
    CycleReference, CycleType, FixedWindow, Guests, INSTANCE_ROW, LimitKpi, LimitLevel, LimitRow, LimitWindow, Limits,
    OnExceed,
};
pub use product::{ComboCondition, Criterion, ListEntity, ProductCondition, ProductKpi, Selecting};
pub use product_action::{
    ApplyPer, FixedPriceAction, FreeProductAction, PricePer, ProductBasedAction, QuantityPer, UnitSelection,
};
pub use read::spelled;
#[cfg(feature = "schema")]
pub use schema::json_schema;
pub use scope::{
    ExclusionGroup, ExclusionScope, ProgramType, RepeatFrequency, StopsLater, StoreCriteria, StoreEntity,
    SupplementaryCriteria, TimeCriteria, Weekday,
};
pub use tender::{
    PaymentModeComboCondition, PaymentModeCondition, PaymentModeScopeCondition, TenderCondition, TenderMode, TenderType,
};

use serde::{Deserialize, Serialize};

use crate::currency::Currency;
use crate::error::InputError;
use crate::instant::Instant;
use crate::json::{DEFINITION_LIMITS, View, read};
use crate::settings::{Settings, words};
use input::DefinitionInput;

words! {
    /// Who a promotion is for.
    PromotionType {
        /// everybody, automatically
        Pos,
        /// customers it was issued to
        Customer,
        /// customers who earned it
        Earning,
        /// customers who paid for it with points
        Reward,
        /// carts with one of its codes
        Code,
    }
}

words! {
    /// What a promotion's value acts as.
    Mode {
        /// a discount
        Discount,
        /// a means of payment
        PaymentVoucher,
    }
}

/// A promotion's definition, checked. Serialized, it is the normalized definition: parsed again it
/// gives an equal one. What few have is boxed: rulesets hold definitions by the ten thousand.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// 1–50 characters.
    pub name: String,
    /// Who it is for.
    pub promotion_type: PromotionType,
    /// What its value acts as.
    pub mode: Mode,
    /// Shown to the shopper.
    pub message_label: Option<String>,
    /// Whether it is switched on.
    pub active: bool,
    /// First instant of its validity.
    pub start_date: Instant,
    /// Last instant of its validity.
    pub end_date: Instant,
    /// 0 is highest; at most 2,147,483,647.
    pub priority: u32,
    /// false: exclusive.
    pub is_stackable: bool,
    /// Promotions of a lower stage are selected and computed first.
    pub stage: i32,
    /// For known customers only (type POS).
    pub is_loyalty_only: bool,
    /// When it applies.
    pub condition: Condition,
    /// What it gives.
    pub action: Action,
    /// At most one promotion of each group applies, to the cart or to a line.
    pub exclusion_groups: Vec<ExclusionGroup>,
    /// What no later promotion touches.
    pub stops_later: StopsLater,
    /// Its limits, those of the Promotion level first, each level in the order written.
    pub limits: Limits,
    /// The currency of its money; None where it has none.
    pub currency: Option<Currency>,
    /// In which stores.
    pub store_criteria: Option<Box<StoreCriteria>>,
    /// At which hours of which days.
    pub time_criteria: Option<Box<TimeCriteria>>,
    /// For members of which program.
    pub supplementary_criteria: Option<Box<SupplementaryCriteria>>,
    /// A redeemed cart that fulfils it earns an instance.
    pub earning_criteria: Option<Box<Condition>>,
    /// How many instances a customer may earn; None: no limit (-1).
    pub max_earning_per_customer: Option<u32>,
    /// How many instances may be issued to a customer; None: no limit (-1), or a type of which none are
    /// issued (only CUSTOMER and REWARD are).
    pub max_issuance_per_customer: Option<u32>,
    /// Days after which an earned instance expires; None: with the promotion.
    pub earning_expiry_days: Option<u32>,
    /// Whether an instance must be activated by its customer.
    pub customer_activation_required: bool,
    /// The caller's own data.
    pub custom_field_values: Option<Box<serde_json::Map<String, serde_json::Value>>>,
    /// The caller's own campaign.
    pub campaign_id: Option<Box<serde_json::Value>>,
}

impl Definition {
    /// Reads a definition and checks it whole.
    ///
    /// # Errors
    /// The first thing that is wrong, with its JSON path.
    pub fn parse<'a, V: View<'a>>(view: V, settings: &Settings) -> Result<Self, InputError> {
        let input: DefinitionInput<'a> = read(view, DEFINITION_LIMITS)?;
        let mut definition = input.into_definition()?;
        check::check(&definition, settings)?;
        if definition.uses_money() {
            definition.currency.get_or_insert(settings.currency);
        }
        Ok(definition)
    }

    /// Reads a definition that [`Self::parse`] has normalized before, such as a stored one.
    ///
    /// # Errors
    /// Where it is none, which a table that nobody wrote to directly can't hold.
    pub fn parse_normalized<'a, V: View<'a>>(view: V) -> Result<Self, InputError> {
        read::<V, DefinitionInput<'a>>(view, DEFINITION_LIMITS)?.into_definition()
    }

    /// Whether an instant lies within its dates, both included.
    pub fn is_valid_at(&self, instant: Instant) -> bool {
        (self.start_date..=self.end_date).contains(&instant)
    }

    /// Whether its value is a discount, not a means of payment.
    pub fn is_discount(&self) -> bool {
        self.mode == Mode::Discount
    }

    /// Whether any amount of money stands in it, which binds it to carts in its currency.
    pub fn uses_money(&self) -> bool {
        self.condition.uses_money()
            || self.action.uses_money()
            || self.earning_criteria.as_ref().is_some_and(|own| own.uses_money())
            || self.limits.0.iter().any(|row| row.kpi == LimitKpi::Discount)
    }

    /// Whether it may apply to a cart in `currency`.
    pub fn allows_currency(&self, currency: Currency) -> bool {
        !self.uses_money() || self.currency.is_none_or(|own| own == currency)
    }
}
