package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the rows of one form like those of the other, window by window along the primary key: what is missing is put in, what differs is
 * written again, what is there no more is removed. Done twice it does nothing the second time, so that whoever was interrupted begins anew.
 */
record RowSync(Session session, TenantPace pace, Tenancy to, String subject) {

    /** A part of a table between two keys. @param above null for the beginning @param upTo null for the end */
    private record Window(
            @Nullable List<String> above, @Nullable List<String> upTo) {}

    /** One pass over all tables. @return how many rows were written or removed */
    long pass(TwinTables twins, String stage) throws SQLException {
        List<TwinTable> childrenFirst = new ArrayList<>(twins.all());
        Collections.reverse(childrenFirst);
        Map<TwinTable, List<Window>> windows = new HashMap<>();
        for (TwinTable twin : childrenFirst) {
            windows.put(twin, windows(twin));
        }
        long changed = 0;
        List<String> later = new ArrayList<>();
        for (TwinTable twin : childrenFirst) {
            changed += removed(twin, windows.getOrDefault(twin, List.of()), later);
        }
        for (TwinTable twin : twins.all()) {
            List<Window> all = windows.getOrDefault(twin, List.of());
            boolean passedOn = false;
            for (Window window : all) {
                try {
                    changed += pace.batch(() -> written(twin, window));
                } catch (SQLException e) {
                    if (!SqlStates.isDuplicate(e)) {
                        throw e;
                    }
                    // A row has a value that another one had, which is to change, or was removed since the last pass.
                    passedOn = true;
                }
                session.work().progress(new Progress(subject, stage, changed, -1, 0));
            }
            if (passedOn) {
                changed += removed(twin, all, later);
                changed += pace.batch(() -> session.updateVerbatim(replacement(twin)));
                if (twin.refersToItself()) {
                    // Rows that refer to replaced ones were removed or emptied, where their key says ON DELETE CASCADE
                    // or SET NULL.
                    changed += pace.batch(() -> written(twin, new Window(null, null)));
                }
            }
        }
        for (String removal : later) {
            changed += pace.batch(() -> session.updateVerbatim(removal));
        }
        return changed;
    }

    private long removed(TwinTable twin, List<Window> windows, List<String> later) throws SQLException {
        long removed = 0;
        for (Window window : windows) {
            String removal = removal(twin, window);
            try {
                removed += pace.batch(() -> session.updateVerbatim(removal));
            } catch (SQLException e) {
                if (!SqlStates.FOREIGN_KEY_VIOLATION.equals(e.getSQLState())) {
                    throw e;
                }
                // What refers to it still was given another one to refer to since the last pass, which comes below.
                later.add(removal);
            }
        }
        return removed;
    }

    private long written(TwinTable twin, Window window) throws SQLException {
        String change = change(twin, window);
        long changed = change.isEmpty() ? 0 : session.updateVerbatim(change);
        return changed + session.updateVerbatim(addition(twin, window, ""));
    }

    /** @throws OperatorException when there are more windows than can be thought of at once */
    private List<Window> windows(TwinTable twin) throws SQLException {
        if (twin.refersToItself()) {
            return List.of(new Window(null, null));
        }
        TenantTable source = twin.source(to);
        String key = Identifiers.quoteAll(source.key());
        String texts = source.key().stream()
                .map(one -> Identifiers.quote(one) + "::text")
                .collect(Collectors.joining(", "));
        List<List<String>> bounds = session.listVerbatim(
                "select array[" + texts + "] from (select " + key + ", row_number() over (order by " + key
                        + ") as watchkeeper_n from " + source.name().quoted() + " t where " + source.mine("t")
                        + ") w where watchkeeper_n % " + pace.gentleness().batch() + " = 0 order by watchkeeper_n",
                row -> texts(row.getArray(1)));
        List<Window> windows = new ArrayList<>();
        @Nullable List<String> last = null;
        for (List<String> bound : bounds) {
            windows.add(new Window(last, bound));
            last = bound;
        }
        windows.add(new Window(last, null));
        return windows;
    }

    private static List<String> texts(java.sql.Array array) throws SQLException {
        List<String> texts = new ArrayList<>();
        for (Object value : (Object[]) array.getArray()) {
            texts.add(String.valueOf(value));
        }
        return texts;
    }

