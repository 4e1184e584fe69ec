//! The normalized definition is the definition.

use promotion_core::definition::Definition;
use promotion_core::settings::Settings;
use proptest::prelude::*;

use crate::cases;
use crate::draw::drawn;
use crate::generate::scenario;

proptest! {
    #![proptest_config(cases(1_000))]

    /// "`promo_get_promotion` gives back the normalized definition: feeding it to
    /// promo_create_promotion again gives the same promotion", "re-parsing the normalized definition
    /// gives an equal ruleset".
    #[test]
    fn a_normalized_definition_is_the_same_promotion(scenario in drawn(scenario)) {
        let mut normalized = scenario.clone();
        for (source, own) in scenario.sources().iter().zip(&mut normalized.promotions) {
            let text = serde_json::to_string(&source.definition).expect("json");
            own.definition = serde_json::from_str(&text).expect("json");
            for settings in [scenario.settings(), Settings::default()] {
                prop_assert_eq!(&Definition::parse(&own.definition, &settings).expect("a definition"), &source.definition);
            }
            let again = Definition::parse_normalized(&own.definition).expect("a definition");
            prop_assert_eq!(&again, &source.definition);
            prop_assert_eq!(serde_json::to_string(&again).expect("json"), text);
        }
        prop_assert_eq!(normalized.outcome(), scenario.outcome());
    }
}
