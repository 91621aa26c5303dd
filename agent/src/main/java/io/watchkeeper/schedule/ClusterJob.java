package io.watchkeeper.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.function.BiConsumer;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.quartz.TriggerKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Quartz calls on the agent it has chosen. Its class name stands in the cluster's tables, and must stay what it is. */
final class ClusterJob implements Job {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterJob.class);

    private final BiConsumer<FireTime, Duration> task;

    /** @param task takes the fire time and how late it is */
    ClusterJob(BiConsumer<FireTime, Duration> task) {
        this.task = task;
    }

    @Override
    public void execute(JobExecutionContext context) {
        TriggerKey key = context.getTrigger().getKey();
        Date due = context.getScheduledFireTime();
        try {
            Duration late =
                    Duration.between(due.toInstant(), context.getFireTime().toInstant());
            task.accept(new FireTime(key.getGroup(), Instant.parse(key.getName())), late);
        } catch (RuntimeException e) {
            // The fire time stays due: whoever looks next arms it again.
            LOG.warn("'{}' of {} could not be dealt with: {}", key.getGroup(), key.getName(), e.getMessage());
        }
    }
}
