//! What is missing, of each kind of condition (spec/carts.md, suggestedProducts).

use serde_json::{Value, json};

use crate::shop::{Shop, any_of, cart_is, combo, lines, of_product, product, request, sku, tree, with};

/// What a cart is told of one promotion, p.
fn missing(condition: Value, request: &Value) -> Vec<String> {
    Shop::new(&[json!({"id": "p", "condition": condition})]).suggested(request)
}

/// 2 A at 10, 3 B at 5: 35 in all, of 5 units and 2 SKUs; shipped for 4.
fn cart() -> Value {
    with(lines(&[("A", "2", "20"), ("B", "3", "15")]), json!({"shipping": {"amount": 4}}))
}

const NOTHING: &[&str] = &[];

#[test]
fn measures_of_the_cart() {
    let cases: [(&str, &str, &str, &[&str]); 26] = [
        ("SUBTOTAL", "GREATER_THAN_OR_EQUAL", "50", &["p: 15 SUBTOTAL of ANY"]),
        ("SUBTOTAL", "GREATER_THAN_OR_EQUAL", "35.01", &["p: 0.01 SUBTOTAL of ANY"]),
        ("SUBTOTAL", "GREATER_THAN_OR_EQUAL", "35", NOTHING),
        ("SUBTOTAL", "GREATER_THAN", "50", &["p: 15.01 SUBTOTAL of ANY"]),
        ("SUBTOTAL", "GREATER_THAN", "35", &["p: 0.01 SUBTOTAL of ANY"]),
        ("SUBTOTAL", "EQUALS", "50", &["p: 15 SUBTOTAL of ANY"]),
        ("SUBTOTAL", "EQUALS", "30", NOTHING),
        ("SUBTOTAL", "LESS_THAN", "30", NOTHING),
        ("SUBTOTAL", "LESS_THAN_OR_EQUAL", "30", NOTHING),
        ("TOTAL", "GREATER_THAN_OR_EQUAL", "50", &["p: 11 TOTAL of ANY"]),
        ("TOTAL", "GREATER_THAN", "39", &["p: 0.01 TOTAL of ANY"]),
        ("TOTAL", "EQUALS", "50", &["p: 11 TOTAL of ANY"]),
        ("TOTAL", "EQUALS", "38", NOTHING),
        ("TOTAL", "LESS_THAN", "30", NOTHING),
        ("QUANTITY", "GREATER_THAN_OR_EQUAL", "8", &["p: 3 QUANTITY of ANY"]),
        ("QUANTITY", "GREATER_THAN_OR_EQUAL", "5.5", &["p: 0.5 QUANTITY of ANY"]),
        ("QUANTITY", "GREATER_THAN", "8", &["p: 4 QUANTITY of ANY"]),
        ("QUANTITY", "GREATER_THAN", "5", &["p: 1 QUANTITY of ANY"]),
        ("QUANTITY", "EQUALS", "6", &["p: 1 QUANTITY of ANY"]),
        ("QUANTITY", "EQUALS", "4", NOTHING),
        ("QUANTITY", "LESS_THAN_OR_EQUAL", "4", NOTHING),
        ("ITEMCOUNT", "GREATER_THAN_OR_EQUAL", "4", &["p: 2 ITEMCOUNT of ANY"]),
        ("ITEMCOUNT", "GREATER_THAN_OR_EQUAL", "2.5", &["p: 1 ITEMCOUNT of ANY"]),
        ("ITEMCOUNT", "GREATER_THAN", "2", &["p: 1 ITEMCOUNT of ANY"]),
        ("ITEMCOUNT", "EQUALS", "3", &["p: 1 ITEMCOUNT of ANY"]),
        ("ITEMCOUNT", "LESS_THAN", "2", NOTHING),
    ];
    for (kpi, operator, value, expected) in cases {
        assert_eq!(missing(cart_is(kpi, operator, value), &cart()), expected, "{kpi} {operator} {value}");
    }
}

