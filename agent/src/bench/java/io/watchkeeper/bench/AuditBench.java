package io.watchkeeper.bench;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.audit.AuditVerdict;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.history.AuditTrail;
import io.watchkeeper.history.RunHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What an entry of the audit trail costs, alone and from eight threads, and how fast the trail is verified and searched. */
public final class AuditBench {

    private static final int ALONE = 5_000;
    private static final int THREADS = 8;
    private static final int EACH = 25_000;

    private AuditBench() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path state = Files.createTempDirectory("audit-bench");
        try (RunHistory history = RunHistory.open(state, Clock.systemUTC())) {
            AuditTrail trail = history.audit("shore-1");
            appendAlone(trail);
            appendTogether(trail);
            for (int round = 1; round <= 3; round++) {
                long started = System.nanoTime();
                AuditVerdict verdict = trail.verify(List.of());
                double seconds = seconds(started);
                System.out.printf(
                        "verify %d: %,d entries in %.2f s, %,.0f entries/s, intact %b%n",
                        round, verdict.entries(), seconds, verdict.entries() / seconds, verdict.isIntact());
            }
            long started = System.nanoTime();
            int found = trail.find(new AuditQuery("nobody", null, null, null, null, 0, 50)).size();
            System.out.printf("search that finds %d among all: %.0f ms%n", found, seconds(started) * 1e3);
        } finally {
            FolderTree.delete(state);
        }
    }

    private static void appendAlone(AuditTrail trail) {
        long[] nanos = new long[ALONE];
        for (int i = 0; i < ALONE; i++) {
            long started = System.nanoTime();
            trail.record(event(i));
            nanos[i] = System.nanoTime() - started;
        }
        // The first thousand warm up.
        long[] sorted = Arrays.stream(nanos).skip(1_000).sorted().toArray();
        System.out.printf(
                "append, one thread: median %.2f ms, p95 %.2f ms, p99 %.2f ms, most %.2f ms%n",
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 95 / 100] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    private static void appendTogether(AuditTrail trail) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(THREADS);
        long started = System.nanoTime();
        for (int thread = 0; thread < THREADS; thread++) {
            new Thread(() -> {
                        for (int i = 0; i < EACH; i++) {
                            trail.record(event(i));
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        System.out.printf("append, %d threads: %,.0f entries/s%n", THREADS, THREADS * EACH / seconds(started));
    }

    private static AuditEvent event(int number) {
        return new AuditEvent(
                "token:ops",
                "10.0.0.7",
                "run.accepted",
                "ship-sync",
                "ok",
                Map.of("runId", "01JD8%021d".formatted(number), "trigger", "http", "params", Map.of("since", "1 day")));
    }

    private static double seconds(long started) {
        return (System.nanoTime() - started) / 1e9;
    }
}
