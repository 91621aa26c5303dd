package io.watchkeeper.history;

import io.watchkeeper.audit.AuditEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A process that adds to the audit trail, to be killed by tests. Says on its output what it was told is on disk. */
final class AuditWriter {

    private AuditWriter() {}

    /** {@code STATE NAME COUNT} */
    public static void main(String[] args) {
        try (RunHistory history = RunHistory.open(Path.of(args[0]), Clock.systemUTC())) {
            AuditTrail trail = history.audit("host-" + args[1]);
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                String subject = args[1] + "-" + i;
                trail.record(new AuditEvent("user:test", "terminal", "test.done", subject, "ok", Map.of("number", i)));
                System.out.println(subject);
                System.out.flush();
            }
        }
    }

    static Process start(Path state, String name, int count) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AuditWriter.class.getName(),
                        state.toString(),
                        name,
                        String.valueOf(count)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
