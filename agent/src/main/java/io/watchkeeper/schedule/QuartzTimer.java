package io.watchkeeper.schedule;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.quartz.DateBuilder;
import org.quartz.JobBuilder;
import org.quartz.JobDataMap;
import org.quartz.JobDetail;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.SimpleTrigger;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;

/**
 * Quartz, used for one thing: to do something once at a time. Which times these are is decided outside, because Quartz's own
 * repeating triggers know nothing of jitter, blackout windows and clocks that jump.
 */
final class QuartzTimer {

    /** Each task only hands a run over to its own thread, so few are enough for many runbooks. */
    private static final int THREADS = 10;

    /** Two of the same name in one process would be one to Quartz. */
    private static final AtomicLong SCHEDULERS = new AtomicLong();

    private final Clock clock;
    private final Scheduler quartz;
    private final JobDetail job = JobBuilder.newJob(RunbookJob.class)
            .withIdentity("runbook")
            .storeDurably()
            .build();

    QuartzTimer(Clock clock) {
        this.clock = clock;
        try {
            this.quartz = new StdSchedulerFactory(properties()).getScheduler();
            this.quartz.setJobFactory((fired, scheduler) -> new RunbookJob());
            this.quartz.addJob(job, true);
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not start", e);
        }
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.instanceName", "watchkeeper-" + SCHEDULERS.incrementAndGet());
        properties.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
        properties.setProperty("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
        properties.setProperty("org.quartz.scheduler.threadName", "schedule");
        properties.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", Integer.toString(THREADS));
        properties.setProperty("org.quartz.threadPool.threadNamePrefix", "schedule");
        properties.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
        properties.setProperty("org.quartz.jobStore.class", "org.quartz.simpl.RAMJobStore");
        return properties;
    }

    void start() {
        try {
            quartz.start();
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not start", e);
        }
    }

    /** Does the task at the given time of the clock, or at once when that has passed. @return what {@link #cancel} takes */
    TriggerKey at(Instant time, Runnable task) {
        JobDataMap data = new JobDataMap();
        data.put(RunbookJob.TASK, task);
        SimpleTrigger trigger = TriggerBuilder.newTrigger()
                .forJob(job)
                .usingJobData(data)
                .startAt(onTheSystemClock(time))
                .withSchedule(SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionFireNow())
                .build();
        return schedule(trigger);
    }

    private TriggerKey schedule(Trigger trigger) {
        try {
            quartz.scheduleJob(trigger);
            return trigger.getKey();
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not take a trigger", e);
        }
    }

    /** Nothing happens when the task has begun. */
    void cancel(TriggerKey key) {
        try {
            quartz.unscheduleJob(key);
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not give a trigger back", e);
        }
    }

    /** Begins no more tasks, and waits for those that have begun. */
    void stop() {
        try {
            quartz.shutdown(true);
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not stop", e);
        }
    }

    /** Quartz reads the system's clock, in whole milliseconds; one more, so that nothing is early. */
    private Date onTheSystemClock(Instant time) {
        Duration left = Duration.between(clock.instant(), time);
        return Date.from(systemTime().plus(left).plusMillis(1));
    }

    /** What Quartz takes for the present time. */
    static Instant systemTime() {
        return DateBuilder.futureDate(0, DateBuilder.IntervalUnit.MILLISECOND).toInstant();
    }
}
