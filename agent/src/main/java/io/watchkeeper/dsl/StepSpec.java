package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatesTo;
import io.watchkeeper.review.Review;
import io.watchkeeper.toolkit.backup.BaseBackupResult;
import io.watchkeeper.toolkit.backup.DumpRestoreResult;
import io.watchkeeper.toolkit.backup.DumpResult;
import io.watchkeeper.toolkit.backup.ExpiredBackups;
import io.watchkeeper.toolkit.backup.VerifiedBackups;
import io.watchkeeper.toolkit.copy.CopyResult;
import io.watchkeeper.toolkit.copy.TableSetResult;
import io.watchkeeper.toolkit.failover.FailoverStatus;
import io.watchkeeper.toolkit.failover.SwitchoverResult;
import io.watchkeeper.toolkit.index.ReindexResult;
import io.watchkeeper.toolkit.maintenance.AnalyzeResult;
import io.watchkeeper.toolkit.maintenance.VacuumResult;
import io.watchkeeper.toolkit.migrate.BackfillResult;
import io.watchkeeper.toolkit.migrate.MigrationResult;
import io.watchkeeper.toolkit.partition.Conversion;
import io.watchkeeper.toolkit.partition.UpkeepResult;
import io.watchkeeper.toolkit.pitr.DrillResult;
import io.watchkeeper.toolkit.remedy.RemedyResult;
import io.watchkeeper.toolkit.replication.LagResult;
import io.watchkeeper.toolkit.replication.SlotDropResult;
import io.watchkeeper.toolkit.sql.ExecuteResult;
import io.watchkeeper.toolkit.sql.InsertResult;
import io.watchkeeper.toolkit.sql.VersionedUpdate;
import io.watchkeeper.toolkit.standby.StandbyResult;
import io.watchkeeper.toolkit.stream.PublicationResult;
import io.watchkeeper.toolkit.stream.StreamResult;
import io.watchkeeper.toolkit.sync.SyncResult;
import io.watchkeeper.toolkit.sync.SyncSetResult;
import io.watchkeeper.toolkit.tenant.TenantDropResult;
import io.watchkeeper.toolkit.tenant.TenantMoveResult;
import io.watchkeeper.toolkit.tenant.TenantResult;
import io.watchkeeper.toolkit.verify.VerifyResult;
import io.watchkeeper.toolkit.verify.VerifySetResult;
import io.watchkeeper.toolkit.wal.WalArchiveResult;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code step('name') { … }} */
@Block(
        name = "step",
        value =
                "The code of a step: verbs and plain Groovy. It runs each time the step runs, and only then. In a dry run each verb "
                        + "says what it would do instead of doing it.",
        words = {
            "query",
            "execute",
            "insertOnce",
            "updateVersioned",
            "ulid",
            "copyTable",
            "copyTables",
            "syncTable",
            "syncTables",
            "verifyTable",
            "verifyTables",
            "provisionStandby",
            "provisionPublication",
            "provisionSubscription",
            "replicationLag",
            "dropLeakedSlots",
            "walArchive",
            "baseBackup",
            "expireBackups",
            "verifyBackups",
            "dump",
            "restore",
            "pitrDrill",
            "failoverCluster",
            "authenticationReview",
            "settingsReview",
            "logErrors",
            "auditLog",
            "backupStatus",
            "synchronousStandbys",
            "switchover",
            "remediateLag",
            "connections",
            "slowQueries",
            "lockWaits",
            "databaseSizes",
            "diskSpace",
            "tableStatistics",
            "indexUsage",
            "cacheHitRatio",
            "checkpoints",
            "archiver",
            "replicationConflicts",
            "wraparound",
            "sequences",
            "analyze",
            "vacuum",
            "reindex",
            "bloat",
            "indexAdvice",
            "xminHorizon",
            "autovacuumAdvice",
            "slo",
            "maintainPartitions",
            "conversionPlan",
            "tenant",
            "verifyTenants",
            "suspendTenant",
            "resumeTenant",
            "moveTenant",
            "dropTenant",
            "migrate",
            "backfill",
            "check",
            "alert",
            "log",
            "sleep",
            "http",
            "param",
            "params"
        })
public final class StepSpec extends ReviewWords {

