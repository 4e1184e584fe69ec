//! What may become of a cart, each pair of states written down (docs/reference.md, "States").

use promotion_core::stored_cart::CartState;

/// From each state (down) to each (across), in the order of the seed.
const MAY_BECOME: [(&str, [u8; 7]); 7] = [
    //                   ACTIVE PENDING PENDING_APPROVAL APPROVED SUBMITTED DELETED REJECTED
    ("ACTIVE", /*          */ [1, 1, 1, 1, 1, 1, 1]),
    ("PENDING", /*         */ [1, 1, 1, 1, 1, 1, 1]),
    ("PENDING_APPROVAL", /**/ [1, 1, 1, 1, 0, 1, 1]),
    ("APPROVED", /*        */ [1, 1, 0, 1, 1, 1, 1]),
    ("SUBMITTED", /*       */ [0, 0, 0, 0, 0, 0, 0]),
    ("DELETED", /*         */ [0, 0, 0, 0, 0, 0, 0]),
    ("REJECTED", /*        */ [0, 0, 0, 0, 0, 0, 0]),
];

fn word(state: CartState) -> String {
    serde_json::to_value(state).expect("json").as_str().expect("a word").to_owned()
}

#[test]
fn all_pairs_of_states() {
    assert_eq!(CartState::ALL.map(word), MAY_BECOME.map(|(from, _)| from.to_owned()));
    for (from, (own, row)) in CartState::ALL.into_iter().zip(MAY_BECOME) {
        for (to, may) in CartState::ALL.into_iter().zip(row) {
            assert_eq!(from.may_become(to), may == 1, "{own} to {}", word(to));
        }
    }
}

#[test]
fn which_can_be_changed_and_which_give_up() {
    let of = |holds: fn(CartState) -> bool| CartState::ALL.into_iter().filter(move |own| holds(*own)).map(word);
    assert_eq!(of(CartState::is_editable).collect::<Vec<_>>(), ["ACTIVE", "PENDING"]);
    assert_eq!(of(CartState::is_cancelling).collect::<Vec<_>>(), ["DELETED", "REJECTED"]);
}
