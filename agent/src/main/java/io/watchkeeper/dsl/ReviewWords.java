package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatesTo;
import io.watchkeeper.review.Review;
import java.sql.SQLException;
import java.util.List;

/**
 * The words of a step that only look: each answers with a review, which has {@code status()}, {@code evidence()} and {@code remedy()}, and
 * whose failures fail the step at its end.
 */
public abstract sealed class ReviewWords extends CheckWords permits StepSpec {

    ReviewWords(Action action) {
        super(action);
    }

    @Word(
            value =
                    "Looks at who may log in to a server how: lines of pg_hba.conf that ask for no proof or let passwords and data travel"
                            + " openly, MD5 passwords, TLS. What must be mended now fails the step. See [Failover](failover.md). The result"
                            + " has `status()`, `evidence()`, `remedy()`.",
            example = "authenticationReview('shore') { accept 'localTrust' }")
    public Review authenticationReview(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = AuthenticationReviewSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new FailoverVerbs(action()).authentication(database, block);
    }

    public Review authenticationReview(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return new FailoverVerbs(action()).authentication(database, null);
    }

    @Word(
            value =
                    "Compares a server's settings with what a server with data that matters should have: memory, write-ahead log,"
                            + " autovacuum, logging, durability, the configuration files, and who may log in how. Each finding has the"
                            + " line that mends it. What must be mended now fails the step. See [Settings and logs](settings-and-logs.md).",
            example = "settingsReview('shore') { memory 8.gigabytes }")
    public Review settingsReview(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = SettingsReviewSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new SettingsVerbs(action()).settings(database, block);
    }

    public Review settingsReview(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return new SettingsVerbs(action()).settings(database, null);
    }

    @Word(
            value =
                    "Reads what is new in a server's own log since the last run of this runbook, and counts by class what somebody may have"
                            + " to look at: panics, damaged pages, crashes, failed archiving, deadlocks, timeouts, refused logins, errors by"
                            + " SQLSTATE. Each class comes with how often, when, and a sample without secrets. See [Settings and"
                            + " logs](settings-and-logs.md).",
            example = "logErrors('shore') { ignore 'duplicate key value*sessions' }")
    public Review logErrors(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = LogErrorsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new SettingsVerbs(action()).log(database, block);
    }

    public Review logErrors(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return new SettingsVerbs(action()).log(database, null);
    }

    @Word(
            value =
                    "Collects what pgaudit has written into a server's own log since the last run of this runbook: which role did what"
                            + " with which object, how often and when, with a sample of the statement without its values. Where pgaudit"
                            + " is not loaded, or leaves out definitions or rights, that is a finding. See [Audit](audit.md).",
            example = "auditLog('shore') { reportOnly true }")
    public Review auditLog(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = AuditLogSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new SettingsVerbs(action()).auditLog(database, block);
    }

    public Review auditLog(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return new SettingsVerbs(action()).auditLog(database, null);
    }

    @Word(
            value =
                    "Asks this host's repository whether a database could be brought back: its newest good backup, damaged ones, when one"
                            + " was last restored in a drill, and whether the archive of its log has a gap. The server is not asked. See"
                            + " [Keeping backups](keeping-backups.md).",
            example = "backupStatus('shore') { warnOlderThan 26.hours }")
    public Review backupStatus(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = BackupStatusSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block) {
        return new SettingsVerbs(action()).backups(database, block);
    }

    public Review backupStatus(@Checked(TextKind.DATABASE) String database) {
        return new SettingsVerbs(action()).backups(database, null);
    }

    @Word(
            value =
                    "Looks how much of tables and their indexes is empty or dead, and how that was before: by pgstattuple where it is"
                            + " installed, else as statistics estimate, and the result says which. See [Indexes](indexes.md).",
            example = "bloat('shore', 'public.*') { warn 25.percent; deadTuples 10.percent; lasting 1.hour }")
    public Review bloat(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) String table,
            @DelegatesTo(value = BloatSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new IndexVerbs(action()).bloat(database, List.of(table), block);
    }

    public Review bloat(@Checked(TextKind.DATABASE) String database, @Checked(TextKind.TABLE_PATTERN) String... tables)
            throws SQLException {
        return new IndexVerbs(action()).bloat(database, List.of(tables), null);
    }

    public Review bloat(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = BloatSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new IndexVerbs(action()).bloat(database, List.of(), block);
    }

    public Review bloat(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) List<String> tables,
            @DelegatesTo(value = BloatSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new IndexVerbs(action()).bloat(database, List.copyOf(tables), block);
    }