#[test]
fn measures_of_products() {
    let cases: [(&str, &str, &str, &[&str]); 24] = [
        ("QUANTITY", "GREATER_THAN_OR_EQUAL", "3", &["p: 1 QUANTITY of SKU A,C"]),
        ("QUANTITY", "GREATER_THAN", "3", &["p: 2 QUANTITY of SKU A,C"]),
        ("QUANTITY", "GREATER_THAN", "2", &["p: 1 QUANTITY of SKU A,C"]),
        ("QUANTITY", "EQUALS", "3", &["p: 1 QUANTITY of SKU A,C"]),
        ("QUANTITY", "EQUALS", "1", NOTHING),
        ("QUANTITY", "LESS_THAN", "2", NOTHING),
        ("QUANTITY", "LESS_THAN_OR_EQUAL", "1", NOTHING),
        ("AMOUNT", "GREATER_THAN_OR_EQUAL", "20.5", &["p: 0.5 AMOUNT of SKU A,C"]),
        ("AMOUNT", "GREATER_THAN", "20", &["p: 0.01 AMOUNT of SKU A,C"]),
        ("AMOUNT", "EQUALS", "45", &["p: 25 AMOUNT of SKU A,C"]),
        ("AMOUNT", "EQUALS", "19.99", NOTHING),
        ("AMOUNT", "LESS_THAN", "20", NOTHING),
        ("ITEMCOUNT", "GREATER_THAN_OR_EQUAL", "0.5", NOTHING),
        ("ITEMCOUNT", "LESS_THAN", "1", NOTHING),
        ("LINE_QUANTITY", "GREATER_THAN_OR_EQUAL", "4", &["p: 2 LINE_QUANTITY of SKU A,C"]),
        ("LINE_QUANTITY", "GREATER_THAN", "2", &["p: 1 LINE_QUANTITY of SKU A,C"]),
        ("LINE_QUANTITY", "EQUALS", "3", &["p: 1 LINE_QUANTITY of SKU A,C"]),
        ("LINE_QUANTITY", "EQUALS", "1", NOTHING),
        ("LINE_QUANTITY", "LESS_THAN", "2", NOTHING),
        ("LINE_AMOUNT", "GREATER_THAN_OR_EQUAL", "20.01", &["p: 0.01 LINE_AMOUNT of SKU A,C"]),
        ("LINE_AMOUNT", "GREATER_THAN", "20", &["p: 0.01 LINE_AMOUNT of SKU A,C"]),
        ("LINE_AMOUNT", "EQUALS", "30", &["p: 10 LINE_AMOUNT of SKU A,C"]),
        ("LINE_AMOUNT", "EQUALS", "10", NOTHING),
        ("LINE_AMOUNT", "LESS_THAN_OR_EQUAL", "19", NOTHING),
    ];
    for (kpi, operator, value, expected) in cases {
        let condition = of_product(product(json!([sku(&["C", "A"])]), kpi, operator, value));
        assert_eq!(missing(condition, &cart()), expected, "{kpi} {operator} {value}");
    }
    // Of lines alone, the one that lacks least; of all, what they lack together.
    let twice = lines(&[("A", "2", "20"), ("A", "5", "35"), ("B", "9", "90")]);
    let of = |kpi: &str, value: u32| {
        missing(of_product(product(json!([sku(&["A"])]), kpi, "GREATER_THAN_OR_EQUAL", value)), &twice)
    };
    assert_eq!(of("LINE_QUANTITY", 6), ["p: 1 LINE_QUANTITY of SKU A"]);
    assert_eq!(of("QUANTITY", 10), ["p: 3 QUANTITY of SKU A"]);
    assert_eq!(of("LINE_AMOUNT", 40), ["p: 5 LINE_AMOUNT of SKU A"]);
    assert_eq!(of("AMOUNT", 100), ["p: 45 AMOUNT of SKU A"]);
}

#[test]
fn without_a_measure_one_unit_is_missing() {
    // Beside something that the cart has.
    let condition = tree("ALL", &[of_product(any_of(json!([sku(&["A"])]))), of_product(any_of(json!([sku(&["Z"])])))]);
    assert_eq!(missing(condition, &cart()), ["p: 1 QUANTITY of SKU Z"]);
    // A part of a unit is one.
    let other = lines(&[("A", "0.5", "5")]);
    let condition = tree("ALL", &[of_product(any_of(json!([sku(&["A"])]))), cart_is("QUANTITY", "GREATER_THAN", 1)]);
    assert_eq!(missing(condition, &other), ["p: 1.5 QUANTITY of ANY"]);
}

