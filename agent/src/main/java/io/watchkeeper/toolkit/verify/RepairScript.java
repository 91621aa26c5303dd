package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes the statements that would make the target's rows what the source has: all of them into a file, the first into a list. */
final class RepairScript {

    private static final int ROWS_AT_ONCE = 500;
    private static final int LONGEST_LISTED = 2_000;

    private static final String BEGIN = """
            BEGIN;
            SET LOCAL client_encoding = 'UTF8';
            SET LOCAL datestyle = 'ISO, YMD';
            SET LOCAL intervalstyle = 'postgres';
            SET LOCAL lc_monetary = 'C';
            """;

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final List<Integer> written;
    private final boolean fixedColumns;
    private final List<String> listed = new ArrayList<>();
    private @Nullable Writer file;

    RepairScript(SessionPair pair, PreparedVerification plan) {
        this.pair = pair;
        this.plan = plan;
        TableShape target = plan.there().shape();
        List<ComparedColumn> columns = plan.there().columns();
        this.written = IntStream.range(0, columns.size())
                .filter(i -> target.column(columns.get(i).name())
                        .map(c -> !c.generated())
                        .orElse(false))
                .boxed()
                .toList();
        this.fixedColumns = fixesColumns(plan);
    }

    /** Whether a row that differs is deleted and written anew, because a compared column takes a value in no other way. */
    static boolean fixesColumns(PreparedVerification plan) {
        return plan.there().columns().stream()
                .filter(column -> !plan.keyNames().contains(column.name()))
                .flatMap(column -> plan.there().shape().column(column.name()).stream())
                .anyMatch(column -> column.identity() == TableShape.Identity.ALWAYS);
    }

    /** @param to null where there is no folder for it. @return the first statements */
    List<String> write(DifferenceFile differing, @Nullable Path to) throws SQLException {
        if (to == null) {
            statements(differing);
            return listed;
        }
        try (Writer out = Files.newBufferedWriter(to, StandardCharsets.UTF_8)) {
            file = out;
            out.write("-- Makes " + plan.plan().to() + " of '"
                    + pair.target().database().name() + "' what " + plan.plan().from() + " of '"
                    + pair.source().database().name() + "' is.\n" + BEGIN);
            statements(differing);
            out.write("COMMIT;\n");
            return listed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What goes comes first: it may hold a value that another row needs. */
    private void statements(DifferenceFile differing) throws SQLException {
        differing.read(ROWS_AT_ONCE, batch -> {
            for (Difference difference : batch) {
                if (difference.kind() == DifferenceKind.EXTRA) {
                    tell(delete(difference));
                }
            }
        });
        differing.read(ROWS_AT_ONCE, batch -> {
            List<Difference> others =
                    batch.stream().filter(d -> d.kind() != DifferenceKind.EXTRA).toList();
            if (!others.isEmpty()) {
                writes(others);
            }
        });
    }

    private void writes(List<Difference> others) throws SQLException {
        Map<Integer, List<@Nullable String>> rows = values(others);
        for (int i = 0; i < others.size(); i++) {
            Difference difference = others.get(i);
            List<@Nullable String> row = rows.get(i + 1);
            if (row == null) {
                continue; // deleted on the source meanwhile
            }
            if (difference.kind() == DifferenceKind.MISSING) {
                tell(insert(row));
            } else if (fixedColumns) {
                tell(delete(difference));
                tell(insert(row));
            } else {
                tell(update(difference, row));
            }
        }
    }

    private Map<Integer, List<@Nullable String>> values(List<Difference> differences) throws SQLException {
        Session source = pair.source();
        Views.begin(source, plan.here().shape(), plan.holdsObjectNames());
        try {
            int columns = plan.here().columns().size();
            Map<Integer, List<@Nullable String>> rows = new HashMap<>();
            source.listVerbatim(
                    plan.here().values(differences.stream().map(Difference::key).toList()), row -> {
                        List<@Nullable String> values = new ArrayList<>();
                        for (int i = 0; i < columns; i++) {
                            values.add(row.getString(i + 2));
                        }
                        rows.put(row.getInt(1), values);
                        return true;
                    });
            return rows;
        } finally {
            source.rollback();
        }
    }

    private String table() {
        return plan.plan().to().quoted();
    }

    private String delete(Difference difference) {
        return "DELETE FROM " + table() + where(difference) + ";";
    }

    private String insert(List<@Nullable String> row) {
        return "INSERT INTO " + table() + " ("
                + written.stream().map(this::column).collect(Collectors.joining(", "))
                + ") OVERRIDING SYSTEM VALUE VALUES ("
                + written.stream().map(i -> literal(row.get(i))).collect(Collectors.joining(", ")) + ");";
    }

    private String update(Difference difference, List<@Nullable String> row) {
        List<String> sets = written.stream()
                .filter(i ->
                        !plan.keyNames().contains(plan.there().columns().get(i).name()))
                .map(i -> column(i) + " = " + literal(row.get(i)))
                .toList();
        return "UPDATE " + table() + " SET " + String.join(", ", sets) + where(difference) + ";";
    }

    private String column(int i) {
        return plan.there().columns().get(i).quoted();
    }

    private String where(Difference difference) {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < plan.there().key().size(); i++) {
            conditions.add(plan.there().key().get(i).quoted() + " = "
                    + literal(difference.key().get(i)).strip());
        }
        return " WHERE " + String.join(" AND ", conditions);
    }

    private static String literal(@Nullable String value) {
        return value == null ? "NULL" : Identifiers.quoteLiteral(value).strip();
    }

    private void tell(String statement) {
        if (listed.size() < plan.plan().options().listedKeys()) {
            boolean tooLong = statement.length() > LONGEST_LISTED;
            listed.add(tooLong ? "-- too long to be listed: " + statement.substring(0, 200) + " …" : statement);
        }
        Writer out = file;
        if (out != null) {
            DifferenceFile.io(() -> out.append(statement).append('\n'));
        }
    }
}
