//! What a request changes of a cart, with what depends on the cart as it is.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::input::{AttributesInput, Changes, FeeInput, Id, ItemInput, Short};
use super::{Content, Fee, Item, MAX_ITEMS};
use crate::cart::MAX_LIST;
use crate::error::{InputError, quoted};
use crate::exact::Exact;
use crate::list::List;
use crate::money::{MILLION, Money, millionths, shortest};
use crate::rounding::Rounding;

/// What has more digits before the point is no amount of a request.
const TOO_MUCH: &str = "expected an amount of at most 15 digits before the decimal point";

impl Content {
    /// Makes changes. On an error the content is of no use any more.
    ///
    /// # Errors
    /// The first thing that is wrong, with its JSON path.
    pub fn change(&mut self, changes: Changes, rounding: Rounding) -> Result<(), InputError> {
        let text = |id: Option<Id>| id.map(|id| id.0);
        if let Some(id) = changes.account_id {
            self.account_id = text(id);
        }
        if let Some(id) = changes.user_id {
            self.user_id = text(id);
        }
        if let Some(customer) = changes.customer {
            self.customer = customer.map(|own| own.0).unwrap_or_default();
        }
        if let Some(configuration) = changes.configuration {
            self.configuration = configuration.map(|own| own.0).unwrap_or_default();
        }
        if let Some(metadata) = changes.metadata {
            self.metadata = metadata.map(|own| own.0).unwrap_or_default();
        }
        if let Some(attributes) = changes.attributes {
            self.attributes = attributes.map(AttributesInput::into_attributes);
        }
        if let Some(ids) = changes.shared_user_ids {
            self.shared_user_ids = ids.map(|ids| ids.0.into_iter().map(|id| id.0).collect());
        }
        if let Some(till_code) = changes.till_code {
            self.till_code = till_code.map(|own| own.0);
        }
        if let Some(shipping) = changes.shipping {
            if let Some(input) = &shipping {
                for (index, shipment) in input.shipments.iter().enumerate() {
                    in_minor_units(shipment.amount, rounding).map_err(|error| input.at_amount(index, error))?;
                }
            }
            self.shipping = shipping.map(|own| own.shipments);
        }
        let has_item_changes = changes.items.is_some()
            || !changes.set_items.is_empty()
            || !changes.add_items.is_empty()
            || !changes.remove_items.is_empty();
        if has_item_changes {
            let before = Rc::clone(&self.items);
            if let Some(items) = changes.items {
                self.items = Rc::default();
                self.add(items, "items", &before, rounding)?;
            }
            self.remove(&changes.remove_items)?;
            self.set(changes.set_items, rounding)?;
            self.add(changes.add_items, "addItems", &before, rounding)?;
        }
        if self.items.len() > MAX_ITEMS {
            let error = InputError::new(format!("expected at most {MAX_ITEMS} items in the cart"));
            return Err(error.under_key("addItems"));
        }
        if let Some(fees) = changes.fees {
            self.fees = self.fees_of(fees.unwrap_or_default(), rounding)?;
        } else if has_item_changes {
            self.drop_fees_of_gone_lines();
        }
        let sums = [("items", self.amount()), ("shipping", self.sub_total()), ("fees", self.total_fees())];
        match sums.into_iter().find(|(_, sum)| !is_amount(*sum)) {
            Some((key, _)) => Err(InputError::new(TOO_MUCH).under_key(key)),
            None => Ok(()),
        }
    }

    fn remove(&mut self, ids: &[Id]) -> Result<(), InputError> {
        let places = self.places();
        let mut gone: HashSet<usize> = HashSet::new();
        for (index, id) in ids.iter().enumerate() {
            let place = places.get(id.0.as_str()).filter(|place| gone.insert(**place));
            if place.is_none() {
                return Err(unknown_line(&id.0).under_index(index).under_key("removeItems"));
            }
        }
        let mut place = 0;
        Rc::make_mut(&mut self.items).retain(|_| {
            place += 1;
            !gone.contains(&(place - 1))
        });
        Ok(())
    }

