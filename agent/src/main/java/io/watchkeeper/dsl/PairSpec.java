package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.Pace;
import io.watchkeeper.units.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The options of all verbs that work between two databases. */
public abstract sealed class PairSpec permits CopySpec, SyncSpec, VerifySpec {

    private final String verb;
    private final TextChecks texts;
    private @Nullable String from;
    private @Nullable String to;
    private final List<String> columns = new ArrayList<>();
    private final List<String> key = new ArrayList<>();
    private @Nullable String where;
    private Pace pace = Pace.FREE;

    PairSpec(String verb, TextChecks texts) {
        this.verb = verb;
        this.texts = texts;
    }

    final String verb() {
        return verb;
    }

    final TextChecks texts() {
        return texts;
    }

    @Word(value = "The database the rows come from.", example = "from 'shore'")
    public void from(@Checked(TextKind.DATABASE) String database) {
        from = texts.require(TextKind.DATABASE, database);
    }

    @Word(value = "The database the rows go to.", example = "to 'ship'")
    public void to(@Checked(TextKind.DATABASE) String database) {
        to = texts.require(TextKind.DATABASE, database);
    }

    @Word(
            value = "The columns that are meant.",
            example = "columns 'id', 'title'",
            byDefault = "all columns of the source")
    public void columns(@Checked(TextKind.NAME) String... names) {
        if (names.length == 0) {
            throw new OperatorException("'columns' names no column", "leave it out for all columns.");
        }
        columns.clear();
        columns.addAll(List.of(names));
    }

    @Word(
            value = "An SQL condition on the rows that are meant.",
            example = "where \"tenant_id = 't1'\"",
            byDefault = "all rows")
    public void where(String condition) {
        where = condition;
    }

    @Word(
            value = "The columns that tell rows apart.",
            example = "key 'tenant_id', 'number'",
            byDefault = "the primary key")
    public void key(@Checked(TextKind.NAME) String... names) {
        if (names.length == 0) {
            throw new OperatorException("'key' names no column", "leave it out for the primary key.");
        }
        key.clear();
        key.addAll(List.of(names));
    }

    @Word(value = "At most this much per second.", example = "rateLimit 2.megabytes", byDefault = "as fast as it goes")
    public void rateLimit(Bytes perSecond) {
        if (perSecond.count() == 0) {
            throw new OperatorException(
                    "'rateLimit' of nothing would never end", "leave it out for as fast as it goes.");
        }
        changePace(pace -> pace.withRateLimit(perSecond));
    }

    @Word(
            value = "How many streams at once: of one table's chunks, or of several tables.",
            example = "workers 4",
            byDefault = "auto")
    public void workers(int streams) {
        if (streams < 1) {
            throw new OperatorException("'workers' is " + streams, "it takes at least one.");
        }
        changePace(pace -> pace.withWorkers(streams));
    }

    @Word(
            value = "How many streams at once: of one table's chunks, or of several tables.",
            example = "workers 4",
            byDefault = "auto")
    public void workers(Auto chosen) {
        changePace(pace -> pace.withWorkers(null));
    }

    final void changePace(UnaryOperator<Pace> how) {
        pace = how.apply(pace);
    }

    final String source() {
        return needed("from", "from 'shore'", from);
    }

    final String target() {
        return needed("to", "to 'ship'", to);
    }

    private String needed(String word, String example, @Nullable String database) {
        if (database == null) {
            throw new OperatorException("'" + verb + "' needs '" + word + "'", "write it like this: " + example);
        }
        return database;
    }

    final List<String> columnNames() {
        return List.copyOf(columns);
    }

    final List<String> keyColumns() {
        return List.copyOf(key);
    }

    final @Nullable String condition() {
        return where;
    }

    final Pace pace() {
        return pace;
    }

    /** What a run's page and a plan call this: {@code public.documents  shore → ship}. */
    final String subject(String tables) {
        return tables + "  " + source() + " → " + target();
    }
}
