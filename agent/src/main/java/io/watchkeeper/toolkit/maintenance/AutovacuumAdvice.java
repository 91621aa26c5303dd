package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Proposes autovacuum's settings and the fillfactor table by table, sets them where it is told to, and puts back what it has set.
 * A value that a person has set is not touched unless told.
 */
public final class AutovacuumAdvice {

    private static final String SUBJECT = "autovacuum";
    private static final int MOST_FINDINGS = 50;
    private static final int MOST_ROWS = 20;
    private static final List<String> SERVER_OPTIONS = List.of(
            "autovacuum",
            "autovacuum_vacuum_scale_factor",
            "autovacuum_vacuum_threshold",
            "autovacuum_analyze_scale_factor",
            "autovacuum_analyze_threshold");

    private final Database database;
    private final Work work;

    public AutovacuumAdvice(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /** Everything that is known before anything is changed. */
    private record Look(
            Map<String, String> server,
            List<AutovacuumProposal> proposals,
            Map<Long, List<AutovacuumLedger.Entry>> entries,
            Set<Long> suspended) {}

    /** Looks and proposes. Changes nothing. @param tables names or patterns; empty for all */
    public Review advise(List<String> tables, AutovacuumRules rules) throws SQLException {
        try (Session session = database.open(work)) {
            return review(look(session, tables, rules), Map.of());
        }
    }

    /** What {@link #apply} would do. Changes nothing. */
    public List<PlannedAction> describe(List<String> tables, AutovacuumRules rules) throws SQLException {
        try (Session session = database.open(work)) {
            return look(session, tables, rules).proposals().stream()
                    .filter(one -> !one.isEmpty())
                    .map(one -> planned(one.table(), one.sql(), one.why()))
                    .toList();
        }
    }

    /** What {@link #undo} would do. Changes nothing. */
    public List<PlannedAction> describeUndo(List<String> tables) throws SQLException {
        try (Session session = database.open(work)) {
            Look look = look(session, tables, AutovacuumRules.DEFAULT);
            return recorded(look).stream()
                    .map(table -> planned(
                            table,
                            undoSql(table, Objects.requireNonNull(look.entries().get(table.id()))),
                            "what was set before"))
                    .filter(action -> !action.sql().isEmpty())
                    .toList();
        }
    }

    /** Sets what it proposes, as far as the role may; a table that stays locked is a finding and does not stop the others. */
    public Review apply(List<String> tables, AutovacuumRules rules) throws SQLException {
        try (Session session = database.open(work)) {
            Look look = look(session, tables, rules);
            AutovacuumLedger ledger = new AutovacuumLedger(session);
            Map<Long, String> outcomes = new HashMap<>();
            for (AutovacuumProposal one : look.proposals()) {
                if (!one.isEmpty() && one.table().owned()) {
                    outcomes.put(
                            one.table().id(),
                            attempt(session, one.table(), () -> ledger.apply(one.table(), one.values(), one.sql())));
                }
            }
            return review(look, outcomes);
        }
    }

    /** Puts back what was set before; what a person has changed since stays as it is. */
    public Review undo(List<String> tables) throws SQLException {
        try (Session session = database.open(work)) {
            Look look = look(session, tables, AutovacuumRules.DEFAULT);
            AutovacuumLedger ledger = new AutovacuumLedger(session);
            List<ReviewFinding> findings = new ArrayList<>();
            for (AutovacuumTable table : recorded(look)) {
                List<AutovacuumLedger.Entry> entries =
                        Objects.requireNonNull(look.entries().get(table.id()));
                String sql = undoSql(table, entries);
                String failure = attempt(session, table, () -> ledger.undo(table, sql));
                String said = sql.isEmpty() ? table.name() + ": a person has changed what was set; left as it is" : sql;
                findings.add(
                        failure.isEmpty()
                                ? new ReviewFinding("undone", ReviewStatus.OK, said, "")
                                : new ReviewFinding("notUndone", ReviewStatus.FAIL, failure, sql));
            }
            return new Review(
                    SUBJECT,
                    database.name(),
                    findings.isEmpty() ? "nothing to undo" : findings.size() + " tables as they were before",
                    findings,
                    List.of());
        }
    }

    private PlannedAction planned(AutovacuumTable table, String sql, String why) {
        return new PlannedAction(
                database.name(),
                sql,
                LockLevel.SHARE_UPDATE_EXCLUSIVE,
                table.rows(),
                -1,
                why + "; waits at most 1.0 s for the lock, which lets reads and writes pass, and tries again"
                        + (table.owned() ? "" : "; refused: the role does not own the table"));
    }

    private Look look(Session session, List<String> tables, AutovacuumRules rules) throws SQLException {
        ServerFacts server = ServerFacts.read(session);
        Map<String, String> options = new HashMap<>();
        session.list(
                "select name, setting from pg_settings where name = any (?)",
                row -> options.put(row.getString(1), row.getString(2)),
                SERVER_OPTIONS);
        Map<Long, List<AutovacuumLedger.Entry>> entries = new AutovacuumLedger(session).entries();
        List<AutovacuumProposal> proposals = new ArrayList<>();
        for (AutovacuumTable table : AutovacuumTable.read(session, server, MaintainedTables.resolve(session, tables))) {
            List<AutovacuumLedger.Entry> ours = entries.getOrDefault(table.id(), List.of());
            proposals.add(AutovacuumProposal.of(
                    table,
                    rules,
                    options,
                    (option, value) -> ours.stream()
                            .anyMatch(one ->
                                    one.option().equals(option) && one.value().equals(value))));
        }
        return new Look(options, proposals, entries, suspended(session));
    }

    /** Tables that a copy is filling right now. */
    private static Set<Long> suspended(Session session) throws SQLException {
        return AgentSchema.has(session, "suspended_autovacuum")
                ? new HashSet<>(session.list(
                        "select relation::bigint from watchkeeper.suspended_autovacuum", row -> row.getLong(1)))
                : Set.of();
    }

    private static List<AutovacuumTable> recorded(Look look) {
        return look.proposals().stream()
                .map(AutovacuumProposal::table)
                .filter(table -> look.entries().containsKey(table.id()))
                .toList();
    }

    private static String undoSql(AutovacuumTable table, List<AutovacuumLedger.Entry> entries) {
        Map<String, String> set = new LinkedHashMap<>();
        List<String> reset = new ArrayList<>();
        for (AutovacuumLedger.Entry entry : entries) {
            if (!entry.value().equals(table.options().get(entry.option()))) {
                continue;
            }
            if (entry.old() == null) {
                reset.add(entry.option());
            } else {
                set.put(entry.option(), entry.old());
            }
        }
        List<String> statements = new ArrayList<>();
        if (!reset.isEmpty()) {
            statements.add("ALTER TABLE " + table.name().quoted() + " RESET (" + String.join(", ", reset) + ")");
        }
        if (!set.isEmpty()) {
            statements.add(AutovacuumProposal.set(table.name(), set));
        }
        return String.join("; ", statements);
    }

    private interface Change {
        void run() throws SQLException;
    }

    /** @return empty when it worked, else why not */
    private static String attempt(Session session, AutovacuumTable table, Change change) throws SQLException {
        try {
            change.run();
            return "";
        } catch (SQLException e) {
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return String.valueOf(
                        TableLocks.explain(session, List.of(table.name()), e).getMessage());
            }
            if (FailureClass.of(e) != FailureClass.PERMANENT) {
                throw e;
            }
            return table.name() + ": " + e.getMessage();
        }
    }

