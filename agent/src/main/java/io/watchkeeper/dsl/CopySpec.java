package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatesTo;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyFormat;
import io.watchkeeper.toolkit.copy.CopyLimit;
import io.watchkeeper.toolkit.copy.CopyMethod;
import io.watchkeeper.toolkit.copy.CopyOptions;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import io.watchkeeper.units.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The options that all copies have. */
public abstract sealed class CopySpec extends PairSpec permits CopyTableSpec, CopyTablesSpec {

    private CopyOptions options = CopyOptions.DEFAULT;
    private final List<CopyLimit> limits = new ArrayList<>();

    CopySpec(String verb, TextChecks texts) {
        super(verb, texts);
    }

    final void change(UnaryOperator<CopyOptions> how) {
        options = how.apply(options);
    }

    @Word(
            value = "An SQL condition on the source's rows.",
            example = "where \"tenant_id = 't1'\"",
            byDefault = "all rows")
    @Override
    public void where(String condition) {
        super.where(condition);
    }

    @Word(
            value = "What becomes of the rows the target already has.",
            example = "strategy append",
            byDefault = "truncate")
    public void strategy(CopyStrategy what) {
        options = options.withStrategy(what).withPartition(null);
    }

    @Word(
            value = "The columns that tell rows apart, with strategy merge. The target needs a unique index over them.",
            example = "key 'tenant_id', 'number'",
            byDefault = "the target's primary key")
    @Override
    public void key(@Checked(TextKind.NAME) String... names) {
        super.key(names);
    }

    @Word(
            value = "Whether a unique index over the key is made on the target, where it has none, with strategy merge."
                    + " Readers and writers go on meanwhile, and it stays.",
            example = "createKeyIndex true",
            byDefault = "false")
    public void createKeyIndex(boolean yes) {
        options = options.withMergeBy(options.mergeBy().withCreateIndex(yes));
    }

    @Word(value = "How the rows travel.", example = "format text", byDefault = "auto")
    public void format(CopyFormat what) {
        options = options.withFormat(what);
    }

    @Word(value = "How the rows travel.", example = "format text", byDefault = "auto")
    public void format(Auto chosen) {
        options = options.withFormat(CopyFormat.AUTO);
    }

    @Word(
            value = "Who moves the rows. [Copying](copying.md) says when which is better.",
            example = "method fdw",
            byDefault = "copy")
    public void method(CopyMethod who) {
        options = options.withMethod(who);
    }

    @Word(
            value =
                    "Where the target's server finds the source's, with `method fdw`: `'host:port'`, or the folder of its socket.",
            example = "sourceAddress '10.9.0.2:5432'",
            byDefault = "the address in the configuration")
    public void sourceAddress(String address) {
        options = options.withSourceAddress(address);
    }

    @Word(value = "Rows of a chunk, with `resume` or several workers.", example = "batch 50_000", byDefault = "auto")
    public void batch(int rows) {
        if (rows < 1) {
            throw new OperatorException("'batch' is " + rows, "a chunk has at least one row.");
        }
        changePace(pace -> pace.withBatch((long) rows));
    }

    @Word(value = "Rows of a chunk, with `resume` or several workers.", example = "batch 50_000", byDefault = "auto")
    public void batch(Auto chosen) {
        changePace(pace -> pace.withBatch(null));
    }

    @Word(
            value =
                    "Whether a table is copied in chunks that the target keeps a record of: a copy that was interrupted, by whatever,"
                            + " goes on where it was when it is run again.",
            example = "resume true",
            byDefault = "false")
    public void resume(boolean yes) {
        options = options.withResume(yes);
    }

    @Word(
            value = "No new chunk begins while a standby of the target is further behind than this.",
            example = "maxReplicationLag 64.megabytes",
            byDefault = "no limit")
    public void maxReplicationLag(Bytes behind) {
        changePace(pace -> pace.withMaxReplicationLag(behind));
    }

