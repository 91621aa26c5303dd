package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Holds a plan against both catalogues, so that whatever can be refused is refused before anything is touched. */
public final class CopyPreparation {

    private final CopyPlan plan;
    private final TableShape source;
    private final TableShape target;
    private final Database from;
    private final Database to;
    private final ServerPair servers;
    private final List<String> notes = new ArrayList<>();

    public CopyPreparation(
            CopyPlan plan, TableShape source, TableShape target, Database from, Database to, ServerPair servers) {
        this.plan = plan;
        this.source = source;
        this.target = target;
        this.from = from;
        this.to = to;
        this.servers = servers;
    }

    /**
     * @param together the target tables that are copied in the same transaction, this one among them
     * @throws OperatorException when the plan does not fit
     */
    public PreparedCopy prepare(Set<TableShape> together) {
        requireMethod();
        requireTables();
        ColumnMatch match = new ColumnMatch(plan, source, target, from, to, servers, notes);
        List<CopiedColumn> columns = match.columns();
        PreparedCopy.Emptying emptying = emptying(together);
        MergeKey mergeKey = plan.options().strategy() == CopyStrategy.MERGE
                ? MergeKey.of(plan.options().mergeBy(), columns, target, to, servers.silent())
                : null;
        CopyFormat format = match.format(columns);
        if (source.leaves().stream().anyMatch(leaf -> leaf.kind() == TableShape.Kind.FOREIGN)) {
            notes.add("partitions that are foreign tables are left out");
        }
        if (!servers.sameEncoding()) {
            notes.add("encodings differ (" + servers.source().encoding() + ", "
                    + servers.target().encoding() + "): texts are converted");
        }
        List<TableShape.Trigger> disabled = triggersToDisable();
        Chunking chunking = chunking(columns);
        requireRights(emptying, mergeKey, chunking);
        if (plan.options().suspendAutovacuum() && PreparedCopy.isOutOfReach(plan.options(), emptying, chunking)) {
            notes.add("suspendAutovacuum has no effect: in one transaction, autovacuum does not get at the new rows");
        }
        return new PreparedCopy(
                plan,
                source,
                target,
                columns,
                format,
                emptying,
                mergeKey,
                servers.silent(),
                disabled,
                servers.sameEncoding(),
                chunking,
                List.copyOf(notes));
    }

    /** What an operator should know from the start. */
    public CopyPreparation noting(List<String> said) {
        notes.addAll(said);
        return this;
    }

    /** What needs the rows to pass the agent does not go with a method where they don't. */
    private void requireMethod() {
        CopyOptions options = plan.options();
        if (options.method() == CopyMethod.COPY) {
            if (options.sourceAddress() != null) {
                throw new OperatorException(
                        "sourceAddress says where the target's server finds the source, and with method copy it does not"
                                + " look for it",
                        "leave sourceAddress out, or use method fdw.");
            }
            return;
        }
        String other = options.resume() ? "resume" : options.pace().rateLimit() != null ? "rateLimit" : null;
        if (other != null) {
            throw new OperatorException(
                    other
                            + " does not go with method fdw: the target's server fetches a table's rows in one statement, and"
                            + " they do not pass the agent",
                    "leave " + other + " out, or use method copy.");
        }
        if (PreparedCopy.isSwap(options)) {
            throw new OperatorException(
                    "strategy " + options.strategy() + " does not go with method fdw: it fills its new table by COPY",
                    "use method copy, or strategy truncate.");
        }
        if (options.format() == CopyFormat.BINARY) {
            throw new OperatorException(
                    "postgres_fdw moves rows as text, and format is binary", "leave format out, or use method copy.");
        }
    }

