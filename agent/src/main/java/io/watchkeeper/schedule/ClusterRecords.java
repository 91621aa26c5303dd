package io.watchkeeper.schedule;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the agents of a cluster tell each other, in the tables of its database. Every change says in its own condition what must
 * still be so, because another agent may have been faster.
 *
 * <p>All methods throw {@link OperatorException} when the database cannot be reached or refuses.
 */
final class ClusterRecords {

    private static final String RUN_COLUMNS =
            "runbook, fire_time, trigger, state, attempts, agent, host, run_id," + " started_at, ended_at, message";

    /** Agents that are gone are shown for a while. */
    private static final Duration KEEP_AGENTS = Duration.ofDays(1);

    /** Something asked of the database. */
    interface Question<T> {
        T ask(Session session) throws SQLException;
    }

    /**
     * What an agent must know to plan.
     *
     * @param last of each runbook, up to when its fire times were dealt with
     * @param open due, running and interrupted runs, oldest first
     * @param armed what Quartz has a trigger for
     * @param cancelled run ids of this agent that somebody wants to end, and why
     */
    record Standing(
            Map<String, Instant> last,
            Set<String> paused,
            List<ClusterRun> open,
            Set<FireTime> armed,
            Map<String, String> cancelled) {}

    private final Database database;
    private final ClusterWork work = new ClusterWork();

    ClusterRecords(Database database) {
        this.database = database;
    }

    <T> T ask(Question<T> question) {
        try (Session session = database.open(work)) {
            return question.ask(session);
        } catch (SQLException e) {
            throw new OperatorException(
                    "database '" + database.name() + "', which holds the cluster's job store: " + e.getMessage(),
                    null,
                    e);
        }
    }

    /** In one transaction, which is rolled back when the question fails. */
    <T> T change(Question<T> question) {
        return ask(session -> {
            session.begin();
            try {
                T answer = question.ask(session);
                session.commit();
                return answer;
            } catch (SQLException | RuntimeException e) {
                session.rollback();
                throw e;
            }
        });
    }

    void migrate() {
        ask(session -> {
            ClusterTables.migrate(session);
            return true;
        });
    }

    /** @return the database's clock */
    Instant checkIn(String agent, String host, String version, Duration clockAhead) {
        return ask(session -> session.one("""
                insert into watchkeeper.cluster_agents (agent, host, version, seen_at, clock_ahead_ms)
                values (?, ?, ?, clock_timestamp(), ?)
                on conflict (agent) do update set seen_at = excluded.seen_at, clock_ahead_ms = excluded.clock_ahead_ms
                returning clock_timestamp()
                """, row -> time(row, 1), agent, host, version, clockAhead.toMillis()));
    }

    void checkOut(String agent) {
        ask(session -> session.update("delete from watchkeeper.cluster_agents where agent = ?", agent));
    }

    Standing standing(String agent) {
        return ask(session -> {
            // First: a trigger goes after its fire time was claimed. Read later, it might be missed beside a last fire
            // time from
            // before the claim, and be armed a second time.
            Set<FireTime> armed = new HashSet<>(session.list(
                    "select trigger_group, trigger_name from watchkeeper.quartz_triggers",
                    row -> new FireTime(row.getString(1), Instant.parse(row.getString(2)))));
            Map<String, Instant> last = new HashMap<>();
            Set<String> paused = new HashSet<>();
            session.list("select runbook, last_fire_time, paused from watchkeeper.cluster_schedules", row -> {
                last.put(row.getString(1), time(row, 2));
                return row.getBoolean(3) && paused.add(row.getString(1));
            });
            List<ClusterRun> open = session.list(
                    "select " + RUN_COLUMNS + " from watchkeeper.cluster_runs"
                            + " where state in ('due', 'running', 'interrupted') order by fire_time",
                    ClusterRecords::run);
            Map<String, String> cancelled = new HashMap<>();
            session.list(
                    "select run_id, cancel_reason from watchkeeper.cluster_runs where state = 'running' and agent = ?"
                            + " and run_id is not null and cancel_reason is not null",
                    row -> cancelled.put(row.getString(1), row.getString(2)),
                    agent);
            return new Standing(last, paused, open, armed, cancelled);
        });
    }

    /** From now on the fire times of these runbooks count; nothing happens to those that are known. */
    void adopt(Collection<String> runbooks) {
        ask(session -> session.update(
                "insert into watchkeeper.cluster_schedules (runbook, last_fire_time)"
                        + " select name, clock_timestamp() from unnest(?::text[]) name on conflict do nothing",
                runbooks));
    }

    /** What was due until now fires no more: the runbook has another schedule now. */
    void beginAnew(String runbook) {
        ask(session -> session.update(
                "update watchkeeper.cluster_schedules set last_fire_time = greatest(last_fire_time, clock_timestamp())"
                        + " where runbook = ?",
                runbook));
    }

    void setPaused(String runbook, boolean paused) {
        change(session -> {
            session.update("""
                    insert into watchkeeper.cluster_schedules as s (runbook, last_fire_time, paused)
                    values (?, clock_timestamp(), ?)
                    on conflict (runbook) do update
                    set paused = excluded.paused, last_fire_time = greatest(s.last_fire_time, clock_timestamp())
                    """, runbook, paused);
            // Neither what would fire during the pause nor what was still to be made up is made up after it.
            return session.update(
                    "update watchkeeper.cluster_runs set state = 'skipped', ended_at = clock_timestamp(), message = 'paused'"
                            + " where runbook = ? and state in ('due', 'interrupted')",
                    runbook);
        });
    }

