package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tables are planned without a lock on them. Once they are locked, they must still be what was planned for: a column that became
 * another type meanwhile would be read in the old type's binary form.
 */
public final class ShapeCheck {

    private static final String HINT = "run it again; it will be planned for the tables as they are then.";

    private ShapeCheck() {}

    /**
     * @param planned tables this session has locks on
     * @throws OperatorException when a table is not as it was planned for
     */
    public static void require(Session session, List<TableShape> planned) throws SQLException {
        Map<TableName, TableShape> now = TableShape.readAll(
                session, planned.stream().map(TableShape::name).toList());
        for (TableShape table : planned) {
            TableShape found = now.get(table.name());
            if (found == null
                    || found.kind() != table.kind()
                    || !sameColumns(found.columns(), table.columns())
                    || !leaves(found).equals(leaves(table))) {
                throw changed(session, table.name(), "was changed", null);
            }
        }
    }

    /** The failure to lock tables of which one is not there any more. */
    public static OperatorException dropped(Session session, List<TableShape> planned, SQLException e)
            throws SQLException {
        Map<TableName, TableShape> now = TableShape.readAll(
                session, planned.stream().map(TableShape::name).toList());
        TableName gone = planned.stream()
                .map(TableShape::name)
                .filter(name -> !now.containsKey(name))
                .findFirst()
                .orElse(planned.get(0).name());
        return changed(session, gone, "was dropped", e);
    }

    private static boolean sameColumns(List<TableShape.Column> a, List<TableShape.Column> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            boolean same = a.get(i).name().equals(b.get(i).name())
                    && a.get(i).generated() == b.get(i).generated()
                    && TypeFit.same(a.get(i).type(), b.get(i).type());
            if (!same) {
                return false;
            }
        }
        return true;
    }

    private static List<String> leaves(TableShape table) {
        return table.leaves().stream()
                .map(leaf -> leaf.kind() + " " + leaf.name())
                .toList();
    }

    private static OperatorException changed(
            Session session, TableName table, String how, @Nullable SQLException cause) {
        return new OperatorException(
                table + " in database '" + session.database().name() + "' " + how
                        + " after its copy was planned, and before it was locked",
                HINT,
                cause);
    }
}