#[test]
fn the_currency_s_minor_unit_is_the_least_that_is_more() {
    for (currency, least) in [("JPY", "1"), ("USD", "0.01"), ("KWD", "0.001")] {
        let of_cart = json!({"id": "c", "currency": currency, "condition": cart_is("SUBTOTAL", "GREATER_THAN", 35)});
        let amount = product(json!([sku(&["A"])]), "AMOUNT", "GREATER_THAN", 20);
        let of_product = json!({"id": "p", "currency": currency, "condition": of_product(amount)});
        let cart = with(cart(), json!({ "currency": currency }));
        let expected = [format!("c: {least} SUBTOTAL of ANY"), format!("p: {least} AMOUNT of SKU A")];
        assert_eq!(Shop::new(&[of_cart, of_product]).suggested(&cart), expected);
    }
}

fn at_least(values: &[&str], quantity: u32) -> Value {
    product(json!([sku(values)]), "QUANTITY", "GREATER_THAN_OR_EQUAL", quantity)
}

#[test]
fn combos_that_lack_one_part() {
    let (has, lacks) = (at_least(&["A"], 2), at_least(&["Z"], 1));
    assert_eq!(missing(combo(&[has.clone(), lacks.clone()]), &cart()), ["p: 1 QUANTITY of SKU Z"]);
    assert_eq!(missing(combo(&[lacks.clone(), has.clone()]), &cart()), ["p: 1 QUANTITY of SKU Z"]);
    assert_eq!(missing(combo(&[any_of(json!([sku(&["Z"])])), has.clone()]), &cart()), ["p: 1 QUANTITY of SKU Z"]);
    assert_eq!(missing(combo(&[at_least(&["A"], 4), at_least(&["B"], 1)]), &cart()), ["p: 2 QUANTITY of SKU A"]);
    let amount = product(json!([sku(&["A"])]), "AMOUNT", "GREATER_THAN_OR_EQUAL", 30);
    // Whose units a part gets that is of money depends on what they cost.
    assert_eq!(missing(combo(&[amount, at_least(&["B"], 1)]), &cart()), NOTHING);
    let exactly = product(json!([sku(&["Z"])]), "QUANTITY", "EQUALS", 2);
    assert_eq!(missing(combo(&[exactly, has.clone()]), &cart()), ["p: 2 QUANTITY of SKU Z"]);
    // Two are missing.
    assert_eq!(missing(combo(&[has.clone(), lacks.clone(), at_least(&["B"], 9)]), &cart()), NOTHING);
    assert_eq!(missing(combo(&[at_least(&["A"], 9), lacks]), &cart()), NOTHING);
    // Nothing of it is in the cart.
    assert_eq!(missing(combo(&[at_least(&["Z"], 1)]), &cart()), NOTHING);
}

#[test]
fn all_of_some_conditions() {
    let (holds, subtotal) = (of_product(at_least(&["A"], 2)), cart_is("SUBTOTAL", "GREATER_THAN_OR_EQUAL", 50));
    let quantity = cart_is("QUANTITY", "GREATER_THAN_OR_EQUAL", 9);
    let expected = ["p: 15 SUBTOTAL of ANY"];
    assert_eq!(missing(tree("ALL", &[holds.clone(), subtotal.clone()]), &cart()), expected);
    assert_eq!(missing(tree("ALL", &[subtotal.clone(), holds.clone()]), &cart()), expected);
    let alone = std::slice::from_ref(&subtotal);
    assert_eq!(missing(tree("ALL", alone), &cart()), expected);
    let nested = tree("ALL", &[holds.clone(), tree("ALL", &[tree("ANY", alone), holds.clone()])]);
    assert_eq!(missing(nested, &cart()), expected);
    // Two are missing, also where they are one within the other.
    assert_eq!(missing(tree("ALL", &[subtotal.clone(), quantity.clone()]), &cart()), NOTHING);
    let nested = tree("ALL", &[holds.clone(), tree("ALL", &[subtotal.clone(), quantity])]);
    assert_eq!(missing(nested, &cart()), NOTHING);
    // What is beside it is nothing that can be bought.
    let channel = json!({"type": "ATTRIBUTE", "attributeCondition":
        {"source": "CART", "name": "channel", "operator": "IN", "values": ["app"]}});
    let with_channel = tree("ALL", &[subtotal.clone(), channel.clone()]);
    assert_eq!(missing(with_channel.clone(), &cart()), NOTHING);
    assert_eq!(missing(with_channel, &with(cart(), json!({"attributes": {"channel": "app"}}))), expected);
    let not = tree("NOT", std::slice::from_ref(&holds));
    assert_eq!(missing(tree("ALL", &[not, subtotal.clone()]), &cart()), NOTHING);
    let not = tree("NOT", &[of_product(at_least(&["Z"], 1))]);
    assert_eq!(missing(tree("ALL", &[not, subtotal]), &cart()), expected);
    // Of two, the one that fails is none of those that can be bought.
    assert_eq!(missing(tree("ALL", &[holds, channel]), &cart()), NOTHING);
}

