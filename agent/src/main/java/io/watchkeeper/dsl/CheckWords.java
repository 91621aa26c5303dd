package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatesTo;
import io.watchkeeper.review.Review;
import java.sql.SQLException;

/** The words of a step that look at one thing of a server: what its sessions do, how full it is, what runs out. See docs/checks.md. */
public abstract sealed class CheckWords extends ActionSpec permits ReviewWords {

    private final CheckVerbs checks;

    CheckWords(Action action) {
        super(action);
        checks = new CheckVerbs(action);
    }

    @Word(
            value =
                    "Counts connections by state, and finds transactions that have been open for too long, prepared ones among "
                            + "them. See [Checks](checks.md). The result has `status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "connections('shore') { warn 70.percent; transactionWarn 5.minutes }")
    public Review connections(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = ConnectionsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new ConnectionsSpec(), block);
    }

    public Review connections(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new ConnectionsSpec(), null);
    }

    @Word(
            value =
                    "Finds statements that have been running for long and, where pg_stat_statements is installed, those that "
                            + "take the most time. They are shown without the values in them. See [Checks](checks.md). The result has "
                            + "`status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "slowQueries('shore') { warn 30.seconds }")
    public Review slowQueries(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = SlowQueriesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new SlowQueriesSpec(), block);
    }

    public Review slowQueries(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new SlowQueriesSpec(), null);
    }

    @Word(
            value =
                    "Finds sessions that wait for a lock, and who is at the root of it. See [Checks](checks.md). The result has "
                            + "`status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "lockWaits('shore') { warn 10.seconds }")
    public Review lockWaits(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = LockWaitsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new LockWaitsSpec(), block);
    }

    public Review lockWaits(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new LockWaitsSpec(), null);
    }

    @Word(
            value =
                    "Measures the databases of a server and notes it: how they grow a day and, where the server is on this "
                            + "host, when the disk is full. See [Checks](checks.md). The result has `status()`, `summary()`, "
                            + "`evidence()`, `remedy()`.",
            example = "databaseSizes('shore') { warn 30.days }")
    public Review databaseSizes(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = DatabaseSizesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new DatabaseSizesSpec(), block);
    }

    public Review databaseSizes(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new DatabaseSizesSpec(), null);
    }

    @Word(
            value =
                    "Measures the disks of a server that is on this host: those of its data, its log and its tablespaces, and "
                            + "when they are full. See [Checks](checks.md). The result has `status()`, `summary()`, `evidence()`, "
                            + "`remedy()`.",
            example = "diskSpace('shore') { warn 25.percent }")
    public Review diskSpace(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = DiskSpaceSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new DiskSpaceSpec(), block);
    }

    public Review diskSpace(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new DiskSpaceSpec(), null);
    }

    @Word(
            value =
                    "Finds tables with many dead rows, with old statistics, that are read from end to end again and again, or "
                            + "whose updates touch every index. See [Checks](checks.md). The result has `status()`, `summary()`, "
                            + "`evidence()`, `remedy()`.",
            example = "tableStatistics('shore') { warn 20.percent }")
    public Review tableStatistics(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = TableStatisticsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new TableStatisticsSpec(), block);
    }

    public Review tableStatistics(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new TableStatisticsSpec(), null);
    }

    @Word(
            value =
                    "Finds indexes that nobody uses, as far back as the statistics reach, on standbys too where they are named. "
                            + "See [Checks](checks.md). The result has `status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "indexUsage('shore') { alsoAsk 'ship' }")
    public Review indexUsage(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = IndexUsageSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new IndexUsageSpec(action().texts()), block);
    }

    public Review indexUsage(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new IndexUsageSpec(action().texts()), null);
    }

    @Word(
            value =
                    "Says how many of the pages read were in memory already, since the last day. See [Checks](checks.md). The "
                            + "result has `status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "cacheHitRatio('shore') { warn 95.percent }")
    public Review cacheHitRatio(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = CacheHitRatioSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new CacheHitRatioSpec(), block);
    }

    public Review cacheHitRatio(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new CacheHitRatioSpec(), null);
    }

    @Word(
            value =
                    "Says whether checkpoints come by the clock, how long they take, and whether sessions have to write pages "
                            + "themselves. See [Checks](checks.md). The result has `status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "checkpoints('shore')")
    public Review checkpoints(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = CheckpointsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new CheckpointsSpec(), block);
    }

    public Review checkpoints(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new CheckpointsSpec(), null);
    }

    @Word(
            value =
                    "Says whether the server gets its finished log archived by its own archiver. See [Checks](checks.md). The "
                            + "result has `status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "archiver('shore') { fail 30.minutes }")
    public Review archiver(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = ArchiverSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new ArchiverSpec(), block);
    }

    public Review archiver(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new ArchiverSpec(), null);
    }

    @Word(
            value =
                    "Says how many queries of a standby were cancelled because of replay, and what a subscription could not "
                            + "apply, since the last looks. See [Checks](checks.md). The result has `status()`, `summary()`, "
                            + "`evidence()`, `remedy()`.",
            example = "replicationConflicts('ship') { warn 1; within 6.hours }")
    public Review replicationConflicts(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = ReplicationConflictsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new ReplicationConflictsSpec(), block);
    }

    public Review replicationConflicts(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new ReplicationConflictsSpec(), null);
    }

    @Word(
            value = "Says how much of the transaction and multixact ids is used up, and when writes would stop. See "
                    + "[Checks](checks.md). The result has `status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "wraparound('shore') { warn 25.percent }")
    public Review wraparound(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = WraparoundSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new WraparoundSpec(), block);
    }

    public Review wraparound(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new WraparoundSpec(), null);
    }

    @Word(
            value = "Finds sequences near their end, and integer columns behind sequences that go on beyond them. See "
                    + "[Checks](checks.md). The result has `status()`, `summary()`, `evidence()`, `remedy()`.",
            example = "sequences('shore') { warn 70.percent }")
    public Review sequences(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = SequencesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return checks.look(database, new SequencesSpec(), block);
    }

    public Review sequences(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return checks.look(database, new SequencesSpec(), null);
    }
}
