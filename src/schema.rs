//! The SQL side of the extension, in the order in which CREATE EXTENSION runs it: tables, what holds
//! between them, functions (one a file), grants last.

use pgrx::pgrx_macros::extension_sql_file;

extension_sql_file!("../sql/bootstrap.sql", name = "bootstrap", bootstrap);
extension_sql_file!("../sql/tables/organization.sql", name = "organization");
extension_sql_file!("../sql/tables/category.sql", name = "category", requires = ["organization"]);
extension_sql_file!("../sql/tables/promotion.sql", name = "promotion", requires = ["category"]);
extension_sql_file!("../sql/tables/code.sql", name = "code", requires = ["promotion"]);
extension_sql_file!("../sql/tables/evaluation.sql", name = "evaluation", requires = ["code"]);
extension_sql_file!("../sql/tables/usage.sql", name = "usage", requires = ["evaluation"]);
extension_sql_file!("../sql/tables/lock.sql", name = "lock", requires = ["usage"]);
extension_sql_file!("../sql/tables/entitlement.sql", name = "entitlement", requires = ["lock"]);
extension_sql_file!("../sql/tables/redemption.sql", name = "redemption", requires = ["entitlement"]);
extension_sql_file!("../sql/tables/event.sql", name = "event", requires = ["redemption"]);
extension_sql_file!("../sql/tables/cart.sql", name = "cart", requires = ["event"]);
extension_sql_file!("../sql/tables/membership.sql", name = "membership", requires = ["cart"]);
extension_sql_file!("../sql/tables/generation.sql", name = "generation", requires = ["membership"]);
extension_sql_file!("../sql/tables/first_organization.sql", name = "first_organization", requires = ["generation"]);
extension_sql_file!("../sql/tables/views.sql", name = "views", requires = ["first_organization"]);

extension_sql_file!("../sql/functions/add_partitions.sql", name = "add_partitions", requires = ["views"]);
extension_sql_file!("../sql/functions/explanation_lines.sql", name = "explanation_lines", requires = ["views"]);
extension_sql_file!("../sql/functions/is_positive_interval.sql", name = "is_positive_interval", requires = ["views"]);
extension_sql_file!("../sql/functions/make_codes.sql", name = "make_codes", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_activate.sql", name = "promo_activate", requires = ["views"]);
extension_sql_file!(
    "../sql/functions/promo_activate_entitlements.sql",
    name = "promo_activate_entitlements",
    requires = ["views"]
);
extension_sql_file!("../sql/functions/promo_add_codes.sql", name = "promo_add_codes", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_apply_code.sql", name = "promo_apply_code", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_cancel.sql", name = "promo_cancel", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_check.sql", name = "promo_check", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_configure.sql", name = "promo_configure", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_create_cart.sql", name = "promo_create_cart", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_create_codes.sql", name = "promo_create_codes", requires = ["views"]);
extension_sql_file!(
    "../sql/functions/promo_create_promotion.sql",
    name = "promo_create_promotion",
    requires = ["views"]
);
extension_sql_file!(
    "../sql/functions/promo_customer_promotions.sql",
    name = "promo_customer_promotions",
    requires = ["views"]
);
extension_sql_file!("../sql/functions/promo_disable_code.sql", name = "promo_disable_code", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_earn.sql", name = "promo_earn", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_evaluate.sql", name = "promo_evaluate", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_explain.sql", name = "promo_explain", requires = ["explanation_lines"]);
extension_sql_file!("../sql/functions/promo_get_cart.sql", name = "promo_get_cart", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_get_promotion.sql", name = "promo_get_promotion", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_issue.sql", name = "promo_issue", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_link_code.sql", name = "promo_link_code", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_pause.sql", name = "promo_pause", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_pending_carts.sql", name = "promo_pending_carts", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_preview.sql", name = "promo_preview", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_purge.sql", name = "promo_purge", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_put_categories.sql", name = "promo_put_categories", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_put_org_units.sql", name = "promo_put_org_units", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_redeem.sql", name = "promo_redeem", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_remove_code.sql", name = "promo_remove_code", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_return.sql", name = "promo_return", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_revoke_earn.sql", name = "promo_revoke_earn", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_stop.sql", name = "promo_stop", requires = ["views"]);
extension_sql_file!("../sql/functions/promo_update_cart.sql", name = "promo_update_cart", requires = ["views"]);
extension_sql_file!(
    "../sql/functions/promo_update_promotion.sql",
    name = "promo_update_promotion",
    requires = ["views"]
);
extension_sql_file!("../sql/functions/resolve_org_id.sql", name = "resolve_org_id", requires = ["views"]);

extension_sql_file!("../sql/grants.sql", name = "grants", finalize);