#[test]
fn any_of_some_conditions_is_the_nearest() {
    // 15 of 50, 4 of 9 units, 1 of 3.
    let subtotal = cart_is("SUBTOTAL", "GREATER_THAN_OR_EQUAL", 50);
    let quantity = cart_is("QUANTITY", "GREATER_THAN_OR_EQUAL", 9);
    let units = of_product(at_least(&["A"], 3));
    let of = |conditions: &[&Value]| {
        let conditions: Vec<Value> = conditions.iter().map(|own| (*own).clone()).collect();
        missing(tree("ANY", &conditions), &cart())
    };
    assert_eq!(of(&[&subtotal, &quantity]), ["p: 15 SUBTOTAL of ANY"]);
    assert_eq!(of(&[&quantity, &subtotal]), ["p: 15 SUBTOTAL of ANY"]);
    assert_eq!(of(&[&quantity, &units]), ["p: 1 QUANTITY of SKU A"]);
    assert_eq!(of(&[&quantity, &units, &subtotal]), ["p: 15 SUBTOTAL of ANY"]);
    let no_buying = tree("NOT", &[units]);
    let not_that = tree("NOT", &[of_product(at_least(&["A"], 1))]);
    assert_eq!(of(&[&not_that, &quantity]), ["p: 4 QUANTITY of ANY"]);
    assert_eq!(of(&[&no_buying, &quantity]), NOTHING, "it holds");
    assert_eq!(of(&[&not_that]), NOTHING);
}