    @Word(
            value =
                    "No new chunk begins while more other sessions than this are active on the source or on the target.",
            example = "maxActiveSessions 20",
            byDefault = "no limit")
    public void maxActiveSessions(int sessions) {
        if (sessions < 1) {
            throw new OperatorException("'maxActiveSessions' is " + sessions, "it takes at least one.");
        }
        changePace(pace -> pace.withMaxActiveSessions(sessions));
    }

    @Word(
            value =
                    "Whether the target's indexes are dropped while a table is replaced, and built again before it commits."
                            + " Indexes that foreign keys or views rest on stay in any case.",
            example = "rebuildIndexes false",
            byDefault = "where it pays: from 20,000 rows on")
    public void rebuildIndexes(boolean yes) {
        options = options.withRebuildIndexes(yes);
    }

    @Word(
            value = "Whether the copied rows are counted and checksummed on both sides before the target commits.",
            example = "verify false",
            byDefault = "true")
    public void verify(boolean yes) {
        options = options.withVerify(yes);
    }

    @Word(
            value = "Whether the target's statistics are renewed afterwards.",
            example = "analyze false",
            byDefault = "true")
    public void analyze(boolean yes) {
        options = options.withAnalyze(yes);
    }

    @Word(
            value =
                    "Whether autovacuum leaves the target's table alone while rows are added to it, or while it is filled in chunks."
                            + " What was set before is put back in any case.",
            example = "suspendAutovacuum true",
            byDefault = "false")
    public void suspendAutovacuum(boolean yes) {
        options = options.withSuspendAutovacuum(yes);
    }

    @Word(
            value =
                    "Sends an alert of this severity when a table's copy crosses a limit, also while it hangs. May be given several"
                            + " times. The alert is over when a later run succeeds within its limits.",
            example = "alertWhen('warning') { longerThan 10.minutes; slowerThan 10_000 }",
            byDefault = "never")
    public void alertWhen(
            @Checked(TextKind.NAME) String severity,
            @DelegatesTo(value = AlertWhenSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block) {
        AlertWhenSpec spec = new AlertWhenSpec(texts().require(TextKind.NAME, severity));
        Closures.run(block, spec);
        limits.addAll(spec.limits());
    }

    @Choice(
            of = "strategy",
            value = "They are replaced in one transaction: readers see all of the old rows or all of the new ones.")
    public CopyStrategy getTruncate() {
        return CopyStrategy.TRUNCATE;
    }

    @Choice(
            of = "strategy",
            value =
                    "They are replaced by a new table, which takes the old one's place with all that belongs to it once it"
                            + " is filled and verified: until then, readers read the old rows.")
    public CopyStrategy getSwap() {
        return CopyStrategy.SWAP;
    }

    @Choice(of = "strategy", value = "They stay, and the copied rows are added.")
    public CopyStrategy getAppend() {
        return CopyStrategy.APPEND;
    }

    @Choice(
            of = "strategy",
            value =
                    "Copied rows take the place of those with the same key, or are added; rows that are the same are not"
                            + " written, and the target's other rows stay.")
    public CopyStrategy getMerge() {
        return CopyStrategy.MERGE;
    }

    @Choice(
            of = {"format", "workers", "batch"},
            value =
                    "Chosen from the table, the servers and how it goes: for formats, binary where every column's type allows it.")
    public Auto getAuto() {
        return Auto.AUTO;
    }

    @Choice(of = "format", value = "Binary, or a refusal that names the columns in the way.")
    public CopyFormat getBinary() {
        return CopyFormat.BINARY;
    }

    @Choice(of = "format", value = "Text.")
    public CopyFormat getText() {
        return CopyFormat.TEXT;
    }

    @Choice(of = "method", value = "The agent, by COPY on both servers.")
    public CopyMethod getCopy() {
        return CopyMethod.COPY;
    }

    @Choice(of = "method", value = "The target's server, which reads the source's by postgres_fdw.")
    public CopyMethod getFdw() {
        return CopyMethod.FDW;
    }

    final List<CopyLimit> limits() {
        return List.copyOf(limits);
    }

    final CopyOptions options() {
        return options.withColumns(columnNames())
                .withWhere(condition())
                .withMergeBy(options.mergeBy().withColumns(keyColumns()))
                .withPace(pace());
    }
}
