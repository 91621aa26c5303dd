package io.watchkeeper.schedule;

import java.util.Objects;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Quartz calls when a time has come: does what the trigger carries. Must be quick, so that no thread of Quartz is held. */
final class RunbookJob implements Job {

    static final String TASK = "task";

    private static final Logger LOG = LoggerFactory.getLogger(RunbookJob.class);

    @Override
    public void execute(JobExecutionContext context) {
        Object task = context.getMergedJobDataMap().get(TASK);
        try {
            ((Runnable) Objects.requireNonNull(task)).run();
        } catch (RuntimeException e) {
            LOG.error("a fire time could not be dealt with", e);
        }
    }
}
