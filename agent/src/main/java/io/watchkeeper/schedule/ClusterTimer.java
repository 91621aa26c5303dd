package io.watchkeeper.schedule;

import io.watchkeeper.postgres.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.ObjectAlreadyExistsException;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.DirectSchedulerFactory;
import org.quartz.impl.SchedulerRepository;
import org.quartz.impl.jdbcjobstore.DriverDelegate;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.NoSuchDelegateException;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.simpl.SimpleThreadPool;
import org.quartz.spi.ThreadExecutor;
import org.quartz.utils.DBConnectionManager;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

/**
 * Quartz with the clustered job store: a trigger per fire time, called after it, so that it is there once whoever asks for it.
 * Quartz lets one of the agents have it, and gives it to another when that one dies before it has fired.
 */
final class ClusterTimer {

    private static final String CLUSTER = "watchkeeper";
    private static final int THREADS = 3;

    /** How long before its time an agent takes a trigger, and how late it notices one that another agent has made. */
    private static final Duration AHEAD = Duration.ofSeconds(1);

    private static final AtomicLong SOURCES = new AtomicLong();

    private final ClusterClock clock;
    private final Scheduler quartz;
    private final JobDetail job = JobBuilder.newJob(ClusterJob.class)
            .withIdentity("runbook")
            .storeDurably()
            .build();

    /**
     * @param agent unique in the cluster
     * @param away whether the database is known to be away, and nobody needs to hear it from Quartz again and again
     * @param canRun whether this agent may take fire times of the runbook
     * @param task takes a fire time that came to this agent, and how late it is; must be quick
     */
    ClusterTimer(
            String agent,
            Database database,
            Duration checkIn,
            ClusterClock clock,
            BooleanSupplier away,
            Predicate<String> canRun,
            BiConsumer<FireTime, Duration> task) {
        this.clock = clock;
        String source = CLUSTER + "-" + SOURCES.incrementAndGet();
        DBConnectionManager.getInstance().addConnectionProvider(source, new ClusterConnections(database));
        Store store = new Store(
                away,
                new ClusterDelegate(
                        () -> Duration.between(QuartzTimer.systemTime(), clock.instant())
                                .toMillis(),
                        canRun));
        store.setDataSource(source);
        store.setClusterCheckinInterval(checkIn.toMillis());
        store.setDbRetryInterval(checkIn.toMillis());
        try {
            quartz = create(agent, store, checkIn);
            quartz.setJobFactory((fired, scheduler) -> new ClusterJob(task));
            quartz.addJob(job, true);
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not start", e);
        }
    }

    /** Quartz knows schedulers of a process by name, and agents of a cluster must all have the same. */
    private static synchronized Scheduler create(String agent, Store store, Duration retry) throws SchedulerException {
        SimpleThreadPool threads = new SimpleThreadPool(THREADS, Thread.NORM_PRIORITY);
        threads.setThreadNamePrefix("cluster");
        threads.setMakeThreadsDaemons(true);
        DirectSchedulerFactory.getInstance()
                .createScheduler(
                        CLUSTER,
                        agent,
                        threads,
                        new Daemons(),
                        store,
                        null,
                        null,
                        0,
                        AHEAD.toMillis(),
                        retry.toMillis(),
                        false,
                        null,
                        1,
                        0);
        Scheduler made = SchedulerRepository.getInstance().lookup(CLUSTER);
        SchedulerRepository.getInstance().remove(CLUSTER);
        return made;
    }

    void start() {
        try {
            quartz.start();
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not start", e);
        }
    }

    /**
     * Sees to it that some agent deals with the fire time at the given time of the cluster's clock.
     *
     * @throws IllegalStateException when the database cannot be used
     */
    void arm(FireTime fire, Instant due) {
        Duration left = Duration.between(clock.instant(), due);
        Trigger trigger = TriggerBuilder.newTrigger()
                .forJob(job)
                .withIdentity(fire.at().toString(), fire.runbook())
                // Whole milliseconds; one more, so that nothing is early.
                .startAt(Date.from(QuartzTimer.systemTime().plus(left).plusMillis(1)))
                // However late: what is too late is decided by whoever deals with it.
                .withSchedule(SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionIgnoreMisfires())
                .build();
        try {
            quartz.scheduleJob(trigger);
        } catch (ObjectAlreadyExistsException e) {
            // Another agent was faster.
        } catch (SchedulerException e) {
            throw new IllegalStateException("the cluster's job store does not take " + fire, e);
        }
    }

    /** Takes back what is armed of the runbook, on all agents. */
    void disarm(String runbook) {
        try {
            quartz.unscheduleJobs(new ArrayList<>(quartz.getTriggerKeys(GroupMatcher.triggerGroupEquals(runbook))));
        } catch (SchedulerException e) {
            throw new IllegalStateException("the cluster's job store does not give '" + runbook + "' back", e);
        }
    }

    /**
     * Begins nothing more. Does not wait for what has begun: Quartz asks a database that is away again and again until it is back,
     * and a stop must not wait for that.
     */
    void stop() {
        try {
            quartz.shutdown(false);
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not stop", e);
        }
    }

    /** Unchecked is what Quartz's own class overrides. */
    @SuppressWarnings("unchecked")
    private static final class Store extends JobStoreTX {
        private final BooleanSupplier away;
        private final ClusterDelegate delegate;
        private boolean ready;

        Store(BooleanSupplier away, ClusterDelegate delegate) {
            this.away = away;
            this.delegate = delegate;
            setTablePrefix("watchkeeper.quartz_");
            setIsClustered(true);
            setUseProperties("true");
            setMakeThreadsDaemons(true);
        }

        @Override
        protected Logger getLog() {
            return away.getAsBoolean() ? NOPLogger.NOP_LOGGER : super.getLog();
        }

        @Override
        protected synchronized DriverDelegate getDelegate() throws NoSuchDelegateException {
            if (!ready) {
                delegate.initialize(
                        getLog(),
                        getTablePrefix(),
                        getInstanceName(),
                        getInstanceId(),
                        getClassLoadHelper(),
                        canUseProperties(),
                        "");
                ready = true;
            }
            return delegate;
        }
    }

    private static final class Daemons implements ThreadExecutor {
        @Override
        public void execute(Thread thread) {
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void initialize() {}
    }
}