    @Word(
            value =
                    "Looks which indexes are too many and which are missing: unused, there twice, part of another one, invalid; missing for"
                            + " foreign keys, for merges, by the house's rules. Each finding has the statement that a person may run; nothing"
                            + " is dropped or made. See [Indexes](indexes.md).",
            example = "indexAdvice('shore', 'public.*') { alsoAsk 'ship'; rules 'index-rules.yaml' }")
    public Review indexAdvice(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) String table,
            @DelegatesTo(value = IndexAdviceSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new IndexVerbs(action()).advice(database, List.of(table), block);
    }

    public Review indexAdvice(
            @Checked(TextKind.DATABASE) String database, @Checked(TextKind.TABLE_PATTERN) String... tables)
            throws SQLException {
        return new IndexVerbs(action()).advice(database, List.of(tables), null);
    }

    public Review indexAdvice(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = IndexAdviceSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new IndexVerbs(action()).advice(database, List.of(), block);
    }

    public Review indexAdvice(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) List<String> tables,
            @DelegatesTo(value = IndexAdviceSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new IndexVerbs(action()).advice(database, List.copyOf(tables), block);
    }

    @Word(
            value =
                    "Looks whether tenants are kept apart: every table with `tenant_id`, its policies, views, functions, partitions and"
                            + " rights, and every role that no policy holds; and proves again, as the tenants' roles, that nothing of others"
                            + " can be reached. What lets anybody through fails the step. See [Tenants](tenants.md). The result has"
                            + " `status()`, `evidence()`, `remedy()`.",
            example = "verifyTenants('shore') { atMost 50 }")
    public Review verifyTenants(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = VerifyTenantsSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new TenantVerbs(action()).verify(database, block);
    }

    public Review verifyTenants(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return new TenantVerbs(action()).verify(database, null);
    }

    @Word(
            value =
                    "Measures whether a database keeps what is promised of it: how long reads and writes take, by a few of its own in"
                            + " watchkeeper.slo_probe, and how many transactions fail. A budget for 30 days that is spent so fast that it"
                            + " would be gone in two fails the step. See [Objectives](slo.md). The result has `status()`, `summary()`,"
                            + " `evidence()`, `remedy()`.",
            example = "slo('shore') { readP95 20.milliseconds; writeP95 40.milliseconds; errors 0.5.percent }")
    public Review slo(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = SloSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new SloVerbs(action()).look(database, block);
    }

    public Review slo(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return new SloVerbs(action()).look(database, null);
    }

    @Word(
            value =
                    "Looks at who keeps VACUUM from removing dead rows: the oldest transaction, prepared transaction, slot or query of a"
                            + " standby. What must be mended now fails the step. See [Maintenance](maintenance.md). The result has"
                            + " `status()`, `evidence()`, `remedy()`.",
            example = "xminHorizon('shore') { warn 1.hour; fail 12.hours }")
    public Review xminHorizon(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = XminHorizonSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new MaintenanceVerbs(action()).xminHorizon(database, block);
    }

    public Review xminHorizon(@Checked(TextKind.DATABASE) String database) throws SQLException {
        return new MaintenanceVerbs(action()).xminHorizon(database, null);
    }

    @Word(
            value =
                    "Proposes autovacuum's settings and the fillfactor for tables or patterns of them; without any, for the whole"
                            + " database. Sets them where the block says so, and puts back what it has set. See"
                            + " [Maintenance](maintenance.md). The result has `status()`, `evidence()`, `remedy()`.",
            example = "autovacuumAdvice('shore', 'public.*') { apply true }")
    public Review autovacuumAdvice(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) String table,
            @DelegatesTo(value = AutovacuumAdviceSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new MaintenanceVerbs(action()).autovacuumAdvice(database, List.of(table), block);
    }

    public Review autovacuumAdvice(
            @Checked(TextKind.DATABASE) String database, @Checked(TextKind.TABLE_PATTERN) String... tables)
            throws SQLException {
        return new MaintenanceVerbs(action()).autovacuumAdvice(database, List.of(tables), null);
    }

    public Review autovacuumAdvice(
            @Checked(TextKind.DATABASE) String database,
            @DelegatesTo(value = AutovacuumAdviceSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new MaintenanceVerbs(action()).autovacuumAdvice(database, List.of(), block);
    }

    public Review autovacuumAdvice(
            @Checked(TextKind.DATABASE) String database,
            @Checked(TextKind.TABLE_PATTERN) List<String> tables,
            @DelegatesTo(value = AutovacuumAdviceSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block)
            throws SQLException {
        return new MaintenanceVerbs(action()).autovacuumAdvice(database, List.copyOf(tables), block);
    }
}