    /**
     * Runs of agents that were not heard of for so long become interrupted ones, and runs that were skipped because of them since
     * then become due.
     *
     * @return the interrupted ones
     */
    List<ClusterRun> interruptSilent(String self, Duration takeOver) {
        return ask(
                session -> session.list("""
                with interrupted as (
                  update watchkeeper.cluster_runs r
                  set state = 'interrupted', cancel_reason = null,
                      message = 'the agent on ' || r.host || ' was not heard of any more while it ran'
                  where r.state = 'running' and r.agent <> ?
                    and not exists (select from watchkeeper.cluster_agents a
                                    where a.agent = r.agent and a.seen_at > clock_timestamp() - ?::interval)
                  returning r.*
                ), held_up as (
                  update watchkeeper.cluster_runs r
                  set state = 'due', trigger = 'catchUp', ended_at = null, message = null, blocked_by = null
                  from interrupted i
                  where r.runbook = i.runbook and r.state = 'skipped' and r.blocked_by = i.agent
                    and r.fire_time > coalesce((select seen_at from watchkeeper.cluster_agents where agent = i.agent),
                                               '-infinity')
                )
                select\s""" + RUN_COLUMNS + " from interrupted", ClusterRecords::run, self, takeOver));
    }

    /** This agent does not do the run after all. */
    void interrupt(FireTime fire, String agent, String why) {
        ask(session -> session.update(
                "update watchkeeper.cluster_runs set state = 'interrupted', cancel_reason = null, message = ?"
                        + " where runbook = ? and fire_time = ? and state = 'running' and agent = ?",
                why,
                fire.runbook(),
                fire.at(),
                agent));
    }

    /** Says which run does it. @return false when this agent is not the one any more that does it */
    boolean goesOn(FireTime fire, String agent, String runId) {
        return ask(session -> session.update(
                        "update watchkeeper.cluster_runs set run_id = ?"
                                + " where runbook = ? and fire_time = ? and state = 'running' and agent = ?",
                        runId,
                        fire.runbook(),
                        fire.at(),
                        agent)
                > 0);
    }

    void ended(FireTime fire, String agent, String runId, String state, @Nullable String message) {
        ask(session -> session.update(
                "update watchkeeper.cluster_runs set state = ?, message = ?, run_id = ?, ended_at = clock_timestamp()"
                        + " where runbook = ? and fire_time = ? and state = 'running' and agent = ?",
                state,
                message,
                runId,
                fire.runbook(),
                fire.at(),
                agent));
    }

    /** Newest first. @param runbook null for all */
    List<ClusterRun> runs(@Nullable String runbook, int most) {
        return ask(session -> session.list(
                "select " + RUN_COLUMNS + " from watchkeeper.cluster_runs where ?::text is null or runbook = ?"
                        + " order by fire_time desc, runbook limit ?",
                ClusterRecords::run,
                runbook,
                runbook,
                most));
    }

    List<ClusterMember> members(Duration takeOver) {
        return ask(session -> session.list("""
                select agent, host, version, seen_at, extract(epoch from clock_timestamp() - seen_at) * 1000, clock_ahead_ms
                from watchkeeper.cluster_agents order by host, agent
                """, row -> {
            Duration silence = Duration.ofMillis(Math.max(0, row.getLong(5)));
            return new ClusterMember(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    time(row, 4),
                    silence,
                    silence.compareTo(takeOver) < 0,
                    Duration.ofMillis(row.getLong(6)));
        }));
    }

    /** Forgets runs that ended so long ago, agents that are gone, and triggers that no agent has taken. */
    void sweep(Duration keepRuns) {
        change(session -> {
            session.update(
                    "delete from watchkeeper.cluster_runs where ended_at < clock_timestamp() - ?::interval", keepRuns);
            session.update(
                    "delete from watchkeeper.cluster_agents where seen_at < clock_timestamp() - ?::interval",
                    KEEP_AGENTS);
            return session.update("""
                    with stale as (
                      select sched_name, trigger_name, trigger_group from watchkeeper.quartz_triggers
                      where next_fire_time < extract(epoch from clock_timestamp() - ?::interval) * 1000
                    ), simple as (
                      delete from watchkeeper.quartz_simple_triggers t using stale s
                      where (t.sched_name, t.trigger_name, t.trigger_group)
                            = (s.sched_name, s.trigger_name, s.trigger_group)
                    )
                    delete from watchkeeper.quartz_triggers t using stale s
                    where (t.sched_name, t.trigger_name, t.trigger_group)
                          = (s.sched_name, s.trigger_name, s.trigger_group)
                    """, KEEP_AGENTS);
        });
    }

    static ClusterRun run(ResultSet row) throws SQLException {
        return new ClusterRun(
                row.getString(1),
                time(row, 2),
                row.getString(3),
                row.getString(4),
                row.getInt(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                timeOrNull(row, 9),
                timeOrNull(row, 10),
                row.getString(11));
    }

    static Instant time(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant timeOrNull(ResultSet row, int column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