    private void requireTables() {
        requireKind(source, from);
        requireKind(target, to);
        if (servers.sameDatabase() && source.name().equals(target.name())) {
            throw new OperatorException(
                    plan.from() + " of '" + from.name() + "' and of '" + to.name() + "' are one and the same table",
                    "copy between two databases, or to a table with another name.");
        }
        if (source.rowSecurity()) {
            throw new OperatorException(
                    "row security hides rows of " + source.name() + " in database '" + from.name() + "' from role '"
                            + from.settings().user() + "'",
                    "ALTER ROLE " + Identifiers.quote(from.settings().user())
                            + " BYPASSRLS; or copy as the table's owner.");
        }
        if (target.rowSecurity()) {
            throw new OperatorException(
                    "row security of " + target.name() + " in database '" + to.name() + "' applies to role '"
                            + to.settings().user() + "', and PostgreSQL copies into no such table",
                    "ALTER ROLE " + Identifiers.quote(to.settings().user())
                            + " BYPASSRLS; or copy as the table's owner.");
        }
        boolean foreign = target.leaves().stream().anyMatch(leaf -> leaf.kind() == TableShape.Kind.FOREIGN);
        if (foreign && plan.options().strategy() != CopyStrategy.APPEND) {
            throw new OperatorException(
                    target.name() + " in database '" + to.name()
                            + "' has partitions that are foreign tables, which would be changed on"
                            + " their own servers",
                    "name the partitions to copy, or use strategy append.");
        }
    }

    private static void requireKind(TableShape shape, Database database) {
        if (!shape.kind().holdsRows()) {
            throw new OperatorException(
                    shape.name() + " in database '" + database.name() + "' is a " + shape.kind()
                            + ", and only tables are copied",
                    "name the tables it reads from.");
        }
    }

    private PreparedCopy.Emptying emptying(Set<TableShape> together) {
        boolean replaces = plan.options().strategy() == CopyStrategy.TRUNCATE
                || (plan.options().strategy() == CopyStrategy.PARTITION && !PreparedCopy.isSwap(plan.options()));
        if (!replaces) {
            return PreparedCopy.Emptying.NONE;
        }
        Set<String> emptiedToo = together.stream().map(t -> t.name().toString()).collect(Collectors.toSet());
        List<TableShape.ForeignKey> others = target.referencedBy().stream()
                .filter(key -> !emptiedToo.contains(key.from().toString()))
                .toList();
        if (others.isEmpty()) {
            boolean onlyDelete = !target.owned() && !target.may("TRUNCATE") && target.may("DELETE");
            return onlyDelete ? PreparedCopy.Emptying.DELETE : PreparedCopy.Emptying.TRUNCATE;
        }
        List<String> names =
                others.stream().map(key -> key.from().toString()).distinct().toList();
        String refer = String.join(", ", names) + (names.size() == 1 ? " refers" : " refer");
        if (!servers.silent()) {
            throw new OperatorException(
                    String.join(", ", names) + " in database '" + to.name() + "'"
                            + (names.size() == 1 ? " refers to " : " refer to ") + target.name()
                            + ", so that its rows cannot be replaced alone",
                    "copy them together: copyTables '" + target.name() + "', '"
                            + String.join("', '", names)
                            + "'; or, from PostgreSQL 15 on, GRANT SET ON PARAMETER session_replication_role TO "
                            + Identifiers.quote(to.settings().user()) + ";");
        }
        notes.add("rows are deleted instead of truncated because " + refer + " to them");
        return PreparedCopy.Emptying.DELETE;
    }

