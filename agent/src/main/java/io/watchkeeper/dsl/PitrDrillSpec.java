package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.pitr.CheckQuery;
import io.watchkeeper.toolkit.pitr.DrillPlan;
import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code pitrDrill('shore') { … }} */
@Block(
        name = "pitrDrill",
        value =
                "What a restore drill recovers to, and what it looks at then. Whatever cannot be looked at makes it fail.",
        words = {
            "target",
            "timestamp",
            "lsn",
            "name",
            "backup",
            "maxRpo",
            "maxRto",
            "check",
            "synthetic",
            "amcheck",
            "compare",
            "port",
            "provider",
            "pgbackrest"
        })
public final class PitrDrillSpec extends ProviderSpec {

    private static final int HIGHEST_PORT = 65_535;

    private final TextChecks texts;
    private final TargetWords targets;
    private final Path folder;
    private final List<CheckQuery> checks = new ArrayList<>();
    private final List<String> compare = new ArrayList<>();
    private RecoveryTarget target = RecoveryTarget.LATEST;
    private @Nullable String backup;
    private @Nullable Path synthetic;
    private Duration maxRpo = DrillPlan.MAX_RPO;
    private Duration maxRto = DrillPlan.MAX_RTO;
    private boolean amcheck = true;
    private int port = DrillPlan.PORT;

    /** @param folder of the runbook's file, where relative paths begin */
    PitrDrillSpec(TextChecks texts, Clock clock, Path folder) {
        this.texts = texts;
        this.targets = new TargetWords(clock);
        this.folder = folder;
    }

    @Word(value = "How far the log is replayed.", example = "target timestamp('30 seconds ago')", byDefault = "latest")
    public void target(RecoveryTarget where) {
        target = where;
    }

    @Choice(of = "target", value = "Everything that is archived.")
    public RecoveryTarget getLatest() {
        return RecoveryTarget.LATEST;
    }

    @Word(
            value =
                    "For target: the last commit at or before a time, `'2026-11-21 14:30:00+00'` or `'30 seconds ago'`. A time without a"
                            + " zone is one of this host's.",
            example = "target timestamp('2026-11-21 14:30:00+00')")
    public RecoveryTarget timestamp(String time) {
        return targets.timestamp(time);
    }

    @Word(value = "For target: a position of the log.", example = "target lsn('0/8F3A2C10')")
    public RecoveryTarget lsn(String position) {
        return targets.lsn(position);
    }

    @Word(
            value = "For target: a restore point, which `pg_create_restore_point` makes.",
            example = "target name('before the upgrade')")
    public RecoveryTarget name(String restorePoint) {
        return targets.name(restorePoint);
    }

    @Word(
            value = "Which backup, as the catalogue calls it.",
            example = "backup '20261121T030000.000Z-base'",
            byDefault = "the newest good one that leads to the target")
    public void backup(@Checked(TextKind.NAME) String id) {
        backup = texts.require(TextKind.NAME, id);
    }

    @Word(
            value =
                    "How much may be lost: the time between the last transaction that came back and what was asked for.",
            example = "maxRpo 5.minutes",
            byDefault = "5.minutes")
    public void maxRpo(Duration limit) {
        maxRpo = positive("maxRpo", limit);
    }

    @Word(
            value = "How long it may take from the start until the last check was made.",
            example = "maxRto 30.minutes",
            byDefault = "30.minutes")
    public void maxRto(Duration limit) {
        maxRto = positive("maxRto", limit);
    }

    @Word(
            value =
                    "A query that is asked in the recovered cluster and returns one boolean. Only true passes. May be given several times.",
            example = "check 'orders are there', 'select count(*) > 1000 from public.orders'")
    public void check(@Checked(TextKind.NAME) String name, @Checked(TextKind.SQL) String query) {
        checks.add(new CheckQuery(texts.require(TextKind.NAME, name), texts.require(TextKind.SQL, query)));
    }

    @Word(
            value =
                    "A file of SQL that does in the recovered cluster what the application does, in one transaction of at most 5 minutes:"
                            + " the last statement reads what the others wrote. It is rolled back, unless the file has a line"
                            + " `-- watchkeeper: keep`. A relative path begins at the runbook's folder.",
            example = "synthetic 'transaction.sql'",
            byDefault = "none")
    public void synthetic(@Checked(TextKind.NAME) String file) {
        synthetic = folder.resolve(texts.require(TextKind.NAME, file)).normalize();
    }

    @Word(
            value = "Whether every b-tree index of every database is looked through, and its table with it.",
            example = "amcheck true",
            byDefault = "true")
    public void amcheck(boolean yes) {
        amcheck = yes;
    }

    @Word(
            value =
                    "Tables or patterns that are compared with those of the database itself: rows that are older than the recovery"
                            + " point must be the same. Reads these tables there, too.",
            example = "compare 'public.*'",
            byDefault = "none")
    public void compare(@Checked(TextKind.TABLE_PATTERN) String... tables) {
        for (String table : tables) {
            compare.add(texts.require(TextKind.TABLE_PATTERN, table));
        }
    }

    @Word(
            value = "The number in the name of the sandbox's socket; no port is opened.",
            example = "port 54320",
            byDefault = "54320")
    public void port(int number) {
        if (number < 1 || number > HIGHEST_PORT) {
            throw new OperatorException("'port' is " + number, "give a number from 1 to 65535.");
        }
        port = number;
    }

    private static Duration positive(String word, Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new OperatorException("'" + word + "' of nothing fails every drill", "give a time, as 5.minutes.");
        }
        return limit;
    }

    DrillPlan plan() {
        return new DrillPlan(target, backup, maxRpo, maxRto, checks, synthetic, amcheck, compare, port);
    }
}
