package io.watchkeeper.schedule;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Date;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.quartz.JobDetail;
import org.quartz.JobPersistenceException;
import org.quartz.TriggerKey;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.impl.jdbcjobstore.SchedulerStateRecord;
import org.quartz.impl.triggers.SimpleTriggerImpl;
import org.quartz.spi.OperableTrigger;

/**
 * How Quartz reads and writes its tables. Two things are not as Quartz does them by itself:
 *
 * <ul>
 *   <li>Times in the tables are the database's, and each agent reads them as times of its own host's clock. Quartz compares what
 *       one host wrote with the clock of another; with clocks that differ by minutes it would fire early or late, and take
 *       living agents for dead.
 *   <li>An agent takes only what it can run: a runbook that is not loaded here, because of its role or because its file is broken,
 *       is left to the others.
 * </ul>
 */
final class ClusterDelegate extends PostgreSQLDelegate {

    /** Of these the first that this agent can run is taken. */
    private static final int LOOK_AT = 200;

    private final LongSupplier databaseAheadMillis;
    private final Predicate<String> canRun;

    /** @param databaseAheadMillis how far the database's clock is ahead of the one Quartz reads on this host, now */
    ClusterDelegate(LongSupplier databaseAheadMillis, Predicate<String> canRun) {
        this.databaseAheadMillis = databaseAheadMillis;
        this.canRun = canRun;
    }

    @Override
    public int insertTrigger(Connection conn, OperableTrigger trigger, String state, JobDetail job)
            throws SQLException, IOException {
        return super.insertTrigger(conn, onDatabaseClock(trigger), state, job);
    }

    @Override
    public int updateTrigger(Connection conn, OperableTrigger trigger, String state, JobDetail job)
            throws SQLException, IOException {
        return super.updateTrigger(conn, onDatabaseClock(trigger), state, job);
    }

    @Override
    public @Nullable OperableTrigger selectTrigger(Connection conn, TriggerKey key)
            throws SQLException, ClassNotFoundException, IOException, JobPersistenceException {
        OperableTrigger trigger = super.selectTrigger(conn, key);
        if (trigger != null) {
            shift(trigger, -databaseAheadMillis.getAsLong());
        }
        return trigger;
    }

    @Override
    public List<TriggerKey> selectTriggerToAcquire(Connection conn, long noLaterThan, long noEarlierThan, int most)
            throws SQLException {
        long ahead = databaseAheadMillis.getAsLong();
        return super.selectTriggerToAcquire(conn, noLaterThan + ahead, noEarlierThan + ahead, LOOK_AT).stream()
                .filter(key -> canRun.test(key.getGroup()))
                .limit(most)
                .toList();
    }

    @Override
    public int insertSchedulerState(Connection conn, String agent, long checkedInAt, long interval)
            throws SQLException {
        return super.insertSchedulerState(conn, agent, checkedInAt + databaseAheadMillis.getAsLong(), interval);
    }

    @Override
    public int updateSchedulerState(Connection conn, String agent, long checkedInAt) throws SQLException {
        return super.updateSchedulerState(conn, agent, checkedInAt + databaseAheadMillis.getAsLong());
    }

    @Override
    public List<SchedulerStateRecord> selectSchedulerStateRecords(Connection conn, @Nullable String agent)
            throws SQLException {
        long ahead = databaseAheadMillis.getAsLong();
        List<SchedulerStateRecord> records = super.selectSchedulerStateRecords(conn, agent);
        records.forEach(one -> one.setCheckinTimestamp(one.getCheckinTimestamp() - ahead));
        return records;
    }

    private OperableTrigger onDatabaseClock(OperableTrigger trigger) {
        OperableTrigger copy = (OperableTrigger) trigger.clone();
        shift(copy, databaseAheadMillis.getAsLong());
        return copy;
    }

    private static void shift(OperableTrigger trigger, long millis) {
        if (trigger instanceof SimpleTriggerImpl simple) {
            simple.setStartTime(shifted(simple.getStartTime(), millis));
            simple.setNextFireTime(shifted(simple.getNextFireTime(), millis));
            simple.setPreviousFireTime(shifted(simple.getPreviousFireTime(), millis));
        }
    }

    private static @Nullable Date shifted(@Nullable Date time, long millis) {
        return time == null ? null : Date.from(time.toInstant().plusMillis(millis));
    }
}
