package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PgCommandTest {

    private static final Work WORK = Work.unattended("watchkeeper");

    @TempDir
    private Path folder;

    @Test
    void connectsAsConfiguredAndTellsWhatTheProgramWrote() {
        DatabaseSettings shore =
                TestServers.settings("shore", TestServers.shore(), TestServers.freshDatabase(TestServers.shore()));

        PgCommand.Result result = PgCommand.of(PgBinaries.forClient(null, 14, "psql"), "-XAt", "-c")
                .arguments("select current_database() || ' as ' || current_setting('application_name')")
                .arguments("--dbname=" + PgCommand.linkOptions())
                .connect(shore, "watchkeeper:test")
                .run(WORK);

        assertThat(result.output().strip()).isEqualTo(shore.url().replaceFirst(".*/", "") + " as watchkeeper:test");
    }

    @Test
    void readsWhatIsWrittenToIt() throws IOException {
        try (RunningCommand cat = PgCommand.of(Path.of("/bin/cat")).pipeInput().start(line -> {})) {
            try (var input = cat.input()) {
                input.write("all of it".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            assertThat(cat.output().readAllBytes()).asString().isEqualTo("all of it");
            cat.requireSuccess(WORK);
        }
    }

    @Test
    void saysWhyAProgramFailedWithoutThePassword() {
        Secret password = Secret.of("hunter-two-and-a-half");

        assertThatThrownBy(() -> PgCommand.of(
                                Path.of("/bin/sh"), "-c", "echo \"pg_dump: error: no $PGPASSWORD here\" >&2; exit 3")
                        .environment("PGPASSWORD", password.reveal())
                        .run(WORK))
                .isInstanceOf(OperatorException.class)
                .hasMessage("sh failed with exit status 3: no [redacted] here");
    }

    @Test
    void hintsAtWhatToDoAboutAKnownFailure() {
        DatabaseSettings wrong =
                new DatabaseSettings("shore", "jdbc:postgresql://127.0.0.1:1/app", "nobody", null, 2, null, true);

        assertThatThrownBy(() -> PgCommand.of(PgBinaries.forClient(null, 14, "psql"), "-Xc", "select 1")
                        .connect(wrong, "watchkeeper")
                        .run(WORK))
                .hasMessageContaining("Connection refused")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("check that the server runs"));
    }

    @Test
    void aMissingProgramIsAPlainError() {
        assertThatThrownBy(() -> PgBinaries.forClient(null, 99, "pg_dump"))
                .isInstanceOf(OperatorException.class)
                .hasMessage("no pg_dump for a server of version 99 on this host");
        assertThatThrownBy(() -> PgBinaries.onPath("no-such-program", "nothing"))
                .hasMessage("the program no-such-program is not on this host");
    }

    @Test
    void theChildEndsWhenTheWorkIsCancelled() {
        AtomicBoolean told = new AtomicBoolean();
        Work work = new Work() {
            @Override
            public String applicationName() {
                return "watchkeeper";
            }

            @Override
            public java.util.Optional<java.time.Instant> deadline() {
                return java.util.Optional.empty();
            }

            @Override
            public void throwIfCancelled() {
                if (told.get()) {
                    throw new WorkCancelledException("told to stop");
                }
            }

            @Override
            public Registration onCancel(Runnable action) {
                return () -> {};
            }

            @Override
            public void progress(Progress progress) {}
        };
        List<String> lines = new ArrayList<>();

        assertThatThrownBy(() -> PgCommand.of(Path.of("/bin/sh"), "-c", "echo $$ >&2; exec sleep 1000")
                        .run(work, line -> {
                            lines.add(line);
                            told.set(true);
                        }))
                .isInstanceOf(WorkCancelledException.class);

        assertThat(ProcessHandle.of(Long.parseLong(lines.get(0)))).isEmpty();
    }

    @Test
    void theChildEndsWithTheAgentHoweverThatEnds() throws Exception {
        Path pid = folder.resolve("pid");
        Process agent = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        pid.toString())
                .inheritIO()
                .start();
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pid) && Files.size(pid) > 0);
        long child = Long.parseLong(Files.readString(pid).strip());
        assertThat(ProcessHandle.of(child)).isPresent();

        agent.destroyForcibly().waitFor();

        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }

    /** Starts a child and waits for ever. */
    static final class Parent {
        public static void main(String[] arguments) {
            PgCommand.of(Path.of("/bin/sh"), "-c", "echo $$ > " + arguments[0] + "; exec sleep 1000")
                    .run(WORK);
        }
    }

    @Test
    void runsAsTheOwnerOfAFolder() throws Exception {
        Path owned = TestServers.shore().data();

        PgCommand.Result result =
                PgCommand.of(Path.of("/usr/bin/id"), "-un").asOwnerOf(owned).run(WORK);

        assertThat(result.output().strip()).isEqualTo(Files.getOwner(owned).getName());
    }

    @Test
    void streamsWhatAProgramWrites() throws Exception {
        try (RunningCommand running =
                PgCommand.of(Path.of("/bin/sh"), "-c", "echo one; echo two").start(line -> {})) {
            assertThat(new String(running.output().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("one\ntwo\n");
            running.requireSuccess(WORK);
        }
    }

    @Test
    void quotesItsWordsAsAShellWould() {
        assertThat(PgCommand.of(Path.of("/usr/bin/pg_dump"), "--format=custom", "--table", "a b's")
                        .text())
                .isEqualTo("pg_dump --format=custom --table 'a b'\\''s'");
    }
}