    fn set(&mut self, inputs: Vec<ItemInput>, rounding: Rounding) -> Result<(), InputError> {
        let places: HashMap<String, usize> =
            self.places().into_iter().map(|(id, place)| (id.to_owned(), place)).collect();
        let mut seen: HashSet<usize> = HashSet::new();
        let items = Rc::make_mut(&mut self.items);
        for (index, input) in inputs.into_iter().enumerate() {
            let in_place = |error: InputError| error.under_index(index).under_key("setItems");
            let id = input.line_item_id.as_ref().ok_or_else(|| in_place(required("lineItemId")))?;
            let place = places.get(&id.0).copied().filter(|place| seen.insert(*place));
            let place = place.ok_or_else(|| in_place(unknown_line(&id.0).under_key("lineItemId")))?;
            set_item(&mut items[place], input, rounding).map_err(in_place)?;
        }
        Ok(())
    }

    /// Adds lines; one without an id gets a number that no line of the cart has, or had before this change.
    fn add(
        &mut self,
        inputs: Vec<ItemInput>,
        key: &str,
        before: &[Item],
        rounding: Rounding,
    ) -> Result<(), InputError> {
        let mut known: HashSet<String> = self.items.iter().map(|item| item.line_item_id.clone()).collect();
        // An id that is given further on is nobody else's.
        let given: HashSet<String> =
            inputs.iter().filter_map(|input| input.line_item_id.as_ref().map(|id| id.0.clone())).collect();
        let before = before.iter().map(|item| &item.line_item_id);
        let mut next = Numbers::after(known.iter().chain(&given).chain(before));
        let items = Rc::make_mut(&mut self.items);
        for (index, input) in inputs.into_iter().enumerate() {
            let in_place = |error: InputError| error.under_index(index).under_key(key);
            let id = input.line_item_id.as_ref().map_or_else(|| next.take(), |id| id.0.clone());
            if !known.insert(id.clone()) {
                let error = InputError::new(format!("expected every lineItemId once, found {} again", quoted(&id)));
                return Err(in_place(error.under_key("lineItemId")));
            }
            let position = items.last().map_or(0, |last| last.position) + 1;
            items.push(new_item(id, position, input, rounding).map_err(in_place)?);
        }
        Ok(())
    }

    /// The place of each line.
    fn places(&self) -> HashMap<&str, usize> {
        self.items.iter().enumerate().map(|(place, item)| (item.line_item_id.as_str(), place)).collect()
    }

    fn fees_of(&self, inputs: Vec<FeeInput>, rounding: Rounding) -> Result<Vec<Fee>, InputError> {
        let lines = self.places();
        let mut seen: HashSet<String> = HashSet::new();
        let given: Vec<String> = inputs.iter().filter_map(|fee| fee.fee_id().map(str::to_owned)).collect();
        let mut next = Numbers::after(given.iter());
        let mut fees = Vec::with_capacity(inputs.len());
        for (index, input) in inputs.into_iter().enumerate() {
            let in_place = |error: InputError| error.under_index(index).under_key("fees");
            if let Some(id) = input.line_item_id().filter(|id| !lines.contains_key(id)) {
                let error =
                    InputError::new(format!("expected the lineItemId of a line of the cart, found {}", quoted(id)));
                return Err(in_place(error.under_key("lineItemId")));
            }
            in_minor_units(input.amount(), rounding).map_err(|error| in_place(error.under_key("amount")))?;
            let id = input.fee_id().map_or_else(|| next.take(), str::to_owned);
            if !seen.insert(id.clone()) {
                let error = InputError::new(format!("expected every feeId once, found {} again", quoted(&id)));
                return Err(in_place(error.under_key("feeId")));
            }
            fees.push(input.into_fee(id));
        }
        Ok(fees)
    }

    /// A line's fees go with it.
    fn drop_fees_of_gone_lines(&mut self) {
        let lines: HashSet<&str> = self.items.iter().map(|item| item.line_item_id.as_str()).collect();
        self.fees.retain(|fee| fee.line_item_id.as_deref().is_none_or(|id| lines.contains(id)));
    }
}

/// Ids for what has none: whole numbers above all that are there.
struct Numbers(u64);

impl Numbers {
    fn after<'i>(ids: impl Iterator<Item = &'i String>) -> Self {
        // What leaves no room for those that follow is an id like any other.
        const MOST: u64 = u64::MAX / 2;
        Self(ids.filter_map(|id| id.parse().ok()).filter(|number| *number < MOST).max().unwrap_or(0))
    }

    fn take(&mut self) -> String {
        self.0 += 1;
        self.0.to_string()
    }
}

