package io.watchkeeper.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report as a whole, and the checks of this host. */
class DoctorTest {

    private static final RunbookFolder TWO_RUNBOOKS = new RunbookFolder(2, List.of());

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void folders() throws IOException {
        file = folder.resolve("watchkeeper.yaml");
        Files.createDirectory(folder.resolve("runbooks"));
        Files.createDirectory(folder.resolve("state"));
    }

    @Test
    void sayWhatIsWellInAFixedOrder() throws IOException {
        List<Finding> findings = examine("host: { name: ship-7, role: ship }\n");

        assertThat(findings)
                .extracting(Finding::subject)
                .containsExactly("host", "config", "runbooks", "state", "store", "audit", "tools", "backups");
        assertThat(findings.get(0).text()).startsWith("ship-7, role ship, ").contains(", Java ");
        assertThat(findings.get(1).text()).isEqualTo(file + ", no problems, mode 0600");
        assertThat(findings.get(2)).isEqualTo(Finding.green("runbooks", folder + "/runbooks, 2 runbooks, no problems"));
        assertThat(findings.get(4).text()).contains("watchkeeper.db is not there yet");
        assertThat(Doctor.exitStatus(findings)).isZero();
    }

    @Test
    void databasesStandInTheOrderOfTheConfigurationHoweverFastTheyAnswer() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            List<Finding> findings = examine("""
                    databases:
                      slow: { url: "jdbc:postgresql://127.0.0.1:%d/d", local: false }
                      gone: { url: "jdbc:postgresql://127.0.0.1:1/d", local: false }
                    """.formatted(silent.getLocalPort()), Duration.ofSeconds(1));