    private static String within(TenantTable table, String alias, Window window) {
        String key = table.key().stream()
                .map(one -> alias + "." + Identifiers.quote(one))
                .collect(Collectors.joining(", ", "(", ")"));
        return (window.above() == null ? "" : " and " + key + " > " + literal(table, window.above()))
                + (window.upTo() == null ? "" : " and " + key + " <= " + literal(table, window.upTo()));
    }

    private static String literal(TenantTable table, List<String> values) {
        return IntStream.range(0, values.size())
                .mapToObj(i -> Identifiers.quoteLiteral(values.get(i)) + "::"
                        + table.column(table.key().get(i)).type())
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String sameKey(TenantTable table) {
        return table.key().stream()
                .map(one -> "t." + Identifiers.quote(one) + " = s." + Identifiers.quote(one))
                .collect(Collectors.joining(" and "));
    }

    /** What is in the new form and not in the old one. */
    private String removal(TwinTable twin, Window window) {
        TenantTable source = twin.source(to);
        TenantTable target = twin.target(to);
        return "delete from " + target.name().quoted() + " t where " + target.mine("t") + within(target, "t", window)
                + " and not exists (select from " + source.name().quoted() + " s where " + source.mine("s") + " and "
                + sameKey(target) + ")";
    }

    private String change(TwinTable twin, Window window) {
        TenantTable source = twin.source(to);
        TenantTable target = twin.target(to);
        List<String> set = target.own().stream()
                .filter(one -> !one.generated()
                        && !one.identity().equals("a")
                        && !target.key().contains(one.name()))
                .map(TenantTable.TableColumn::name)
                .toList();
        if (set.isEmpty()) {
            return "";
        }
        String assignments = set.stream()
                .map(one -> Identifiers.quote(one) + " = s." + Identifiers.quote(one))
                .collect(Collectors.joining(", "));
        return "update " + target.name().quoted() + " t set " + assignments + " from "
                + source.name().quoted() + " s where " + source.mine("s") + " and " + target.mine("t") + " and "
                + sameKey(target) + within(source, "s", window) + within(target, "t", window) + " and " + row("t", set)
                + " is distinct from " + row("s", set);
    }

    /**
     * Writes all rows of a table again that differ, and those that are missing, in one statement. All are gone before the first is put in, so that
     * values of a unique key may pass between them. At its end they are there again, which is enough for keys that only look; what other keys
     * do to rows that refer to them is to be made good after it.
     */
    private String replacement(TwinTable twin) {
        TenantTable target = twin.target(to);
        List<String> columns = target.own().stream()
                .filter(one -> !one.generated())
                .map(TenantTable.TableColumn::name)
                .toList();
        String source =
                twin.source(to).name().quoted() + " s where " + twin.source(to).mine("s");
        String other = row("t", columns) + " is distinct from " + row("s", columns);
        return "with gone as (delete from " + target.name().quoted() + " t using " + source + " and " + target.mine("t")
                + " and " + sameKey(target) + " and " + other + " returning 1) "
                + addition(twin, new Window(null, null), " and not (" + other + ")")
                + " and (select count(*) from gone) >= 0";
    }

    private static String row(String alias, List<String> columns) {
        return columns.stream()
                .map(one -> alias + "." + Identifiers.quote(one))
                .collect(Collectors.joining(", ", "ROW(", ")::text COLLATE \"C\""));
    }

    /** As a dry run shows it. */
    String example(TwinTable twin) {
        return addition(twin, new Window(null, null), "");
    }

    /** @param like what a row of the target must be besides having the key, for its not being missing */
    private String addition(TwinTable twin, Window window, String like) {
        TenantTable source = twin.source(to);
        TenantTable target = twin.target(to);
        List<String> columns = target.own().stream()
                .filter(one -> !one.generated())
                .map(TenantTable.TableColumn::name)
                .toList();
        String values =
                columns.stream().map(one -> "s." + Identifiers.quote(one)).collect(Collectors.joining(", "));
        List<String> into = new ArrayList<>(columns);
        if (target.has(SharedTable.COLUMN)) {
            into.add(SharedTable.COLUMN);
            values += ", "
                    + Identifiers.quoteLiteral(
                            twin.shared().tenant().orElseThrow().text());
        }
        return "insert into " + target.name().quoted() + " (" + Identifiers.quoteAll(into)
                + ") overriding system value select " + values + " from "
                + source.name().quoted() + " s where " + source.mine("s") + within(source, "s", window)
                + " and not exists (select from " + target.name().quoted() + " t where " + target.mine("t") + " and "
                + sameKey(target) + like + ")";
    }
}
