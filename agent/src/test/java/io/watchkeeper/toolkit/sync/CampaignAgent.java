package io.watchkeeper.toolkit.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.watchkeeper.testing.OtherProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A process that syncs when it is told to, and can be killed like an agent. */
final class CampaignAgent implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String NO_SNAPSHOT = "-";

    private final OtherProcess process;

    CampaignAgent(Class<? extends RoundSyncer> syncer) {
        process = OtherProcess.start(Main.class, syncer.getName());
    }

    /** What became of a round. @param told mode and reason, or the error */
    record Answer(boolean done, String told) {}

    void tell(String sourceUrl, String targetUrl, @Nullable String snapshot) {
        process.say(String.join(" ", sourceUrl, targetUrl, snapshot == null ? NO_SNAPSHOT : snapshot));
    }

    /** Waits for what became of what it was told. An agent that was killed meanwhile gives no answer, which is one too. */
    Answer answer() throws Exception {
        CompletableFuture<@Nullable String> line = new CompletableFuture<>();
        Thread reader = new Thread(() -> line.complete(readLine()), "campaign agent's answer");
        reader.setDaemon(true);
        reader.start();
        try {
            String told = line.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (told == null) {
                return new Answer(false, "killed");
            }
            return new Answer(told.startsWith("done "), told.substring(told.indexOf(' ') + 1));
        } catch (TimeoutException e) {
            throw new AssertionError("the round hangs", e);
        }
    }

    private @Nullable String readLine() {
        try {
            return process.readLine();
        } catch (UncheckedIOException e) {
            return null;
        }
    }

    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }

    /** The process: a line in for every round, and a line out. */
    static final class Main {

        private Main() {}

        public static void main(String[] arguments) throws Exception {
            Class<? extends RoundSyncer> type = Class.forName(arguments[0]).asSubclass(RoundSyncer.class);
            try (RoundSyncer syncer = type.getDeclaredConstructor().newInstance();
                    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
                // Answers alone go there; what is logged must not be taken for one.
                PrintStream out = System.out;
                System.setOut(System.err);
                out.println("ready");
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    String[] words = line.split(" ", -1);
                    out.println(answer(syncer, words[0], words[1], words[2].equals(NO_SNAPSHOT) ? null : words[2]));
                }
            }
        }

        private static String answer(
                RoundSyncer syncer, String sourceUrl, String targetUrl, @Nullable String snapshot) {
            try {
                return "done " + syncer.sync(sourceUrl, targetUrl, snapshot);
            } catch (Exception e) {
                return "failed " + (e.getClass().getSimpleName() + ": " + e.getMessage()).replace('\n', ' ');
            }
        }
    }
}
