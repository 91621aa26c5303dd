package io.watchkeeper.runbook;

/** What a step or hook does. Only the engine runs it, each time with a context of its own. */
@FunctionalInterface
public interface StepBody {
    void run(StepContext context) throws Exception;
}