    private void requireRights(PreparedCopy.Emptying emptying, @Nullable MergeKey mergeKey, Chunking chunking) {
        if (!source.may("SELECT")) {
            throw denied(from, "SELECT", source);
        }
        List<String> needed = new ArrayList<>(List.of("SELECT", "INSERT"));
        if (emptying != PreparedCopy.Emptying.NONE) {
            needed.add(emptying.toString().toUpperCase(Locale.ROOT));
        }
        if (mergeKey != null) {
            needed.add(mergeKey.byDelete() ? "DELETE" : "UPDATE");
        } else if (chunking == Chunking.OWN_VIEWS && emptying == PreparedCopy.Emptying.TRUNCATE) {
            needed.add("DELETE"); // rows that are written or deleted while chunks are copied
        }
        needed.removeIf(right -> target.may(right));
        if (!needed.isEmpty()) {
            throw denied(to, String.join(", ", needed), target);
        }
        for (TableShape.Sequence sequence : target.sequences()) {
            if (!sequence.settable()) {
                String user = to.settings().user();
                throw new OperatorException(
                        "role '" + user + "' may not move sequence " + sequence.name() + " in database '" + to.name()
                                + "', and rows added there later would meet copied ones",
                        "GRANT SELECT, UPDATE ON SEQUENCE " + sequence.name().quoted() + " TO "
                                + Identifiers.quote(user) + ";");
            }
        }
    }

    private static OperatorException denied(Database database, String rights, TableShape table) {
        String user = database.settings().user();
        return new OperatorException(
                "role '" + user + "' lacks " + rights + " on " + table.name() + " in database '" + database.name()
                        + "'",
                "GRANT " + rights + " ON " + table.name().quoted() + " TO " + Identifiers.quote(user) + ";");
    }

    /** The target's triggers stay silent: by the session's role where that is allowed, else one by one where the role owns them. */
    private List<TableShape.Trigger> triggersToDisable() {
        if (PreparedCopy.isSwap(plan.options())) {
            // A new table has none yet.
            return List.of();
        }
        List<TableShape.Trigger> firing = target.triggers().stream()
                .filter(trigger -> !trigger.enabled().equals(servers.silent() ? "O" : "R"))
                .toList();
        if (firing.isEmpty()) {
            return List.of();
        }
        if (!servers.silent() && target.owned()) {
            return firing;
        }
        String names = firing.stream().map(t -> Identifiers.quote(t.name())).collect(Collectors.joining(", "));
        notes.add(
                servers.silent()
                        ? "fires for every row, as it is enabled for replication: trigger " + names
                        : "fires for every row, as the role neither owns the table nor may set session_replication_role: trigger "
                                + names);
        return List.of();
    }

    private Chunking chunking(List<CopiedColumn> columns) {
        CopyOptions options = plan.options();
        Integer workers = options.pace().workers();
        boolean several = workers != null && workers > 1;
        if (!options.inChunks()) {
            return Chunking.NONE;
        }
        if (options.strategy() == CopyStrategy.APPEND) {
            throw new OperatorException(
                    "rows that are appended go in one transaction: part of them, and then all of them again, would be there twice",
                    "leave resume, batch and workers out.");
        }
        if (options.strategy() == CopyStrategy.PARTITION) {
            notes.add("copied in one transaction, as a partition is replaced at once");
            return Chunking.NONE;
        }
        if (options.method() == CopyMethod.FDW) {
            notes.add("copied in one transaction, as the target's server fetches the rows");
            return Chunking.NONE;
        }
        boolean standby = servers.source().isStandby();
        boolean refersToItself =
                target.foreignKeys().stream().anyMatch(key -> key.to().equals(target.name()));
        if (refersToItself && !servers.silent()) {
            notes.add("copied in one transaction, as rows refer to others of the table, and the role may not set"
                    + " session_replication_role");
            return Chunking.NONE;
        }
        if (!PreparedCopy.key(source, columns).isEmpty()) {
            if (target.unlogged() && (options.resume() || standby || !several)) {
                notes.add("copied in one transaction, as the target is unlogged: a crash of its server empties it");
                return Chunking.NONE;
            }
            return several && !options.resume() && !standby ? Chunking.ONE_VIEW : Chunking.OWN_VIEWS;
        }
        if (standby || options.resume()) {
            notes.add("copied in one transaction, as there is no primary key or unique constraint without nulls"
                    + (standby ? ", and the source is a standby" : " to go on by"));
            return Chunking.NONE;
        }
        return Chunking.ONE_VIEW;
    }
}
