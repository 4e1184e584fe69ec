-- Who the caller is: who logged in, or who SET ROLE names, whatever functions of others a call comes through and whoever
-- owns them. What each may do for an organization that lists members, for another's, and for one that lists nobody.
-- Contract: spec/api.md (tenancy).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
-- 7851 lists promo_test_shop, 7852 promo_test_rival, 7853 nobody.
SELECT count(promo_configure('{}', n)) AS organizations FROM generate_series(7851, 7853) n;
CREATE ROLE promo_test_shop IN ROLE promo_app, promo_reader; CREATE ROLE promo_test_rival IN ROLE promo_app, promo_reader;
INSERT INTO promo.org_member VALUES (7851, 'promo_test_shop'), (7852, 'promo_test_rival');
CREATE SCHEMA probe;
GRANT USAGE ON SCHEMA probe TO PUBLIC;
-- What the session can do: for which organizations a call is made, whose rows are seen.
CREATE FUNCTION probe.can() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n bigint; called text; seen text;
BEGIN
    FOR n IN 7851 .. 7853 LOOP
        BEGIN
            PERFORM promo_pending_carts(1, n);
            called := concat_ws(',', called, n);
        EXCEPTION WHEN insufficient_privilege THEN NULL;
        END;
    END LOOP;
    BEGIN
        SELECT string_agg(org_id::text, ',' ORDER BY org_id) INTO seen FROM promo.organization WHERE org_id BETWEEN 7851 AND 7853;
    EXCEPTION WHEN insufficient_privilege THEN seen := '42501';
    END;
    RETURN format('calls %s, sees %s', coalesce(called, 'none'), coalesce(seen, 'none'));
END
$$;
SELECT probe.can() AS superuser;
-- By SET ROLE, by SET SESSION AUTHORIZATION, and from that back by RESET ROLE.
SET LOCAL ROLE promo_test_shop;
SELECT probe.can() AS shop;
SET LOCAL ROLE promo_test_rival;
SELECT probe.can() AS rival;
RESET ROLE;
SET LOCAL SESSION AUTHORIZATION promo_test_shop;
SELECT probe.can() AS shop;
-- A listed role that makes itself one that it is a member of is that one: promo_app is listed nowhere, and may act for
-- organizations that list nobody. Those are open to whoever may call; list the members of every organization.
SET LOCAL ROLE promo_app;
SELECT probe.can() AS app;
RESET ROLE;
SELECT probe.can() AS shop;
RESET SESSION AUTHORIZATION;
-- A superuser by name alone, not by membership; one above row-level security sees all, and calls as he is listed.
CREATE ROLE promo_test_root SUPERUSER; CREATE ROLE promo_test_near IN ROLE promo_test_root, promo_app, promo_reader; CREATE ROLE promo_test_above BYPASSRLS IN ROLE promo_app, promo_reader;
SET LOCAL ROLE promo_test_root;
SELECT probe.can() AS root;
RESET ROLE;
SET LOCAL ROLE promo_test_near;
SELECT probe.can() AS member_of_root;
RESET ROLE;
SET LOCAL ROLE promo_test_above;
SELECT probe.can() AS bypassrls;
RESET ROLE;
-- Members of listed roles, with what is theirs by membership and without (NOINHERIT): a member of both acts for both.
CREATE ROLE promo_test_clerk IN ROLE promo_test_shop; CREATE ROLE promo_test_noinherit NOINHERIT IN ROLE promo_test_shop; CREATE ROLE promo_test_both IN ROLE promo_test_shop, promo_test_rival;
GRANT promo_app, promo_reader TO promo_test_noinherit;
SET LOCAL ROLE promo_test_clerk;
SELECT probe.can() AS clerk;
RESET ROLE;
SET LOCAL ROLE promo_test_noinherit;
SELECT has_function_privilege('promo_pending_carts(bigint, bigint)', 'EXECUTE') AS may_call;
RESET ROLE;
GRANT EXECUTE ON FUNCTION promo_pending_carts(bigint, bigint) TO promo_test_noinherit;
SET LOCAL ROLE promo_test_noinherit;
SELECT probe.can() AS noinherit;
RESET ROLE;
SET LOCAL ROLE promo_test_both;
SELECT probe.can() AS both;
RESET ROLE;
-- Functions that others made SECURITY DEFINER lend their owner's right to call, not his organizations; to read they lend
-- what both may.
CREATE ROLE promo_test_guest;
CREATE FUNCTION probe.by_shop() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT probe.can() $$;
ALTER FUNCTION probe.by_shop() OWNER TO promo_test_shop;
CREATE FUNCTION probe.by_root() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT probe.can() $$;
ALTER FUNCTION probe.by_root() OWNER TO promo_test_root;
SET LOCAL ROLE promo_test_guest;
SELECT probe.can() AS guest, probe.by_shop() AS guest_by_shop, probe.by_root() AS guest_by_root;
SET LOCAL ROLE promo_test_rival;
SELECT probe.by_shop() AS rival_by_shop, probe.by_root() AS rival_by_root;
SET LOCAL ROLE promo_test_shop;
SELECT probe.by_shop() AS shop_by_shop;
RESET ROLE;
-- A SET clause of a function names the caller while it runs; within SECURITY DEFINER nobody can say he is another.
CREATE FUNCTION probe.as_rival() RETURNS text LANGUAGE sql SET role = promo_test_rival AS $$ SELECT probe.can() $$;
SELECT probe.as_rival() AS superuser_as_rival;
CREATE FUNCTION probe.pretend() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM set_config('role', 'promo_test_rival', true); RETURN probe.can(); END $$;
\set VERBOSITY sqlstate
SELECT probe.pretend();
\set VERBOSITY default
-- Names in capitals and with quotes, and one as long as names may be.
CREATE ROLE "promo_test ""Shop"""; CREATE ROLE promo_test_a_name_of_sixty_three_characters_which_is_all_there_;
GRANT promo_app, promo_reader TO "promo_test ""Shop""", promo_test_a_name_of_sixty_three_characters_which_is_all_there_;
INSERT INTO promo.org_member VALUES (7851, 'promo_test "Shop"'), (7852, 'promo_test_a_name_of_sixty_three_characters_which_is_all_there_');
SET LOCAL ROLE "promo_test ""Shop""";
SELECT probe.can() AS quoted;
RESET ROLE;
SET LOCAL ROLE promo_test_a_name_of_sixty_three_characters_which_is_all_there_;
SELECT probe.can() AS long;
RESET ROLE;
-- A role that is made anew under a listed name has what the name is listed for.
DROP OWNED BY promo_test_rival; DROP ROLE promo_test_both; DROP ROLE promo_test_rival; CREATE ROLE promo_test_rival IN ROLE promo_app, promo_reader;
SET LOCAL ROLE promo_test_rival;
SELECT probe.can() AS again;
RESET ROLE;
-- What a reader may ask about himself, and no more than he sees about others.
SET LOCAL ROLE promo_test_shop;
SELECT n, promo.may_act_for(n), promo.may_act_for(n, 'promo_test_rival') AS beside_rival FROM generate_series(7851, 7854) n;
SELECT promo.may_act_for(NULL) AS no_organization, promo.may_act_for(7851, 'nobody of this name') AS beside_nobody;
SELECT * FROM promo.org_member WHERE org_id > 7850 ORDER BY 1, 2;
ROLLBACK;