    /** @param outcomes of tables that were to be changed: empty text for done, else why not */
    private Review review(Look look, Map<Long, String> outcomes) {
        List<ReviewFinding> findings = new ArrayList<>();
        if ("off".equals(look.server().get("autovacuum"))) {
            findings.add(new ReviewFinding(
                    "autovacuum",
                    ReviewStatus.FAIL,
                    "autovacuum is off for the whole server: dead rows stay and statistics age",
                    "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();"));
        }
        look.proposals().forEach(one -> judge(one, outcomes.get(one.table().id()), look.suspended(), findings));
        long open = count(
                look,
                one -> !one.isEmpty() && !"".equals(outcomes.get(one.table().id())));
        long set = outcomes.values().stream().filter(String::isEmpty).count();
        int all = findings.size();
        List<ReviewFinding> told =
                all <= MOST_FINDINGS ? findings : new ArrayList<>(findings.subList(0, MOST_FINDINGS));
        if (all > MOST_FINDINGS) {
            told.add(new ReviewFinding(
                    "more", ReviewStatus.WARN, "and " + (all - MOST_FINDINGS) + " more, of smaller tables", ""));
        }
        String summary = look.proposals().size() + " tables looked at"
                + (set > 0 ? ", " + set + " got settings of their own" : "")
                + (open > 0 ? ", " + open + " would be better off with settings of their own" : ", all is well");
        return new Review(SUBJECT, database.name(), summary, told, rows(look));
    }

    private static long count(Look look, Predicate<AutovacuumProposal> which) {
        return look.proposals().stream().filter(which).count();
    }

    private static List<Map<String, Object>> rows(Look look) {
        return look.proposals().stream()
                .filter(one -> !one.isEmpty() || !one.kept().isEmpty())
                .limit(MOST_ROWS)
                .map(AutovacuumAdvice::row)
                .toList();
    }

    private static Map<String, Object> row(AutovacuumProposal one) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("table", one.name().toString());
        row.put("rows", one.table().rows());
        row.put("updates", one.table().updates());
        row.put("proposed", one.isEmpty() ? "" : one.sql());
        row.put("kept", String.join(", ", one.kept()));
        return row;
    }

    private static void judge(
            AutovacuumProposal one, @Nullable String outcome, Set<Long> suspended, List<ReviewFinding> findings) {
        AutovacuumTable table = one.table();
        if (table.isOff() && !suspended.contains(table.id())) {
            findings.add(new ReviewFinding(
                    "autovacuumOff",
                    ReviewStatus.WARN,
                    "autovacuum is off for " + one.name() + ", which has " + VacuumNeed.count(table.rows()) + " rows",
                    "ALTER TABLE " + one.name().quoted() + " RESET (autovacuum_enabled);"));
        }
        if (!one.kept().isEmpty()) {
            findings.add(new ReviewFinding(
                    "kept",
                    ReviewStatus.OK,
                    one.name() + " has what somebody has set: " + String.join(", ", one.kept()),
                    ""));
        }
        if (one.isEmpty()) {
            return;
        }
        String code = one.values().keySet().equals(Set.of("fillfactor")) ? "fillfactor" : "settings";
        if ("".equals(outcome)) {
            findings.add(new ReviewFinding(
                    "applied", ReviewStatus.OK, one.name() + ": " + one.why() + "; " + one.sql(), ""));
        } else if (outcome != null) {
            findings.add(new ReviewFinding("notApplied", ReviewStatus.WARN, outcome, one.sql() + ";"));
        } else if (!table.owned()) {
            findings.add(new ReviewFinding(
                    "notOwner",
                    ReviewStatus.WARN,
                    one.name() + ": " + one.why() + "; only its owner may set that",
                    one.sql() + "; -- as the owner of "
                            + Identifiers.quote(one.name().name())));
        } else {
            findings.add(new ReviewFinding(code, ReviewStatus.WARN, one.name() + ": " + one.why(), one.sql() + ";"));
        }
    }
}
