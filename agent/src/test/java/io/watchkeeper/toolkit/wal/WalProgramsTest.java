package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code archive-wal} and {@code fetch-wal}, alone and under PostgreSQL. */
class WalProgramsTest {

    private static final Path ARCHIVE_WAL = Path.of("bin/archive-wal").toAbsolutePath();
    private static final Path FETCH_WAL = Path.of("bin/fetch-wal").toAbsolutePath();
    private static final String NAME = "000000010000000000000003";
    private static final int SEGMENT = 1 << 20;

    /** Not a folder of JUnit's: the server's user must get at it. */
    private Path home;

    private Path archive;
    private Path segment;

    record Ended(int status, String errors) {}

    @BeforeEach
    void makeArchive() throws IOException {
        home = Files.createTempDirectory("watchkeeper-wal");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        archive = home.resolve("wal");
        Files.createDirectories(archive.resolve("incoming"));
        segment = home.resolve("segment");
        Files.write(segment, content(1));
    }

    @AfterEach
    void remove() throws IOException {
        try (Stream<Path> all = Files.walk(home)) {
            for (Path one : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(one);
            }
        }
    }

    @Test
    void shellcheckHasNothingToSay() throws Exception {
        assumeThat(Files.exists(Path.of("/usr/bin/shellcheck"))).isTrue();
        assertThat(run("/usr/bin/shellcheck", ARCHIVE_WAL.toString(), FETCH_WAL.toString())
                        .status())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"none,''", "gzip,.gz", "zstd,.zst", "lz4,.lz4"})
    void whatIsArchivedComesBackAsItWas(String compression, String suffix) throws Exception {
        FileTime written = FileTime.from(Instant.parse("2026-03-01T10:00:00Z"));
        Files.setLastModifiedTime(segment, written);

        assertThat(archive("--compress", compression).status()).isZero();

        Path stored = archive.resolve(NAME + suffix);
        assertThat(Files.getLastModifiedTime(stored)).isEqualTo(written);
        assertThat(run("sh", "-c", "cd " + archive + " && sha256sum -c --status *.sha256")
                        .status())
                .isZero();
        assertThat(names())
                .containsExactlyInAnyOrder(".archive-wal.lock", "incoming", NAME + suffix, NAME + suffix + ".sha256");
        assertThat(fetch(NAME).status()).isZero();
        assertThat(fetched()).hasSameBinaryContentAs(segment);
        assertThat(home.resolve("fetched.fetching")).doesNotExist();
    }

    @Test
    void encryptedOnesComeBackForWhoeverHasTheKey() throws Exception {
        Path identity = home.resolve("identity");
        assumeThat(run("age-keygen", "-o", identity.toString()).status()).isZero();
        String recipient = Files.readAllLines(identity).get(1).replaceFirst(".*: ", "");

        assertThat(archive("--recipient", recipient).status()).isZero();

        assertThat(archive.resolve(NAME + ".gz.age")).exists();
        Ended withoutKey = fetch(NAME);
        assertThat(withoutKey.status()).isEqualTo(200);
        assertThat(withoutKey.errors()).contains("is encrypted").contains("HINT: name the identity file");
        assertThat(run(FETCH_WAL.toString(), "--identity", identity.toString(), archive.toString(), NAME, target())
                        .status())
                .isZero();
        assertThat(fetched()).hasSameBinaryContentAs(segment);
        // It cannot read what it has stored, and knows that this is the same all the same.
        assertThat(archive("--recipient", recipient).status()).isZero();
        Files.write(segment, content(2));
        assertThat(archive("--recipient", recipient).errors()).contains("is there already, with another content");
    }

    @Test
    void theSameContentAgainIsASuccessAndAnotherOneIsRefused() throws Exception {
        assertThat(archive().status()).isZero();
        byte[] stored = Files.readAllBytes(archive.resolve(NAME + ".gz"));

        assertThat(archive().status()).isZero();
        assertThat(archive("--compress", "none").status()).isZero();
        Files.write(segment, content(2));
        Ended other = archive();

        assertThat(other.status()).isEqualTo(1);
        assertThat(other.errors()).contains(NAME + ".gz is there already, with another content");
        assertThat(archive.resolve(NAME + ".gz")).hasBinaryContent(stored);
        Files.delete(archive.resolve(NAME + ".gz.sha256"));
        assertThat(archive().status()).isEqualTo(1);
    }

    @Test
    void theHashOfASegmentThatNeverCameIsWrittenAgain() throws Exception {
        Files.writeString(archive.resolve(NAME + ".gz.sha256"), "of one that was killed\n");
        Files.writeString(archive.resolve(NAME + ".gz.4711.making"), "left behind");

        assertThat(archive().status()).isZero();

        assertThat(fetch(NAME).status()).isZero();
        assertThat(names()).doesNotContain(NAME + ".gz.4711.making");
    }

    @Test
    void segmentOfAnotherClusterIsRefused() throws Exception {
        Files.writeString(archive.resolve("archive.json"), "{ \"systemId\" : \"7123456789012345678\" }");
        Ended refused = archive();
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.errors()).contains("is the archive of cluster 7123456789012345678");
        assertThat(names()).doesNotContain(NAME + ".gz");
    }

    @Test
    void whatIsNotThereIsTheEndAndWhatCannotBeToldIsNot() throws Exception {
        assertThat(fetch(NAME).status()).isEqualTo(1);
        assertThat(fetch("00000002.history").status()).isEqualTo(1);
        assertThat(run(FETCH_WAL.toString(), home + "/unmounted", NAME, target())
                        .status())
                .isEqualTo(200);
        assertThat(fetch("../" + NAME).status()).isEqualTo(200);
        assertThat(run(FETCH_WAL.toString(), archive.toString(), NAME).status()).isEqualTo(200);
        archive();
        assertThat(run(FETCH_WAL.toString(), archive.toString(), NAME, home + "/nowhere/x")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void damagedSegmentIsAFaultUnlessThereIsAnotherCopy() throws Exception {
        archive();
        Path stored = archive.resolve(NAME + ".gz");
        byte[] bytes = Files.readAllBytes(stored);
        bytes[bytes.length / 2] ^= 1;
        Files.write(stored, bytes);
        Files.write(archive.resolve("incoming/" + NAME + ".partial"), content(1));

        Ended damaged = fetch(NAME);
        assertThat(damaged.status()).isEqualTo(200);
        assertThat(damaged.errors())
                .contains(stored + " is damaged: its SHA-256 is")
                .contains("HINT: put a good copy");

        Files.copy(segment, archive.resolve("incoming/" + NAME));
        assertThat(fetch(NAME).status()).isZero();
        assertThat(fetched()).hasSameBinaryContentAs(segment);

        // Without its hash the format tells.
        Files.delete(archive.resolve("incoming/" + NAME));
        Files.delete(archive.resolve(NAME + ".gz.sha256"));
        assertThat(fetch(NAME).status()).isEqualTo(200);
    }

    @Test
    void whatIsBeingReceivedIsTheLastResort() throws Exception {
        Path partial = Files.write(archive.resolve("incoming/" + NAME + ".partial"), content(3));
        assertThat(fetch(NAME).status()).isZero();
        assertThat(fetched()).hasSameBinaryContentAs(partial);

        Files.write(archive.resolve("incoming/" + NAME), content(4));
        assertThat(fetch(NAME).status()).isZero();
        assertThat(fetched()).hasBinaryContent(content(4));

        // By a placeholder the receiver finds its place, and nothing else.
        Files.writeString(archive.resolve("incoming/" + NAME + ".start"), "");
        Files.write(partial, new byte[100]);
        assertThat(fetch(NAME).status()).isEqualTo(1);
    }

    @Test
    void clusterRecoversThroughBothAndStopsAtADamagedSegment() throws Exception {
        String toArchive = "'" + ARCHIVE_WAL + " " + archive + " %p %f'";
        try (LocalServer shore =
                TestServers.own(Map.of("archive_mode", "on", "archive_command", toArchive, "max_wal_senders", "4"))) {
            String owner = Files.getOwner(shore.data()).getName();
            run("chown", "-R", owner, home.toString());
            TestServers.execute(shore, "postgres", "create table t (n int)");
            Path base = home.resolve("base");
            asOwner(
                    owner,
                    "pg_basebackup",
                    "--pgdata=" + base,
                    "--checkpoint=fast",
                    "--wal-method=none",
                    "--no-sync",
                    "--dbname=host=127.0.0.1 user=postgres port=" + shore.port());
            for (int i = 1; i <= 3; i++) {
                TestServers.execute(shore, "postgres", "insert into t values (" + i + ")");
                TestServers.execute(shore, "postgres", "select pg_switch_wal()");
            }
            String last = TestHost.ask(shore, "postgres", "select pg_walfile_name(pg_switch_wal() - 1)");
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(archive.resolve(last + ".gz")));

            Path restored = home.resolve("restored");
            assertThat(recover(archive, owner, base, restored)).isEqualTo("3");

            Path stored = archive.resolve(last + ".gz");
            byte[] bytes = Files.readAllBytes(stored);
            bytes[bytes.length / 2] ^= 1;
            Files.write(stored, bytes);
            run("rm", "-rf", restored.toString());
            assertThat(recover(archive, owner, base, restored)).contains("could not restore file \"" + last);

            // Missing it ends recovery, with all that is before it.
            Files.delete(stored);
            run("rm", "-rf", restored.toString());
            assertThat(recover(archive, owner, base, restored)).isEqualTo("2");
        }
    }

    /** How many rows came back, or why none did. */
    static String recover(Path archive, String owner, Path base, Path folder) throws Exception {
        Files.createDirectories(folder);
        Path data = folder.resolve("data");
        run("cp", "-a", base.toString(), data.toString());
        run("chown", owner, folder.toString());
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        Files.createFile(data.resolve("recovery.signal"));
        int port = LocalServer.freePort();
        Path conf = data.resolve("postgresql.conf");
        Files.writeString(
                conf,
                Files.readString(conf).replaceAll("(?m)^port = .*", "port = " + port)
                        + "archive_mode = off\nunix_socket_directories = ''\nrestore_command = '" + FETCH_WAL + " "
                        + archive + " %f %p'\nrecovery_target_action = 'promote'\n");
        LocalServer server = LocalServer.attach(TestServers.binaries(), folder);
        try {
            server.start();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> TestHost.ask(server, "postgres", "select pg_is_in_recovery()")
                            .equals("f"));
            return TestHost.ask(server, "postgres", "select count(*) from t");
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        } finally {
            server.stop();
        }
    }

    static void asOwner(String owner, String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("runuser", "-u", owner, "--"));
        }
        command.add(TestServers.binaries().program(program).toString());
        command.addAll(List.of(arguments));
        Ended ended = run(command.toArray(String[]::new));
        assertThat(ended.status()).as(ended.errors()).isZero();
    }

    private Ended archive(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(ARCHIVE_WAL.toString()));
        command.addAll(List.of(options));
        command.addAll(List.of(archive.toString(), segment.toString(), NAME));
        return run(command.toArray(String[]::new));
    }

    private Ended fetch(String name) throws Exception {
        Files.deleteIfExists(Path.of(target()));
        return run(FETCH_WAL.toString(), archive.toString(), name, target());
    }

    private String target() {
        return fetched().toString();
    }

    private Path fetched() {
        return home.resolve("fetched");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(archive)) {
            return all.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static byte[] content(int seed) {
        byte[] bytes = new byte[SEGMENT];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static Ended run(String... command) throws Exception {
        Path errors = Files.createTempFile("watchkeeper", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(new java.io.File("/"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), Files.readString(errors, StandardCharsets.UTF_8));
        } finally {
            Files.delete(errors);
        }
    }
}
