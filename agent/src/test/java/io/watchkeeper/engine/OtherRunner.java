package io.watchkeeper.engine;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.runbook.Policy.Overlap;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** The main class of a second process that runs one runbook, which sleeps on the server, and then says how it ended. */
final class OtherRunner {

    private OtherRunner() {}

    /** Starts it and waits until its statement is on the server. */
    static OtherProcess start(TestHost host, String runbook, Overlap overlap, String lock) {
        OtherProcess other = OtherProcess.start(
                OtherRunner.class, host.state.toString(), host.shore.url(), runbook, overlap.name(), lock);
        host.awaitStatement("other process");
        return other;
    }

    /** Arguments: state directory, database URL, runbook, overlap policy, lock or nothing. */
    public static void main(String[] arguments) {
        DatabaseSettings shore = new DatabaseSettings("shore", arguments[1], "postgres", null, 2, null, true);
        RecordedEvents events = new RecordedEvents();
        try (DatabasePools databases = new DatabasePools(List.of(shore));
                RunbookRunner runner = new RunbookRunner(
                        "shore-1", Path.of(arguments[0]), databases, events, List.of(events), Clock.systemUTC())) {
            TestRunbook runbook = TestRunbook.named(arguments[2])
                    .overlap(Overlap.valueOf(arguments[3]))
                    .sql("sleep", "select pg_sleep(60) /* other process */");
            if (!arguments[4].isEmpty()) {
                runbook.locks(arguments[4]);
            }
            RunHandle handle = runner.start(TestHost.request(runbook));
            System.out.println("ready");
            System.out.println(handle.runId());
            RunOutcome run = handle.outcome().join();
            System.out.println(
                    run.state() + " " + (run.error() == null ? "" : run.error().message()));
        }
    }
}
