package shop;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.postgresql.util.PSQLException;

/**
 * A shop's checkout: prices carts, holds what they were promised, and places orders, with JDBC. One for each
 * organization of the promotion engine. A web server's DataSource would be a pool.
 */
public final class Checkout {
    private static final int MOST_TRIES = 5;

    /**
     * What was evaluated can't be had any more (PE409), or the cart was evaluated again or given up since (PE120).
     *
     * <p>Nothing was ordered: give the payment back, evaluate again.
     */
    public static final class PriceChangedException extends Exception {
        private static final long serialVersionUID = 1;

        PriceChangedException(String detail, SQLException cause) {
            super(detail, cause);
        }
    }

    /** Another session serves the customer (55P03, PE521). Nothing happened: try again in a moment. */
    public static final class CustomerBusyException extends Exception {
        private static final long serialVersionUID = 1;

        CustomerBusyException(SQLException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** @param items how many of which product, in the order of the cart's lines */
    public record Cart(long customerId, String cartId, LinkedHashMap<String, Integer> items, List<String> promoCodes) {}

    public record PricedLine(String sku, int qty, BigDecimal amount, BigDecimal discount) {}

    public record RefusedCode(String code, String message) {}

    /**
     * @param evaluationId empty for a preview, which can't be ordered
     * @param promotions what each promotion takes off, by its name
     */
    public record Price(
            Optional<String> evaluationId,
            long customerId,
            List<PricedLine> lines,
            Map<String, BigDecimal> promotions,
            List<RefusedCode> refusedCodes,
            BigDecimal amount,
            BigDecimal discount,
            BigDecimal payable,
            boolean isHeld) {}

    /**
     * @param promotions how many were redeemed
     * @param retriedAfter why it took more than one try
     */
    public record Placed(BigDecimal total, int promotions, List<String> retriedAfter) {}

    /** @param promotions how many can be used again */
    public record Refund(BigDecimal amount, long promotions) {}

    private final DataSource dataSource;
    private final long orgId;

    public Checkout(DataSource dataSource, long orgId) {
        this.dataSource = dataSource;
        this.orgId = orgId;
    }

    /** What the cart would cost. Writes nothing, holds nothing. */
    public Price preview(Cart cart) throws SQLException, CustomerBusyException {
        return price(cart, call("promo_preview(cart => ?::jsonb, org_id => ?)", request(cart)));
    }

    /** What the cart costs; the web shop's carts are held at that for lockTtlSeconds. */
    public Price evaluate(Cart cart) throws SQLException, CustomerBusyException {
        var answer = call("promo_evaluate(cart => ?::jsonb, org_id => ?)", request(cart));
        return price(cart, answer.getAsJsonObject("data"));
    }

    /** The evaluations that are held for the customer, newest first. */
    public List<String> heldCarts(long customerId) throws SQLException, CustomerBusyException {
        try {
            var answer = call("promo_pending_carts(?::bigint, org_id => ?)", customerId);
            return objects(answer.getAsJsonObject("data"), "tempRedemptionDetails").stream()
                    .map(cart -> cart.get("cartEvaluationId").getAsString())
                    .toList();
        } catch (SQLException error) {
            if ("PE404".equals(error.getSQLState())) {
                return List.of();
            }
            throw error;
        }
    }

    /** Gives a held cart up. False: it was not held any more, which is as good. */
    public boolean cancel(Price price) throws SQLException, CustomerBusyException {
        try {
            call("promo_cancel(?::bigint, ?, org_id => ?)", price.customerId(), price.evaluationId().orElseThrow());
            return true;
        } catch (SQLException error) {
            if ("PE120".equals(error.getSQLState())) {
                return false;
            }
            throw error;
        }
    }

    /** Stands for the payment provider's call, which no transaction of ours can undo. */
    public long takePayment(String orderId, BigDecimal amount) throws SQLException {
        var query = "INSERT INTO payments (order_id, amount) VALUES (?, ?) RETURNING payment_id";
        try (var connection = dataSource.getConnection();
                var statement = prepare(connection, query, orderId, amount);
                var rows = statement.executeQuery()) {
            return only(rows).getLong(1);
        }
    }

    public BigDecimal givePaymentBack(long paymentId) throws SQLException {
        var query = "UPDATE payments SET state = 'GIVEN_BACK'"
                + " WHERE payment_id = ? AND state = 'TAKEN' RETURNING amount";
        try (var connection = dataSource.getConnection();
                var statement = prepare(connection, query, paymentId);
                var rows = statement.executeQuery()) {
            return only(rows).getBigDecimal(1);
        }
    }

    /** As the other, READ COMMITTED. */
    public Placed placeOrder(String orderId, Price price, long paymentId)
            throws SQLException, PriceChangedException, CustomerBusyException, InterruptedException {
        return placeOrder(orderId, price, paymentId, Connection.TRANSACTION_READ_COMMITTED);
    }

    /**
     * Redeems the evaluation and inserts the order, in one transaction: both are there, or neither.
     *
     * <p>May be called again with the same arguments, whatever became of it before: an order that is there stays as it
     * is.
     *
     * @throws PriceChangedException where the price can't be had any more
     */
    public Placed placeOrder(String orderId, Price price, long paymentId, int isolation)
            throws SQLException, PriceChangedException, CustomerBusyException, InterruptedException {
        try {
            var done = inTransaction(isolation, connection -> redeemAndInsert(connection, orderId, price, paymentId));
            return new Placed(price.payable(), done.result(), done.retriedAfter());
        } catch (SQLException error) {
            if ("PE409".equals(error.getSQLState()) || "PE120".equals(error.getSQLState())) {
                throw new PriceChangedException(detail(error), error);
            }
            throw error;
        }
    }

    private int redeemAndInsert(Connection connection, String orderId, Price price, long paymentId)
            throws SQLException {
        // The engine first: it takes the customer's lock, and a price that is gone fails before anything is written.
        var request = new JsonObject();
        request.addProperty("customerId", price.customerId());
        request.addProperty("transactionId", orderId);
        request.addProperty("evaluationId", price.evaluationId().orElseThrow());
        var redeem = "promo_redeem(request => ?::jsonb, org_id => ?)";
        var redeemed = answer(connection, redeem, request.toString(), orgId);
        var insertOrder = "INSERT INTO orders (order_id, org_id, customer_id, payment_id, amount, discount, total)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO NOTHING";
        int inserted = execute(connection, insertOrder, orderId, orgId, price.customerId(), paymentId, price.amount(),
                price.discount(), price.payable());
        if (inserted == 1) {
            // Products in one order, so that two orders can't wait for one another.
            var lines = price.lines().stream().sorted(Comparator.comparing(PricedLine::sku)).toList();
            for (var line : lines) {
                execute(connection,
                        "INSERT INTO order_line (order_id, sku, qty, amount, discount) VALUES (?, ?, ?, ?, ?)",
                        orderId, line.sku(), line.qty(), line.amount(), line.discount());
                execute(connection, "UPDATE products SET stock = stock - ? WHERE sku = ?", line.qty(), line.sku());
            }
        }
        return redeemed.getAsJsonArray("redemptions").size();
    }

    /**
     * Takes units of an order back, and notes what is to be refunded. The same returnId again gives the same answer,
     * and refunds nothing twice.
     *
     * @param items how many of which product; null: all that is left of the order
     */
    public Refund takeBack(String orderId, String returnId, Map<String, Integer> items)
            throws SQLException, CustomerBusyException, InterruptedException {
        var request = new JsonObject();
        request.addProperty("transactionId", orderId);
        request.addProperty("returnId", returnId);
        if (items != null) {
            var lines = new JsonArray();
            items.forEach((sku, qty) -> {
                var line = new JsonObject();
                line.addProperty("sku", sku);
                line.addProperty("qty", qty);
                lines.add(line);
            });
            request.add("lines", lines);
        }
        int isolation = Connection.TRANSACTION_READ_COMMITTED;
        return inTransaction(isolation, connection -> returnAndInsert(connection, request)).result();
    }

    private Refund returnAndInsert(Connection connection, JsonObject request) throws SQLException {
        var answer = answer(connection, "promo_return(request => ?::jsonb, org_id => ?)", request.toString(), orgId);
        var amount = money(answer.get("net"));
        int inserted = execute(connection,
                "INSERT INTO refunds (order_id, return_id, amount) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                request.get("transactionId").getAsString(), request.get("returnId").getAsString(), amount);
        if (inserted == 1) {
            var lines = new ArrayList<>(objects(answer, "lines"));
            lines.sort(Comparator.comparing(line -> line.get("sku").getAsString()));
            for (var line : lines) {
                execute(connection, "UPDATE products SET stock = stock + ? WHERE sku = ?",
                        line.get("qty").getAsBigDecimal(), line.get("sku").getAsString());
            }
        }
        long promotions = objects(answer, "restored").stream()
                .filter(promotion -> promotion.get("redemptionCount").getAsLong() > 0)
                .count();
        return new Refund(amount, promotions);
    }

    @FunctionalInterface
    private interface Work<T> {
        T runIn(Connection connection) throws SQLException;
    }

    private record Done<T>(T result, List<String> retriedAfter) {}

    /**
     * Commits what the work did, or leaves nothing of it; runs it again where that is all that is needed. Work that may
     * have been committed is run again, too.
     */
    private <T> Done<T> inTransaction(int isolation, Work<T> work)
            throws SQLException, CustomerBusyException, InterruptedException {
        var retriedAfter = new ArrayList<String>();
        while (true) {
            // A connection that is closed before its commit leaves nothing.
            try (var connection = dataSource.getConnection()) {
                connection.setTransactionIsolation(isolation);
                connection.setAutoCommit(false);
                T result = work.runIn(connection);
                connection.commit();
                return new Done<>(result, List.copyOf(retriedAfter));
            } catch (SQLException error) {
                throwWhereBusy(error);
                var reason = reasonToRetry(error);
                if (reason.isEmpty() || retriedAfter.size() + 1 == MOST_TRIES) {
                    throw error;
                }
                retriedAfter.add(reason.get());
            }
            // Whoever it met runs again as well: not both at the same moment.
            Thread.sleep(ThreadLocalRandom.current().nextLong(20L << retriedAfter.size()));
        }
    }

    private record Product(BigDecimal price, String[] categories) {}

    private String request(Cart cart) throws SQLException {
        var products = new HashMap<String, Product>();
        try (var connection = dataSource.getConnection();
                var statement = prepare(connection, "SELECT sku, price, categories FROM products WHERE sku = ANY (?)",
                        connection.createArrayOf("text", cart.items().keySet().toArray()));
                var rows = statement.executeQuery()) {
            while (rows.next()) {
                products.put(rows.getString(1),
                        new Product(rows.getBigDecimal(2), (String[]) rows.getArray(3).getArray()));
            }
        }
        var gson = new Gson();
        var lines = new JsonArray();
        var total = BigDecimal.ZERO;
        for (var item : cart.items().entrySet()) {
            var product = products.get(item.getKey());
            if (product == null) {
                throw new IllegalArgumentException("there is no product " + item.getKey());
            }
            var amount = product.price().multiply(BigDecimal.valueOf(item.getValue()));
            total = total.add(amount);
            var line = new JsonObject();
            line.addProperty("sku", item.getKey());
            line.addProperty("qty", item.getValue());
            line.addProperty("amount", amount.toPlainString());
            line.add("categoryList", gson.toJsonTree(product.categories()));
            lines.add(line);
        }
        var request = new JsonObject();
        request.addProperty("customerId", cart.customerId());
        request.addProperty("cartId", cart.cartId());
        request.addProperty("amount", total.toPlainString());
        request.add("cartItems", lines);
        request.add("promoCodes", gson.toJsonTree(cart.promoCodes()));
        return request.toString();
    }

    private static Price price(Cart cart, JsonObject data) {
        var lines = new ArrayList<PricedLine>();
        var applied = new ArrayList<JsonObject>();
        for (var line : objects(data, "cartItems")) {
            var sku = line.get("sku").getAsString();
            lines.add(new PricedLine(sku, cart.items().get(sku), money(line.get("amount")),
                    money(line.get("allocatedDiscount"))));
            applied.addAll(objects(line, "appliedPromotions"));
        }
        // A line's promotion stands in each line that it lowered, the cart's at the top.
        applied.addAll(objects(data, "appliedPromotions"));
        var promotions = new LinkedHashMap<String, BigDecimal>();
        for (var entry : applied) {
            promotions.merge(entry.get("name").getAsString(), money(entry.get("discount")), BigDecimal::add);
        }
        var refused = objects(data, "promoCodeEvaluationLogs").stream()
                .map(log -> new RefusedCode(log.get("promoCode").getAsString(), log.get("message").getAsString()))
                .toList();
        return new Price(
                Optional.ofNullable(data.get("evaluationId")).map(JsonElement::getAsString),
                cart.customerId(), lines, promotions, refused,
                money(data.get("amount")), money(data.get("totalDiscount")), money(data.get("payableAmount")),
                data.has("validTillTime"));
    }

    /** The engine's "104.500000" as 104.50; what has more digits than cents is no amount to be paid, and fails. */
    private static BigDecimal money(JsonElement text) {
        return text.getAsBigDecimal().setScale(2);
    }

    private static List<JsonObject> objects(JsonObject parent, String name) {
        return StreamSupport.stream(parent.getAsJsonArray(name).spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    /** One call of the engine, in a transaction of its own; the organization is its last parameter. */
    private JsonObject call(String call, Object... parameters) throws SQLException, CustomerBusyException {
        var all = new ArrayList<>(List.of(parameters));
        all.add(orgId);
        try (var connection = dataSource.getConnection()) {
            return answer(connection, call, all.toArray());
        } catch (SQLException error) {
            throwWhereBusy(error);
            throw error;
        }
    }

    private static JsonObject answer(Connection connection, String call, Object... parameters) throws SQLException {
        try (var statement = prepare(connection, "SELECT " + call, parameters);
                var rows = statement.executeQuery()) {
            return JsonParser.parseString(only(rows).getString(1)).getAsJsonObject();
        }
    }

    private static int execute(Connection connection, String query, Object... parameters) throws SQLException {
        try (var statement = prepare(connection, query, parameters)) {
            return statement.executeUpdate();
        }
    }

    private static PreparedStatement prepare(Connection connection, String query, Object... parameters)
            throws SQLException {
        var statement = connection.prepareStatement(query);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    private static ResultSet only(ResultSet rows) throws SQLException {
        if (!rows.next()) {
            throw new IllegalStateException("one row was expected, none was found");
        }
        return rows;
    }

    private static void throwWhereBusy(SQLException error) throws CustomerBusyException {
        if ("55P03".equals(error.getSQLState()) || "PE521".equals(error.getSQLState())) {
            throw new CustomerBusyException(error);
        }
    }

    private static String detail(SQLException error) {
        return error instanceof PSQLException told && told.getServerErrorMessage() != null
                ? told.getServerErrorMessage().getDetail()
                : error.getMessage();
    }

    /** Why the same transaction may be run again; empty where that would be of no use. */
    private static Optional<String> reasonToRetry(SQLException error) {
        var state = String.valueOf(error.getSQLState());
        return switch (state) {
            case "40001", "40P01" -> Optional.of(state);
            // A connection that could not be made, or broke: whether the transaction was committed is not known.
            case "57P01", "57P02", "57P03" -> Optional.of("a lost connection");
            default -> state.startsWith("08") ? Optional.of("a lost connection") : Optional.empty();
        };
    }
}
