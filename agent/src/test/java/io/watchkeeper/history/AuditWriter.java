package io.watchkeeper.history;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A process that adds to the audit trail, to be killed by tests. Says on its output what it was told is on disk. */
final class AuditWriter {

    private AuditWriter() {}

    /** {@code STATE NAME COUNT [SECRET…]}: what the process knows of secrets, this one does not. */
    public static void main(String[] args) {
        List<Secret> secrets = Stream.of(args).skip(3).map(Secret::of).toList();
        try (RunHistory history = RunHistory.open(Path.of(args[0]), Clock.systemUTC())) {
            AuditTrail trail = history.audit("host-" + args[1]);
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                String subject = args[1] + "-" + i;
                trail.record(new AuditEvent("user:test", "terminal", "test.done", subject, "ok", Map.of("number", i)));
                System.out.println(subject);
                System.out.flush();
            }
            if (!secrets.isEmpty()) {
                trail.expire(Duration.ZERO);
            }
        }
    }

    static Process start(Path state, String name, int count, String... secrets) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                AuditWriter.class.getName(),
                state.toString(),
                name,
                String.valueOf(count)));
        command.addAll(List.of(secrets));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