#[test]
fn what_no_product_unlocks() {
    let visa = json!({"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}],
        "condition": cart_is("SUBTOTAL", "GREATER_THAN_OR_EQUAL", 50)}});
    let tender = json!({"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}});
    let mode = json!({"type": "PAYMENT_MODE", "paymentModeCondition":
        {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}});
    let attribute = |source: &str, operator: &str| {
        json!({"type": "ATTRIBUTE", "attributeCondition":
            {"source": source, "name": "tier", "operator": operator, "values": [5]}})
    };
    let conditions = [
        visa,
        tender,
        mode,
        attribute("CART", "IN"),
        attribute("CUSTOMER", "NOT_IN"),
        attribute("CUSTOMER", "GREATER_THAN"),
        tree("NOT", &[cart_is("QUANTITY", "GREATER_THAN", 1)]),
    ];
    for condition in conditions {
        assert_eq!(missing(condition.clone(), &cart()), NOTHING, "{condition}");
        let told = with(cart(), json!({"attributes": {"tier": 4}}));
        assert_eq!(missing(condition.clone(), &told), NOTHING, "{condition}");
    }
}

#[test]
fn a_cart_without_items_is_told_nothing() {
    let condition = cart_is("SUBTOTAL", "GREATER_THAN_OR_EQUAL", 50);
    assert_eq!(missing(condition.clone(), &json!({"amount": 40})), NOTHING);
    assert_eq!(missing(condition.clone(), &json!({"amount": 0, "cartItems": []})), NOTHING);
    assert_eq!(missing(condition, &lines(&[("A", "1", "0")])), ["p: 50 SUBTOTAL of ANY"]);
}

/// Of a promotion that wants 9 units of what these criteria name.
fn products(criteria: Value) -> Vec<String> {
    let item = json!({"sku": "A", "qty": 2, "amount": 20, "categoryList": ["coffee"], "brandList": ["X"],
        "attributes": {"color": "red"}});
    let condition = of_product(product(criteria, "QUANTITY", "GREATER_THAN_OR_EQUAL", 9));
    missing(condition, &request(json!([item])))
}

fn listed(entity: &str, values: &[&str]) -> Value {
    json!({"entity": entity, "operator": "IN", "values": values})
}

fn color(values: &[&str]) -> Value {
    json!({"entity": "ATTRIBUTE", "attributeName": "color", "operator": "IN", "values": values})
}

#[test]
fn products_are_named_by_the_narrowest_list() {
    let (category, brand, own) = (listed("CATEGORY", &["drinks"]), listed("BRAND", &["X", "Y"]), sku(&["A", "B"]));
    let of = |what: &str| [format!("p: 7 QUANTITY of {what}")];
    assert_eq!(products(json!([category])), of("CATEGORY drinks"));
    assert_eq!(products(json!([brand])), of("BRAND X,Y"));
    assert_eq!(products(json!([color(&["red", "blue"])])), of("ATTRIBUTE(color) blue,red"));
    assert_eq!(products(json!([own])), of("SKU A,B"));
    assert_eq!(products(json!([category, brand])), of("BRAND X,Y"));
    assert_eq!(products(json!([category, color(&["red"]), brand])), of("ATTRIBUTE(color) red"));
    assert_eq!(products(json!([category, color(&["red"]), own])), of("SKU A,B"));
    assert_eq!(products(json!([])), of("ANY"));
    // What is not listed and what costs so much names no product.
    let not = json!({"entity": "SKU", "operator": "NOT_IN", "values": ["Z"]});
    let price = json!({"entity": "UNIT_PRICE", "operator": "LESS_THAN", "values": [50]});
    assert_eq!(products(json!([not, price])), NOTHING);
    assert_eq!(products(json!([not, price, category])), of("CATEGORY drinks"));
}

#[test]
fn products_of_alternatives() {
    let any = |criteria: &[Value]| json!([{ "anyOf": criteria }]);
    let of = |what: &str| [format!("p: 7 QUANTITY of {what}")];
    assert_eq!(products(any(&[sku(&["A"]), sku(&["C", "B"])])), of("SKU A,B,C"));
    assert_eq!(products(any(&[color(&["red"]), color(&["blue"])])), of("ATTRIBUTE(color) blue,red"));
    let size = json!({"entity": "ATTRIBUTE", "attributeName": "size", "operator": "IN", "values": ["L"]});
    // Of alternatives of several kinds, the first.
    assert_eq!(products(any(&[color(&["red"]), size])), of("ATTRIBUTE(color) red"));
    assert_eq!(products(any(&[sku(&["A"]), listed("BRAND", &["Y"])])), of("SKU A"));
    let not = json!({"entity": "SKU", "operator": "NOT_IN", "values": ["Z"]});
    assert_eq!(products(any(&[sku(&["A"]), not])), of("SKU A"));
    assert_eq!(products(any(&[any(&[sku(&["A"])])[0].clone(), sku(&["B"])])), of("SKU A"));
    let beside = json!([{"anyOf": [sku(&["A"]), listed("BRAND", &["Y"])]}, listed("CATEGORY", &["coffee"])]);
    assert_eq!(products(beside), of("SKU A"));
}

#[test]
fn at_most_fifty_values() {
    let values: Vec<String> = (100..180).map(|value| format!("S{value}")).chain(["A".to_owned()]).collect();
    let texts: Vec<&str> = values.iter().map(String::as_str).collect();
    // Sorted: A, S100 and so on.
    let expected = |first: &[&str], until: u32| {
        let more = (100..until).map(|value| format!("S{value}"));
        let named: Vec<String> = first.iter().map(|own| (*own).to_owned()).chain(more).collect();
        assert_eq!(named.len(), 50);
        [format!("p: 7 QUANTITY of SKU {}", named.join(","))]
    };
    assert_eq!(products(json!([sku(&texts)])), expected(&["A"], 149));
    let alternatives = json!([{"anyOf": [sku(&["A"]), sku(&["B"]), sku(&texts[..80])]}]);
    assert_eq!(products(alternatives), expected(&["A", "B"], 148));
}
