package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.partition.Period;
import io.watchkeeper.toolkit.partition.Retention;
import io.watchkeeper.toolkit.partition.SubPartitions;
import io.watchkeeper.toolkit.partition.UpkeepPlan;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code maintainPartitions('shore', 'public.incidents') { … }} */
@Block(
        name = "maintainPartitions",
        value = "Which partitions a table is to have, and what becomes of those that are too old.",
        needs = {"monthly|weekly|daily"},
        words = {
            "monthly",
            "weekly",
            "daily",
            "hash",
            "list",
            "ahead",
            "retain",
            "detach",
            "archive",
            "drop",
            "maxDrops",
            "testOn",
            "moveDefaultRows",
            "batch",
            "zone",
            "template",
            "lockTimeout",
            "attempts"
        })
public final class MaintainPartitionsSpec {

    private static final String EXAMPLE =
            "maintainPartitions('shore', 'public.incidents') { monthly; ahead 3.days; retain 180.days; archive }";

    private final TextChecks texts;
    private @Nullable Period period;
    private @Nullable Retention action;
    private @Nullable SubPartitions within;
    private @Nullable Duration retain;
    private @Nullable Duration ahead;
    private @Nullable ZoneId zone;
    private @Nullable String template;
    private @Nullable String testOn;
    private @Nullable Duration lockTimeout;
    private @Nullable Integer attempts;
    private @Nullable Integer maxDrops;
    private @Nullable Integer batch;
    private boolean moveDefaultRows;

    MaintainPartitionsSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "A partition holds a month.", example = "monthly")
    public Period getMonthly() {
        return period(Period.MONTHLY);
    }

    @Word(value = "A partition holds a week, from Monday to Monday.", example = "weekly")
    public Period getWeekly() {
        return period(Period.WEEKLY);
    }

    @Word(value = "A partition holds a day.", example = "daily")
    public Period getDaily() {
        return period(Period.DAILY);
    }

    private Period period(Period chosen) {
        if (period != null && period != chosen) {
            throw new OperatorException(
                    "'maintainPartitions' says both " + period + " and " + chosen, "say one of them.");
        }
        period = chosen;
        return chosen;
    }

    @Word(
            value = "New partitions are divided into so many by a hash of a column.",
            example = "hash 8, 'tenant_id'",
            byDefault = "as the newest partition is")
    public void hash(int parts, @Checked(TextKind.NAME) String column) {
        within = SubPartitions.hash(parts, texts.require(TextKind.NAME, column));
    }

    @Word(
            value =
                    "New partitions are divided by the values of a column, one for each that is named and one for all others.",
            example = "list 'region', 'eu', 'kr'",
            byDefault = "as the newest partition is")
    public void list(@Checked(TextKind.NAME) String column, String... values) {
        within = SubPartitions.list(texts.require(TextKind.NAME, column), List.of(values));
    }

    @Word(
            value = "The partition for this long from now is there already.",
            example = "ahead 3.days",
            byDefault = "3.days")
    public void ahead(Duration time) {
        ahead = time;
    }

    @Word(
            value = "Partitions whose rows are all older than this leave the table.",
            example = "retain 180.days",
            byDefault = "all stay")
    public void retain(Duration age) {
        retain = age;
    }

    @Word(value = "Partitions that are too old become tables of their own.", example = "detach")
    public Retention getDetach() {
        return action(Retention.DETACH);
    }

    @Word(
            value =
                    "Partitions that are too old are detached, dumped into the backup repository, restored beside and compared row by"
                            + " row, and only then dropped.",
            example = "archive")
    public Retention getArchive() {
        return action(Retention.ARCHIVE);
    }

    @Word(value = "Partitions that are too old are dropped, and their rows are gone.", example = "drop")
    public Retention getDrop() {
        return action(Retention.DROP);
    }

    private Retention action(Retention chosen) {
        if (action != null && action != chosen) {
            throw new OperatorException(
                    "'maintainPartitions' says both " + action + " and " + chosen, "say one of them.");
        }
        action = chosen;
        return chosen;
    }

    @Word(
            value =
                    "When more partitions of a table than this are too old, none of them is touched and the step fails.",
            example = "maxDrops 40",
            byDefault = "12")
    public void maxDrops(int most) {
        maxDrops = most;
    }

    @Word(
            value = "The database on whose server archives are restored to compare them.",
            example = "testOn 'ship'",
            byDefault = "the database itself")
    public void testOn(@Checked(TextKind.DATABASE) String database) {
        testOn = texts.require(TextKind.DATABASE, database);
    }

    @Word(
            value =
                    "Rows that wait in the default partition are moved into the partitions they belong to, which are made for them.",
            example = "moveDefaultRows true",
            byDefault = "false")
    public void moveDefaultRows(boolean yes) {
        moveDefaultRows = yes;
    }

    @Word(
            value = "So many rows of the default partition are moved in one transaction, and into one partition.",
            example = "batch 5_000",
            byDefault = "20_000")
    public void batch(int rows) {
        batch = rows;
    }

    @Word(
            value = "The time zone in which days, weeks and months begin.",
            example = "zone 'Asia/Seoul'",
            byDefault = "'UTC'")
    public void zone(@Checked(TextKind.ZONE) String name) {
        zone = ZoneId.of(texts.require(TextKind.ZONE, name));
    }

    @Word(
            value =
                    "The table whose rights, policies, triggers, settings, own indexes and publications new partitions get.",
            example = "template 'public.incidents_template'",
            byDefault = "the newest partition")
    public void template(@Checked(TextKind.TABLE) String table) {
        template = texts.require(TextKind.TABLE, table);
    }

    @Word(
            value = "How long one attempt waits for a lock, at most a second: writers wait behind it.",
            example = "lockTimeout 200.milliseconds",
            byDefault = "500.milliseconds")
    public void lockTimeout(Duration limit) {
        lockTimeout = limit;
    }

    @Word(
            value = "How often a lock is tried for, with pauses that grow to five seconds.",
            example = "attempts 50",
            byDefault = "20")
    public void attempts(int times) {
        attempts = times;
    }

    @Nullable
    String testOn() {
        return testOn;
    }

    UpkeepPlan plan(List<String> tables) {
        if (period == null) {
            throw new OperatorException("'maintainPartitions' needs 'monthly', 'weekly' or 'daily'", EXAMPLE);
        }
        if (action != null && retain == null) {
            throw new OperatorException("'" + action + "' without 'retain' does not say which partitions", EXAMPLE);
        }
        UpkeepPlan usual = UpkeepPlan.monthly(tables);
        return new UpkeepPlan(
                tables,
                period,
                within,
                ahead == null ? usual.ahead() : ahead,
                retain,
                action == null ? usual.action() : action,
                moveDefaultRows,
                zone == null ? usual.zone() : zone,
                template,
                lockTimeout == null ? usual.lockTimeout() : lockTimeout,
                attempts == null ? usual.attempts() : attempts,
                maxDrops == null ? usual.maxDrops() : maxDrops,
                batch == null ? usual.batch() : batch);
    }
}