    private final SqlVerbs sql;
    private final WritingVerbs writing;
    private final CopyVerbs copy;
    private final SyncVerbs sync;
    private final VerifyVerbs verify;
    private final MaintenanceVerbs maintenance;
    private final IndexVerbs indexes;
    private final StreamVerbs stream;
    private final ReplicationVerbs replication;
    private final WalVerbs wal;
    private final BaseBackupVerbs baseBackups;
    private final KeepingVerbs keeping;
    private final DumpVerbs dumps;
    private final RestoreVerbs restores;
    private final PitrVerbs pitr;
    private final FailoverVerbs failover;
    private final RemedyVerbs remedies;
    private final StandbyVerbs standbys;
    private final PartitionVerbs partitions;
    private final MigrateVerbs migrations;

    StepSpec(Action action) {
        super(action);
        sql = new SqlVerbs(action);
        writing = new WritingVerbs(action);
        copy = new CopyVerbs(action);
        sync = new SyncVerbs(action);
        verify = new VerifyVerbs(action);
        maintenance = new MaintenanceVerbs(action);
        indexes = new IndexVerbs(action);
        stream = new StreamVerbs(action);
        replication = new ReplicationVerbs(action);
        wal = new WalVerbs(action);
        baseBackups = new BaseBackupVerbs(action);
        keeping = new KeepingVerbs(action);
        dumps = new DumpVerbs(action);
        restores = new RestoreVerbs(action);
        pitr = new PitrVerbs(action);
        failover = new FailoverVerbs(action);
        remedies = new RemedyVerbs(action);
        standbys = new StandbyVerbs(action);
        partitions = new PartitionVerbs(action);
        migrations = new MigrateVerbs(action);
    }