fn required(key: &'static str) -> InputError {
    InputError::new("required, but absent").under_key(key)
}

fn unknown_line(id: &str) -> InputError {
    InputError::new(format!("expected the lineItemId of a line of the cart, once, found {}", quoted(id)))
}

fn new_item(line_item_id: String, position: i32, input: ItemInput, rounding: Rounding) -> Result<Item, InputError> {
    let mut item = Item {
        line_item_id,
        position,
        sku: input.sku.clone().ok_or_else(|| required("sku"))?.0,
        quantity: input.quantity.ok_or_else(|| required("quantity"))?.0,
        base: input.price.as_ref().ok_or_else(|| required("price"))?.base.0,
        sale: None,
        min_unit_price: None,
        categories: Vec::new(),
        brands: Vec::new(),
        attributes: None,
        ship_to: None,
        amount: Money::ZERO,
    };
    set_item(&mut item, input, rounding)?;
    Ok(item)
}

fn set_item(item: &mut Item, input: ItemInput, rounding: Rounding) -> Result<(), InputError> {
    if let Some(sku) = input.sku {
        item.sku = sku.0;
    }
    let is_repriced = input.quantity.is_some() || input.price.is_some();
    if let Some(quantity) = input.quantity {
        item.quantity = quantity.0;
    }
    if let Some(price) = input.price {
        item.base = price.base.0;
        item.sale = price.sale.map(|sale| sale.0);
        if item.price() > item.base {
            let most = shortest(item.base.0);
            let error = InputError::new(format!("expected at most base {most}, found {}", shortest(item.price().0)));
            return Err(error.under_key("sale").under_key("price"));
        }
    }
    if let Some(price) = input.min_unit_price {
        item.min_unit_price = price.map(|price| price.0);
    }
    if let Some(categories) = input.category_list {
        item.categories = texts(categories);
    }
    if let Some(brands) = input.brand_list {
        item.brands = texts(brands);
    }
    if let Some(attributes) = input.attributes {
        item.attributes = attributes.map(AttributesInput::into_attributes);
    }
    if let Some(ship_to) = input.ship_to {
        item.ship_to = ship_to.map(|own| own.0);
    }
    if is_repriced {
        item.amount = rounding.round(&Exact::ratio(item.price().0 * item.quantity.0, MILLION));
        if !is_amount(item.amount) {
            return Err(InputError::new(TOO_MUCH).under_key("price"));
        }
    }
    Ok(())
}

fn texts(list: Option<List<Short, MAX_LIST>>) -> Vec<String> {
    list.map(|list| list.0.into_iter().map(|text| text.0).collect()).unwrap_or_default()
}

/// Whether it is an amount as a request may have it.
fn is_amount(amount: Money) -> bool {
    millionths(amount.0, 6).is_some()
}

/// What is charged is a whole number of minor units.
fn in_minor_units(amount: Money, rounding: Rounding) -> Result<(), InputError> {
    if amount.0 % rounding.minor == 0 {
        return Ok(());
    }
    let unit = shortest(rounding.minor);
    Err(InputError::new(format!("expected a whole number of minor units of {unit}, found {}", shortest(amount.0))))
}

/// What of a cart's lines became different, for who keeps them.
#[derive(Debug, Default, PartialEq)]
pub struct ItemChanges<'a> {
    /// Lines that are gone.
    pub gone: Vec<&'a str>,
    /// Lines that are new or different.
    pub written: Vec<&'a Item>,
}

impl<'a> ItemChanges<'a> {
    /// Compares the lines of before and after.
    pub fn between(before: &'a Rc<Vec<Item>>, after: &'a Rc<Vec<Item>>) -> Self {
        if Rc::ptr_eq(before, after) {
            return Self::default();
        }
        let old: HashMap<&str, &Item> = before.iter().map(|item| (item.line_item_id.as_str(), item)).collect();
        let kept: HashSet<&str> = after.iter().map(|item| item.line_item_id.as_str()).collect();
        let gone = before.iter().map(|item| item.line_item_id.as_str()).filter(|id| !kept.contains(id)).collect();
        let is_different = |item: &&Item| old.get(item.line_item_id.as_str()).is_none_or(|own| own != item);
        let written = after.iter().filter(is_different).collect();
        Self { gone, written }
    }
}
