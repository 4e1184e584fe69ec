package shop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import shop.Checkout.Cart;
import shop.Checkout.CustomerBusyException;
import shop.Checkout.Placed;
import shop.Checkout.Price;
import shop.Checkout.PriceChangedException;

/**
 * The story of examples/README.md, with JDBC: prints examples/story.txt, and fails where it would print anything else.
 * The database is that of PGHOST (a host: JDBC knows no Unix sockets), PGPORT, PGDATABASE, PGUSER and PGPASSWORD.
 */
public final class Story {
    private static final long ANN = 1, BEN = 2, CLEO = 3, DAN = 4, EVE = 5;
    private static final long WEB_SHOP = 1, MARKET_STALL = 2;

    private final List<String> told = new ArrayList<>();

    private void tell(String line, Object... values) {
        var text = line.formatted(values);
        System.out.println(text);
        told.add(text);
    }

    private static DataSource database(String lockTimeout) {
        var environment = System.getenv();
        var dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {environment.getOrDefault("PGHOST", "localhost")});
        dataSource.setPortNumbers(new int[] {Integer.parseInt(environment.getOrDefault("PGPORT", "5432"))});
        dataSource.setDatabaseName(environment.getOrDefault("PGDATABASE", "postgres"));
        dataSource.setUser(environment.getOrDefault("PGUSER", "postgres"));
        dataSource.setPassword(environment.get("PGPASSWORD"));
        dataSource.setOptions("-c lock_timeout=" + lockTimeout);
        return dataSource;
    }

    private static Cart cart(long customerId, String cartId, Map<String, Integer> items) {
        return new Cart(customerId, cartId, new LinkedHashMap<>(items), List.of());
    }

    private static String shown(Price price) {
        return price.payable() + (price.isHeld() ? ", held" : ", not held");
    }

    private static String ordered(Placed placed) {
        var text = new StringBuilder("%s, %d %s redeemed".formatted(
                placed.total(), placed.promotions(), placed.promotions() == 1 ? "promotion" : "promotions"));
        placed.retriedAfter().forEach(reason -> text.append(", tried again after ").append(reason));
        return text.toString();
    }

    private static String payAndOrder(Checkout checkout, String orderId, Price price) throws Exception {
        var payment = checkout.takePayment(orderId, price.payable());
        try {
            return ordered(checkout.placeOrder(orderId, price, payment));
        } catch (PriceChangedException changed) {
            return "the price has changed, %s given back".formatted(checkout.givePaymentBack(payment));
        }
    }

    /** Another session, which gets in the way and knows when it is waited for (examples/rival.sql). */
    private static final class Rival implements AutoCloseable {
        private final Connection connection;

        Rival() throws SQLException {
            connection = database("30s").getConnection();
            connection.setAutoCommit(false);
        }

        private void execute(String query) throws SQLException {
            try (var statement = connection.createStatement()) {
                statement.execute(query);
            }
        }

        void hasALamp() throws SQLException {
            execute("UPDATE products SET stock = stock WHERE sku = 'lamp'");
        }

        void serves(long customerId) throws SQLException {
            var cart = "{\"customerId\": %d, \"cartId\": \"rival\", \"amount\": 1}".formatted(customerId);
            execute("SELECT promo_evaluate(cart => '%s', org_id => %d)".formatted(cart, WEB_SHOP));
        }

        void waitsUntilAwaited() throws SQLException {
            execute("SELECT rival.awaited()");
        }

        void endsWhoWaits() throws SQLException {
            execute("SELECT pg_terminate_backend(rival.awaited())");
        }

        void commits() throws SQLException {
            connection.commit();
        }

        void rollsBack() throws SQLException {
            connection.rollback();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    /** Starts what a rival gets in the way of. */
    private static <T> FutureTask<T> beginning(Callable<T> work) {
        var task = new FutureTask<>(work);
        var thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private void tellAll() throws Exception {
        var webShop = new Checkout(database("5s"), WEB_SHOP);
        var marketStall = new Checkout(database("5s"), MARKET_STALL);

        tell("1. What Ann's cart would cost");
        var items = new LinkedHashMap<String, Integer>();
        items.put("lamp", 2);
        items.put("mug", 3);
        var anns = new Cart(ANN, "ann-1", items, List.of("HELLO5", "SUMMER"));
        var preview = webShop.preview(anns);
        preview.lines().forEach(line ->
                tell("   %s x %d: %s, less %s", line.sku(), line.qty(), line.amount(), line.discount()));
        preview.promotions().forEach((name, discount) -> tell("   %s: %s", name, discount));
        preview.refusedCodes().forEach(refused -> tell("   code %s: %s", refused.code(), refused.message()));
        tell("   to pay: %s", preview.payable());

        tell("2. Held while Ann pays");
        var first = webShop.evaluate(anns);
        tell("   to pay: %s", shown(first));
        var held = webShop.evaluate(anns);
        tell("   evaluated again: %s", shown(held));
        tell("   carts held for Ann: %d", webShop.heldCarts(ANN).size());

        tell("3. Paid and ordered");
        tell("   order W-1, as evaluated first: %s", payAndOrder(webShop, "W-1", first));
        tell("   order W-1: %s", payAndOrder(webShop, "W-1", held));
        tell("   carts held for Ann: %d", webShop.heldCarts(ANN).size());

        tell("4. Ben gives his cart up");
        var givenUp = webShop.evaluate(cart(BEN, "ben-1", Map.of("lamp", 1)));
        tell("   to pay: %s", shown(givenUp));
        tell("   carts held for Ben: %d", webShop.heldCarts(BEN).size());
        tell("   cancelled: %s", webShop.cancel(givenUp) ? "yes" : "no");
        tell("   carts held for Ben: %d", webShop.heldCarts(BEN).size());
        tell("   cancelled again: %s", webShop.cancel(givenUp) ? "yes" : "no");

        tell("5. Ann sends things back");
        var refund = webShop.takeBack("W-1", "R-1", Map.of("lamp", 1));
        tell("   1 lamp: %s back, promotions to be used again: %d", refund.amount(), refund.promotions());
        refund = webShop.takeBack("W-1", "R-2", null);
        tell("   all the rest: %s back, promotions to be used again: %d", refund.amount(), refund.promotions());
        refund = webShop.takeBack("W-1", "R-1", Map.of("lamp", 1));
        tell("   R-1 asked for again: %s back", refund.amount());

        tell("6. The last one goes to somebody else");
        anns = cart(ANN, "ann-2", Map.of("lamp", 1));
        var anns10Off = marketStall.evaluate(anns);
        tell("   Ann is shown: %s", shown(anns10Off));
        var bens = marketStall.evaluate(cart(BEN, "ben-2", Map.of("lamp", 1)));
        tell("   order S-1, Ben's: %s", payAndOrder(marketStall, "S-1", bens));
        tell("   order S-2: %s", payAndOrder(marketStall, "S-2", anns10Off));
        var fullPrice = marketStall.evaluate(anns);
        tell("   Ann is shown: %s", shown(fullPrice));
        tell("   order S-2: %s", payAndOrder(marketStall, "S-2", fullPrice));

        tell("7. A serializable order meets another transaction");
        var cleos = webShop.evaluate(cart(CLEO, "cleo-1", Map.of("lamp", 1)));
        var cleosPayment = webShop.takePayment("W-2", cleos.payable());
        try (var rival = new Rival()) {
            rival.hasALamp();
            var placing = beginning(
                    () -> webShop.placeOrder("W-2", cleos, cleosPayment, Connection.TRANSACTION_SERIALIZABLE));
            rival.waitsUntilAwaited();
            rival.commits();
            tell("   order W-2: %s", ordered(placing.get()));
        }

        tell("8. A deadlock with the shop's own tables");
        var dans = webShop.evaluate(cart(DAN, "dan-1", Map.of("lamp", 1)));
        var dansPayment = webShop.takePayment("W-3", dans.payable());
        try (var rival = new Rival()) {
            rival.hasALamp();
            var placing = beginning(() -> webShop.placeOrder("W-3", dans, dansPayment));
            rival.waitsUntilAwaited();
            // The order has Dan and waits for the lamp; the rival has the lamp and waits for Dan.
            // Who waits longer gives way.
            rival.serves(DAN);
            rival.rollsBack();
            tell("   order W-3: %s", ordered(placing.get()));
        }

        tell("9. Another session serves Eve");
        var impatient = new Checkout(database("100ms"), WEB_SHOP);
        var evesCart = cart(EVE, "eve-1", Map.of("lamp", 1));
        Price eves;
        try (var rival = new Rival()) {
            rival.serves(EVE);
            try {
                tell("   to pay: %s", shown(impatient.evaluate(evesCart)));
            } catch (CustomerBusyException busy) {
                tell("   to pay: try again in a moment");
            }
            rival.rollsBack();
            eves = impatient.evaluate(evesCart);
            tell("   to pay: %s", shown(eves));
        }

        tell("10. The connection breaks while Eve's order is placed");
        var evesPayment = webShop.takePayment("W-4", eves.payable());
        try (var rival = new Rival()) {
            rival.serves(EVE);
            var placing = beginning(() -> webShop.placeOrder("W-4", eves, evesPayment));
            rival.endsWhoWaits();
            rival.rollsBack();
            tell("   order W-4: %s", ordered(placing.get()));
        }
        tell("   sent once more: %s", ordered(webShop.placeOrder("W-4", eves, evesPayment)));
    }

    public static void main(String[] arguments) throws Exception {
        var story = new Story();
        story.tellAll();
        if (!story.told.equals(Files.readAllLines(Path.of("examples/story.txt")))) {
            System.err.println("this is not what examples/story.txt tells");
            System.exit(1);
        }
    }
}
