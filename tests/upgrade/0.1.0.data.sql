--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: promotion_engine; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS promotion_engine WITH SCHEMA public;


--
-- Name: EXTENSION promotion_engine; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION promotion_engine IS 'cart promotions inside PostgreSQL';


--
-- Data for Name: cart; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.cart (org_id, cart_id, state, customer_id, currency, customer, account_id, user_id, till_code, attributes, configuration, metadata, shared_user_ids, shipping, sub_total, total_discount, total_amount, total_fees, pricing, evaluation_id, transaction_id, created_at, updated_at) FROM stdin;
1	6b039fcda0fc983cbf67a137	ACTIVE	anna	USD	{"customerId": "anna"}	\N	\N	\N	[{"name": "channel", "value": "web"}]	{}	{"n": 1}	\N	[{"amount": "4.900000"}]	34.9	6	28.9	1	{"gifts": [], "vouchers": [], "shipments": ["0.000000"], "promotions": [{"on": {"kind": "CART", "value": []}, "name": "coded", "lines": [[0, "3.300000"], [1, "1.700000"]], "terms": {"unit": "AMOUNT_OFF", "value": "5"}, "discount": "5.000000", "promoCode": "FREE", "promotionId": "6b039fcd587bdd765f17a18d"}, {"on": {"kind": "CART", "value": []}, "name": "limited", "lines": [[0, "0.700000"], [1, "0.300000"]], "terms": {"unit": "AMOUNT_OFF", "value": "1"}, "discount": "1.000000", "promoCode": null, "promotionId": "6b039fcdcca50457825c1db9"}], "suggestions": [{"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["issued"], "promotionId": "6b039fcdd3a355764d417a0c", "attributeName": null}, {"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["earned"], "promotionId": "6b039fcdf5d077b3ebae7db4", "attributeName": null}], "totalDiscount": "6.000000"}	6b039fcdaecf073fb97d21b2	\N	2026-11-23 02:07:09.475934+00	2026-11-23 02:07:09.488032+00
1	6b039fcdebfb0738ae9820d8	PENDING	\N	USD	{}	\N	\N	\N	\N	{}	{}	\N	\N	10	0	10	0	{"gifts": [], "vouchers": [], "shipments": [], "promotions": [], "suggestions": [], "totalDiscount": "0.000000"}	6b039fcd9bb8a6ec94860f48	\N	2026-11-23 02:07:09.488566+00	2026-11-23 02:07:09.488566+00
1	6b039fcdf90ce1c5e12f0e52	PENDING_APPROVAL	carl	USD	{"customerId": "carl"}	\N	\N	\N	\N	{}	{}	\N	\N	10	1	9	0	{"gifts": [], "vouchers": [{"name": "reward", "value": "5.000000", "earnId": "6b039fcda68a4aae73361367", "redeemable": "5.000000", "promotionId": "6b039fcd5683e8d9de82bb36"}], "shipments": [], "promotions": [{"on": {"kind": "CART", "value": []}, "name": "limited", "lines": [[0, "1.000000"]], "terms": {"unit": "AMOUNT_OFF", "value": "1"}, "discount": "1.000000", "promoCode": null, "promotionId": "6b039fcdcca50457825c1db9"}], "suggestions": [{"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["issued"], "promotionId": "6b039fcdd3a355764d417a0c", "attributeName": null}, {"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["earned"], "promotionId": "6b039fcdf5d077b3ebae7db4", "attributeName": null}], "totalDiscount": "1.000000"}	6b039fcd2a0643609e508b6d	\N	2026-11-23 02:07:09.494768+00	2026-11-23 02:07:09.49669+00
1	6b039fcd0bc18efaaf8df36b	DELETED	carl	USD	{"customerId": "carl"}	\N	\N	\N	\N	{}	{}	\N	\N	20	6	14	0	{"gifts": [], "vouchers": [], "shipments": [], "promotions": [{"on": {"kind": "CART", "value": []}, "name": "moving", "lines": [[0, "2.500000"], [1, "2.500000"]], "terms": {"unit": "AMOUNT_OFF", "value": "5"}, "discount": "5.000000", "promoCode": null, "promotionId": "6b039fcdf6f1e929eefd5d27"}, {"on": {"kind": "CART", "value": []}, "name": "limited", "lines": [[0, "0.500000"], [1, "0.500000"]], "terms": {"unit": "AMOUNT_OFF", "value": "1"}, "discount": "1.000000", "promoCode": null, "promotionId": "6b039fcdcca50457825c1db9"}], "suggestions": [{"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["issued"], "promotionId": "6b039fcdd3a355764d417a0c", "attributeName": null}, {"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["earned"], "promotionId": "6b039fcdf5d077b3ebae7db4", "attributeName": null}], "totalDiscount": "6.000000"}	6b039fcd66290bdf9fc4c930	\N	2026-11-23 02:07:09.496918+00	2026-11-23 02:07:09.503413+00
1	6b039fcd0b1c0945ff2a30b2	SUBMITTED	carl	USD	{"customerId": "carl"}	\N	\N	\N	\N	{}	{}	\N	\N	20	1	19	0	{"gifts": [], "vouchers": [], "shipments": [], "promotions": [{"on": {"kind": "CART", "value": []}, "name": "limited", "lines": [[0, "0.500000"], [1, "0.500000"]], "terms": {"unit": "AMOUNT_OFF", "value": "1"}, "discount": "1.000000", "promoCode": null, "promotionId": "6b039fcdcca50457825c1db9"}], "suggestions": [{"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["issued"], "promotionId": "6b039fcdd3a355764d417a0c", "attributeName": null}, {"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["earned"], "promotionId": "6b039fcdf5d077b3ebae7db4", "attributeName": null}], "totalDiscount": "1.000000"}	6b039fcd99ff532deab25ff6	O-7	2026-11-23 02:07:09.503685+00	2026-11-23 02:07:09.512093+00
1	6b039fcd3fa3e5a9b6337296	APPROVED	dora	USD	{"customerId": "dora"}	\N	\N	\N	\N	{}	{}	\N	\N	10	1	9	0	{"gifts": [], "vouchers": [], "shipments": [], "promotions": [{"on": {"kind": "CART", "value": []}, "name": "limited", "lines": [[0, "1.000000"]], "terms": {"unit": "AMOUNT_OFF", "value": "1"}, "discount": "1.000000", "promoCode": null, "promotionId": "6b039fcdcca50457825c1db9"}], "suggestions": [{"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["earned"], "promotionId": "6b039fcdf5d077b3ebae7db4", "attributeName": null}], "totalDiscount": "1.000000"}	6b039fcde6418e01462b0ab6	\N	2026-11-23 02:07:09.512756+00	2026-11-23 02:07:09.51867+00
1	6b039fcdd4e48a52ed67ac80	REJECTED	dora	USD	{"customerId": "dora"}	\N	\N	\N	\N	{}	{}	\N	\N	10	1	9	0	{"gifts": [], "vouchers": [], "shipments": [], "promotions": [{"on": {"kind": "CART", "value": []}, "name": "limited", "lines": [[0, "1.000000"]], "terms": {"unit": "AMOUNT_OFF", "value": "1"}, "discount": "1.000000", "promoCode": null, "promotionId": "6b039fcdcca50457825c1db9"}], "suggestions": [{"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["earned"], "promotionId": "6b039fcdf5d077b3ebae7db4", "attributeName": null}], "totalDiscount": "1.000000"}	6b039fcdaa8aa0c8d85178c4	\N	2026-11-23 02:07:09.518909+00	2026-11-23 02:07:09.52088+00
2	6b039fcd791dc720a97820ae	ACTIVE	anna	JPY	{"customerId": "anna"}	\N	\N	\N	\N	{}	{}	\N	\N	10	0	10	0	{"gifts": [], "vouchers": [], "shipments": [], "promotions": [], "suggestions": [{"kpi": "QUANTITY", "amount": "1", "entity": "SKU", "values": ["issued"], "promotionId": "6b039fcd57be85404e144df2", "attributeName": null}], "totalDiscount": "0.000000"}	6b039fcd0088592891b31fbe	\N	2026-11-23 02:07:09.568225+00	2026-11-23 02:07:09.568225+00
\.


--
-- Data for Name: cart_code; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.cart_code (org_id, cart_id, code, "position", sent, problem_code, problem) FROM stdin;
1	6b039fcda0fc983cbf67a137	FREE	1	FREE	\N	\N
\.


--
-- Data for Name: cart_fee; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.cart_fee (org_id, cart_id, fee_id, "position", name, amount, line_item_id) FROM stdin;
1	6b039fcda0fc983cbf67a137	1	1	wrap	1	\N
\.


--
-- Data for Name: cart_item; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.cart_item (org_id, cart_id, line_item_id, "position", sku, quantity, base_price, sale_price, amount, min_unit_price, categories, brands, attributes, ship_to) FROM stdin;
1	6b039fcda0fc983cbf67a137	1	1	coded	2	10	\N	20	\N	{}	{}	\N	\N
1	6b039fcda0fc983cbf67a137	2	2	limited	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcdebfb0738ae9820d8	1	1	coded too	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcdf90ce1c5e12f0e52	1	1	limited	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcd0bc18efaaf8df36b	1	1	limited	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcd0bc18efaaf8df36b	2	2	moving	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcd0b1c0945ff2a30b2	1	1	shoe	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcd0b1c0945ff2a30b2	2	2	limited	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcd3fa3e5a9b6337296	1	1	limited	1	10	\N	10	\N	{}	{}	\N	\N
1	6b039fcdd4e48a52ed67ac80	1	1	limited	1	10	\N	10	\N	{}	{}	\N	\N
2	6b039fcd791dc720a97820ae	1	1	limited	1	10	\N	10	\N	{}	{}	\N	\N
\.


--
-- Data for Name: organization; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.organization (org_id, settings, created_at) FROM stdin;
1	{"notify": true, "overrun": "REJECT", "currency": "USD", "rounding": "HALF_EVEN", "timezone": "UTC", "precision": 1, "remainder": "LARGEST", "selection": "RANKED", "typeRanking": ["CUSTOMER", "REWARD", "EARNING", "CODE", "POS"], "maxOpenCarts": 50, "returnPolicy": "RESTORE", "conditionBase": "GROSS", "roundingLevel": "PROMOTION", "exclusiveScope": "CART", "lockTtlSeconds": 86400, "percentageBase": "NET", "evaluationOrder": "LINE_ITEM_FIRST", "rankingStrategy": ["PRIORITY", "EARLIEST_EXPIRY", "MAX_DISCOUNT"], "isLockingEnabled": true, "maxStackedPerCart": null, "maxStackedPerUnit": null, "keepEvaluationsFor": "30 days", "singlePromotionPerLineItem": false}	2026-11-23 02:07:08.868409+00
2	{"notify": false, "overrun": "RECORD", "currency": "JPY", "rounding": "HALF_UP", "timezone": "Asia/Tokyo", "precision": null, "remainder": "LARGEST", "selection": "BEST", "typeRanking": ["CUSTOMER", "REWARD", "EARNING", "CODE", "POS"], "maxOpenCarts": 3, "returnPolicy": "RESTORE", "conditionBase": "GROSS", "roundingLevel": "PROMOTION", "exclusiveScope": "CART", "lockTtlSeconds": 300, "percentageBase": "NET", "evaluationOrder": "LINE_ITEM_FIRST", "rankingStrategy": ["PRIORITY", "EARLIEST_EXPIRY", "MAX_DISCOUNT"], "isLockingEnabled": false, "maxStackedPerCart": null, "maxStackedPerUnit": null, "keepEvaluationsFor": "30 days", "singlePromotionPerLineItem": false}	2026-11-23 02:07:09.526368+00
\.


--
-- Data for Name: category; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.category (org_id, category, parent) FROM stdin;
1	shoes	apparel
1	apparel	\N
1	größe 42	shoes
2	shoes	things
\.


--
-- Data for Name: code_identity; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.code_identity (org_id, code, customer_id, disabled_at, created_at) FROM stdin;
1	BOTH	\N	\N	2026-11-23 02:07:09.358728+00
1	FREE	\N	\N	2026-11-23 02:07:09.358728+00
1	TILL-END	\N	\N	2026-11-23 02:07:09.358728+00
1	LINKED	anna	\N	2026-11-23 02:07:09.360492+00
1	PAST	\N	\N	2026-11-23 02:07:09.360751+00
1	FUTURE	\N	\N	2026-11-23 02:07:09.360926+00
1	GRÖSSE	\N	\N	2026-11-23 02:07:09.361167+00
1	V1	\N	\N	2026-11-23 02:07:09.361167+00
1	V2	\N	\N	2026-11-23 02:07:09.361167+00
1	V3	\N	\N	2026-11-23 02:07:09.361167+00
1	MADE6E2MQDXP	\N	\N	2026-11-23 02:07:09.366215+00
1	MADE6RWFZZL5	\N	\N	2026-11-23 02:07:09.366215+00
1	MADE7UK8ZMSZ	\N	\N	2026-11-23 02:07:09.366215+00
1	MADE7XZ2QEEV	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEARZHPBFF	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEAVPSEK6Y	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEGNLZJP69	\N	\N	2026-11-23 02:07:09.366215+00
1	MADELF4PCEF7	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEPLMRL4XL	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEPM97DTAN	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEPPPS8W5N	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEQW43DAU3	\N	\N	2026-11-23 02:07:09.366215+00
1	MADERE9WB8DS	\N	\N	2026-11-23 02:07:09.366215+00
1	MADESJGZ85GJ	\N	\N	2026-11-23 02:07:09.366215+00
1	MADESVBNB4BP	\N	\N	2026-11-23 02:07:09.366215+00
1	MADETWFDNDGT	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEVNTNJVY4	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEWDDT3HB4	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEXSN78AP5	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEZMK7GDF9	\N	\N	2026-11-23 02:07:09.366215+00
1	TAKEN	ben	\N	2026-11-23 02:07:09.358728+00
1	OFF	\N	2026-11-23 02:07:09.367396+00	2026-11-23 02:07:09.358728+00
2	FREE	\N	\N	2026-11-23 02:07:09.532583+00
\.


--
-- Data for Name: code_promotion; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.code_promotion (org_id, code, promotion_id, valid_from, valid_till, created_at) FROM stdin;
1	BOTH	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.358728+00
1	FREE	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.358728+00
1	OFF	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.358728+00
1	TAKEN	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.358728+00
1	TILL-END	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.358728+00
1	BOTH	6b039fcd4e204180e65659af	\N	\N	2026-11-23 02:07:09.359924+00
1	LINKED	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.360492+00
1	PAST	6b039fcd587bdd765f17a18d	\N	1970-01-01 00:00:01+00	2026-11-23 02:07:09.360751+00
1	FUTURE	6b039fcd587bdd765f17a18d	2096-10-02 07:06:40+00	2099-12-03 16:53:20+00	2026-11-23 02:07:09.360926+00
1	GRÖSSE	6b039fcd53243be21e2e483d	\N	\N	2026-11-23 02:07:09.361167+00
1	V1	6b039fcd53243be21e2e483d	\N	\N	2026-11-23 02:07:09.361167+00
1	V2	6b039fcd53243be21e2e483d	\N	\N	2026-11-23 02:07:09.361167+00
1	V3	6b039fcd53243be21e2e483d	\N	\N	2026-11-23 02:07:09.361167+00
1	MADE6E2MQDXP	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADE6RWFZZL5	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADE7UK8ZMSZ	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADE7XZ2QEEV	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEARZHPBFF	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEAVPSEK6Y	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEGNLZJP69	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADELF4PCEF7	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEPLMRL4XL	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEPM97DTAN	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEPPPS8W5N	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEQW43DAU3	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADERE9WB8DS	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADESJGZ85GJ	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADESVBNB4BP	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADETWFDNDGT	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEVNTNJVY4	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEWDDT3HB4	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEXSN78AP5	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
1	MADEZMK7GDF9	6b039fcd587bdd765f17a18d	\N	\N	2026-11-23 02:07:09.366215+00
2	FREE	6b039fcd8982f5ba52e61c55	\N	\N	2026-11-23 02:07:09.532583+00
\.


--
-- Data for Name: customer; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.customer (org_id, customer_id, instances) FROM stdin;
1	late	2
1	ben	5
1	emil	1
1	anna	6
1	carl	5
1	dora	3
2	anna	1
\.


--
-- Data for Name: entitlement_instance; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.entitlement_instance (org_id, earn_id, customer_id, promotion_id, promotion_version, state, source, source_id, ordinal, earned_at, valid_till, changed_at) FROM stdin;
1	6b039fcde671540b09818e6f	late	6b039fcdf5d077b3ebae7db4	1	ACTIVE	ACTIVITY	x	1	2026-10-14 02:07:09.396+00	2026-11-13 02:07:09.396+00	2026-11-23 02:07:09.396995+00
1	6b039fcd4259a0d80edb997a	late	6b039fcdf5d077b3ebae7db4	1	ACTIVE	ACTIVITY	x	2	2026-10-14 02:07:09.396+00	2026-11-13 02:07:09.396+00	2026-11-23 02:07:09.396995+00
1	6b039fcda5f6a94a17a8b7b5	anna	6b039fcdd3a355764d417a0c	1	ACTIVE	ISSUE	spring	1	2026-11-23 02:07:09.388+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.388436+00
1	6b039fcd71ee940ed0c1f0d9	ben	6b039fcdd3a355764d417a0c	1	ACTIVE	ISSUE	spring	1	2026-11-23 02:07:09.388+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.388436+00
1	6b039fcd2f4e5bbb86b7b70f	carl	6b039fcdd3a355764d417a0c	1	ACTIVE	ISSUE	spring	1	2026-11-23 02:07:09.388+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.388436+00
1	6b039fcdf818bd04f67502a5	anna	6b039fcdd3a355764d417a0c	1	ACTIVE	ISSUE	\N	1	2026-11-23 02:07:09.389+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.389574+00
1	6b039fcdc950ef77e357d73d	anna	6b039fcd110e3e336a105544	1	INACTIVE	ISSUE	spring	1	2026-11-23 02:07:09.389+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.389835+00
1	6b039fcd71562323c5aeefab	anna	6b039fcd5683e8d9de82bb36	1	ACTIVE	ISSUE	gift	1	2026-11-23 02:07:09.39+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.390104+00
1	6b039fcdc6a516bf9cf9b287	ben	6b039fcd110e3e336a105544	1	ACTIVE	ISSUE	spring	1	2026-11-23 02:07:09.389+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.395088+00
1	6b039fcdd1d125ba47a0e7a1	anna	6b039fcdf5d077b3ebae7db4	1	ACTIVE	ACTIVITY	x	1	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.396307+00
1	6b039fcd3c59f46e8676b707	anna	6b039fcdf5d077b3ebae7db4	1	ACTIVE	ACTIVITY	x	2	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.396307+00
1	6b039fcdaa0358f6b9c0e152	ben	6b039fcdf5d077b3ebae7db4	1	ACTIVE	MILESTONE	x	1	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.39656+00
1	6b039fcd5c8915151739fc7e	ben	6b039fcdf5d077b3ebae7db4	1	ACTIVE	MILESTONE	x	2	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.39656+00
1	6b039fcd878017040399ec5e	carl	6b039fcdf5d077b3ebae7db4	1	ACTIVE	REWARD	x	1	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.396728+00
1	6b039fcdb7c04bd17296d7fb	carl	6b039fcdf5d077b3ebae7db4	1	ACTIVE	REWARD	x	2	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.396728+00
1	6b039fcd060065013f59bf75	dora	6b039fcdf5d077b3ebae7db4	1	ACTIVE	BULK_ISSUE	x	1	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.396865+00
1	6b039fcdf8d870270dbe68bc	dora	6b039fcdf5d077b3ebae7db4	1	ACTIVE	BULK_ISSUE	x	2	2026-11-23 01:07:09.396+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.396865+00
1	6b039fcd5a721da99bb9761b	emil	6b039fcdd3a355764d417a0c	1	REVOKED	ISSUE	spring	1	2026-11-23 02:07:09.388+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.397439+00
1	6b039fcd906b0cf6b8d4e388	ben	6b039fcdf5d077b3ebae7db4	1	ACTIVE	TRANSACTION	O-2	1	2026-11-23 02:07:09.41+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.410763+00
1	6b039fcd87521b3870ddde72	dora	6b039fcdd3a355764d417a0c	1	REDEEMED	ISSUE	spring	1	2026-11-23 02:07:09.388+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.42308+00
1	6b039fcda68a4aae73361367	carl	6b039fcd5683e8d9de82bb36	1	ACTIVE	ISSUE	gift	1	2026-11-23 02:07:09.39+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.429149+00
1	6b039fcd2f14bff18ccd4e7f	carl	6b039fcdf5d077b3ebae7db4	1	REVOKED	TRANSACTION	O-3	1	2026-11-23 02:07:09.415+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.429149+00
2	6b039fcde47868164efaab58	anna	6b039fcd57be85404e144df2	1	ACTIVE	ISSUE	\N	1	2026-11-23 02:07:09.534+00	2099-12-31 00:00:00+00	2026-11-23 02:07:09.534213+00
\.


--
-- Data for Name: evaluation_default; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.evaluation_default (org_id, evaluation_id, evaluated_at, priced_at, customer_id, cart_id, till_code, currency, amount, total_discount, payable_amount, request, line_references, applied, vouchers, search) FROM stdin;
1	6b039fcdf8696689c2c927db	2026-11-23 02:07:09.368015+00	2026-11-23 02:07:09.368+00	late	late	\N	USD	40.000000	12.000000	28.000000	{"amount": 40, "cartId": "late", "cartItems": [{"qty": "2", "sku": "limited", "amount": 20}, {"qty": "1", "sku": "moving", "amount": 10}, {"qty": "1", "sku": "coded", "amount": 10}], "customerId": "late", "promoCodes": ["free"]}	{a2189217-5a6a-4c74-9eb0-3e915cdcf844,d8dc53bb-5ee9-4ee5-b1f3-23f0adb4be5b,b3d50c61-16ee-4366-9137-0e9e7f273bf4}	[{"promotionId":"6b039fcd587bdd765f17a18d","version":1,"promoCode":"free","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","2","2",[["1","1.3"],["1","1.2"]]],[1,"1.2","1","1",[["1","1.2"]]],[2,"1.3","1","1",[["1","1.3"]]]]}},{"promotionId":"6b039fcdf6f1e929eefd5d27","version":1,"redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","2","2",[["1","1.2"],["1","1.3"]]],[1,"1.3","1","1",[["1","1.3"]]],[2,"1.2","1","1",[["1","1.2"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":2,"discount":"2.000000","allocation":{"cartLines":[[0,"1","2","2",[["2","1"]]],[1,"0.5","1","1",[["1","0.5"]]],[2,"0.5","1","1",[["1","0.5"]]]]}}]	\N	\N
1	6b039fcdca23ded903dfaaee	2026-11-23 02:07:09.381718+00	2026-11-23 02:07:09.381+00	\N	late guest	\N	USD	10.000000	1.000000	9.000000	{"amount": 10, "cartId": "late guest", "cartItems": [{"qty": "1", "sku": "limited", "amount": 10}]}	{2c0003ca-03de-4b7c-9c12-0041781e8356}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"1","1","1",[["1","1"]]]]}}]	\N	\N
1	6b039fcdb444b571ee942e09	2026-11-23 02:07:09.403289+00	2026-08-15 02:07:09.402+00	anna	\N	\N	USD	60.000000	8.000000	47.000000	{"amount": 60, "cartItems": [{"qty": "3", "sku": "limited", "amount": 30}, {"qty": "1", "sku": "moving", "amount": 10}, {"qty": "2", "sku": "issued", "amount": 20}], "customerId": "anna", "paymentVouchers": ["v1"], "transactionDate": 1786759629402}	{8e8df794-f1ac-429c-a268-85ae3841bbe2,84fc1a52-f0fd-4f4e-a07c-01aab4d168f8,c35525fb-7ead-48b9-aac6-baeccff34741}	[{"promotionId":"6b039fcdf6f1e929eefd5d27","version":1,"redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","3","3",[["1","0.9"],["2","1.6"]]],[1,"0.8","1","1",[["1","0.8"]]],[2,"1.7","2","2",[["1","0.9"],["1","0.8"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":3,"discount":"3.000000","allocation":{"cartLines":[[0,"1.5","3","3",[["1","0.5"],["2","1"]]],[1,"0.5","1","1",[["1","0.5"]]],[2,"1","2","2",[["1","0.5"],["1","0.5"]]]]}}]	[{"code": "v1", "value": "5.000000", "version": 1, "redeemable": "5.000000", "promotionId": "6b039fcd53243be21e2e483d"}]	\N
1	6b039fcd57f8d85f761daae1	2026-11-23 02:07:09.410763+00	2026-11-23 02:07:09.41+00	ben	\N	\N	USD	250.000000	16.200000	231.700000	{"amount": 250, "shipping": {"amount": "4.9"}, "cartItems": [{"qty": 4, "sku": "coded", "amount": 40}, {"qty": 20, "sku": "earned", "amount": 200, "discount": 7}, {"qty": 1, "sku": "shoe", "amount": 10, "categoryList": ["größe 42"]}], "customerId": "ben", "promoCodes": ["Both", "nope"], "cartTenders": [{"amount": 30, "identifier": "VISA"}]}	{25edde1f-3c43-4fbd-bb06-90b08143ab7f,0963dfbc-089c-4ff3-af1f-f3b8b7e0dd9c,a6e81989-e3d0-4098-8322-8c5725a6e0c5}	[{"promotionId":"6b039fcdee30176f56bd6bce","version":2,"redemptionCount":1,"discount":"1.200000","allocation":{"lines":[[2,"1.2","1","1",[["1","1.2"]]]]}},{"promotionId":"6b039fcdf5d077b3ebae7db4","version":1,"earnId":"6b039fcd5c8915151739fc7e","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"0.8","4","4",[["4","0.8"]]],[1,"4","20","20",[["20","4"]]],[2,"0.2","1","1",[["1","0.2"]]]]}},{"promotionId":"6b039fcd587bdd765f17a18d","version":1,"promoCode":"Both","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"0.8","4","4",[["4","0.8"]]],[1,"4","20","20",[["20","4"]]],[2,"0.2","1","1",[["1","0.2"]]]]}},{"promotionId":"6b039fcd4e204180e65659af","version":1,"promoCode":"Both","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"0.8","4","4",[["4","0.8"]]],[1,"4","20","20",[["20","4"]]],[2,"0.2","1","1",[["1","0.2"]]]]}}]	\N	\N
1	6b039fcd2b57ad2f9d815cd3	2026-11-23 02:07:09.415902+00	2026-11-23 02:07:09.415+00	carl	\N	\N	USD	250.000000	5.000000	240.000000	{"amount": 250, "cartItems": [{"qty": "25", "sku": "earned", "amount": 250}], "customerId": "carl"}	{9d4f2043-d19f-48d8-9350-393593e78822}	[{"promotionId":"6b039fcdf5d077b3ebae7db4","version":1,"earnId":"6b039fcd878017040399ec5e","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"5","25","25",[["25","5"]]]]}}]	[{"value": "5.000000", "earnId": "6b039fcda68a4aae73361367", "version": 1, "redeemable": "5.000000", "promotionId": "6b039fcd5683e8d9de82bb36"}]	\N
1	6b039fcdbf968137e4fc9cbe	2026-11-23 02:07:09.41762+00	2026-11-23 02:07:09.417+00	\N	guest order	\N	USD	35.000000	2.000000	33.000000	{"amount": 35.0, "cartId": "guest order", "cartItems": [{"qty": "2", "sku": "limited", "amount": 20}, {"qty": "1.5", "sku": "shoe", "amount": 15.0}]}	{b8eb05c6-da3d-43aa-9253-f0b009c32967,3c668ecc-12c4-4843-8a75-4bc2a193f77d}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":2,"discount":"2.000000","allocation":{"cartLines":[[0,"1.1","2","2",[["1","0.6"],["1","0.5"]]],[1,"0.9","1.5","1.5",[["1","0.6"],["0.5","0.3"]]]]}}]	\N	\N
1	6b039fcdf487c9ea8e6f051e	2026-11-23 02:07:09.42308+00	2026-11-23 02:07:09.423+00	dora	\N	\N	USD	30.000000	11.000000	19.000000	{"amount": 30, "cartItems": [{"qty": "1", "sku": "earned", "amount": 10}, {"qty": "1", "sku": "issued", "amount": 10}, {"qty": "1", "sku": "limited", "amount": 10}], "customerId": "dora"}	{7e53e79d-ebd5-47b3-8120-2c67ed79e8c0,dccd5c83-facb-453e-afb0-8c91ea8268df,d8f66d3d-0326-4849-86ca-53df246b503c}	[{"promotionId":"6b039fcdd3a355764d417a0c","version":1,"earnId":"6b039fcd87521b3870ddde72","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"1.7","1","1",[["1","1.7"]]],[1,"1.7","1","1",[["1","1.7"]]],[2,"1.6","1","1",[["1","1.6"]]]]}},{"promotionId":"6b039fcdf5d077b3ebae7db4","version":1,"earnId":"6b039fcd060065013f59bf75","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"1.7","1","1",[["1","1.7"]]],[1,"1.6","1","1",[["1","1.6"]]],[2,"1.7","1","1",[["1","1.7"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"0.3","1","1",[["1","0.3"]]],[1,"0.4","1","1",[["1","0.4"]]],[2,"0.3","1","1",[["1","0.3"]]]]}}]	\N	\N
1	6b039fcd2a0643609e508b6d	2026-11-23 02:07:09.49483+00	2026-11-23 02:07:09.494+00	carl	6b039fcdf90ce1c5e12f0e52	\N	USD	10.000000	1.000000	4.000000	{"amount": "10", "cartId": "6b039fcdf90ce1c5e12f0e52", "currency": "USD", "cartItems": [{"qty": "1", "sku": "limited", "amount": "10", "referenceId": "1"}], "customerId": "carl"}	{1}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"1","1","1",[["1","1"]]]]}}]	[{"value": "5.000000", "earnId": "6b039fcda68a4aae73361367", "version": 1, "redeemable": "5.000000", "promotionId": "6b039fcd5683e8d9de82bb36"}]	\N
1	6b039fcd5c2145962066c271	2026-11-23 02:07:09.437968+00	2026-11-23 02:07:09.437+00	anna	anna's	\N	USD	40.000000	12.000000	23.000000	{"amount": 40, "cartId": "anna's", "cartItems": [{"qty": "2", "sku": "limited", "amount": 20}, {"qty": "1", "sku": "moving", "amount": 10}, {"qty": "1", "sku": "earned", "amount": 10}], "customerId": "anna", "promoCodes": ["off", "past", "future", "taken"]}	{8ace41e6-98a0-4025-9946-2b19cce94374,1130f09e-1c33-4fcb-bcbb-5fdad3ba9f0d,40fa2645-5b77-4dc8-8491-a57cf592fe05}	[{"promotionId":"6b039fcdf5d077b3ebae7db4","version":1,"earnId":"6b039fcd3c59f46e8676b707","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","2","2",[["1","1.3"],["1","1.2"]]],[1,"1.2","1","1",[["1","1.2"]]],[2,"1.3","1","1",[["1","1.3"]]]]}},{"promotionId":"6b039fcdf6f1e929eefd5d27","version":1,"redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","2","2",[["1","1.2"],["1","1.3"]]],[1,"1.3","1","1",[["1","1.3"]]],[2,"1.2","1","1",[["1","1.2"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":2,"discount":"2.000000","allocation":{"cartLines":[[0,"1","2","2",[["2","1"]]],[1,"0.5","1","1",[["1","0.5"]]],[2,"0.5","1","1",[["1","0.5"]]]]}}]	[{"value": "5.000000", "earnId": "6b039fcd71562323c5aeefab", "version": 1, "redeemable": "5.000000", "promotionId": "6b039fcd5683e8d9de82bb36"}]	\N
1	6b039fcdd960962dacce44cd	2026-11-23 02:07:09.448068+00	2026-11-23 02:07:09.448+00	\N	guest's	\N	USD	10.000000	1.000000	9.000000	{"amount": 10, "cartId": "guest's", "cartItems": [{"qty": "1", "sku": "limited", "amount": 10}]}	{2614c149-69b8-4ecc-985e-1f8d8253299e}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"1","1","1",[["1","1"]]]]}}]	\N	\N
1	6b039fcd34508736cba801f0	2026-11-23 02:07:09.44884+00	2026-11-23 02:07:09.448+00	ben	c-1	\N	USD	20.000000	10.000000	5.000000	{"amount": 20, "cartId": "c-1", "cartItems": [{"qty": "1", "sku": "coded", "amount": 10}, {"qty": "1", "sku": "to be activated", "amount": 10}], "customerId": "ben", "promoCodes": ["FREE"], "paymentVouchers": ["V2"]}	{d7975383-096f-46e3-8619-a4b22d406ba8,816ba4ad-131f-436e-a255-a8e82d31be4e}	[{"promotionId":"6b039fcd110e3e336a105544","version":1,"earnId":"6b039fcdc6a516bf9cf9b287","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","1","1",[["1","2.5"]]],[1,"2.5","1","1",[["1","2.5"]]]]}},{"promotionId":"6b039fcd587bdd765f17a18d","version":1,"promoCode":"FREE","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","1","1",[["1","2.5"]]],[1,"2.5","1","1",[["1","2.5"]]]]}}]	[{"code": "V2", "value": "5.000000", "version": 1, "redeemable": "5.000000", "promotionId": "6b039fcd53243be21e2e483d"}]	\N
1	6b039fcdf1d76d01d7b684cd	2026-11-23 02:07:09.454359+00	2026-11-23 02:07:09.454+00	ben	c-1	\N	USD	30.000000	10.000000	15.000000	{"amount": 30, "cartId": "c-1", "cartItems": [{"qty": "2", "sku": "coded", "amount": 20}, {"qty": "1", "sku": "to be activated", "amount": 10}], "customerId": "ben", "promoCodes": ["FREE"], "paymentVouchers": ["V2"]}	{9a6a00c6-17dc-4c24-bdf8-f0f739f0f373,9992ba62-3970-47e6-8132-085d5c3ea0ff}	[{"promotionId":"6b039fcd110e3e336a105544","version":1,"earnId":"6b039fcdc6a516bf9cf9b287","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"3.3","2","2",[["1","1.7"],["1","1.6"]]],[1,"1.7","1","1",[["1","1.7"]]]]}},{"promotionId":"6b039fcd587bdd765f17a18d","version":1,"promoCode":"FREE","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"3.3","2","2",[["1","1.6"],["1","1.7"]]],[1,"1.7","1","1",[["1","1.7"]]]]}}]	[{"code": "V2", "value": "5.000000", "version": 1, "redeemable": "5.000000", "promotionId": "6b039fcd53243be21e2e483d"}]	\N
1	6b039fcd551b339663d29c24	2026-11-23 02:07:09.458652+00	2026-11-23 02:07:09.458+00	dora	\N	\N	USD	40.000000	4.000000	36.000000	{"amount": 40, "cartItems": [{"qty": "4", "sku": "limited", "amount": 40}], "customerId": "dora"}	{b575c30e-c390-489e-836f-b6055b364747}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":4,"discount":"4.000000","allocation":{"cartLines":[[0,"4","4","4",[["4","4"]]]]}}]	\N	\N
1	6b039fcd903a1b0dffa54eb9	2026-11-23 02:07:09.466276+00	2026-11-23 02:07:09.466+00	emil	\N	\N	USD	20.000000	6.000000	14.000000	{"amount": 20, "cartItems": [{"qty": "1", "sku": "limited", "amount": 10}, {"qty": "1", "sku": "moving", "amount": 10}], "customerId": "emil"}	{a30d8f9c-74a5-476e-8b1e-1012f1254c73,47ec54dd-afa6-44c3-af73-790842cf54b7}	[{"promotionId":"6b039fcdf6f1e929eefd5d27","version":1,"redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","1","1",[["1","2.5"]]],[1,"2.5","1","1",[["1","2.5"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"0.5","1","1",[["1","0.5"]]],[1,"0.5","1","1",[["1","0.5"]]]]}}]	\N	\N
1	6b039fcd0b9bf9f50974563b	2026-11-23 02:07:09.474827+00	2026-11-23 02:07:09.474+00	emil	of stones	\N	USD	10.000000	0.000000	10.000000	{"amount": 10, "cartId": "of stones", "cartItems": [{"qty": "1", "sku": "stone", "amount": 10}], "customerId": "emil"}	{3c8a2ac0-4709-49f8-8912-291a2f108c0b}	\N	\N	\N
1	6b039fcd5d7a5bc4163d5fa5	2026-11-23 02:07:09.476021+00	2026-11-23 02:07:09.476+00	anna	6b039fcda0fc983cbf67a137	\N	USD	30.000000	6.000000	28.900000	{"amount": "30", "cartId": "6b039fcda0fc983cbf67a137", "currency": "USD", "shipping": [{"amount": "4.9"}], "cartItems": [{"qty": "2", "sku": "coded", "amount": "20", "referenceId": "1"}, {"qty": "1", "sku": "limited", "amount": "10", "referenceId": "2"}], "attributes": {"channel": "web"}, "customerId": "anna"}	{1,2}	[{"promotionId":"6b039fcd587bdd765f17a18d","version":1,"promoCode":"LINKED","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"3.3","2","2",[["1","1.7"],["1","1.6"]]],[1,"1.7","1","1",[["1","1.7"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"0.7","2","2",[["1","0.3"],["1","0.4"]]],[1,"0.3","1","1",[["1","0.3"]]]]}}]	\N	\N
1	6b039fcdaecf073fb97d21b2	2026-11-23 02:07:09.486474+00	2026-11-23 02:07:09.486+00	anna	6b039fcda0fc983cbf67a137	\N	USD	30.000000	6.000000	28.900000	{"amount": "30", "cartId": "6b039fcda0fc983cbf67a137", "currency": "USD", "shipping": [{"amount": "4.9"}], "cartItems": [{"qty": "2", "sku": "coded", "amount": "20", "referenceId": "1"}, {"qty": "1", "sku": "limited", "amount": "10", "referenceId": "2"}], "attributes": {"channel": "web"}, "customerId": "anna", "promoCodes": ["FREE"]}	{1,2}	[{"promotionId":"6b039fcd587bdd765f17a18d","version":1,"promoCode":"FREE","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"3.3","2","2",[["1","1.7"],["1","1.6"]]],[1,"1.7","1","1",[["1","1.7"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"0.7","2","2",[["1","0.3"],["1","0.4"]]],[1,"0.3","1","1",[["1","0.3"]]]]}}]	\N	\N
1	6b039fcd9bb8a6ec94860f48	2026-11-23 02:07:09.488601+00	2026-11-23 02:07:09.488+00	\N	6b039fcdebfb0738ae9820d8	\N	USD	10.000000	0.000000	10.000000	{"amount": "10", "cartId": "6b039fcdebfb0738ae9820d8", "currency": "USD", "cartItems": [{"qty": "1", "sku": "coded too", "amount": "10", "referenceId": "1"}]}	{1}	\N	\N	\N
1	6b039fcd66290bdf9fc4c930	2026-11-23 02:07:09.496952+00	2026-11-23 02:07:09.496+00	carl	6b039fcd0bc18efaaf8df36b	\N	USD	20.000000	6.000000	14.000000	{"amount": "20", "cartId": "6b039fcd0bc18efaaf8df36b", "currency": "USD", "cartItems": [{"qty": "1", "sku": "limited", "amount": "10", "referenceId": "1"}, {"qty": "1", "sku": "moving", "amount": "10", "referenceId": "2"}], "customerId": "carl"}	{1,2}	[{"promotionId":"6b039fcdf6f1e929eefd5d27","version":1,"redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"2.5","1","1",[["1","2.5"]]],[1,"2.5","1","1",[["1","2.5"]]]]}},{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"0.5","1","1",[["1","0.5"]]],[1,"0.5","1","1",[["1","0.5"]]]]}}]	\N	\N
1	6b039fcd99ff532deab25ff6	2026-11-23 02:07:09.503733+00	2026-11-23 02:07:09.503+00	carl	6b039fcd0b1c0945ff2a30b2	\N	USD	20.000000	1.000000	19.000000	{"amount": "20", "cartId": "6b039fcd0b1c0945ff2a30b2", "currency": "USD", "cartItems": [{"qty": "1", "sku": "shoe", "amount": "10", "referenceId": "1"}, {"qty": "1", "sku": "limited", "amount": "10", "referenceId": "2"}], "customerId": "carl"}	{1,2}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"0.5","1","1",[["1","0.5"]]],[1,"0.5","1","1",[["1","0.5"]]]]}}]	\N	\N
1	6b039fcde6418e01462b0ab6	2026-11-23 02:07:09.512798+00	2026-11-23 02:07:09.512+00	dora	6b039fcd3fa3e5a9b6337296	\N	USD	10.000000	1.000000	9.000000	{"amount": "10", "cartId": "6b039fcd3fa3e5a9b6337296", "currency": "USD", "cartItems": [{"qty": "1", "sku": "limited", "amount": "10", "referenceId": "1"}], "customerId": "dora"}	{1}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"1","1","1",[["1","1"]]]]}}]	\N	\N
1	6b039fcdaa8aa0c8d85178c4	2026-11-23 02:07:09.518954+00	2026-11-23 02:07:09.518+00	dora	6b039fcdd4e48a52ed67ac80	\N	USD	10.000000	1.000000	9.000000	{"amount": "10", "cartId": "6b039fcdd4e48a52ed67ac80", "currency": "USD", "cartItems": [{"qty": "1", "sku": "limited", "amount": "10", "referenceId": "1"}], "customerId": "dora"}	{1}	[{"promotionId":"6b039fcdcca50457825c1db9","version":1,"redemptionCount":1,"discount":"1.000000","allocation":{"cartLines":[[0,"1","1","1",[["1","1"]]]]}}]	\N	\N
2	6b039fcd3e4942074381e6a4	2026-11-23 02:07:09.546977+00	2026-11-23 02:07:09.546+00	anna	\N	\N	JPY	10.000000	5.000000	5.000000	{"amount": 10, "cartItems": [{"qty": "1", "sku": "limited", "amount": 10}], "customerId": "anna"}	{8670fd9a-8af9-44e3-a918-bf192c57bda3}	[{"promotionId":"6b039fcd46900dfaad0056a2","version":1,"redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"5","1","1",[["1","5"]]]]}}]	\N	{"bound": "5.000000", "nodes": 2, "optimal": true}
2	6b039fcd3fb6ec396ae828f0	2026-11-23 02:07:09.548699+00	2026-11-23 02:07:09.548+00	anna	\N	\N	JPY	20.000000	5.000000	15.000000	{"amount": 20, "cartItems": [{"qty": "2", "sku": "limited", "amount": 20}], "customerId": "anna"}	{42c29f3e-17e0-4447-80f5-57f8fd1cdfa0}	[{"promotionId":"6b039fcd46900dfaad0056a2","version":1,"redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"5","2","2",[["1","3"],["1","2"]]]]}}]	\N	{"bound": "5.000000", "nodes": 2, "optimal": true}
2	6b039fcd6392bf13a3cc04a7	2026-11-23 02:07:09.566434+00	2026-11-23 02:07:09.566+00	anna	\N	\N	JPY	10.000000	5.000000	5.000000	{"amount": 10, "cartItems": [{"qty": "1", "sku": "coded", "amount": 10}], "customerId": "anna", "promoCodes": ["free"]}	{0ba638a8-695c-49ec-a3ef-aaa4babfea96}	[{"promotionId":"6b039fcd8982f5ba52e61c55","version":1,"promoCode":"free","redemptionCount":1,"discount":"5.000000","allocation":{"cartLines":[[0,"5","1","1",[["1","5"]]]]}}]	\N	{"bound": "5.000000", "nodes": 2, "optimal": true}
2	6b039fcd0088592891b31fbe	2026-11-23 02:07:09.568518+00	2026-11-23 02:07:09.568+00	anna	6b039fcd791dc720a97820ae	\N	JPY	10.000000	0.000000	10.000000	{"amount": "10", "cartId": "6b039fcd791dc720a97820ae", "currency": "JPY", "cartItems": [{"qty": "1", "sku": "limited", "amount": "10", "referenceId": "1"}], "customerId": "anna"}	{1}	\N	\N	{"bound": "0.000000", "nodes": 1, "optimal": true}
\.


--
-- Data for Name: evaluation_state; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.evaluation_state (org_id, evaluation_id, lineage, state, customer_id, cart_id, locked_at, valid_till, changed_at) FROM stdin;
1	6b039fcdb444b571ee942e09	6b039fcdb444b571ee942e09	REDEEMED	anna	\N	\N	\N	2026-11-23 02:07:09.403289+00
1	6b039fcd57f8d85f761daae1	6b039fcd57f8d85f761daae1	REDEEMED	ben	\N	\N	\N	2026-11-23 02:07:09.410763+00
1	6b039fcd2b57ad2f9d815cd3	6b039fcd2b57ad2f9d815cd3	REDEEMED	carl	\N	\N	\N	2026-11-23 02:07:09.415902+00
1	6b039fcdbf968137e4fc9cbe	6b039fcdbf968137e4fc9cbe	REDEEMED	\N	guest order	\N	\N	2026-11-23 02:07:09.41762+00
1	6b039fcdf487c9ea8e6f051e	6b039fcdf487c9ea8e6f051e	REDEEMED	dora	\N	\N	\N	2026-11-23 02:07:09.42308+00
1	6b039fcd34508736cba801f0	6b039fcd34508736cba801f0	REPLACED	ben	c-1	2026-11-23 02:07:09.44884+00	2026-11-24 02:07:09.44884+00	2026-11-23 02:07:09.454359+00
1	6b039fcd551b339663d29c24	6b039fcd551b339663d29c24	CANCELLED	dora	\N	2026-11-23 02:07:09.458652+00	2026-11-24 02:07:09.458652+00	2026-11-23 02:07:09.459942+00
1	6b039fcd903a1b0dffa54eb9	6b039fcd903a1b0dffa54eb9	REDEEMED	emil	\N	2026-11-23 02:07:09.466276+00	2026-11-24 02:07:09.466276+00	2026-11-23 02:07:09.467565+00
1	6b039fcd0b9bf9f50974563b	6b039fcd0b9bf9f50974563b	OPEN	emil	of stones	\N	\N	2026-11-23 02:07:09.474827+00
1	6b039fcd5d7a5bc4163d5fa5	6b039fcd5d7a5bc4163d5fa5	REPLACED	anna	6b039fcda0fc983cbf67a137	2026-11-23 02:07:09.476021+00	2026-11-24 02:07:09.476021+00	2026-11-23 02:07:09.486474+00
1	6b039fcd9bb8a6ec94860f48	6b039fcd9bb8a6ec94860f48	OPEN	\N	6b039fcdebfb0738ae9820d8	\N	\N	2026-11-23 02:07:09.488601+00
1	6b039fcd66290bdf9fc4c930	6b039fcd66290bdf9fc4c930	CANCELLED	carl	6b039fcd0bc18efaaf8df36b	2026-11-23 02:07:09.496952+00	2026-11-24 02:07:09.496952+00	2026-11-23 02:07:09.502934+00
1	6b039fcd99ff532deab25ff6	6b039fcd99ff532deab25ff6	REDEEMED	carl	6b039fcd0b1c0945ff2a30b2	2026-11-23 02:07:09.503733+00	2026-11-24 02:07:09.503733+00	2026-11-23 02:07:09.510847+00
1	6b039fcdaa8aa0c8d85178c4	6b039fcdaa8aa0c8d85178c4	CANCELLED	dora	6b039fcdd4e48a52ed67ac80	2026-11-23 02:07:09.518954+00	2026-11-24 02:07:09.518954+00	2026-11-23 02:07:09.520515+00
2	6b039fcd3e4942074381e6a4	6b039fcd3e4942074381e6a4	REDEEMED	anna	\N	\N	\N	2026-11-23 02:07:09.555754+00
2	6b039fcd3fb6ec396ae828f0	6b039fcd3fb6ec396ae828f0	REDEEMED	anna	\N	\N	\N	2026-11-23 02:07:09.563271+00
1	6b039fcdf8696689c2c927db	6b039fcdf8696689c2c927db	HELD	late	late	2026-11-23 02:07:09.368015+00	2026-11-23 02:07:10.368015+00	2026-11-23 02:07:09.368015+00
1	6b039fcdca23ded903dfaaee	6b039fcdca23ded903dfaaee	HELD	\N	late guest	2026-11-23 02:07:09.381718+00	2026-11-23 02:07:10.381718+00	2026-11-23 02:07:09.381718+00
1	6b039fcd5c2145962066c271	6b039fcd5c2145962066c271	HELD	anna	anna's	2026-11-23 02:07:09.437968+00	2026-11-23 02:07:10.437968+00	2026-11-23 02:07:09.437968+00
1	6b039fcdd960962dacce44cd	6b039fcdd960962dacce44cd	HELD	\N	guest's	2026-11-23 02:07:09.448068+00	2026-11-23 02:07:10.448068+00	2026-11-23 02:07:09.448068+00
1	6b039fcdf1d76d01d7b684cd	6b039fcd34508736cba801f0	HELD	ben	c-1	2026-11-23 02:07:09.454359+00	2099-01-01 00:00:00+00	2026-11-23 02:07:09.454359+00
1	6b039fcdaecf073fb97d21b2	6b039fcd5d7a5bc4163d5fa5	HELD	anna	6b039fcda0fc983cbf67a137	2026-11-23 02:07:09.486474+00	2026-11-23 02:07:10.486474+00	2026-11-23 02:07:09.486474+00
1	6b039fcd2a0643609e508b6d	6b039fcd2a0643609e508b6d	HELD	carl	6b039fcdf90ce1c5e12f0e52	2026-11-23 02:07:09.49483+00	2026-11-23 02:07:10.49483+00	2026-11-23 02:07:09.49483+00
1	6b039fcde6418e01462b0ab6	6b039fcde6418e01462b0ab6	HELD	dora	6b039fcd3fa3e5a9b6337296	2026-11-23 02:07:09.512798+00	2026-11-23 02:07:10.512798+00	2026-11-23 02:07:09.512798+00
\.


--
-- Data for Name: event_default; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.event_default (org_id, event_id, happened_at, kind, actor, reason, promotion_id, promotion_version, customer_id, evaluation_id, transaction_id, return_id, promo_code, earn_id, redemption_count, discount, uses) FROM stdin;
1	1	2026-11-23 02:07:09.328926+00	DEFINITION	postgres	\N	6b039fcdcca50457825c1db9	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	2	2026-11-23 02:07:09.334648+00	DEFINITION	postgres	\N	6b039fcdf6f1e929eefd5d27	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	3	2026-11-23 02:07:09.335578+00	DEFINITION	postgres	\N	6b039fcdee30176f56bd6bce	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	4	2026-11-23 02:07:09.336753+00	DEFINITION	postgres	\N	6b039fcdee30176f56bd6bce	2	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	5	2026-11-23 02:07:09.342768+00	DEFINITION	postgres	\N	6b039fcd587bdd765f17a18d	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	6	2026-11-23 02:07:09.343697+00	DEFINITION	postgres	\N	6b039fcd4e204180e65659af	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	7	2026-11-23 02:07:09.344264+00	DEFINITION	postgres	\N	6b039fcd53243be21e2e483d	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	8	2026-11-23 02:07:09.344722+00	DEFINITION	postgres	\N	6b039fcdd3a355764d417a0c	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	9	2026-11-23 02:07:09.345149+00	DEFINITION	postgres	\N	6b039fcd110e3e336a105544	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	10	2026-11-23 02:07:09.345587+00	DEFINITION	postgres	\N	6b039fcdf5d077b3ebae7db4	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	11	2026-11-23 02:07:09.346098+00	DEFINITION	postgres	\N	6b039fcd5683e8d9de82bb36	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	12	2026-11-23 02:07:09.35142+00	DEFINITION	postgres	\N	6b039fcd272fc01ef36d9c43	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	13	2026-11-23 02:07:09.351778+00	DEFINITION	postgres	\N	6b039fcd99ebefba7492b80b	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	14	2026-11-23 02:07:09.352048+00	DEFINITION	postgres	\N	6b039fcd66c3512501fec18e	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	15	2026-11-23 02:07:09.352278+00	DEFINITION	postgres	\N	6b039fcd068df187565d7359	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	16	2026-11-23 02:07:09.352498+00	DEFINITION	postgres	\N	6b039fcd8161060b81db938e	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	17	2026-11-23 02:07:09.352715+00	DEFINITION	postgres	\N	6b039fcd30451d6446070310	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	18	2026-11-23 02:07:09.353302+00	SWITCH	postgres	PAUSED	6b039fcd068df187565d7359	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	19	2026-11-23 02:07:09.355026+00	SWITCH	postgres	STOPPED	6b039fcd8161060b81db938e	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	20	2026-11-23 02:07:09.355321+00	SWITCH	postgres	PAUSED	6b039fcd30451d6446070310	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	21	2026-11-23 02:07:09.355794+00	SWITCH	postgres	ACTIVATED	6b039fcd30451d6446070310	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	22	2026-11-23 02:07:09.358728+00	CODE	postgres	ADDED	6b039fcd587bdd765f17a18d	\N	\N	\N	\N	\N	\N	\N	5	\N	\N
1	23	2026-11-23 02:07:09.359924+00	CODE	postgres	ADDED	6b039fcd4e204180e65659af	\N	\N	\N	\N	\N	\N	\N	1	\N	\N
1	24	2026-11-23 02:07:09.360492+00	CODE	postgres	ADDED	6b039fcd587bdd765f17a18d	\N	anna	\N	\N	\N	\N	\N	1	\N	\N
1	25	2026-11-23 02:07:09.360751+00	CODE	postgres	ADDED	6b039fcd587bdd765f17a18d	\N	\N	\N	\N	\N	\N	\N	1	\N	\N
1	26	2026-11-23 02:07:09.360926+00	CODE	postgres	ADDED	6b039fcd587bdd765f17a18d	\N	\N	\N	\N	\N	\N	\N	1	\N	\N
1	27	2026-11-23 02:07:09.361167+00	CODE	postgres	ADDED	6b039fcd53243be21e2e483d	\N	\N	\N	\N	\N	\N	\N	4	\N	\N
1	28	2026-11-23 02:07:09.366215+00	CODE	postgres	ADDED	6b039fcd587bdd765f17a18d	\N	\N	\N	\N	\N	\N	\N	20	\N	\N
1	29	2026-11-23 02:07:09.367239+00	CODE	postgres	LINKED	\N	\N	ben	\N	\N	\N	TAKEN	\N	\N	\N	\N
1	30	2026-11-23 02:07:09.367396+00	CODE	postgres	DISABLED	\N	\N	\N	\N	\N	\N	OFF	\N	\N	\N	\N
1	31	2026-11-23 02:07:09.368015+00	LOCK	postgres	\N	6b039fcd587bdd765f17a18d	1	late	6b039fcdf8696689c2c927db	\N	\N	free	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": null, "subject": "FREE"}]
1	32	2026-11-23 02:07:09.368015+00	LOCK	postgres	\N	6b039fcdf6f1e929eefd5d27	1	late	6b039fcdf8696689c2c927db	\N	\N	\N	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": "late"}]
1	33	2026-11-23 02:07:09.368015+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	late	6b039fcdf8696689c2c927db	\N	\N	\N	\N	2	2.000000	[{"row": 0, "held": "2", "window": null, "subject": ""}, {"row": 1, "held": "2", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "late"}]
1	34	2026-11-23 02:07:09.381718+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	\N	6b039fcdca23ded903dfaaee	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}]
1	35	2026-11-23 02:07:09.388436+00	ISSUE	postgres	\N	6b039fcdd3a355764d417a0c	1	anna	\N	\N	\N	\N	6b039fcda5f6a94a17a8b7b5	\N	\N	\N
1	36	2026-11-23 02:07:09.388436+00	ISSUE	postgres	\N	6b039fcdd3a355764d417a0c	1	ben	\N	\N	\N	\N	6b039fcd71ee940ed0c1f0d9	\N	\N	\N
1	37	2026-11-23 02:07:09.388436+00	ISSUE	postgres	\N	6b039fcdd3a355764d417a0c	1	carl	\N	\N	\N	\N	6b039fcd2f4e5bbb86b7b70f	\N	\N	\N
1	38	2026-11-23 02:07:09.388436+00	ISSUE	postgres	\N	6b039fcdd3a355764d417a0c	1	dora	\N	\N	\N	\N	6b039fcd87521b3870ddde72	\N	\N	\N
1	39	2026-11-23 02:07:09.388436+00	ISSUE	postgres	\N	6b039fcdd3a355764d417a0c	1	emil	\N	\N	\N	\N	6b039fcd5a721da99bb9761b	\N	\N	\N
1	40	2026-11-23 02:07:09.389574+00	ISSUE	postgres	\N	6b039fcdd3a355764d417a0c	1	anna	\N	\N	\N	\N	6b039fcdf818bd04f67502a5	\N	\N	\N
1	41	2026-11-23 02:07:09.389835+00	ISSUE	postgres	\N	6b039fcd110e3e336a105544	1	anna	\N	\N	\N	\N	6b039fcdc950ef77e357d73d	\N	\N	\N
1	42	2026-11-23 02:07:09.389835+00	ISSUE	postgres	\N	6b039fcd110e3e336a105544	1	ben	\N	\N	\N	\N	6b039fcdc6a516bf9cf9b287	\N	\N	\N
1	43	2026-11-23 02:07:09.390104+00	ISSUE	postgres	\N	6b039fcd5683e8d9de82bb36	1	anna	\N	\N	\N	\N	6b039fcd71562323c5aeefab	\N	\N	\N
1	44	2026-11-23 02:07:09.390104+00	ISSUE	postgres	\N	6b039fcd5683e8d9de82bb36	1	carl	\N	\N	\N	\N	6b039fcda68a4aae73361367	\N	\N	\N
1	45	2026-11-23 02:07:09.395088+00	ACTIVATION	postgres	\N	6b039fcd110e3e336a105544	1	ben	\N	\N	\N	\N	6b039fcdc6a516bf9cf9b287	\N	\N	\N
1	46	2026-11-23 02:07:09.396307+00	EARN	postgres	ACTIVITY	6b039fcdf5d077b3ebae7db4	1	anna	\N	\N	\N	\N	6b039fcdd1d125ba47a0e7a1	\N	\N	\N
1	47	2026-11-23 02:07:09.396307+00	EARN	postgres	ACTIVITY	6b039fcdf5d077b3ebae7db4	1	anna	\N	\N	\N	\N	6b039fcd3c59f46e8676b707	\N	\N	\N
1	48	2026-11-23 02:07:09.39656+00	EARN	postgres	MILESTONE	6b039fcdf5d077b3ebae7db4	1	ben	\N	\N	\N	\N	6b039fcdaa0358f6b9c0e152	\N	\N	\N
1	49	2026-11-23 02:07:09.39656+00	EARN	postgres	MILESTONE	6b039fcdf5d077b3ebae7db4	1	ben	\N	\N	\N	\N	6b039fcd5c8915151739fc7e	\N	\N	\N
1	50	2026-11-23 02:07:09.396728+00	EARN	postgres	REWARD	6b039fcdf5d077b3ebae7db4	1	carl	\N	\N	\N	\N	6b039fcd878017040399ec5e	\N	\N	\N
1	51	2026-11-23 02:07:09.396728+00	EARN	postgres	REWARD	6b039fcdf5d077b3ebae7db4	1	carl	\N	\N	\N	\N	6b039fcdb7c04bd17296d7fb	\N	\N	\N
1	52	2026-11-23 02:07:09.396865+00	EARN	postgres	BULK_ISSUE	6b039fcdf5d077b3ebae7db4	1	dora	\N	\N	\N	\N	6b039fcd060065013f59bf75	\N	\N	\N
1	53	2026-11-23 02:07:09.396865+00	EARN	postgres	BULK_ISSUE	6b039fcdf5d077b3ebae7db4	1	dora	\N	\N	\N	\N	6b039fcdf8d870270dbe68bc	\N	\N	\N
1	54	2026-11-23 02:07:09.396995+00	EARN	postgres	ACTIVITY	6b039fcdf5d077b3ebae7db4	1	late	\N	\N	\N	\N	6b039fcde671540b09818e6f	\N	\N	\N
1	55	2026-11-23 02:07:09.396995+00	EARN	postgres	ACTIVITY	6b039fcdf5d077b3ebae7db4	1	late	\N	\N	\N	\N	6b039fcd4259a0d80edb997a	\N	\N	\N
1	56	2026-11-23 02:07:09.397439+00	REVOCATION	postgres	REQUESTED	6b039fcdd3a355764d417a0c	1	emil	\N	\N	\N	\N	6b039fcd5a721da99bb9761b	\N	\N	\N
1	57	2026-11-23 02:07:09.403289+00	REDEMPTION	postgres	\N	6b039fcdf6f1e929eefd5d27	1	anna	6b039fcdb444b571ee942e09	O-1	\N	\N	\N	1	5.000000	[{"row": 0, "window": null, "subject": "anna", "redeemed": "1"}]
1	58	2026-11-23 02:07:09.403289+00	REDEMPTION	postgres	\N	6b039fcdcca50457825c1db9	1	anna	6b039fcdb444b571ee942e09	O-1	\N	\N	\N	3	3.000000	[{"row": 0, "window": null, "subject": "", "redeemed": "3"}, {"row": 1, "window": 1785542400000, "subject": "", "redeemed": "3"}, {"row": 2, "window": null, "subject": "anna", "redeemed": "1"}]
1	59	2026-11-23 02:07:09.403289+00	REDEMPTION	postgres	\N	6b039fcd53243be21e2e483d	1	anna	6b039fcdb444b571ee942e09	O-1	\N	v1	\N	1	5.000000	\N
1	60	2026-11-23 02:07:09.410763+00	EARN	postgres	TRANSACTION	6b039fcdf5d077b3ebae7db4	1	ben	\N	O-2	\N	\N	6b039fcd906b0cf6b8d4e388	\N	\N	\N
1	61	2026-11-23 02:07:09.410763+00	REDEMPTION	postgres	\N	6b039fcdee30176f56bd6bce	2	ben	6b039fcd57f8d85f761daae1	O-2	\N	\N	\N	1	1.200000	\N
1	62	2026-11-23 02:07:09.410763+00	REDEMPTION	postgres	\N	6b039fcdf5d077b3ebae7db4	1	ben	6b039fcd57f8d85f761daae1	O-2	\N	\N	6b039fcd5c8915151739fc7e	1	5.000000	[{"row": 0, "window": null, "subject": "6b039fcd5c8915151739fc7e", "redeemed": "1"}, {"row": 10, "window": null, "subject": "6b039fcd5c8915151739fc7e", "redeemed": "1"}]
1	63	2026-11-23 02:07:09.410763+00	REDEMPTION	postgres	\N	6b039fcd587bdd765f17a18d	1	ben	6b039fcd57f8d85f761daae1	O-2	\N	Both	\N	1	5.000000	[{"row": 0, "window": null, "subject": "", "redeemed": "1"}, {"row": 1, "window": null, "subject": "BOTH", "redeemed": "1"}]
1	64	2026-11-23 02:07:09.410763+00	REDEMPTION	postgres	\N	6b039fcd4e204180e65659af	1	ben	6b039fcd57f8d85f761daae1	O-2	\N	Both	\N	1	5.000000	\N
1	65	2026-11-23 02:07:09.415902+00	EARN	postgres	TRANSACTION	6b039fcdf5d077b3ebae7db4	1	carl	\N	O-3	\N	\N	6b039fcd2f14bff18ccd4e7f	\N	\N	\N
1	66	2026-11-23 02:07:09.415902+00	REDEMPTION	postgres	\N	6b039fcdf5d077b3ebae7db4	1	carl	6b039fcd2b57ad2f9d815cd3	O-3	\N	\N	6b039fcd878017040399ec5e	1	5.000000	[{"row": 0, "window": null, "subject": "6b039fcd878017040399ec5e", "redeemed": "1"}, {"row": 10, "window": null, "subject": "6b039fcd878017040399ec5e", "redeemed": "1"}]
1	67	2026-11-23 02:07:09.415902+00	REDEMPTION	postgres	\N	6b039fcd5683e8d9de82bb36	1	carl	6b039fcd2b57ad2f9d815cd3	O-3	\N	\N	6b039fcda68a4aae73361367	1	5.000000	[{"row": 10, "window": null, "subject": "6b039fcda68a4aae73361367", "redeemed": "1"}]
1	68	2026-11-23 02:07:09.41762+00	REDEMPTION	postgres	\N	6b039fcdcca50457825c1db9	1	\N	6b039fcdbf968137e4fc9cbe	O-4	\N	\N	\N	2	2.000000	[{"row": 0, "window": null, "subject": "", "redeemed": "2"}, {"row": 1, "window": 1793491200000, "subject": "", "redeemed": "2"}]
1	69	2026-11-23 02:07:09.42308+00	REDEMPTION	postgres	\N	6b039fcdd3a355764d417a0c	1	dora	6b039fcdf487c9ea8e6f051e	O-5	\N	\N	6b039fcd87521b3870ddde72	1	5.000000	[{"row": 10, "window": null, "subject": "6b039fcd87521b3870ddde72", "redeemed": "1"}]
1	70	2026-11-23 02:07:09.42308+00	REDEMPTION	postgres	\N	6b039fcdf5d077b3ebae7db4	1	dora	6b039fcdf487c9ea8e6f051e	O-5	\N	\N	6b039fcd060065013f59bf75	1	5.000000	[{"row": 0, "window": null, "subject": "6b039fcd060065013f59bf75", "redeemed": "1"}, {"row": 10, "window": null, "subject": "6b039fcd060065013f59bf75", "redeemed": "1"}]
1	71	2026-11-23 02:07:09.42308+00	REDEMPTION	postgres	\N	6b039fcdcca50457825c1db9	1	dora	6b039fcdf487c9ea8e6f051e	O-5	\N	\N	\N	1	1.000000	[{"row": 0, "window": null, "subject": "", "redeemed": "1"}, {"row": 1, "window": 1793491200000, "subject": "", "redeemed": "1"}, {"row": 2, "window": null, "subject": "dora", "redeemed": "1"}]
1	72	2026-11-23 02:07:09.425605+00	RETURN	postgres	\N	6b039fcdf6f1e929eefd5d27	1	anna	6b039fcdb444b571ee942e09	O-1	R-1	\N	\N	0	0.800000	\N
1	73	2026-11-23 02:07:09.425605+00	RETURN	postgres	\N	6b039fcdcca50457825c1db9	1	anna	6b039fcdb444b571ee942e09	O-1	R-1	\N	\N	0	0.500000	[{"row": 1, "window": 1785542400000, "subject": "", "returned": "0.5"}]
1	74	2026-11-23 02:07:09.429149+00	REVOCATION	postgres	RETURNED	6b039fcdf5d077b3ebae7db4	1	carl	\N	O-3	R-1	\N	6b039fcd2f14bff18ccd4e7f	\N	\N	\N
1	75	2026-11-23 02:07:09.429149+00	RETURN	postgres	\N	6b039fcdf5d077b3ebae7db4	1	carl	6b039fcd2b57ad2f9d815cd3	O-3	R-1	\N	6b039fcd878017040399ec5e	1	5.000000	[{"row": 0, "window": null, "subject": "6b039fcd878017040399ec5e", "returned": "1"}, {"row": 10, "window": null, "subject": "6b039fcd878017040399ec5e", "returned": "1"}]
1	76	2026-11-23 02:07:09.429149+00	RETURN	postgres	\N	6b039fcd5683e8d9de82bb36	1	carl	6b039fcd2b57ad2f9d815cd3	O-3	R-1	\N	6b039fcda68a4aae73361367	1	5.000000	[{"row": 10, "window": null, "subject": "6b039fcda68a4aae73361367", "returned": "1"}]
1	77	2026-11-23 02:07:09.435892+00	RETURN	postgres	\N	6b039fcdf6f1e929eefd5d27	1	anna	6b039fcdb444b571ee942e09	O-1	R-2	\N	\N	1	4.200000	[{"row": 0, "window": null, "subject": "anna", "returned": "1"}]
1	78	2026-11-23 02:07:09.435892+00	RETURN	postgres	\N	6b039fcdcca50457825c1db9	1	anna	6b039fcdb444b571ee942e09	O-1	R-2	\N	\N	3	2.500000	[{"row": 0, "window": null, "subject": "", "returned": "3"}, {"row": 1, "window": 1785542400000, "subject": "", "returned": "2.5"}, {"row": 2, "window": null, "subject": "anna", "returned": "1"}]
1	79	2026-11-23 02:07:09.435892+00	RETURN	postgres	\N	6b039fcd53243be21e2e483d	1	anna	6b039fcdb444b571ee942e09	O-1	R-2	v1	\N	1	5.000000	\N
1	80	2026-11-23 02:07:09.436797+00	RETURN	postgres	\N	6b039fcdf5d077b3ebae7db4	1	ben	6b039fcd57f8d85f761daae1	O-2	R-1	\N	6b039fcd5c8915151739fc7e	0	0.600000	\N
1	81	2026-11-23 02:07:09.436797+00	RETURN	postgres	\N	6b039fcd587bdd765f17a18d	1	ben	6b039fcd57f8d85f761daae1	O-2	R-1	Both	\N	0	0.600000	\N
1	82	2026-11-23 02:07:09.436797+00	RETURN	postgres	\N	6b039fcd4e204180e65659af	1	ben	6b039fcd57f8d85f761daae1	O-2	R-1	Both	\N	0	0.600000	\N
1	83	2026-11-23 02:07:09.437968+00	LOCK	postgres	\N	6b039fcdf5d077b3ebae7db4	1	anna	6b039fcd5c2145962066c271	\N	\N	\N	6b039fcd3c59f46e8676b707	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": "6b039fcd3c59f46e8676b707"}, {"row": 10, "held": "1", "window": null, "subject": "6b039fcd3c59f46e8676b707"}]
1	84	2026-11-23 02:07:09.437968+00	LOCK	postgres	\N	6b039fcdf6f1e929eefd5d27	1	anna	6b039fcd5c2145962066c271	\N	\N	\N	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": "anna"}]
1	85	2026-11-23 02:07:09.437968+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	anna	6b039fcd5c2145962066c271	\N	\N	\N	\N	2	2.000000	[{"row": 0, "held": "2", "window": null, "subject": ""}, {"row": 1, "held": "2", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "anna"}]
1	86	2026-11-23 02:07:09.437968+00	LOCK	postgres	\N	6b039fcd5683e8d9de82bb36	1	anna	6b039fcd5c2145962066c271	\N	\N	\N	6b039fcd71562323c5aeefab	1	5.000000	[{"row": 10, "held": "1", "window": null, "subject": "6b039fcd71562323c5aeefab"}]
1	87	2026-11-23 02:07:09.448068+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	\N	6b039fcdd960962dacce44cd	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}]
1	88	2026-11-23 02:07:09.44884+00	LOCK	postgres	\N	6b039fcd110e3e336a105544	1	ben	6b039fcd34508736cba801f0	\N	\N	\N	6b039fcdc6a516bf9cf9b287	1	5.000000	[{"row": 10, "held": "1", "window": null, "subject": "6b039fcdc6a516bf9cf9b287"}]
1	89	2026-11-23 02:07:09.44884+00	LOCK	postgres	\N	6b039fcd587bdd765f17a18d	1	ben	6b039fcd34508736cba801f0	\N	\N	FREE	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": null, "subject": "FREE"}]
1	90	2026-11-23 02:07:09.454359+00	RELEASE	postgres	REPLACED	6b039fcd110e3e336a105544	\N	ben	6b039fcd34508736cba801f0	\N	\N	\N	6b039fcdc6a516bf9cf9b287	\N	\N	[{"row": 10, "held": "-1", "window": null, "subject": "6b039fcdc6a516bf9cf9b287"}]
1	91	2026-11-23 02:07:09.454359+00	RELEASE	postgres	REPLACED	6b039fcd587bdd765f17a18d	\N	ben	6b039fcd34508736cba801f0	\N	\N	\N	\N	\N	\N	[{"row": 0, "held": "-1", "window": null, "subject": ""}, {"row": 1, "held": "-1", "window": null, "subject": "FREE"}]
1	92	2026-11-23 02:07:09.454359+00	LOCK	postgres	\N	6b039fcd110e3e336a105544	1	ben	6b039fcdf1d76d01d7b684cd	\N	\N	\N	6b039fcdc6a516bf9cf9b287	1	5.000000	[{"row": 10, "held": "1", "window": null, "subject": "6b039fcdc6a516bf9cf9b287"}]
1	93	2026-11-23 02:07:09.454359+00	LOCK	postgres	\N	6b039fcd587bdd765f17a18d	1	ben	6b039fcdf1d76d01d7b684cd	\N	\N	FREE	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": null, "subject": "FREE"}]
1	94	2026-11-23 02:07:09.458652+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	dora	6b039fcd551b339663d29c24	\N	\N	\N	\N	4	4.000000	[{"row": 0, "held": "4", "window": null, "subject": ""}, {"row": 1, "held": "4", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "dora"}]
1	95	2026-11-23 02:07:09.459942+00	RELEASE	postgres	CANCELLED	6b039fcdcca50457825c1db9	\N	dora	6b039fcd551b339663d29c24	\N	\N	\N	\N	\N	\N	[{"row": 0, "held": "-4", "window": null, "subject": ""}, {"row": 1, "held": "-4", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "-1", "window": null, "subject": "dora"}]
1	96	2026-11-23 02:07:09.466276+00	LOCK	postgres	\N	6b039fcdf6f1e929eefd5d27	1	emil	6b039fcd903a1b0dffa54eb9	\N	\N	\N	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": "emil"}]
1	97	2026-11-23 02:07:09.466276+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	emil	6b039fcd903a1b0dffa54eb9	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "emil"}]
1	98	2026-11-23 02:07:09.467565+00	REDEMPTION	postgres	\N	6b039fcdf6f1e929eefd5d27	1	emil	6b039fcd903a1b0dffa54eb9	O-6	\N	\N	\N	1	5.000000	[{"row": 0, "held": "-1", "window": null, "subject": "emil", "redeemed": "1"}]
1	99	2026-11-23 02:07:09.467565+00	REDEMPTION	postgres	\N	6b039fcdcca50457825c1db9	1	emil	6b039fcd903a1b0dffa54eb9	O-6	\N	\N	\N	1	1.000000	[{"row": 0, "held": "-1", "window": null, "subject": "", "redeemed": "1"}, {"row": 1, "held": "-1", "window": 1793491200000, "subject": "", "redeemed": "1"}, {"row": 2, "held": "-1", "window": null, "subject": "emil", "redeemed": "1"}]
1	100	2026-11-23 02:07:09.476021+00	LOCK	postgres	\N	6b039fcd587bdd765f17a18d	1	anna	6b039fcd5d7a5bc4163d5fa5	\N	\N	LINKED	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": null, "subject": "LINKED"}]
1	101	2026-11-23 02:07:09.476021+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	anna	6b039fcd5d7a5bc4163d5fa5	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "anna"}]
1	102	2026-11-23 02:07:09.486474+00	RELEASE	postgres	REPLACED	6b039fcd587bdd765f17a18d	\N	anna	6b039fcd5d7a5bc4163d5fa5	\N	\N	\N	\N	\N	\N	[{"row": 0, "held": "-1", "window": null, "subject": ""}, {"row": 1, "held": "-1", "window": null, "subject": "LINKED"}]
1	103	2026-11-23 02:07:09.486474+00	RELEASE	postgres	REPLACED	6b039fcdcca50457825c1db9	\N	anna	6b039fcd5d7a5bc4163d5fa5	\N	\N	\N	\N	\N	\N	[{"row": 0, "held": "-1", "window": null, "subject": ""}, {"row": 1, "held": "-1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "-1", "window": null, "subject": "anna"}]
1	104	2026-11-23 02:07:09.486474+00	LOCK	postgres	\N	6b039fcd587bdd765f17a18d	1	anna	6b039fcdaecf073fb97d21b2	\N	\N	FREE	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": null, "subject": "FREE"}]
1	105	2026-11-23 02:07:09.486474+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	anna	6b039fcdaecf073fb97d21b2	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "anna"}]
1	106	2026-11-23 02:07:09.49483+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	carl	6b039fcd2a0643609e508b6d	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "carl"}]
1	107	2026-11-23 02:07:09.49483+00	LOCK	postgres	\N	6b039fcd5683e8d9de82bb36	1	carl	6b039fcd2a0643609e508b6d	\N	\N	\N	6b039fcda68a4aae73361367	1	5.000000	[{"row": 10, "held": "1", "window": null, "subject": "6b039fcda68a4aae73361367"}]
1	108	2026-11-23 02:07:09.496952+00	LOCK	postgres	\N	6b039fcdf6f1e929eefd5d27	1	carl	6b039fcd66290bdf9fc4c930	\N	\N	\N	\N	1	5.000000	[{"row": 0, "held": "1", "window": null, "subject": "carl"}]
1	109	2026-11-23 02:07:09.496952+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	carl	6b039fcd66290bdf9fc4c930	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "carl"}]
1	110	2026-11-23 02:07:09.502934+00	RELEASE	postgres	CANCELLED	6b039fcdcca50457825c1db9	\N	carl	6b039fcd66290bdf9fc4c930	\N	\N	\N	\N	\N	\N	[{"row": 0, "held": "-1", "window": null, "subject": ""}, {"row": 1, "held": "-1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "-1", "window": null, "subject": "carl"}]
1	111	2026-11-23 02:07:09.502934+00	RELEASE	postgres	CANCELLED	6b039fcdf6f1e929eefd5d27	\N	carl	6b039fcd66290bdf9fc4c930	\N	\N	\N	\N	\N	\N	[{"row": 0, "held": "-1", "window": null, "subject": "carl"}]
1	112	2026-11-23 02:07:09.503733+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	carl	6b039fcd99ff532deab25ff6	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "carl"}]
1	113	2026-11-23 02:07:09.510847+00	REDEMPTION	postgres	\N	6b039fcdcca50457825c1db9	1	carl	6b039fcd99ff532deab25ff6	O-7	\N	\N	\N	1	1.000000	[{"row": 0, "held": "-1", "window": null, "subject": "", "redeemed": "1"}, {"row": 1, "held": "-1", "window": 1793491200000, "subject": "", "redeemed": "1"}, {"row": 2, "held": "-1", "window": null, "subject": "carl", "redeemed": "1"}]
1	114	2026-11-23 02:07:09.512798+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	dora	6b039fcde6418e01462b0ab6	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "dora"}]
1	115	2026-11-23 02:07:09.518954+00	LOCK	postgres	\N	6b039fcdcca50457825c1db9	1	dora	6b039fcdaa8aa0c8d85178c4	\N	\N	\N	\N	1	1.000000	[{"row": 0, "held": "1", "window": null, "subject": ""}, {"row": 1, "held": "1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "1", "window": null, "subject": "dora"}]
1	116	2026-11-23 02:07:09.520515+00	RELEASE	postgres	CANCELLED	6b039fcdcca50457825c1db9	\N	dora	6b039fcdaa8aa0c8d85178c4	\N	\N	\N	\N	\N	\N	[{"row": 0, "held": "-1", "window": null, "subject": ""}, {"row": 1, "held": "-1", "window": 1793491200000, "subject": ""}, {"row": 2, "held": "-1", "window": null, "subject": "dora"}]
2	117	2026-11-23 02:07:09.530521+00	DEFINITION	postgres	\N	6b039fcd46900dfaad0056a2	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
2	118	2026-11-23 02:07:09.531545+00	DEFINITION	postgres	\N	6b039fcd2530862f96de72d5	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
2	119	2026-11-23 02:07:09.532113+00	DEFINITION	postgres	\N	6b039fcd8982f5ba52e61c55	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
2	120	2026-11-23 02:07:09.532583+00	CODE	postgres	ADDED	6b039fcd8982f5ba52e61c55	\N	\N	\N	\N	\N	\N	\N	1	\N	\N
2	121	2026-11-23 02:07:09.533477+00	DEFINITION	postgres	\N	6b039fcd57be85404e144df2	1	\N	\N	\N	\N	\N	\N	\N	\N	\N
2	122	2026-11-23 02:07:09.534213+00	ISSUE	postgres	\N	6b039fcd57be85404e144df2	1	anna	\N	\N	\N	\N	6b039fcde47868164efaab58	\N	\N	\N
2	123	2026-11-23 02:07:09.555754+00	REDEMPTION	postgres	\N	6b039fcd46900dfaad0056a2	1	anna	6b039fcd3e4942074381e6a4	O-1	\N	\N	\N	1	5.000000	[{"row": 0, "window": null, "subject": "", "redeemed": "1"}]
2	124	2026-11-23 02:07:09.563271+00	REDEMPTION	postgres	OVERRUN	6b039fcd46900dfaad0056a2	1	anna	6b039fcd3fb6ec396ae828f0	O-2	\N	\N	\N	1	5.000000	[{"row": 0, "window": null, "overrun": "1", "subject": "", "redeemed": "1"}]
\.


--
-- Data for Name: org_member; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.org_member (org_id, role_name) FROM stdin;
2	second_shop
\.


--
-- Data for Name: org_unit; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.org_unit (org_id, till_code, store, zone, concept) FROM stdin;
1	T1	S1	EU	\N
1	T2	\N	\N	outlet
2	T1	Tokyo	\N	\N
\.


--
-- Data for Name: promotion; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.promotion (org_id, promotion_id, name, type, mode, version, active, paused, stopped_at, start_at, end_at, was_live, earns, creation_order, created_at, changed_at) FROM stdin;
1	6b039fcdcca50457825c1db9	limited	POS	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	1	2026-11-23 02:07:09.328926+00	2026-11-23 02:07:09.328926+00
1	6b039fcdf6f1e929eefd5d27	moving	POS	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	2	2026-11-23 02:07:09.334648+00	2026-11-23 02:07:09.334648+00
1	6b039fcdee30176f56bd6bce	tenth, now an eighth	POS	DISCOUNT	2	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	t	f	3	2026-11-23 02:07:09.335578+00	2026-11-23 02:07:09.336753+00
1	6b039fcd587bdd765f17a18d	coded	CODE	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	4	2026-11-23 02:07:09.342768+00	2026-11-23 02:07:09.342768+00
1	6b039fcd4e204180e65659af	coded too	CODE	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	5	2026-11-23 02:07:09.343697+00	2026-11-23 02:07:09.343697+00
1	6b039fcd53243be21e2e483d	voucher	CODE	PAYMENT_VOUCHER	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	6	2026-11-23 02:07:09.344264+00	2026-11-23 02:07:09.344264+00
1	6b039fcdd3a355764d417a0c	issued	CUSTOMER	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	7	2026-11-23 02:07:09.344722+00	2026-11-23 02:07:09.344722+00
1	6b039fcd110e3e336a105544	to be activated	CUSTOMER	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	8	2026-11-23 02:07:09.345149+00	2026-11-23 02:07:09.345149+00
1	6b039fcdf5d077b3ebae7db4	earned	EARNING	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	t	9	2026-11-23 02:07:09.345587+00	2026-11-23 02:07:09.345587+00
1	6b039fcd5683e8d9de82bb36	reward	REWARD	PAYMENT_VOUCHER	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	10	2026-11-23 02:07:09.346098+00	2026-11-23 02:07:09.346098+00
1	6b039fcd272fc01ef36d9c43	upcoming	POS	DISCOUNT	1	t	f	\N	2096-10-02 07:06:40+00	2100-01-01 00:00:00+00	f	f	11	2026-11-23 02:07:09.35142+00	2026-11-23 02:07:09.35142+00
1	6b039fcd99ebefba7492b80b	expired	POS	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	1970-01-01 00:00:01+00	f	f	12	2026-11-23 02:07:09.351778+00	2026-11-23 02:07:09.351778+00
1	6b039fcd66c3512501fec18e	inactive	POS	DISCOUNT	1	f	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	13	2026-11-23 02:07:09.352048+00	2026-11-23 02:07:09.352048+00
1	6b039fcd068df187565d7359	paused	POS	DISCOUNT	1	t	t	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	t	f	14	2026-11-23 02:07:09.352278+00	2026-11-23 02:07:09.353302+00
1	6b039fcd8161060b81db938e	stopped	POS	DISCOUNT	1	t	f	2026-11-23 02:07:09.355026+00	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	t	f	15	2026-11-23 02:07:09.352498+00	2026-11-23 02:07:09.355026+00
1	6b039fcd30451d6446070310	paused and back	POS	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	t	f	16	2026-11-23 02:07:09.352715+00	2026-11-23 02:07:09.355794+00
2	6b039fcd46900dfaad0056a2	limited	POS	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	17	2026-11-23 02:07:09.530521+00	2026-11-23 02:07:09.530521+00
2	6b039fcd2530862f96de72d5	everything	POS	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	18	2026-11-23 02:07:09.531545+00	2026-11-23 02:07:09.531545+00
2	6b039fcd8982f5ba52e61c55	coded	CODE	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	19	2026-11-23 02:07:09.532113+00	2026-11-23 02:07:09.532113+00
2	6b039fcd57be85404e144df2	issued	CUSTOMER	DISCOUNT	1	t	f	\N	1970-01-01 00:00:00+00	2100-01-01 00:00:00+00	f	f	20	2026-11-23 02:07:09.533477+00	2026-11-23 02:07:09.533477+00
\.


--
-- Data for Name: promotion_limit; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.promotion_limit (org_id, promotion_id, limit_row, level, kpi, most, window_type, moving_window) FROM stdin;
1	6b039fcdcca50457825c1db9	0	PROMOTION	REDEMPTION	20	OVERALL	\N
1	6b039fcdcca50457825c1db9	1	PROMOTION	DISCOUNT	500	FIXED	\N
1	6b039fcdcca50457825c1db9	2	CUSTOMER	TRANSACTION	9	OVERALL	\N
1	6b039fcdf6f1e929eefd5d27	0	CUSTOMER	REDEMPTION	3	MOVING	24:00:00
1	6b039fcd587bdd765f17a18d	0	PROMOTION	TRANSACTION	100	OVERALL	\N
1	6b039fcd587bdd765f17a18d	1	CODE	TRANSACTION	5	OVERALL	\N
1	6b039fcdd3a355764d417a0c	10	EARN	TRANSACTION	1	OVERALL	\N
1	6b039fcd110e3e336a105544	10	EARN	TRANSACTION	1	OVERALL	\N
1	6b039fcdf5d077b3ebae7db4	0	EARN	REDEMPTION	2	OVERALL	\N
1	6b039fcdf5d077b3ebae7db4	10	EARN	TRANSACTION	\N	OVERALL	\N
1	6b039fcd5683e8d9de82bb36	10	EARN	TRANSACTION	1	OVERALL	\N
2	6b039fcd46900dfaad0056a2	0	PROMOTION	TRANSACTION	1	OVERALL	\N
2	6b039fcd57be85404e144df2	10	EARN	TRANSACTION	1	OVERALL	\N
\.


--
-- Data for Name: promotion_state; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.promotion_state (org_id, promotion_id, changed_at, active, paused, stopped, changed_by) FROM stdin;
1	6b039fcdcca50457825c1db9	2026-11-23 02:07:09.328926+00	t	f	f	postgres
1	6b039fcdf6f1e929eefd5d27	2026-11-23 02:07:09.334648+00	t	f	f	postgres
1	6b039fcdee30176f56bd6bce	2026-11-23 02:07:09.335578+00	t	f	f	postgres
1	6b039fcdee30176f56bd6bce	2026-11-23 02:07:09.336753+00	t	f	f	postgres
1	6b039fcd587bdd765f17a18d	2026-11-23 02:07:09.342768+00	t	f	f	postgres
1	6b039fcd4e204180e65659af	2026-11-23 02:07:09.343697+00	t	f	f	postgres
1	6b039fcd53243be21e2e483d	2026-11-23 02:07:09.344264+00	t	f	f	postgres
1	6b039fcdd3a355764d417a0c	2026-11-23 02:07:09.344722+00	t	f	f	postgres
1	6b039fcd110e3e336a105544	2026-11-23 02:07:09.345149+00	t	f	f	postgres
1	6b039fcdf5d077b3ebae7db4	2026-11-23 02:07:09.345587+00	t	f	f	postgres
1	6b039fcd5683e8d9de82bb36	2026-11-23 02:07:09.346098+00	t	f	f	postgres
1	6b039fcd272fc01ef36d9c43	2026-11-23 02:07:09.35142+00	t	f	f	postgres
1	6b039fcd99ebefba7492b80b	2026-11-23 02:07:09.351778+00	t	f	f	postgres
1	6b039fcd66c3512501fec18e	2026-11-23 02:07:09.352048+00	f	f	f	postgres
1	6b039fcd068df187565d7359	2026-11-23 02:07:09.352278+00	t	f	f	postgres
1	6b039fcd8161060b81db938e	2026-11-23 02:07:09.352498+00	t	f	f	postgres
1	6b039fcd30451d6446070310	2026-11-23 02:07:09.352715+00	t	f	f	postgres
1	6b039fcd068df187565d7359	2026-11-23 02:07:09.353302+00	t	t	f	postgres
1	6b039fcd8161060b81db938e	2026-11-23 02:07:09.355026+00	t	f	t	postgres
1	6b039fcd30451d6446070310	2026-11-23 02:07:09.355321+00	t	t	f	postgres
1	6b039fcd30451d6446070310	2026-11-23 02:07:09.355794+00	t	f	f	postgres
2	6b039fcd46900dfaad0056a2	2026-11-23 02:07:09.530521+00	t	f	f	postgres
2	6b039fcd2530862f96de72d5	2026-11-23 02:07:09.531545+00	t	f	f	postgres
2	6b039fcd8982f5ba52e61c55	2026-11-23 02:07:09.532113+00	t	f	f	postgres
2	6b039fcd57be85404e144df2	2026-11-23 02:07:09.533477+00	t	f	f	postgres
\.


--
-- Data for Name: promotion_version; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.promotion_version (org_id, promotion_id, version, definition, created_at, created_by) FROM stdin;
1	6b039fcdcca50457825c1db9	1	{"mode": "DISCOUNT", "name": "limited", "type": "POS", "stage": 0, "action": {"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "1", "allocation": "PROPORTIONAL"}}, "perUnitDivider": "1"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["limited"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "promotionRestrictions": {"Customer": [{"kpi": "TRANSACTION", "limit": "9", "guests": "ALLOW"}], "Promotion": [{"kpi": "REDEMPTION", "limit": "20"}, {"kpi": "DISCOUNT", "limit": "500", "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH"}}]}}	2026-11-23 02:07:09.328926+00	postgres
1	6b039fcdf6f1e929eefd5d27	1	{"mode": "DISCOUNT", "name": "moving", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["moving"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "promotionRestrictions": {"Customer": [{"kpi": "REDEMPTION", "limit": "3", "windowType": "MOVING", "minTimeBetweenRepeat": 86400000}]}}	2026-11-23 02:07:09.334648+00	postgres
1	6b039fcdee30176f56bd6bce	1	{"mode": "DISCOUNT", "name": "tenth", "type": "POS", "stage": 0, "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": "12.5", "applyPer": "SET", "selection": "CHEAPEST", "allocation": "PROPORTIONAL", "maxQuantityPer": "CART", "includeItemsFromConditionSet": false}}, "active": true, "endDate": 4102444800000, "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "CATEGORY", "values": ["apparel"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "messageLabel": "un dixième, \\"größer\\"", "isLoyaltyOnly": false}	2026-11-23 02:07:09.335578+00	postgres
1	6b039fcdee30176f56bd6bce	2	{"mode": "DISCOUNT", "name": "tenth, now an eighth", "type": "POS", "stage": 0, "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": "12.5", "applyPer": "SET", "selection": "CHEAPEST", "allocation": "PROPORTIONAL", "maxQuantityPer": "CART", "includeItemsFromConditionSet": false}}, "active": true, "endDate": 4102444800000, "priority": 5, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "CATEGORY", "values": ["apparel"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "messageLabel": "un dixième, \\"größer\\"", "isLoyaltyOnly": false}	2026-11-23 02:07:09.336753+00	postgres
1	6b039fcd587bdd765f17a18d	1	{"mode": "DISCOUNT", "name": "coded", "type": "CODE", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["coded"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "promotionRestrictions": {"Code": [{"kpi": "TRANSACTION", "limit": "5"}], "Promotion": [{"kpi": "TRANSACTION", "limit": "100"}]}}	2026-11-23 02:07:09.342768+00	postgres
1	6b039fcd4e204180e65659af	1	{"mode": "DISCOUNT", "name": "coded too", "type": "CODE", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "value": "0", "operator": "GREATER_THAN"}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.343697+00	postgres
1	6b039fcd53243be21e2e483d	1	{"mode": "PAYMENT_VOUCHER", "name": "voucher", "type": "CODE", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "value": "0", "operator": "GREATER_THAN"}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.344264+00	postgres
1	6b039fcdd3a355764d417a0c	1	{"mode": "DISCOUNT", "name": "issued", "type": "CUSTOMER", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["issued"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "maxIssuancePerCustomer": -1}	2026-11-23 02:07:09.344722+00	postgres
1	6b039fcd110e3e336a105544	1	{"mode": "DISCOUNT", "name": "to be activated", "type": "CUSTOMER", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["to be activated"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "maxIssuancePerCustomer": -1, "customerActivationRequired": true}	2026-11-23 02:07:09.345149+00	postgres
1	6b039fcdf5d077b3ebae7db4	1	{"mode": "DISCOUNT", "name": "earned", "type": "EARNING", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["earned"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "earningCriteria": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "value": "200", "operator": "GREATER_THAN_OR_EQUAL"}}, "earningExpiryDays": 30, "promotionRestrictions": {"Earn": [{"kpi": "REDEMPTION", "limit": "2"}]}}	2026-11-23 02:07:09.345587+00	postgres
1	6b039fcd5683e8d9de82bb36	1	{"mode": "PAYMENT_VOUCHER", "name": "reward", "type": "REWARD", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "value": "0", "operator": "GREATER_THAN"}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "maxIssuancePerCustomer": -1}	2026-11-23 02:07:09.346098+00	postgres
1	6b039fcd272fc01ef36d9c43	1	{"mode": "DISCOUNT", "name": "upcoming", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["upcoming"], "operator": "IN"}]}}, "startDate": 4000000000000, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.35142+00	postgres
1	6b039fcd99ebefba7492b80b	1	{"mode": "DISCOUNT", "name": "expired", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 1000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["expired"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.351778+00	postgres
1	6b039fcd66c3512501fec18e	1	{"mode": "DISCOUNT", "name": "inactive", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": false, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["inactive"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.352048+00	postgres
1	6b039fcd068df187565d7359	1	{"mode": "DISCOUNT", "name": "paused", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["paused"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.352278+00	postgres
1	6b039fcd8161060b81db938e	1	{"mode": "DISCOUNT", "name": "stopped", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["stopped"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.352498+00	postgres
1	6b039fcd30451d6446070310	1	{"mode": "DISCOUNT", "name": "paused and back", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "USD", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["paused and back"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.352715+00	postgres
2	6b039fcd46900dfaad0056a2	1	{"mode": "DISCOUNT", "name": "limited", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "JPY", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["limited"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false, "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": "1"}]}}	2026-11-23 02:07:09.530521+00	postgres
2	6b039fcd2530862f96de72d5	1	{"mode": "DISCOUNT", "name": "everything", "type": "POS", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "scope": "ITEMS", "value": "3", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "JPY", "priority": 100, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "value": "0", "operator": "GREATER_THAN"}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.531545+00	postgres
2	6b039fcd8982f5ba52e61c55	1	{"mode": "DISCOUNT", "name": "coded", "type": "CODE", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "JPY", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["coded"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.532113+00	postgres
2	6b039fcd57be85404e144df2	1	{"mode": "DISCOUNT", "name": "issued", "type": "CUSTOMER", "stage": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "scope": "ITEMS", "value": "5", "allocation": "PROPORTIONAL"}}, "active": true, "endDate": 4102444800000, "currency": "JPY", "priority": 100, "condition": {"type": "PRODUCT", "productCondition": {"kpi": "NONE", "criteriaList": [{"entity": "SKU", "values": ["issued"], "operator": "IN"}]}}, "startDate": 0, "isStackable": true, "isLoyaltyOnly": false}	2026-11-23 02:07:09.533477+00	postgres
\.


--
-- Data for Name: redemption; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.redemption (org_id, transaction_id, redemption_id, ordinal, promotion_id, promotion_version, mode, promo_code, earn_id, redemption_count, discount, tender_discount, returned_count, returned_discount) FROM stdin;
1	O-4	6b039fcd6004330a8fee9cc4	1	6b039fcdcca50457825c1db9	1	DISCOUNT	\N	\N	2	2.000000	0	0	0
1	O-5	6b039fcde5c433ead5861fd4	1	6b039fcdd3a355764d417a0c	1	DISCOUNT	\N	6b039fcd87521b3870ddde72	1	5.000000	0	0	0
1	O-5	6b039fcd7ff5fef19fbcc26c	2	6b039fcdf5d077b3ebae7db4	1	DISCOUNT	\N	6b039fcd060065013f59bf75	1	5.000000	0	0	0
1	O-5	6b039fcd05d604a3fb970a33	3	6b039fcdcca50457825c1db9	1	DISCOUNT	\N	\N	1	1.000000	0	0	0
1	O-3	6b039fcd97fcb5778aab0d18	1	6b039fcdf5d077b3ebae7db4	1	DISCOUNT	\N	6b039fcd878017040399ec5e	1	5.000000	0	1	5
1	O-3	6b039fcda0804059798d56a4	2	6b039fcd5683e8d9de82bb36	1	PAYMENT_VOUCHER	\N	6b039fcda68a4aae73361367	1	5.000000	0	1	5
1	O-1	6b039fcd58c3c13a25f6f5ba	1	6b039fcdf6f1e929eefd5d27	1	DISCOUNT	\N	\N	1	5.000000	0	1	5
1	O-1	6b039fcd7dd8c77821d8aff6	2	6b039fcdcca50457825c1db9	1	DISCOUNT	\N	\N	3	3.000000	0	3	3
1	O-1	6b039fcd076c42daac0ca4ad	3	6b039fcd53243be21e2e483d	1	PAYMENT_VOUCHER	v1	\N	1	5.000000	0	1	5
1	O-2	6b039fcd9c2995785c3b3b10	1	6b039fcdee30176f56bd6bce	2	DISCOUNT	\N	\N	1	1.200000	0	0	0
1	O-2	6b039fcd2db6ec8b92370667	2	6b039fcdf5d077b3ebae7db4	1	DISCOUNT	\N	6b039fcd5c8915151739fc7e	1	5.000000	0	0	0.6
1	O-2	6b039fcd9c7baba3ef2cc8b8	3	6b039fcd587bdd765f17a18d	1	DISCOUNT	Both	\N	1	5.000000	0	0	0.6
1	O-2	6b039fcd49f31e71125b3dc4	4	6b039fcd4e204180e65659af	1	DISCOUNT	Both	\N	1	5.000000	0	0	0.6
1	O-6	6b039fcd178c9c51d6810956	1	6b039fcdf6f1e929eefd5d27	1	DISCOUNT	\N	\N	1	5.000000	0	0	0
1	O-6	6b039fcd4bf9f9d4fedcb91f	2	6b039fcdcca50457825c1db9	1	DISCOUNT	\N	\N	1	1.000000	0	0	0
1	O-7	6b039fcdb15f5fb56c025a22	1	6b039fcdcca50457825c1db9	1	DISCOUNT	\N	\N	1	1.000000	0	0	0
2	O-1	6b039fcd7e831715032670a2	1	6b039fcd46900dfaad0056a2	1	DISCOUNT	\N	\N	1	5.000000	0	0	0
2	O-2	6b039fcd3da7ff553b7cc053	1	6b039fcd46900dfaad0056a2	1	DISCOUNT	\N	\N	1	5.000000	0	0	0
\.


--
-- Data for Name: redemption_line; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.redemption_line (org_id, transaction_id, redemption_id, line, qty, discount, returned_discount) FROM stdin;
1	O-4	6b039fcd6004330a8fee9cc4	0	2	1.1	0
1	O-4	6b039fcd6004330a8fee9cc4	1	1.5	0.9	0
1	O-5	6b039fcde5c433ead5861fd4	0	1	1.7	0
1	O-5	6b039fcde5c433ead5861fd4	1	1	1.7	0
1	O-5	6b039fcde5c433ead5861fd4	2	1	1.6	0
1	O-5	6b039fcd7ff5fef19fbcc26c	0	1	1.7	0
1	O-5	6b039fcd7ff5fef19fbcc26c	1	1	1.6	0
1	O-5	6b039fcd7ff5fef19fbcc26c	2	1	1.7	0
1	O-5	6b039fcd05d604a3fb970a33	0	1	0.3	0
1	O-5	6b039fcd05d604a3fb970a33	1	1	0.4	0
1	O-5	6b039fcd05d604a3fb970a33	2	1	0.3	0
1	O-3	6b039fcd97fcb5778aab0d18	0	25	5	5
1	O-1	6b039fcd58c3c13a25f6f5ba	0	3	2.5	2.5
1	O-1	6b039fcd58c3c13a25f6f5ba	1	1	0.8	0.8
1	O-1	6b039fcd58c3c13a25f6f5ba	2	2	1.7	1.7
1	O-1	6b039fcd7dd8c77821d8aff6	0	3	1.5	1.5
1	O-1	6b039fcd7dd8c77821d8aff6	1	1	0.5	0.5
1	O-1	6b039fcd7dd8c77821d8aff6	2	2	1	1
1	O-2	6b039fcd2db6ec8b92370667	0	4	0.8	0.6
1	O-2	6b039fcd2db6ec8b92370667	1	20	4	0
1	O-2	6b039fcd2db6ec8b92370667	2	1	0.2	0
1	O-2	6b039fcd49f31e71125b3dc4	0	4	0.8	0.6
1	O-2	6b039fcd49f31e71125b3dc4	1	20	4	0
1	O-2	6b039fcd49f31e71125b3dc4	2	1	0.2	0
1	O-2	6b039fcd9c2995785c3b3b10	2	1	1.2	0
1	O-2	6b039fcd9c7baba3ef2cc8b8	0	4	0.8	0.6
1	O-2	6b039fcd9c7baba3ef2cc8b8	1	20	4	0
1	O-2	6b039fcd9c7baba3ef2cc8b8	2	1	0.2	0
1	O-6	6b039fcd178c9c51d6810956	0	1	2.5	0
1	O-6	6b039fcd178c9c51d6810956	1	1	2.5	0
1	O-6	6b039fcd4bf9f9d4fedcb91f	0	1	0.5	0
1	O-6	6b039fcd4bf9f9d4fedcb91f	1	1	0.5	0
1	O-7	6b039fcdb15f5fb56c025a22	0	1	0.5	0
1	O-7	6b039fcdb15f5fb56c025a22	1	1	0.5	0
2	O-1	6b039fcd7e831715032670a2	0	1	5	0
2	O-2	6b039fcd3da7ff553b7cc053	0	2	5	0
\.


--
-- Data for Name: return; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.return (org_id, transaction_id, return_id, returned_at, request, answer) FROM stdin;
1	O-1	R-1	2026-11-23 02:07:09.425605+00	{"lines": [{"qty": 1, "sku": "limited"}], "returnId": "R-1", "transactionId": "O-1"}	{"net": "8.700000", "gross": "10.000000", "lines": [{"net": "8.700000", "qty": "1.000000", "sku": "limited", "gross": "10.000000", "discount": "1.300000", "referenceId": "8e8df794-f1ac-429c-a268-85ae3841bbe2", "callerDiscount": "0.000000"}], "discount": "1.300000", "restored": [{"discount": "0.800000", "promotionId": "6b039fcdf6f1e929eefd5d27", "redemptionCount": 0}, {"discount": "0.500000", "promotionId": "6b039fcdcca50457825c1db9", "redemptionCount": 0}], "returnId": "R-1", "spentEarnIds": [], "voucherValue": "0.800000", "transactionId": "O-1", "callerDiscount": "0.000000", "tenderDiscount": "0.000000"}
1	O-3	R-1	2026-11-23 02:07:09.429149+00	{"returnId": "R-1", "transactionId": "O-3"}	{"net": "245.000000", "gross": "250.000000", "lines": [{"net": "245.000000", "qty": "25.000000", "sku": "earned", "gross": "250.000000", "discount": "5.000000", "referenceId": "9d4f2043-d19f-48d8-9350-393593e78822", "callerDiscount": "0.000000"}], "discount": "5.000000", "restored": [{"discount": "5.000000", "promotionId": "6b039fcdf5d077b3ebae7db4", "redemptionCount": 1}, {"discount": "5.000000", "promotionId": "6b039fcd5683e8d9de82bb36", "redemptionCount": 1}], "returnId": "R-1", "spentEarnIds": [], "voucherValue": "5.000000", "transactionId": "O-3", "callerDiscount": "0.000000", "tenderDiscount": "0.000000"}
1	O-1	R-2	2026-11-23 02:07:09.435892+00	{"returnId": "R-2", "transactionId": "O-1"}	{"net": "43.300000", "gross": "50.000000", "lines": [{"net": "17.300000", "qty": "2.000000", "sku": "limited", "gross": "20.000000", "discount": "2.700000", "referenceId": "8e8df794-f1ac-429c-a268-85ae3841bbe2", "callerDiscount": "0.000000"}, {"net": "8.700000", "qty": "1.000000", "sku": "moving", "gross": "10.000000", "discount": "1.300000", "referenceId": "84fc1a52-f0fd-4f4e-a07c-01aab4d168f8", "callerDiscount": "0.000000"}, {"net": "17.300000", "qty": "2.000000", "sku": "issued", "gross": "20.000000", "discount": "2.700000", "referenceId": "c35525fb-7ead-48b9-aac6-baeccff34741", "callerDiscount": "0.000000"}], "discount": "6.700000", "restored": [{"discount": "4.200000", "promotionId": "6b039fcdf6f1e929eefd5d27", "redemptionCount": 1}, {"discount": "2.500000", "promotionId": "6b039fcdcca50457825c1db9", "redemptionCount": 3}, {"discount": "5.000000", "promotionId": "6b039fcd53243be21e2e483d", "redemptionCount": 1}], "returnId": "R-2", "spentEarnIds": [], "voucherValue": "4.200000", "transactionId": "O-1", "callerDiscount": "0.000000", "tenderDiscount": "0.000000"}
1	O-2	R-1	2026-11-23 02:07:09.436797+00	{"lines": [{"qty": 3, "sku": "coded"}], "returnId": "R-1", "transactionId": "O-2"}	{"net": "28.200000", "gross": "30.000000", "lines": [{"net": "28.200000", "qty": "3.000000", "sku": "coded", "gross": "30.000000", "discount": "1.800000", "referenceId": "25edde1f-3c43-4fbd-bb06-90b08143ab7f", "callerDiscount": "0.000000"}], "discount": "1.800000", "restored": [{"discount": "0.600000", "promotionId": "6b039fcdf5d077b3ebae7db4", "redemptionCount": 0}, {"discount": "0.600000", "promotionId": "6b039fcd587bdd765f17a18d", "redemptionCount": 0}, {"discount": "0.600000", "promotionId": "6b039fcd4e204180e65659af", "redemptionCount": 0}], "returnId": "R-1", "spentEarnIds": [], "voucherValue": "0.000000", "transactionId": "O-2", "callerDiscount": "0.000000", "tenderDiscount": "0.000000"}
\.


--
-- Data for Name: transaction; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.transaction (org_id, transaction_id, evaluation_id, customer_id, currency, rounding, minor_unit, redeemed_at, transaction_date, request, answer, overrun, returned_tender_discount, returned_voucher_value) FROM stdin;
1	O-4	6b039fcdbf968137e4fc9cbe	\N	USD	HALF_EVEN	0.1	2026-11-23 02:07:09.41762+00	2026-11-23 02:07:09.417+00	{"cart": {"amount": 35.0, "cartId": "guest order", "cartItems": [{"qty": "2", "sku": "limited", "amount": 20}, {"qty": "1.5", "sku": "shoe", "amount": 15.0}]}, "transactionId": "O-4"}	{"overrun": false, "redemptions": [{"lines": [{"qty": "2.000000", "sku": "limited", "discount": "1.100000", "referenceId": "b8eb05c6-da3d-43aa-9253-f0b009c32967"}, {"qty": "1.500000", "sku": "shoe", "discount": "0.900000", "referenceId": "3c668ecc-12c4-4843-8a75-4bc2a193f77d"}], "discount": "2.000000", "promotionId": "6b039fcdcca50457825c1db9", "redemptionId": "6b039fcd6004330a8fee9cc4", "redemptionCount": 2, "promotionVersion": 1}], "evaluationId": "6b039fcdbf968137e4fc9cbe", "transactionId": "O-4"}	f	0	0
1	O-5	6b039fcdf487c9ea8e6f051e	dora	USD	HALF_EVEN	0.1	2026-11-23 02:07:09.42308+00	2026-11-23 02:07:09.423+00	{"cart": {"amount": 30, "cartItems": [{"qty": "1", "sku": "earned", "amount": 10}, {"qty": "1", "sku": "issued", "amount": 10}, {"qty": "1", "sku": "limited", "amount": 10}], "customerId": "dora"}, "customerId": "dora", "transactionId": "O-5"}	{"overrun": false, "redemptions": [{"lines": [{"qty": "1.000000", "sku": "earned", "discount": "1.700000", "referenceId": "7e53e79d-ebd5-47b3-8120-2c67ed79e8c0"}, {"qty": "1.000000", "sku": "issued", "discount": "1.700000", "referenceId": "dccd5c83-facb-453e-afb0-8c91ea8268df"}, {"qty": "1.000000", "sku": "limited", "discount": "1.600000", "referenceId": "d8f66d3d-0326-4849-86ca-53df246b503c"}], "discount": "5.000000", "promotionId": "6b039fcdd3a355764d417a0c", "redemptionId": "6b039fcde5c433ead5861fd4", "redemptionCount": 1, "promotionVersion": 1, "earnedPromotionId": "6b039fcd87521b3870ddde72"}, {"lines": [{"qty": "1.000000", "sku": "earned", "discount": "1.700000", "referenceId": "7e53e79d-ebd5-47b3-8120-2c67ed79e8c0"}, {"qty": "1.000000", "sku": "issued", "discount": "1.600000", "referenceId": "dccd5c83-facb-453e-afb0-8c91ea8268df"}, {"qty": "1.000000", "sku": "limited", "discount": "1.700000", "referenceId": "d8f66d3d-0326-4849-86ca-53df246b503c"}], "discount": "5.000000", "promotionId": "6b039fcdf5d077b3ebae7db4", "redemptionId": "6b039fcd7ff5fef19fbcc26c", "redemptionCount": 1, "promotionVersion": 1, "earnedPromotionId": "6b039fcd060065013f59bf75"}, {"lines": [{"qty": "1.000000", "sku": "earned", "discount": "0.300000", "referenceId": "7e53e79d-ebd5-47b3-8120-2c67ed79e8c0"}, {"qty": "1.000000", "sku": "issued", "discount": "0.400000", "referenceId": "dccd5c83-facb-453e-afb0-8c91ea8268df"}, {"qty": "1.000000", "sku": "limited", "discount": "0.300000", "referenceId": "d8f66d3d-0326-4849-86ca-53df246b503c"}], "discount": "1.000000", "promotionId": "6b039fcdcca50457825c1db9", "redemptionId": "6b039fcd05d604a3fb970a33", "redemptionCount": 1, "promotionVersion": 1}], "evaluationId": "6b039fcdf487c9ea8e6f051e", "transactionId": "O-5"}	f	0	0
1	O-3	6b039fcd2b57ad2f9d815cd3	carl	USD	HALF_EVEN	0.1	2026-11-23 02:07:09.415902+00	2026-11-23 02:07:09.415+00	{"cart": {"amount": 250, "cartItems": [{"qty": "25", "sku": "earned", "amount": 250}], "customerId": "carl"}, "customerId": "carl", "transactionId": "O-3"}	{"earned": [{"earnIds": ["6b039fcd2f14bff18ccd4e7f"], "validTill": 1797991629415, "promotionId": "6b039fcdf5d077b3ebae7db4"}], "overrun": false, "redemptions": [{"lines": [{"qty": "25.000000", "sku": "earned", "discount": "5.000000", "referenceId": "9d4f2043-d19f-48d8-9350-393593e78822"}], "discount": "5.000000", "promotionId": "6b039fcdf5d077b3ebae7db4", "redemptionId": "6b039fcd97fcb5778aab0d18", "redemptionCount": 1, "promotionVersion": 1, "earnedPromotionId": "6b039fcd878017040399ec5e"}, {"lines": [], "discount": "5.000000", "promotionId": "6b039fcd5683e8d9de82bb36", "redemptionId": "6b039fcda0804059798d56a4", "redemptionCount": 1, "promotionVersion": 1, "earnedPromotionId": "6b039fcda68a4aae73361367"}], "evaluationId": "6b039fcd2b57ad2f9d815cd3", "transactionId": "O-3"}	f	0.000000	5.000000
1	O-2	6b039fcd57f8d85f761daae1	ben	USD	HALF_EVEN	0.1	2026-11-23 02:07:09.410763+00	2026-11-23 02:07:09.41+00	{"cart": {"amount": 250, "shipping": {"amount": "4.9"}, "cartItems": [{"qty": 4, "sku": "coded", "amount": 40}, {"qty": 20, "sku": "earned", "amount": 200, "discount": 7}, {"qty": 1, "sku": "shoe", "amount": 10, "categoryList": ["größe 42"]}], "customerId": "ben", "promoCodes": ["Both", "nope"], "cartTenders": [{"amount": 30, "identifier": "VISA"}]}, "customerId": "ben", "transactionId": "O-2"}	{"earned": [{"earnIds": ["6b039fcd906b0cf6b8d4e388"], "validTill": 1797991629410, "promotionId": "6b039fcdf5d077b3ebae7db4"}], "overrun": false, "redemptions": [{"lines": [{"qty": "1.000000", "sku": "shoe", "discount": "1.200000", "referenceId": "a6e81989-e3d0-4098-8322-8c5725a6e0c5"}], "discount": "1.200000", "promotionId": "6b039fcdee30176f56bd6bce", "redemptionId": "6b039fcd9c2995785c3b3b10", "redemptionCount": 1, "promotionVersion": 2}, {"lines": [{"qty": "4.000000", "sku": "coded", "discount": "0.800000", "referenceId": "25edde1f-3c43-4fbd-bb06-90b08143ab7f"}, {"qty": "20.000000", "sku": "earned", "discount": "4.000000", "referenceId": "0963dfbc-089c-4ff3-af1f-f3b8b7e0dd9c"}, {"qty": "1.000000", "sku": "shoe", "discount": "0.200000", "referenceId": "a6e81989-e3d0-4098-8322-8c5725a6e0c5"}], "discount": "5.000000", "promotionId": "6b039fcdf5d077b3ebae7db4", "redemptionId": "6b039fcd2db6ec8b92370667", "redemptionCount": 1, "promotionVersion": 1, "earnedPromotionId": "6b039fcd5c8915151739fc7e"}, {"lines": [{"qty": "4.000000", "sku": "coded", "discount": "0.800000", "referenceId": "25edde1f-3c43-4fbd-bb06-90b08143ab7f"}, {"qty": "20.000000", "sku": "earned", "discount": "4.000000", "referenceId": "0963dfbc-089c-4ff3-af1f-f3b8b7e0dd9c"}, {"qty": "1.000000", "sku": "shoe", "discount": "0.200000", "referenceId": "a6e81989-e3d0-4098-8322-8c5725a6e0c5"}], "discount": "5.000000", "promoCode": "Both", "promotionId": "6b039fcd587bdd765f17a18d", "redemptionId": "6b039fcd9c7baba3ef2cc8b8", "redemptionCount": 1, "promotionVersion": 1}, {"lines": [{"qty": "4.000000", "sku": "coded", "discount": "0.800000", "referenceId": "25edde1f-3c43-4fbd-bb06-90b08143ab7f"}, {"qty": "20.000000", "sku": "earned", "discount": "4.000000", "referenceId": "0963dfbc-089c-4ff3-af1f-f3b8b7e0dd9c"}, {"qty": "1.000000", "sku": "shoe", "discount": "0.200000", "referenceId": "a6e81989-e3d0-4098-8322-8c5725a6e0c5"}], "discount": "5.000000", "promoCode": "Both", "promotionId": "6b039fcd4e204180e65659af", "redemptionId": "6b039fcd49f31e71125b3dc4", "redemptionCount": 1, "promotionVersion": 1}], "evaluationId": "6b039fcd57f8d85f761daae1", "transactionId": "O-2"}	f	0.000000	0.000000
1	O-1	6b039fcdb444b571ee942e09	anna	USD	HALF_EVEN	0.1	2026-11-23 02:07:09.403289+00	2026-08-15 02:07:09.402+00	{"cart": {"amount": 60, "cartItems": [{"qty": "3", "sku": "limited", "amount": 30}, {"qty": "1", "sku": "moving", "amount": 10}, {"qty": "2", "sku": "issued", "amount": 20}], "customerId": "anna", "paymentVouchers": ["v1"], "transactionDate": 1786759629402}, "customerId": "anna", "transactionId": "O-1"}	{"overrun": false, "redemptions": [{"lines": [{"qty": "3.000000", "sku": "limited", "discount": "2.500000", "referenceId": "8e8df794-f1ac-429c-a268-85ae3841bbe2"}, {"qty": "1.000000", "sku": "moving", "discount": "0.800000", "referenceId": "84fc1a52-f0fd-4f4e-a07c-01aab4d168f8"}, {"qty": "2.000000", "sku": "issued", "discount": "1.700000", "referenceId": "c35525fb-7ead-48b9-aac6-baeccff34741"}], "discount": "5.000000", "promotionId": "6b039fcdf6f1e929eefd5d27", "redemptionId": "6b039fcd58c3c13a25f6f5ba", "redemptionCount": 1, "promotionVersion": 1}, {"lines": [{"qty": "3.000000", "sku": "limited", "discount": "1.500000", "referenceId": "8e8df794-f1ac-429c-a268-85ae3841bbe2"}, {"qty": "1.000000", "sku": "moving", "discount": "0.500000", "referenceId": "84fc1a52-f0fd-4f4e-a07c-01aab4d168f8"}, {"qty": "2.000000", "sku": "issued", "discount": "1.000000", "referenceId": "c35525fb-7ead-48b9-aac6-baeccff34741"}], "discount": "3.000000", "promotionId": "6b039fcdcca50457825c1db9", "redemptionId": "6b039fcd7dd8c77821d8aff6", "redemptionCount": 3, "promotionVersion": 1}, {"lines": [], "discount": "5.000000", "promoCode": "v1", "promotionId": "6b039fcd53243be21e2e483d", "redemptionId": "6b039fcd076c42daac0ca4ad", "redemptionCount": 1, "promotionVersion": 1}], "evaluationId": "6b039fcdb444b571ee942e09", "transactionId": "O-1"}	f	0.000000	5.000000
1	O-6	6b039fcd903a1b0dffa54eb9	emil	USD	HALF_EVEN	0.1	2026-11-23 02:07:09.467565+00	2026-11-23 02:07:09.466+00	{"customerId": "emil", "evaluationId": "6b039fcd903a1b0dffa54eb9", "transactionId": "O-6"}	{"overrun": false, "redemptions": [{"lines": [{"qty": "1.000000", "sku": "limited", "discount": "2.500000", "referenceId": "a30d8f9c-74a5-476e-8b1e-1012f1254c73"}, {"qty": "1.000000", "sku": "moving", "discount": "2.500000", "referenceId": "47ec54dd-afa6-44c3-af73-790842cf54b7"}], "discount": "5.000000", "promotionId": "6b039fcdf6f1e929eefd5d27", "redemptionId": "6b039fcd178c9c51d6810956", "redemptionCount": 1, "promotionVersion": 1}, {"lines": [{"qty": "1.000000", "sku": "limited", "discount": "0.500000", "referenceId": "a30d8f9c-74a5-476e-8b1e-1012f1254c73"}, {"qty": "1.000000", "sku": "moving", "discount": "0.500000", "referenceId": "47ec54dd-afa6-44c3-af73-790842cf54b7"}], "discount": "1.000000", "promotionId": "6b039fcdcca50457825c1db9", "redemptionId": "6b039fcd4bf9f9d4fedcb91f", "redemptionCount": 1, "promotionVersion": 1}], "evaluationId": "6b039fcd903a1b0dffa54eb9", "transactionId": "O-6"}	f	0	0
1	O-7	6b039fcd99ff532deab25ff6	carl	USD	HALF_EVEN	0.1	2026-11-23 02:07:09.510847+00	2026-11-23 02:07:09.503+00	{"customerId": "carl", "evaluationId": "6b039fcd99ff532deab25ff6", "transactionId": "O-7"}	{"overrun": false, "redemptions": [{"lines": [{"qty": "1.000000", "sku": "shoe", "discount": "0.500000", "referenceId": "1"}, {"qty": "1.000000", "sku": "limited", "discount": "0.500000", "referenceId": "2"}], "discount": "1.000000", "promotionId": "6b039fcdcca50457825c1db9", "redemptionId": "6b039fcdb15f5fb56c025a22", "redemptionCount": 1, "promotionVersion": 1}], "evaluationId": "6b039fcd99ff532deab25ff6", "transactionId": "O-7"}	f	0	0
2	O-1	6b039fcd3e4942074381e6a4	anna	JPY	HALF_UP	1	2026-11-23 02:07:09.555754+00	2026-11-23 02:07:09.546+00	{"customerId": "anna", "evaluationId": "6b039fcd3e4942074381e6a4", "transactionId": "O-1"}	{"overrun": false, "redemptions": [{"lines": [{"qty": "1.000000", "sku": "limited", "discount": "5.000000", "referenceId": "8670fd9a-8af9-44e3-a918-bf192c57bda3"}], "discount": "5.000000", "promotionId": "6b039fcd46900dfaad0056a2", "redemptionId": "6b039fcd7e831715032670a2", "redemptionCount": 1, "promotionVersion": 1}], "evaluationId": "6b039fcd3e4942074381e6a4", "transactionId": "O-1"}	f	0	0
2	O-2	6b039fcd3fb6ec396ae828f0	anna	JPY	HALF_UP	1	2026-11-23 02:07:09.563271+00	2026-11-23 02:07:09.548+00	{"customerId": "anna", "evaluationId": "6b039fcd3fb6ec396ae828f0", "transactionId": "O-2"}	{"overrun": true, "redemptions": [{"lines": [{"qty": "2.000000", "sku": "limited", "discount": "5.000000", "referenceId": "42c29f3e-17e0-4447-80f5-57f8fd1cdfa0"}], "discount": "5.000000", "promotionId": "6b039fcd46900dfaad0056a2", "redemptionId": "6b039fcd3da7ff553b7cc053", "redemptionCount": 1, "promotionVersion": 1}], "evaluationId": "6b039fcd3fb6ec396ae828f0", "transactionId": "O-2"}	t	0	0
\.


--
-- Data for Name: transaction_line; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.transaction_line (org_id, transaction_id, line, reference_id, sku, qty, amount, callers_discount, returned_qty, returned_amount, returned_callers_discount) FROM stdin;
1	O-2	1	0963dfbc-089c-4ff3-af1f-f3b8b7e0dd9c	earned	20.000000	200.000000	7.000000	0	0	0
1	O-2	2	a6e81989-e3d0-4098-8322-8c5725a6e0c5	shoe	1.000000	10.000000	0.000000	0	0	0
1	O-4	0	b8eb05c6-da3d-43aa-9253-f0b009c32967	limited	2.000000	20.000000	0.000000	0	0	0
1	O-4	1	3c668ecc-12c4-4843-8a75-4bc2a193f77d	shoe	1.500000	15.000000	0.000000	0	0	0
1	O-5	0	7e53e79d-ebd5-47b3-8120-2c67ed79e8c0	earned	1.000000	10.000000	0.000000	0	0	0
1	O-5	1	dccd5c83-facb-453e-afb0-8c91ea8268df	issued	1.000000	10.000000	0.000000	0	0	0
1	O-5	2	d8f66d3d-0326-4849-86ca-53df246b503c	limited	1.000000	10.000000	0.000000	0	0	0
1	O-3	0	9d4f2043-d19f-48d8-9350-393593e78822	earned	25.000000	250.000000	0.000000	25	250	0
1	O-1	0	8e8df794-f1ac-429c-a268-85ae3841bbe2	limited	3.000000	30.000000	0.000000	3	30	0
1	O-1	1	84fc1a52-f0fd-4f4e-a07c-01aab4d168f8	moving	1.000000	10.000000	0.000000	1	10	0
1	O-1	2	c35525fb-7ead-48b9-aac6-baeccff34741	issued	2.000000	20.000000	0.000000	2	20	0
1	O-2	0	25edde1f-3c43-4fbd-bb06-90b08143ab7f	coded	4.000000	40.000000	0.000000	3	30	0
1	O-6	0	a30d8f9c-74a5-476e-8b1e-1012f1254c73	limited	1.000000	10.000000	0.000000	0	0	0
1	O-6	1	47ec54dd-afa6-44c3-af73-790842cf54b7	moving	1.000000	10.000000	0.000000	0	0	0
1	O-7	0	1	shoe	1.000000	10.000000	0.000000	0	0	0
1	O-7	1	2	limited	1.000000	10.000000	0.000000	0	0	0
2	O-1	0	8670fd9a-8af9-44e3-a918-bf192c57bda3	limited	1.000000	10.000000	0.000000	0	0	0
2	O-2	0	42c29f3e-17e0-4447-80f5-57f8fd1cdfa0	limited	2.000000	20.000000	0.000000	0	0	0
\.


--
-- Data for Name: usage; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.usage (org_id, promotion_id, limit_row, subject, window_start, slot, slot_limit, redeemed, returned, held, overrun) FROM stdin;
1	6b039fcdcca50457825c1db9	2	late	-infinity	0	9	0	0	1	0
1	6b039fcdf6f1e929eefd5d27	0	late	-infinity	0	\N	0	0	1	0
1	6b039fcd587bdd765f17a18d	0		-infinity	0	1	0	0	1	0
1	6b039fcd587bdd765f17a18d	1	FREE	-infinity	0	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	1	1	0	0	1	0
1	6b039fcdd3a355764d417a0c	10	6b039fcd5a721da99bb9761b	-infinity	0	1	0	0	0	0
1	6b039fcd5683e8d9de82bb36	10	6b039fcda68a4aae73361367	-infinity	0	1	1	1	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	4	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	5	1	0	0	1	0
1	6b039fcdcca50457825c1db9	2	anna	-infinity	0	9	1	1	2	0
1	6b039fcdf5d077b3ebae7db4	0	6b039fcd5c8915151739fc7e	-infinity	0	2	1	0	0	0
1	6b039fcdf5d077b3ebae7db4	10	6b039fcd5c8915151739fc7e	-infinity	0	\N	1	0	0	0
1	6b039fcd587bdd765f17a18d	1	BOTH	-infinity	0	1	1	0	0	0
1	6b039fcdf5d077b3ebae7db4	0	6b039fcd878017040399ec5e	-infinity	0	2	1	1	0	0
1	6b039fcdcca50457825c1db9	0		-infinity	6	1	2	0	-1	0
1	6b039fcdcca50457825c1db9	0		-infinity	7	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	2	1	0	0	1	0
1	6b039fcdd3a355764d417a0c	10	6b039fcd87521b3870ddde72	-infinity	0	1	1	0	0	0
1	6b039fcdf5d077b3ebae7db4	0	6b039fcd060065013f59bf75	-infinity	0	2	1	0	0	0
1	6b039fcdf5d077b3ebae7db4	10	6b039fcd060065013f59bf75	-infinity	0	\N	1	0	0	0
1	6b039fcdcca50457825c1db9	0		-infinity	8	1	1	0	0	0
1	6b039fcdcca50457825c1db9	0		-infinity	0	1	2	3	1	0
1	6b039fcdf5d077b3ebae7db4	10	6b039fcd2f14bff18ccd4e7f	-infinity	0	\N	0	0	0	0
1	6b039fcdf5d077b3ebae7db4	10	6b039fcd878017040399ec5e	-infinity	0	\N	1	1	0	0
1	6b039fcdcca50457825c1db9	1		2026-08-01 00:00:00+00	0	50.00	3	3.0	0	0
1	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	0	50.00	5	0	9	0
1	6b039fcdcca50457825c1db9	2	dora	-infinity	0	9	1	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	3	1	3	0	-2	0
1	6b039fcdf6f1e929eefd5d27	0	anna	-infinity	0	\N	1	1	1	0
1	6b039fcd587bdd765f17a18d	0		-infinity	1	2	1	0	1	0
1	6b039fcd5683e8d9de82bb36	10	6b039fcd71562323c5aeefab	-infinity	0	1	0	0	1	0
1	6b039fcdf5d077b3ebae7db4	0	6b039fcd3c59f46e8676b707	-infinity	0	2	0	0	1	0
1	6b039fcdf5d077b3ebae7db4	10	6b039fcd3c59f46e8676b707	-infinity	0	\N	0	0	1	0
1	6b039fcd110e3e336a105544	10	6b039fcdc6a516bf9cf9b287	-infinity	0	1	0	0	1	0
1	6b039fcd587bdd765f17a18d	1	FREE	-infinity	1	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	9	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	10	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	11	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	12	1	0	0	1	0
1	6b039fcdcca50457825c1db9	2	emil	-infinity	0	9	1	0	0	0
1	6b039fcdf6f1e929eefd5d27	0	emil	-infinity	0	\N	1	0	0	0
1	6b039fcd587bdd765f17a18d	0		-infinity	2	1	0	0	1	0
1	6b039fcd587bdd765f17a18d	1	LINKED	-infinity	0	1	0	0	0	0
1	6b039fcd587bdd765f17a18d	1	FREE	-infinity	2	1	0	0	1	0
1	6b039fcdf6f1e929eefd5d27	0	carl	-infinity	0	\N	0	0	0	0
1	6b039fcdcca50457825c1db9	2	carl	-infinity	0	9	1	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	13	1	0	0	1	0
1	6b039fcdcca50457825c1db9	0		-infinity	14	1	0	0	1	0
2	6b039fcd46900dfaad0056a2	0		-infinity	0	1	2	0	0	1
\.


--
-- Data for Name: usage_claim; Type: TABLE DATA; Schema: promo; Owner: -
--

COPY promo.usage_claim (org_id, evaluation_id, promotion_id, limit_row, subject, window_start, is_moving, state, used_at, valid_till, amount, returned, overrun) FROM stdin;
1	6b039fcd57f8d85f761daae1	6b039fcd587bdd765f17a18d	0		-infinity	f	REDEEMED	2026-11-23 02:07:09.41+00	\N	1	0	0
1	6b039fcd57f8d85f761daae1	6b039fcd587bdd765f17a18d	1	BOTH	-infinity	f	REDEEMED	2026-11-23 02:07:09.41+00	\N	1	0	0
1	6b039fcd57f8d85f761daae1	6b039fcdf5d077b3ebae7db4	0	6b039fcd5c8915151739fc7e	-infinity	f	REDEEMED	2026-11-23 02:07:09.41+00	\N	1	0	0
1	6b039fcd57f8d85f761daae1	6b039fcdf5d077b3ebae7db4	10	6b039fcd5c8915151739fc7e	-infinity	f	REDEEMED	2026-11-23 02:07:09.41+00	\N	1	0	0
1	6b039fcdbf968137e4fc9cbe	6b039fcdcca50457825c1db9	0		-infinity	f	REDEEMED	2026-11-23 02:07:09.417+00	\N	2	0	0
1	6b039fcdbf968137e4fc9cbe	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	REDEEMED	2026-11-23 02:07:09.417+00	\N	2	0	0
1	6b039fcdf487c9ea8e6f051e	6b039fcdcca50457825c1db9	0		-infinity	f	REDEEMED	2026-11-23 02:07:09.423+00	\N	1	0	0
1	6b039fcdf487c9ea8e6f051e	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	REDEEMED	2026-11-23 02:07:09.423+00	\N	1	0	0
1	6b039fcdf487c9ea8e6f051e	6b039fcdcca50457825c1db9	2	dora	-infinity	f	REDEEMED	2026-11-23 02:07:09.423+00	\N	1	0	0
1	6b039fcdf487c9ea8e6f051e	6b039fcdd3a355764d417a0c	10	6b039fcd87521b3870ddde72	-infinity	f	REDEEMED	2026-11-23 02:07:09.423+00	\N	1	0	0
1	6b039fcdf487c9ea8e6f051e	6b039fcdf5d077b3ebae7db4	0	6b039fcd060065013f59bf75	-infinity	f	REDEEMED	2026-11-23 02:07:09.423+00	\N	1	0	0
1	6b039fcdf487c9ea8e6f051e	6b039fcdf5d077b3ebae7db4	10	6b039fcd060065013f59bf75	-infinity	f	REDEEMED	2026-11-23 02:07:09.423+00	\N	1	0	0
1	6b039fcd2b57ad2f9d815cd3	6b039fcd5683e8d9de82bb36	10	6b039fcda68a4aae73361367	-infinity	f	REDEEMED	2026-11-23 02:07:09.415+00	\N	1	1	0
1	6b039fcd2b57ad2f9d815cd3	6b039fcdf5d077b3ebae7db4	0	6b039fcd878017040399ec5e	-infinity	f	REDEEMED	2026-11-23 02:07:09.415+00	\N	1	1	0
1	6b039fcd2b57ad2f9d815cd3	6b039fcdf5d077b3ebae7db4	10	6b039fcd878017040399ec5e	-infinity	f	REDEEMED	2026-11-23 02:07:09.415+00	\N	1	1	0
1	6b039fcdb444b571ee942e09	6b039fcdcca50457825c1db9	0		-infinity	f	REDEEMED	2026-08-15 02:07:09.402+00	\N	3	3	0
1	6b039fcdb444b571ee942e09	6b039fcdcca50457825c1db9	1		2026-08-01 00:00:00+00	f	REDEEMED	2026-08-15 02:07:09.402+00	\N	3	3.0	0
1	6b039fcdb444b571ee942e09	6b039fcdcca50457825c1db9	2	anna	-infinity	f	REDEEMED	2026-08-15 02:07:09.402+00	\N	1	1	0
1	6b039fcdb444b571ee942e09	6b039fcdf6f1e929eefd5d27	0	anna	-infinity	t	REDEEMED	2026-08-15 02:07:09.402+00	\N	1	1	0
1	6b039fcdf8696689c2c927db	6b039fcd587bdd765f17a18d	0		-infinity	f	HELD	2026-11-23 02:07:09.368+00	2026-11-23 02:07:10.368015+00	1	0	0
1	6b039fcdf8696689c2c927db	6b039fcd587bdd765f17a18d	1	FREE	-infinity	f	HELD	2026-11-23 02:07:09.368+00	2026-11-23 02:07:10.368015+00	1	0	0
1	6b039fcdf8696689c2c927db	6b039fcdcca50457825c1db9	0		-infinity	f	HELD	2026-11-23 02:07:09.368+00	2026-11-23 02:07:10.368015+00	2	0	0
1	6b039fcdf8696689c2c927db	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	HELD	2026-11-23 02:07:09.368+00	2026-11-23 02:07:10.368015+00	2	0	0
1	6b039fcdf8696689c2c927db	6b039fcdcca50457825c1db9	2	late	-infinity	f	HELD	2026-11-23 02:07:09.368+00	2026-11-23 02:07:10.368015+00	1	0	0
1	6b039fcdf8696689c2c927db	6b039fcdf6f1e929eefd5d27	0	late	-infinity	t	HELD	2026-11-23 02:07:09.368+00	2026-11-23 02:07:10.368015+00	1	0	0
1	6b039fcdca23ded903dfaaee	6b039fcdcca50457825c1db9	0		-infinity	f	HELD	2026-11-23 02:07:09.381+00	2026-11-23 02:07:10.381718+00	1	0	0
1	6b039fcdca23ded903dfaaee	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	HELD	2026-11-23 02:07:09.381+00	2026-11-23 02:07:10.381718+00	1	0	0
1	6b039fcd5c2145962066c271	6b039fcd5683e8d9de82bb36	10	6b039fcd71562323c5aeefab	-infinity	f	HELD	2026-11-23 02:07:09.437+00	2026-11-23 02:07:10.437968+00	1	0	0
1	6b039fcd5c2145962066c271	6b039fcdcca50457825c1db9	0		-infinity	f	HELD	2026-11-23 02:07:09.437+00	2026-11-23 02:07:10.437968+00	2	0	0
1	6b039fcd5c2145962066c271	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	HELD	2026-11-23 02:07:09.437+00	2026-11-23 02:07:10.437968+00	2	0	0
1	6b039fcd903a1b0dffa54eb9	6b039fcdcca50457825c1db9	0		-infinity	f	REDEEMED	2026-11-23 02:07:09.466+00	\N	1	0	0
1	6b039fcd903a1b0dffa54eb9	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	REDEEMED	2026-11-23 02:07:09.466+00	\N	1	0	0
1	6b039fcd903a1b0dffa54eb9	6b039fcdcca50457825c1db9	2	emil	-infinity	f	REDEEMED	2026-11-23 02:07:09.466+00	\N	1	0	0
1	6b039fcd903a1b0dffa54eb9	6b039fcdf6f1e929eefd5d27	0	emil	-infinity	t	REDEEMED	2026-11-23 02:07:09.466+00	\N	1	0	0
1	6b039fcd99ff532deab25ff6	6b039fcdcca50457825c1db9	0		-infinity	f	REDEEMED	2026-11-23 02:07:09.503+00	\N	1	0	0
1	6b039fcd99ff532deab25ff6	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	REDEEMED	2026-11-23 02:07:09.503+00	\N	1	0	0
1	6b039fcd5c2145962066c271	6b039fcdf6f1e929eefd5d27	0	anna	-infinity	t	HELD	2026-11-23 02:07:09.437+00	2026-11-23 02:07:10.437968+00	1	0	0
1	6b039fcdd960962dacce44cd	6b039fcdcca50457825c1db9	0		-infinity	f	HELD	2026-11-23 02:07:09.448+00	2026-11-23 02:07:10.448068+00	1	0	0
1	6b039fcdd960962dacce44cd	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	HELD	2026-11-23 02:07:09.448+00	2026-11-23 02:07:10.448068+00	1	0	0
1	6b039fcdf1d76d01d7b684cd	6b039fcd110e3e336a105544	10	6b039fcdc6a516bf9cf9b287	-infinity	f	HELD	2026-11-23 02:07:09.454+00	2099-01-01 00:00:00+00	1	0	0
1	6b039fcdf1d76d01d7b684cd	6b039fcd587bdd765f17a18d	0		-infinity	f	HELD	2026-11-23 02:07:09.454+00	2099-01-01 00:00:00+00	1	0	0
1	6b039fcdf1d76d01d7b684cd	6b039fcd587bdd765f17a18d	1	FREE	-infinity	f	HELD	2026-11-23 02:07:09.454+00	2099-01-01 00:00:00+00	1	0	0
1	6b039fcdaecf073fb97d21b2	6b039fcd587bdd765f17a18d	0		-infinity	f	HELD	2026-11-23 02:07:09.486+00	2026-11-23 02:07:10.486474+00	1	0	0
1	6b039fcdaecf073fb97d21b2	6b039fcd587bdd765f17a18d	1	FREE	-infinity	f	HELD	2026-11-23 02:07:09.486+00	2026-11-23 02:07:10.486474+00	1	0	0
1	6b039fcdaecf073fb97d21b2	6b039fcdcca50457825c1db9	0		-infinity	f	HELD	2026-11-23 02:07:09.486+00	2026-11-23 02:07:10.486474+00	1	0	0
1	6b039fcdaecf073fb97d21b2	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	HELD	2026-11-23 02:07:09.486+00	2026-11-23 02:07:10.486474+00	1	0	0
1	6b039fcdaecf073fb97d21b2	6b039fcdcca50457825c1db9	2	anna	-infinity	f	HELD	2026-11-23 02:07:09.486+00	2026-11-23 02:07:10.486474+00	1	0	0
1	6b039fcd99ff532deab25ff6	6b039fcdcca50457825c1db9	2	carl	-infinity	f	REDEEMED	2026-11-23 02:07:09.503+00	\N	1	0	0
2	6b039fcd3e4942074381e6a4	6b039fcd46900dfaad0056a2	0		-infinity	f	REDEEMED	2026-11-23 02:07:09.546+00	\N	1	0	0
2	6b039fcd3fb6ec396ae828f0	6b039fcd46900dfaad0056a2	0		-infinity	f	REDEEMED	2026-11-23 02:07:09.548+00	\N	1	0	0
1	6b039fcd5c2145962066c271	6b039fcdcca50457825c1db9	2	anna	-infinity	f	HELD	2026-11-23 02:07:09.437+00	2026-11-23 02:07:10.437968+00	1	0	0
1	6b039fcd5c2145962066c271	6b039fcdf5d077b3ebae7db4	0	6b039fcd3c59f46e8676b707	-infinity	f	HELD	2026-11-23 02:07:09.437+00	2026-11-23 02:07:10.437968+00	1	0	0
1	6b039fcd5c2145962066c271	6b039fcdf5d077b3ebae7db4	10	6b039fcd3c59f46e8676b707	-infinity	f	HELD	2026-11-23 02:07:09.437+00	2026-11-23 02:07:10.437968+00	1	0	0
1	6b039fcd2a0643609e508b6d	6b039fcd5683e8d9de82bb36	10	6b039fcda68a4aae73361367	-infinity	f	HELD	2026-11-23 02:07:09.494+00	2026-11-23 02:07:10.49483+00	1	0	0
1	6b039fcd2a0643609e508b6d	6b039fcdcca50457825c1db9	0		-infinity	f	HELD	2026-11-23 02:07:09.494+00	2026-11-23 02:07:10.49483+00	1	0	0
1	6b039fcd2a0643609e508b6d	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	HELD	2026-11-23 02:07:09.494+00	2026-11-23 02:07:10.49483+00	1	0	0
1	6b039fcd2a0643609e508b6d	6b039fcdcca50457825c1db9	2	carl	-infinity	f	HELD	2026-11-23 02:07:09.494+00	2026-11-23 02:07:10.49483+00	1	0	0
1	6b039fcde6418e01462b0ab6	6b039fcdcca50457825c1db9	0		-infinity	f	HELD	2026-11-23 02:07:09.512+00	2026-11-23 02:07:10.512798+00	1	0	0
1	6b039fcde6418e01462b0ab6	6b039fcdcca50457825c1db9	1		2026-11-01 00:00:00+00	f	HELD	2026-11-23 02:07:09.512+00	2026-11-23 02:07:10.512798+00	1	0	0
1	6b039fcde6418e01462b0ab6	6b039fcdcca50457825c1db9	2	dora	-infinity	f	HELD	2026-11-23 02:07:09.512+00	2026-11-23 02:07:10.512798+00	1	0	0
\.


--
-- Name: event_order; Type: SEQUENCE SET; Schema: promo; Owner: -
--

SELECT pg_catalog.setval('promo.event_order', 126, true);


--
-- Name: promotion_order; Type: SEQUENCE SET; Schema: promo; Owner: -
--

SELECT pg_catalog.setval('promo.promotion_order', 20, true);


--
-- PostgreSQL database dump complete
--


