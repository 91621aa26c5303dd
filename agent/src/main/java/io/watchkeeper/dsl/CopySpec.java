package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyFormat;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import io.watchkeeper.units.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options that all copies have. */
public abstract sealed class CopySpec permits CopyTableSpec, CopyTablesSpec {

    private final String verb;
    private final TextChecks texts;
    private @Nullable String from;
    private @Nullable String to;
    private List<String> columns = List.of();
    private @Nullable String where;
    private CopyStrategy strategy = CopyStrategy.TRUNCATE;
    private CopyFormat format = CopyFormat.AUTO;
    private @Nullable Bytes rateLimit;
    private @Nullable Boolean rebuildIndexes;
    private boolean verify = true;
    private boolean analyze = true;

    CopySpec(String verb, TextChecks texts) {
        this.verb = verb;
        this.texts = texts;
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

    @Word(value = "The columns to copy.", example = "columns 'id', 'title'", byDefault = "all columns of the source")
    public void columns(@Checked(TextKind.NAME) String... names) {
        if (names.length == 0) {
            throw new OperatorException("'columns' names no column", "leave it out to copy all columns.");
        }
        columns = List.of(names);
    }

    @Word(
            value = "An SQL condition on the source's rows.",
            example = "where \"tenant_id = 't1'\"",
            byDefault = "all rows")
    public void where(String condition) {
        where = condition;
    }

    @Word(
            value = "What becomes of the rows the target already has.",
            example = "strategy append",
            byDefault = "truncate")
    public void strategy(CopyStrategy what) {
        strategy = what;
    }

    @Word(value = "How the rows travel.", example = "format text", byDefault = "auto")
    public void format(CopyFormat what) {
        format = what;
    }

    @Word(value = "At most this much per second.", example = "rateLimit 2.megabytes", byDefault = "as fast as it goes")
    public void rateLimit(Bytes perSecond) {
        if (perSecond.count() == 0) {
            throw new OperatorException(
                    "'rateLimit' of nothing would never end", "leave it out for as fast as it goes.");
        }
        rateLimit = perSecond;
    }

    @Word(
            value =
                    "Whether the target's indexes are dropped while a table is replaced, and built again before it commits."
                            + " Indexes that foreign keys or views rest on stay in any case.",
            example = "rebuildIndexes false",
            byDefault = "where it pays: from 20,000 rows on, indexes whose order is not that of the rows")
    public void rebuildIndexes(boolean yes) {
        rebuildIndexes = yes;
    }

    @Word(
            value = "Whether the copied rows are counted and checksummed on both sides before the target commits.",
            example = "verify false",
            byDefault = "true")
    public void verify(boolean yes) {
        verify = yes;
    }

    @Word(
            value = "Whether the target's statistics are renewed afterwards.",
            example = "analyze false",
            byDefault = "true")
    public void analyze(boolean yes) {
        analyze = yes;
    }

    @Choice(
            of = "strategy",
            value = "They are replaced in one transaction: readers see all of the old rows or all of the new ones.")
    public CopyStrategy getTruncate() {
        return CopyStrategy.TRUNCATE;
    }

    @Choice(of = "strategy", value = "They stay, and the copied rows are added.")
    public CopyStrategy getAppend() {
        return CopyStrategy.APPEND;
    }

    @Choice(of = "format", value = "Binary where every column's type allows it, else text.")
    public CopyFormat getAuto() {
        return CopyFormat.AUTO;
    }

    @Choice(of = "format", value = "Binary, or a refusal that names the columns in the way.")
    public CopyFormat getBinary() {
        return CopyFormat.BINARY;
    }

    @Choice(of = "format", value = "Text.")
    public CopyFormat getText() {
        return CopyFormat.TEXT;
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

    final List<String> columns() {
        return columns;
    }

    final @Nullable String where() {
        return where;
    }

    final CopyStrategy strategy() {
        return strategy;
    }

    final CopyFormat format() {
        return format;
    }

    final @Nullable Bytes rateLimit() {
        return rateLimit;
    }

    final @Nullable Boolean rebuildIndexes() {
        return rebuildIndexes;
    }

    final boolean verify() {
        return verify;
    }

    final boolean analyze() {
        return analyze;
    }
}