    @Word(
            value =
                    "Reads rows, as a list of maps from column to value. Each `?` of the statement takes the next value; values are "
                            + "bound, never spliced into the text. A dry run really reads, in a read-only transaction, where reading "
                            + "changes nothing.",
            example = "def rows = query('shore', 'select id from public.tenants where region = ?', 'eu')")
    public List<Map<String, @Nullable Object>> query(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.SQL) String statement,
            @Nullable Object... values)
            throws SQLException {
        return sql.query(database, statement, values);
    }

    @Word(
            value = "Runs a statement in a transaction of its own. The result has `rowsWritten()`.",
            example = "execute('ship', 'delete from public.sessions where seen_at < now() - interval ?', '30 days')")
    public ExecuteResult execute(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.SQL) String statement,
            @Nullable Object... values)
            throws SQLException {
        return sql.execute(database, statement, values);
    }

    @Word(
            value =
                    "Inserts a row, unless one with the same key is there already, so that doing it again does no harm. The values must hold"
                            + " a whole key. Columns are checked and quoted, values bound. See [Writing safely](writing-safely.md). The result"
                            + " has `inserted()`, `rowsWritten()`.",
            example = "insertOnce('shore', 'public.incidents', [id: ulid(), state: 'open'])")
    public InsertResult insertOnce(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE) String table,
            Map<String, ? extends @Nullable Object> values)
            throws SQLException {
        return writing.insertOnce(database, table, values);
    }

    @Word(
            value =
                    "Changes the row of a key if its `row_ver` is still the one that was read, and counts that up; a row that somebody has"
                            + " changed since is left as it is. See [Writing safely](writing-safely.md). The result has `updated()`,"
                            + " `conflict()`, `version()`, `state()`.",
            example = "updateVersioned('shore', 'public.incidents', [id: 'x'], 3, [state: 'closed'])")
    public VersionedUpdate updateVersioned(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE) String table,
            Map<String, ? extends @Nullable Object> key,
            long version,
            Map<String, ? extends @Nullable Object> changes)
            throws SQLException {
        return writing.updateVersioned(database, table, key, version, changes);
    }

    @Word(
            value =
                    "A new key of 26 characters that sorts by time: each behind the one before it. See [Writing safely](writing-safely.md).",
            example = "def id = ulid()")
    public String ulid() {
        return writing.ulid();
    }

    @Word(
            value =
                    "Copies one table as a stream, in one transaction of the target; when it fails, the target's rows are as they "
                            + "were. The result has `rowsRead()`, `rowsWritten()`, `bytes()`, `duration()`, `verified()`.",
            example = "copyTable('public.documents') { from 'shore'; to 'ship' }")
    public CopyResult copyTable(
            @Checked(TextKind.TABLE) String table,
            @DelegatesTo(value = CopyTableSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return copy.copyTable(table, block);
    }

    @Word(
            value =
                    "Copies the tables that match, referenced ones first. A table that cannot be copied does not stop the others; the "
                            + "step fails at the end and names it. The result has `rowsWritten()` and `results()`, one for each table.",
            example = "copyTables('public.*') { from 'shore'; to 'ship'; except 'public.audit_*' }")
    public TableSetResult copyTables(
            @Checked(TextKind.TABLE_PATTERN) String pattern,
            @DelegatesTo(value = CopyTablesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return copy.copyTables(List.of(pattern), block);
    }

    public TableSetResult copyTables(
            @Checked(TextKind.TABLE_PATTERN) List<String> patterns,
            @DelegatesTo(value = CopyTablesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return copy.copyTables(List.copyOf(patterns), block);
    }

    @Word(
            value =
                    "Keeps one table the same as another: one round, which brings the rows that were written on the source since the"
                            + " last one and deletes those that are gone, in one transaction of the target. The result has `rowsRead()`,"
                            + " `rowsWritten()`, `rowsDeleted()`, `bytes()`, `mode()`, `reason()`, `verified()`.",
            example = "syncTable('public.documents') { from 'shore'; to 'ship' }")
    public SyncResult syncTable(
            @Checked(TextKind.TABLE) String table,
            @DelegatesTo(value = SyncTableSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return sync.syncTable(table, block);
    }

    @Word(
            value =
                    "Keeps the tables that match the same as the source's. A table that cannot be does not stop the others; the step"
                            + " fails at the end and names it. The result has `rowsWritten()`, `rowsDeleted()` and `results()`, one for"
                            + " each table.",
            example = "syncTables('public.*') { from 'shore'; to 'ship'; except 'public.audit_*' }")
    public SyncSetResult syncTables(
            @Checked(TextKind.TABLE_PATTERN) String pattern,
            @DelegatesTo(value = SyncTablesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return sync.syncTables(List.of(pattern), block);
    }

    public SyncSetResult syncTables(
            @Checked(TextKind.TABLE_PATTERN) List<String> patterns,
            @DelegatesTo(value = SyncTablesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return sync.syncTables(List.copyOf(patterns), block);
    }

    @Word(
            value =
                    "Compares one table with another: both servers sum up hashes of their rows, and only where the sums differ, finer"
                            + " sums and in the end keys travel. Differences that are left fail the step. The result has `isMatch()`,"
                            + " `differences()`, `differingKeys()`, `score()`, `repaired()`.",
            example = "verifyTable('public.documents') { from 'shore'; to 'ship'; repair plan }")
    public VerifyResult verifyTable(
            @Checked(TextKind.TABLE) String table,
            @DelegatesTo(value = VerifyTableSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return verify.verifyTable(table, block);
    }

    @Word(
            value =
                    "Compares the tables that match with those of the same names. A table that cannot be compared does not stop the"
                            + " others; the step fails at the end and names it. The result has `isMatch()`, `differences()` and"
                            + " `results()`, one for each table.",
            example = "verifyTables('public.*') { from 'shore'; to 'ship'; except 'public.audit_*' }")
    public VerifySetResult verifyTables(
            @Checked(TextKind.TABLE_PATTERN) String pattern,
            @DelegatesTo(value = VerifyTablesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return verify.verifyTables(List.of(pattern), block);
    }

    public VerifySetResult verifyTables(
            @Checked(TextKind.TABLE_PATTERN) List<String> patterns,
            @DelegatesTo(value = VerifyTablesSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return verify.verifyTables(List.copyOf(patterns), block);
    }

    @Word(
            value =
                    "Makes a physical standby on this host, or goes on with one that was begun: settings, role, `pg_hba.conf` and slot on"
                            + " the primary, a copy by pg_basebackup, the start, and waits until it streams. What is there already is left;"
                            + " `undo true` takes all of it back. See [Standbys](standby.md). The result has `state()`, `changed()`,"
                            + " `isStreaming()`.",
            example = "provisionStandby('ship') { from 'shore'; dataDirectory '/var/lib/postgresql/15/ship' }")
    public StandbyResult provisionStandby(
            @Checked(TextKind.DATABASE) String standby,
            @DelegatesTo(value = ProvisionStandbySpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return standbys.provision(standby, block);
    }

    @Word(
            value =
                    "Makes a publication for logical replication, or alters the one there is so that it has just the tables named. "
                            + "Refused while a table has no replica identity. See [Streaming](streaming.md). The result has `changed()`.",
            example = "provisionPublication('shore') { name 'fleet'; tables 'public.*' }")
    public PublicationResult provisionPublication(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = ProvisionPublicationSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return stream.publication(database, block);
    }

    @Word(
            value =
                    "Subscribes a database to a publication, or looks after the subscription there is: state, lag, errors and slot are "
                            + "reported, sequences are moved on, a lost slot gives the tables back to polling. See "
                            + "[Streaming](streaming.md). The result has `state()`, `lag()`, `rowsWritten()`.",
            example =
                    "provisionSubscription('ship') { from 'shore'; publication 'fleet'; name 'fleet_ship'; handover true }")
    public StreamResult provisionSubscription(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = ProvisionSubscriptionSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return stream.subscription(database, block);
    }

    @Word(
            value =
                    "Looks how far standbys and subscribers are behind a database, in time and in bytes by stage, what slots keep, and, of a"
                            + " standby, how it gets its own log. What is over a limit fails the step and says which replica, how far,"
                            + " since when and where it is held up. Options go in a block. See [Replication lag](replication-lag.md). The"
                            + " result has `status()`, `seconds()`, `replicas()`, `slots()`, `conflicts()`, `secondsToFull()`.",
            example = "replicationLag('shore') { alertAfter 300.seconds }")
    public LagResult replicationLag(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = ReplicationLagSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return replication.lag(database, block);
    }

    public LagResult replicationLag(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return replication.lag(database, null);
    }

    @Word(
            value =
                    "Drops replication slots that nobody will read again, before the log that they keep fills the disk. A slot that is"
                            + " read, kept, or of a standby that is merely away is not one of them. See [Replication"
                            + " lag](replication-lag.md). The result has `dropped()`, `kept()`, `freed()`, `alertText()`.",
            example = "dropLeakedSlots('shore') { inactiveFor 30.minutes; retaining 10.gigabytes; keep 'ship_*' }")
    public SlotDropResult dropLeakedSlots(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = DropLeakedSlotsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return replication.dropLeakedSlots(database, block);
    }

    @Word(
            value =
                    "Makes a base backup of a whole cluster, with the log that makes it consistent, in the configured repository. It is"
                            + " compared with what the server sent before it counts. Options go in a block. See [Backups](backups.md). The"
                            + " result has `id()`, `bytes()`, `verified()`, `incremental()`, `duration()`.",
            example = "baseBackup('shore') { compress gzip }")
    public BaseBackupResult baseBackup(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = BaseBackupSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return baseBackups.baseBackup(database, block);
    }

    public BaseBackupResult baseBackup(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return baseBackups.baseBackup(database, null);
    }

    @Word(
            value =
                    "Removes backups and archived log that no rule keeps. The last good backup of a kind, held backups, what a drill or"
                            + " restore reads and what a backup that stays builds on are never removed. A dry run says of each why it goes"
                            + " or stays. See [Keeping backups](keeping-backups.md). The result has `removed()`, `kept()`, `segmentsRemoved()`, `bytes()`.",
            example = "expireBackups { keep 7.days; keepWal 14.days }")
    public ExpiredBackups expireBackups(
            @DelegatesTo(value = ExpireBackupsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return keeping.expire(block);
    }

    @Word(
            value =
                    "Reads backups and archived log again and compares every file with its hash. What is damaged is marked, does not"
                            + " count as a backup any more, and fails the step. See [Keeping backups](keeping-backups.md). The result has `verified()`,"
                            + " `walFiles()`, `left()`, `bytes()`.",
            example = "verifyBackups { rateLimit 20.megabytes; atMost 2.hours }")
    public VerifiedBackups verifyBackups(
            @DelegatesTo(value = VerifyBackupsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return keeping.verify(block);
    }

    @Word(
            value =
                    "Dumps a database by pg_dump into the repository, with the server's roles. See [Dumps](dumps.md). The result"
                            + " has `id()`, `bytes()`, `tables()`, `restored()`.",
            example = "dump('shore') { format directory; jobs 4; testRestore true }")
    public DumpResult dump(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = DumpSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return dumps.dump(database, block);
    }

    public DumpResult dump(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return dumps.dump(database, null);
    }

    @Word(
            value =
                    "Restores a dump, or tables of it, into a database, see [Dumps](dumps.md); or a base backup to a directory, see"
                            + " [Restoring](restoring.md). The result has `rows()`, `tables()`, `verified()`, `globals()`.",
            example = "restore('shore') { into 'shore_yesterday'; tables 'public.orders' }")
    public DumpRestoreResult restore(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = RestoreSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return restores.restore(database, block);
    }

    @Word(
            value =
                    "Proves that a base backup restores: brings it back in a sandbox that reaches nothing, recovers it to the target,"
                            + " makes every check, measures what was lost and how long it took, and removes the sandbox. A report"
                            + " of the run shows it. See [Restoring](restoring.md). The result has `passed()`, `rpo()`, `rto()`,"
                            + " `recoveredTo()`.",
            example = "pitrDrill('shore') { target latest; check 'orders', 'select count(*) > 0 from public.orders' }")
    public DrillResult pitrDrill(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = PitrDrillSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block) {
        return pitr.drill(database, block);
    }

    @Word(
            value =
                    "Says what looks after a server's failover: Patroni, pg_auto_failover, repmgr or nothing, and who its primary is."
                            + " What such a manager owns is left to it by every other word. See [Failover](failover.md). The result has"
                            + " `manager()`, `leader()`, `leaderAddress()`, `members()`, `problem()`.",
            example = "failoverCluster('shore')")
    public FailoverStatus failoverCluster(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return failover.cluster(database);
    }

    @Word(
            value =
                    "Looks at which standbys a commit waits for, and changes it where the block says so, in a way that stops no commit."
                            + " Commits that wait for standbys that are away fail the step. See [Failover](failover.md). The result has"
                            + " `status()`, `evidence()`, `remedy()`.",
            example = "synchronousStandbys('shore') { set any(1, 'ship_7', 'ship_8') }")
    public Review synchronousStandbys(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = SynchronousStandbysSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return failover.synchronousStandbys(database, block);
    }

    public Review synchronousStandbys(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return failover.synchronousStandbys(database, null);
    }

    @Word(
            value =
                    "Hands the primary's role to a standby, on a person's word, where no failover manager looks after the servers: checks,"
                            + " shuts the primary down, promotes the standby once it has everything, and brings the old primary back as"
                            + " its standby. Runs on the old primary's host. Each step is recorded; after a crash the same word goes on."
                            + " See [Failover](failover.md). The result has `state()`, `steps()`, `downtime()`, `notes()`.",
            example = "switchover('shore') { to 'ship'; confirm 'shore→ship' }")
    public SwitchoverResult switchover(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = SwitchoverSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return failover.switchover(database, block);
    }

    @Word(
            value =
                    "Finds out why replicas of a primary are too far behind and says it with evidence; does what is allowed about it,"
                            + " watches until they have caught up, and takes back what was meant for the while. Nothing is done while"
                            + " none is behind. A replica that stays behind fails the step. See [Lag remedies](lag-remedies.md). The"
                            + " result has `ending()`, `replicas()`, `timeline()`.",
            example = "remediateLag('shore') { alertAfter 300.seconds; allow hotStandbyFeedback, cancelConflicts }")
    public RemedyResult remediateLag(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = RemediateLagSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return remedies.remediate(database, block);
    }

    public RemedyResult remediateLag(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return remedies.remediate(database, null);
    }

    @Word(
            value =
                    "Renews the planner's statistics of tables or patterns of them; without any, of the whole database. What is to be"
                            + " done when, and how long at most, goes in a block. See [Maintenance](maintenance.md). The result has"
                            + " `analyzed()`, `leftOut()` and `tables()`.",
            example = "analyze('ship', 'public.documents')")
    public AnalyzeResult analyze(
            @Checked(TextKind.DATABASE) String database, @Checked(TextKind.TABLE_PATTERN) String... tables)
            throws SQLException {
        return maintenance.analyze(database, List.of(tables), null);
    }

    public AnalyzeResult analyze(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = AnalyzeSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return maintenance.analyze(database, List.of(), block);
    }

    public AnalyzeResult analyze(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) String table,
            @DelegatesTo(value = AnalyzeSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return maintenance.analyze(database, List.of(table), block);
    }

    public AnalyzeResult analyze(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) List<String> tables,
            @DelegatesTo(value = AnalyzeSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return maintenance.analyze(database, List.copyOf(tables), block);
    }

    @Word(
            value =
                    "Vacuums tables or patterns of them; without any, the whole database: the largest need first. Options go in a block."
                            + " Who keeps dead rows that could not be removed is said. See [Maintenance](maintenance.md). The result has"
                            + " `vacuumed()`, `leftOut()`, `bytesReclaimed()`, `heldBack()` and `tables()`.",
            example = "vacuum('ship', 'public.documents') { whenDeadTuples 10.percent }")
    public VacuumResult vacuum(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) String table,
            @DelegatesTo(value = VacuumSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return maintenance.vacuum(database, List.of(table), block);
    }

    public VacuumResult vacuum(
            @Checked(TextKind.DATABASE) String database, @Checked(TextKind.TABLE_PATTERN) String... tables)
            throws SQLException {
        return maintenance.vacuum(database, List.of(tables), null);
    }

    public VacuumResult vacuum(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = VacuumSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return maintenance.vacuum(database, List.of(), block);
    }

    public VacuumResult vacuum(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) List<String> tables,
            @DelegatesTo(value = VacuumSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return maintenance.vacuum(database, List.copyOf(tables), block);
    }

    @Word(
            value =
                    "Builds indexes of tables or patterns of them anew, beside the old ones, so that reads and writes go on, those with most"
                            + " to win first; without any, of the whole database. What an interrupted rebuild has left is dropped. See"
                            + " [Indexes](indexes.md). The result has `rebuilt()`, `skipped()`, `leftovers()`, `bytesReclaimed()`.",
            example = "reindex('ship', 'public.*') { whenBloat 30.percent; budget 30.minutes }")
    public ReindexResult reindex(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) String table,
            @DelegatesTo(value = ReindexSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return indexes.reindex(database, List.of(table), block);
    }

    public ReindexResult reindex(
            @Checked(TextKind.DATABASE) String database, @Checked(TextKind.TABLE_PATTERN) String... tables)
            throws SQLException {
        return indexes.reindex(database, List.of(tables), null);
    }

    public ReindexResult reindex(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = ReindexSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return indexes.reindex(database, List.of(), block);
    }

    public ReindexResult reindex(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) List<String> tables,
            @DelegatesTo(value = ReindexSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return indexes.reindex(database, List.copyOf(tables), block);
    }

    @Word(
            value =
                    "Looks after the partitions of tables that are partitioned by time, or of patterns of them: makes those that are"
                            + " missing, ahead of time and in gaps, and takes out those that are too old. Writers never wait longer than a"
                            + " second. See [Partitions](partitions.md). The result has `created()`, `detached()`, `archived()`,"
                            + " `dropped()`, `movedRows()`, `findings()` and `tables()`.",
            example =
                    "maintainPartitions('shore', 'public.incidents') { monthly; ahead 3.days; retain 180.days; archive }")
    public UpkeepResult maintainPartitions(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) String table,
            @DelegatesTo(value = MaintainPartitionsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return partitions.maintain(database, List.of(table), block);
    }

    public UpkeepResult maintainPartitions(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) List<String> tables,
            @DelegatesTo(value = MaintainPartitionsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return partitions.maintain(database, List.copyOf(tables), block);
    }

    @Word(
            value =
                    "Plans how a plain table becomes a partitioned one, and changes nothing: all that is there becomes the first"
                            + " partition, so that no row is copied and nobody waits longer than a moment. The result has `text()`, a"
                            + " script for psql, and `steps()`, `before()`, `changes()`.",
            example = "log.info conversionPlan('shore', 'public.audit_events') { by 'created_at' }.text()")
    public Conversion conversionPlan(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE) String table,
            @DelegatesTo(value = ConversionPlanSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return partitions.convert(database, table, block);
    }

    @Word(
            value =
                    "Makes a tenant in one transaction: its row in `tenants`, its role, its schema or its place in the shared tables behind"
                            + " row-level security, and the proof, as the tenant's role, that it reaches nothing of others; if the proof"
                            + " fails, nothing is left of it. See [Tenants](tenants.md). The result has `id()`, `role()`, `tables()`,"
                            + " `checks()`, `notes()` and `repeated()`.",
            example = "tenant('shore', 'acme') { region 'kr'; plan 'small' }")
    public TenantResult tenant(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.NAME) String id,
            @DelegatesTo(value = TenantSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new TenantVerbs(action()).create(database, id, block);
    }

    @Word(
            value =
                    "Shuts a tenant out, from its next statement on: its role loses its place among the tenants, or its schema. Its rows"
                            + " stay. Says whether it was not so before. See [Tenants](tenants.md).",
            example = "suspendTenant('shore', 'acme')")
    public boolean suspendTenant(@Checked(TextKind.DATABASE) String database, @Checked(TextKind.NAME) String id)
            throws SQLException {
        return new TenantVerbs(action()).suspend(database, id);
    }

    @Word(
            value =
                    "Lets a suspended tenant in again, once it is proven anew that it is kept apart; if the proof fails, it stays shut out."
                            + " Says whether it was not so before.",
            example = "resumeTenant('shore', 'acme')")
    public boolean resumeTenant(@Checked(TextKind.DATABASE) String database, @Checked(TextKind.NAME) String id)
            throws SQLException {
        return new TenantVerbs(action()).resume(database, id);
    }

    @Word(
            value =
                    "Gives a tenant its other form, a schema of its own or rows of shared tables, while it works: rows are copied in batches,"
                            + " both sides are compared while the tenant is shut out for a moment, one transaction switches and proves it,"
                            + " and the old rows go. Interrupted, it goes on with the next run. See [Tenants](tenants.md). The result has"
                            + " `rows()`, `removed()`, `shutOut()` and `changed()`.",
            example = "moveTenant('shore', 'acme') { to 'schema' }")
    public TenantMoveResult moveTenant(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.NAME) String id,
            @DelegatesTo(value = MoveTenantSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new TenantVerbs(action()).move(database, id, block);
    }

    @Word(
            value =
                    "Removes a suspended tenant once its rows are in an archive that was restored and compared: rows in batches, or the"
                            + " schema, and the role; its row in `tenants` stays, marked `closed`. Interrupted, it goes on with the next run."
                            + " See [Tenants](tenants.md). The result has `archive()`, `rows()` and `changed()`.",
            example = "dropTenant('shore', 'acme') { confirm 'acme' }")
    public TenantDropResult dropTenant(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.NAME) String id,
            @DelegatesTo(value = DropTenantSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new TenantVerbs(action()).drop(database, id, block);
    }

    @Word(
            value =
                    "Brings a schema up to a change of a Sqitch plan, or back to one: judged statement by statement first, then change by"
                            + " change, and taken back as a whole when one fails. What takes something away, or cannot be taken back,"
                            + " takes the approval of two people. See [Migrations](migrations.md). The result has `changes()`.",
            example = "migrate('shore') { to 'users'; lockTimeout 1.seconds }")
    public MigrationResult migrate(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = MigrateSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return migrations.migrate(database, block);
    }

    @Word(
            value =
                    "Fills a column of rows that lack it, in bounded batches along the primary key; waits while replicas are behind, goes on"
                            + " after an interruption, and fails when rows are left. The result has `rowsWritten()`, `batches()`.",
            example =
                    "backfill('shore', 'public.incidents') { set \"region = 'eu'\"; where 'region is null'; batch 1_000 }")
    public BackfillResult backfill(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE) String table,
            @DelegatesTo(value = BackfillSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return migrations.backfill(database, table, block);
    }

    @Word(
            value =
                    "Archives the write-ahead log of a database's cluster, from which a base backup is brought to any moment. In the"
                            + " daemon a receiver goes on when the run is over; each run waits until the archive has everything that the"
                            + " server has, looks at all of it, and fails when it is behind, has a gap or fills a disk. `watchkeeper run`"
                            + " receives up to now. The result has `recoverableTo()`, `lag()`, `retained()`, `missing()`, `gaps()`.",
            example = "walArchive('shore') { maxRetained 16.gigabytes }")
    public WalArchiveResult walArchive(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = WalArchiveSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return wal.archive(database, block);
    }

    public WalArchiveResult walArchive(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return wal.archive(database, null);
    }

    @Word(
            value =
                    "Judges a value against thresholds, or a condition. The result (`ok`, `warn` or `fail`) lands in the run; `fail` "
                            + "fails the step.",
            example = "check('dead tuples', rows[0].n) { warn 1_000; fail 100_000 }")
    public CheckResult check(
            @Checked(TextKind.NAME) String name,
            @Nullable Object value,
            @DelegatesTo(value = CheckSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block) {
        CheckSpec spec = new CheckSpec(name);
        Closures.run(block, spec);
        return spec.judge(action(), value);
    }

    public CheckResult check(@Checked(TextKind.NAME) String name, boolean holds) {
        return new CheckSpec(name).judge(action(), holds);
    }
}