            List<Finding> databases = findings.subList(findings.size() - 2, findings.size());
            assertThat(databases.get(0)).isEqualTo(Finding.amber("slow", "no result within 1.0 s", null));
            assertThat(databases.get(1).subject()).isEqualTo("gone");
        }
    }

    @Test
    void onlyHostAndConfigurationAreExaminedWhenTheConfigurationIsWrong() throws IOException {
        List<Finding> findings = examine("hots: {}\ndatabases: { a: { url: 'jdbc:postgresql://127.0.0.1:1/d' } }\n");

        assertThat(findings).extracting(Finding::subject).containsExactly("host", "config");
        assertThat(findings.get(1).level()).isEqualTo(Finding.Level.RED);
        assertThat(findings.get(1).text()).isEqualTo(file + ":1:1: unknown key 'hots'");
        assertThat(findings.get(1).hint()).startsWith("did you mean 'host'?");
        assertThat(Doctor.exitStatus(findings)).isEqualTo(1);
    }

    @Test
    void warningsOfTheConfigurationAreAmber() throws IOException {
        secret("token", "rw-------", "letmein");

        List<Finding> findings = examine("http: { tokenFile: token }\n");

        assertThat(findings)
                .filteredOn(f -> f.subject().equals("config"))
                .extracting(Finding::level)
                .containsExactly(Finding.Level.GREEN, Finding.Level.AMBER);
        assertThat(Doctor.exitStatus(findings)).isZero();
    }

    @Test
    void problemsOfRunbooksAreRed() throws IOException {
        Problem problem = new Problem("a.groovy", 7, 14, "unknown option 'corn' in 'schedule'", "did you mean 'cron'?");

        assertThat(of("runbooks", examine("", () -> new RunbookFolder(1, List.of(problem)), () -> {})))
                .containsExactly(
                        Finding.red(
                                "runbooks",
                                "a.groovy:7:14: unknown option 'corn' in 'schedule'",
                                "did you mean 'cron'?"),
                        Finding.green("runbooks", folder + "/runbooks, 1 runbook can run"));
    }

    @Test
    void noRunbooksAtAllIsAmber() throws IOException {
        assertThat(of("runbooks", examine("", () -> new RunbookFolder(0, List.of()), () -> {})))
                .extracting(Finding::level)
                .containsExactly(Finding.Level.AMBER);
    }

    @Test
    void checkThatThrowsIsARedFinding() throws IOException {
        List<Finding> findings = examine(
                "",
                () -> {
                    throw new IllegalStateException("class loader gone");
                },
                () -> {});

        assertThat(of("runbooks", findings))
                .containsExactly(Finding.red("runbooks", "the check failed: class loader gone", null));
        assertThat(of("state", findings)).hasSize(1);
    }

    @Test
    void secretsAreListedWithTheirModes() throws IOException {
        Path token = secret("token", "rw-r-----", "0123456789abcdef");

        assertThat(of("secrets", examine("http: { tokenFile: token }\n")))
                .containsExactly(Finding.green("secrets", token + ", mode 0640"));
    }

    @Test
    void secretInAFolderThatOthersCanWriteIsAmber() throws IOException {
        secret("token", "rw-------", "0123456789abcdef");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThat(of("secrets", examine("http: { tokenFile: token }\n")))
                .containsExactly(Finding.amber(
                        "secrets",
                        "every user may replace files in " + folder + ", where token is",
                        "chmod o-w " + folder));
    }

    @Test
    void secretOpenedToOthersSinceTheStartIsRed() throws IOException {
        Path token = secret("token", "rw-r--r--", "0123456789abcdef");

        assertThat(new SecretFilesCheck(List.of(token)).examine())
                .containsExactly(Finding.red(
                        "secrets", token + " is open to other users: its mode is 0644", "chmod 0600 " + token));
    }

    @Test
    void stateFolderThatCannotBeWrittenIsRed() throws IOException {
        // Nobody can make files in /proc, not even root.
        assertThat(new StateFolderCheck(Path.of("/proc")).examine())
                .singleElement()
                .satisfies(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.RED));
    }

    @Test
    void stateFolderThatIsNotThereYetIsAmberAndNotMade() throws IOException {
        Path missing = folder.resolve("missing");

        assertThat(new StateFolderCheck(missing).examine())
                .extracting(Finding::level)
                .containsExactly(Finding.Level.AMBER);
        assertThat(missing).doesNotExist();
    }

    @Test
    void stateFolderIsLeftAsItWas() throws IOException {
        Files.writeString(folder.resolve("state/watchkeeper.db"), "");

        examine("");

        assertThat(folder.resolve("state").toFile().list()).containsExactly("watchkeeper.db");
    }

    @Test
    void diskIsJudgedByWhatIsLeft() {
        assertThat(space(Bytes.gigabytes(50), Bytes.gigabytes(100))).isEqualTo(Finding.Level.GREEN);
        assertThat(space(Bytes.gigabytes(4), Bytes.gigabytes(100))).isEqualTo(Finding.Level.AMBER);
        assertThat(space(Bytes.megabytes(900), Bytes.gigabytes(2))).isEqualTo(Finding.Level.AMBER);
        assertThat(space(Bytes.megabytes(99), Bytes.gigabytes(1))).isEqualTo(Finding.Level.RED);
    }

    @Test
    void storeThatDoesNotOpenIsRedWithItsHint() throws IOException {
        Files.writeString(folder.resolve("state/watchkeeper.db"), "garbage");

        assertThat(of("store", examine("", () -> TWO_RUNBOOKS, () -> {
                    throw new OperatorException("the store is damaged", "move it away.");
                })))
                .containsExactly(Finding.red("store", "the store is damaged", "move it away."));
    }

    @Test
    void storeIsNotMadeByLookingAtIt() throws IOException {
        AtomicInteger opened = new AtomicInteger();

        examine("", () -> TWO_RUNBOOKS, opened::incrementAndGet);

        assertThat(opened).hasValue(0);
    }

    @Test
    void storeThatOpensIsGreen() throws IOException {
        Files.writeString(folder.resolve("state/watchkeeper.db"), "");

        assertThat(of("store", examine(""))).extracting(Finding::level).containsExactly(Finding.Level.GREEN);
    }

    @Test
    void missingToolsAreNamedBesideThoseThatAreThere() throws IOException {
        Files.createDirectory(folder.resolve("bin"));
        tool("psql", "psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)");
        tool("pg_dump", "pg_dump (PostgreSQL) 17beta2");

        assertThat(of("tools", examine("postgres: { bin: bin }\n")))
                .containsExactly(Finding.amber(
                        "tools",
                        "pg_restore, pg_basebackup, pg_receivewal not found; found psql 15.18, pg_dump 17beta2",
                        "apt install postgresql-client, or set postgres.bin to the folder they are in."));
    }

    @Test
    void toolThatIsNoPostgresProgramCountsAsMissing() throws IOException {
        Files.createDirectory(folder.resolve("bin"));
        tool("psql", "something else 1.0");

        assertThat(of("tools", examine("postgres: { bin: bin }\n")).get(0).text())
                .isEqualTo("psql, pg_dump, pg_restore, pg_basebackup, pg_receivewal not found");
    }

    @Test
    void findingsHoldNoSecret() {
        Secret.of("very-secret-word");

        Finding finding = Finding.red("store", "login with very-secret-word failed", "try very-secret-word");

        assertThat(finding.toString()).doesNotContain("very-secret-word");
    }

    private static Finding.Level space(Bytes free, Bytes total) {
        return StateFolderCheck.space(Path.of("/s"), free, total).level();
    }

    private static List<Finding> of(String subject, List<Finding> findings) {
        return findings.stream().filter(f -> f.subject().equals(subject)).toList();
    }

    private List<Finding> examine(String yaml) throws IOException {
        return examine(yaml, () -> TWO_RUNBOOKS, () -> {});
    }

    private List<Finding> examine(String yaml, Supplier<RunbookFolder> runbooks, StoreProbe store) throws IOException {
        return new Doctor(file, load(yaml), runbooks, store, () -> Protection.NONE, List::of, Clock.systemUTC())
                .examine();
    }

    private List<Finding> examine(String yaml, Duration patience) throws IOException {
        return new Doctor(
                        file,
                        load(yaml),
                        () -> TWO_RUNBOOKS,
                        () -> {},
                        () -> Protection.NONE,
                        List::of,
                        Clock.systemUTC(),
                        patience)
                .examine();
    }

    private ConfigLoader.Loaded load(String yaml) throws IOException {
        Files.writeString(file, yaml + "runbooks: runbooks\nstate: state\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return new ConfigLoader(Map.of()).load(file);
    }

    private Path secret(String name, String mode, String content) throws IOException {
        Path path = Files.writeString(folder.resolve(name), content);
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private void tool(String name, String says) throws IOException {
        Path program = Files.writeString(folder.resolve("bin").resolve(name), "#!/bin/sh\necho '" + says + "'\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
