package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.toolkit.copy.BucketComparison;
import io.watchkeeper.toolkit.copy.RateLimit;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows that differ between two open views: sums over buckets tell where, and only of those buckets the keys travel, in the
 * order of their hashes, so that two streams meet row by row and none of it is kept.
 */
final class Narrowing {

    private static final int FETCH = 2_000;

    /** Differences are few as a rule, and the link may be slow. */
    private static final int ROWS_OF_BUCKET = 8;

    /** In place of a value; no text of PostgreSQL has a zero byte. */
    private static final String NULL = "\0NULL";

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final RateLimit limit;
    private final Consumer<Difference> found;

    Narrowing(SessionPair pair, PreparedVerification plan, RateLimit limit, Consumer<Difference> found) {
        this.pair = pair;
        this.plan = plan;
        this.limit = limit;
        this.found = found;
    }

    /**
     * Compares the rows of a range.
     *
     * @param here the range as a condition for the source; null for all rows
     * @param there likewise for the target
     * @return how many rows each side has in it
     */
    Views.Both<Long> compare(@Nullable String here, @Nullable String there) throws SQLException {
        BucketComparison.Differing differing = new BucketComparison(
                        pair.source(),
                        pair.target(),
                        plan.here().hashes(here),
                        plan.there().hashes(there))
                .find(ROWS_OF_BUCKET);
        if (!differing.isNone()) {
            compareRows(
                    plan.here().rows(and(here, differing.condition(plan.here().keyHash()))),
                    plan.there()
                            .rows(and(there, differing.condition(plan.there().keyHash()))));
        }
        return new Views.Both<>(differing.sourceRows(), differing.targetRows());
    }

    private static String and(@Nullable String range, String buckets) {
        return range == null ? buckets : range + " AND " + buckets;
    }

    private void compareRows(String here, String there) throws SQLException {
        try (Cursor one = new Cursor(pair.source(), here);
                Cursor other = new Cursor(pair.target(), there)) {
            Views.atOnce(pair, one::begin, other::begin);
            while (one.hash != null || other.hash != null) {
                int order = one.hash == null ? 1 : other.hash == null ? -1 : Long.compare(one.hash, other.hash);
                Map<List<String>, Version> ofSource = order <= 0 ? one.take() : Map.of();
                Map<List<String>, Version> ofTarget = order >= 0 ? other.take() : Map.of();
                ofSource.forEach((key, version) -> tell(key, version, ofTarget.getOrDefault(key, Version.NONE)));
                ofTarget.forEach((key, version) -> {
                    if (!ofSource.containsKey(key)) {
                        tell(key, Version.NONE, version);
                    }
                });
            }
        }
    }

    private void tell(List<String> key, Version here, Version there) {
        if (!here.equals(there)) {
            Difference difference =
                    Difference.between(here, there, key, plan.here().hasKey());
            found.accept(key.contains(NULL) ? difference.withNull() : difference);
        }
    }

    /** Rows of one side, as they come. */
    private final class Cursor implements AutoCloseable {
        private final Session session;
        private final String sql;
        private @Nullable Statement statement;
        private @Nullable ResultSet rows;
        /** Of the row that comes next; null at the end. */
        private @Nullable Long hash;

        Cursor(Session session, String sql) {
            this.session = session;
            this.sql = sql;
        }

        boolean begin() throws SQLException {
            session.call(() -> {
                Statement made = session.connection().createStatement();
                statement = made;
                made.setFetchSize(FETCH);
                rows = made.executeQuery(sql);
                return true;
            });
            return step();
        }

        private boolean step() throws SQLException {
            ResultSet open = open();
            boolean more = session.call(open::next);
            hash = more ? open.getLong(1) : null;
            return more;
        }

        private ResultSet open() {
            if (rows == null) {
                throw new IllegalStateException("not begun");
            }
            return rows;
        }

        /** All rows of the next hash: one, but for keys that are none, and for what chance may bring. */
        Map<List<String>, Version> take() throws SQLException {
            Map<List<String>, Version> taken = new LinkedHashMap<>();
            Long of = hash;
            while (of != null && of.equals(hash)) {
                ResultSet row = open();
                List<String> key = new ArrayList<>();
                int bytes = 24;
                for (int i = 4; i <= row.getMetaData().getColumnCount(); i++) {
                    String value = row.getString(i) == null ? NULL : row.getString(i);
                    key.add(value);
                    bytes += value.length();
                }
                limit.spend(bytes);
                long count = row.getLong(2);
                BigDecimal sum = row.getBigDecimal(3);
                taken.merge(key, new Version(count, sum), (a, b) -> a.plus(b.rows(), b.sum()));
                step();
            }
            return taken;
        }

        @Override
        public void close() {
            try {
                if (statement != null) {
                    statement.close();
                }
            } catch (SQLException e) {
                // The connection is gone, and the view with it.
            }
        }
    }
}
