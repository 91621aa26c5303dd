package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {

    @TempDir
    Path folder;

    private Path file;
    private Map<String, String> environment = Map.of();

    @BeforeEach
    void aFolderOfRunbooks() throws IOException {
        file = folder.resolve("watchkeeper.yaml");
        Files.createDirectory(folder.resolve("runbooks"));
    }

    // --- what is right

    @Test
    void emptyFileIsAWholeConfiguration() {
        AgentConfig config = config("# nothing but a comment\n");

        assertThat(config.host()).isEqualTo(new AgentConfig.Host("testhost", "primary"));
        assertThat(config.databases()).isEmpty();
        assertThat(config.runbooks()).isEqualTo(folder.resolve("runbooks"));
        assertThat(config.state()).isEqualTo(folder.resolve("state"));
        assertThat(config.backups().repository()).isNull();
        assertThat(config.http().listen().getHostString()).isIn("127.0.0.1", "localhost");
        assertThat(config.http().listen().getPort()).isEqualTo(9763);
        assertThat(config.http().token()).isNull();
        assertThat(config.http().tls()).isNull();
        assertThat(config.http().openMetrics()).isFalse();
        assertThat(config.http().maxBody()).isEqualTo(65_536);
        assertThat(config.postgres().bin()).isNull();
        assertThat(config.alerts()).isEqualTo(new AgentConfig.Alerts(null, null, null, Duration.ofHours(4)));
        assertThat(config.replication())
                .isEqualTo(new AgentConfig.Replication(
                        Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(5)));
        assertThat(config.history().keepRuns()).isEqualTo(Duration.ofDays(90));
        assertThat(config.shutdown().grace()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void refusesKeysThatWouldNotProtect() throws IOException {
        secret("age.key", "AGE-SECRET-KEY-1");
        write("""
                runbooks: %s
                backups:
                  repository: %s
                  encryption:
                    recipients: [AGE-SECRET-KEY-1QQ, ssh-ed25519]
                    identityFile: age.key
                """.formatted(folder, folder), "rw-------");

        ConfigLoader.Loaded loaded = new ConfigLoader(Map.of()).load(file);

        assertThat(loaded.problems())
                .extracting(problem -> problem.message())
                .anyMatch(message -> message.contains("'ssh-ed25519' is no public key of age"))
                .anyMatch(message -> message.contains("holds a secret key"))
                .noneMatch(message -> message.contains("KEY-1QQ"))
                .anyMatch(message -> message.contains("is in the repository that it opens"))
                .hasSize(3);
    }

    @Test
    void hostIsNamedAfterTheMachineUnlessTold() throws IOException {
        Path runbooks = folder.resolve("runbooks");
        write("runbooks: " + runbooks + "\n", "rw-------");

        ConfigLoader.Loaded loaded = new ConfigLoader(Map.of()).load(file);

        assertThat(loaded.config().orElseThrow().host().name())
                .isEqualTo(
                        Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
    }

    @Test
    void readsEveryKey() throws IOException {
        secret("db.password", "open sesame\n");
        secret("hook.token", "hook-token-4711");
        secret("mail.password", "mail-password");
        secret("http.token", "0123456789abcdef0123");
        secret("tls.key", "key");
        secret("age.key", "AGE-SECRET-KEY-1");
        Files.writeString(folder.resolve("tls.crt"), "certificate");
        Files.createDirectory(folder.resolve("bin"));

        AgentConfig config = config("""
                host: { name: ship-7, role: ship }
                databases:
                  shore:
                    url: "jdbc:postgresql://10.9.0.1:5432,10.9.0.2/app?sslmode=require"
                    user: agent
                    passwordFile: db.password
                    maxConnections: 3
                  ship: { url: "jdbc:postgresql://[::1]:5433/app", standbyOf: shore }
                runbooks: runbooks
                state: elsewhere/state
                backups:
                  repository: /var/backups/watchkeeper
                  encryption:
                    recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudaxfgrqw8m8r4]
                    identityFile: age.key
                http:
                  listen: "[::]:8080"
                  tokenFile: http.token
                  tls: { certificate: tls.crt, key: tls.key, clientCa: tls.crt }
                  openMetrics: true
                  maxBody: 1MB
                postgres: { bin: bin }
                alerts:
                  alertmanager: http://127.0.0.1:9093
                  webhook: { url: "https://chat.example/hook", tokenFile: hook.token }
                  mail:
                    host: mail.example
                    port: 2525
                    startTls: false
                    user: agent
                    passwordFile: mail.password
                    from: watchkeeper@example.org
                    to: [dba@example.org, ship7@example.org]
                  repeatEvery: 30 min
                replication: { every: 5s, warnAfter: 20s, alertAfter: 2 min }
                history: { keepRuns: 7d }
                shutdown: { grace: 5s }
                """);

        assertThat(config.host()).isEqualTo(new AgentConfig.Host("ship-7", "ship"));
        assertThat(config.databases())
                .containsExactly(
                        new DatabaseSettings(
                                "shore",
                                "jdbc:postgresql://10.9.0.1:5432,10.9.0.2/app?sslmode=require",
                                "agent",
                                Secret.of("open sesame"),
                                3,
                                null,
                                false),
                        new DatabaseSettings(
                                "ship", "jdbc:postgresql://[::1]:5433/app", "watchkeeper", null, 8, "shore", true));
        assertThat(config.state()).isEqualTo(folder.resolve("elsewhere/state"));
        assertThat(config.backups())
                .isEqualTo(new AgentConfig.Backups(
                        Path.of("/var/backups/watchkeeper"),
                        new AgentConfig.Encryption(
                                List.of("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudaxfgrqw8m8r4"),
                                folder.resolve("age.key"))));
        assertThat(config.http().listen().getPort()).isEqualTo(8080);
        assertThat(config.http().token()).isEqualTo(Secret.of("0123456789abcdef0123"));
        assertThat(config.http().tls())
                .isEqualTo(new AgentConfig.Tls(
                        folder.resolve("tls.crt"), folder.resolve("tls.key"), folder.resolve("tls.crt")));
        assertThat(config.http().openMetrics()).isTrue();
        assertThat(config.http().maxBody()).isEqualTo(1_048_576);
        assertThat(config.postgres().bin()).isEqualTo(folder.resolve("bin"));
        assertThat(config.alerts())
                .isEqualTo(new AgentConfig.Alerts(
                        URI.create("http://127.0.0.1:9093"),
                        new AgentConfig.Webhook(URI.create("https://chat.example/hook"), Secret.of("hook-token-4711")),
                        new AgentConfig.Mail(
                                "mail.example",
                                2525,
                                false,
                                "agent",
                                Secret.of("mail-password"),
                                "watchkeeper@example.org",
                                List.of("dba@example.org", "ship7@example.org")),
                        Duration.ofMinutes(30)));
        assertThat(config.replication())
                .isEqualTo(new AgentConfig.Replication(
                        Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofMinutes(2)));
        assertThat(config.history().keepRuns()).isEqualTo(Duration.ofDays(7));
        assertThat(config.shutdown().grace()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void noUpgradeWaitsForRunsForDays() throws IOException {
        assertThat(load("shutdown: { drain: 2d }\n").problems())
                .extracting(problem -> problem.message())
                .anyMatch(message -> message.contains("would wait for runs for 2"));
        assertThat(load("shutdown: { drain: 24h }\n").problems())
                .extracting(problem -> problem.message())
                .noneMatch(message -> message.contains("would wait"));
    }

    @Test
    void namesTheFilesOfSecrets() throws IOException {
        secret("db.password", "open sesame");

        ConfigLoader.Loaded loaded =
                load("databases: { a: { url: 'jdbc:postgresql://h/d', passwordFile: db.password } }\n");

        assertThat(loaded.secretFiles()).containsExactly(folder.resolve("db.password"));
    }

    @Test
    void emptyBlocksAreAbsentOnes() {
        assertThat(config("databases:\nhttp:\nalerts:\n").databases()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://localhost/app, true",
        "jdbc:postgresql://127.0.0.1:5433/app, true",
        "'jdbc:postgresql://[::1]/app', true",
        "'jdbc:postgresql://127.0.0.1:1,10.0.0.1:2/app', false",
        "jdbc:postgresql://shore/app, false"
    })
    void databaseIsLocalWhenAllItsHostsAreLoopback(String url, boolean local) {
        assertThat(config("databases: { a: { url: '" + url + "' } }\n")
                        .databases()
                        .get(0)
                        .local())
                .isEqualTo(local);
    }

    @Test
    void localCanBeToldWhereTheAddressDoesNotShowIt() {
        AgentConfig config = config("databases: { a: { url: 'jdbc:postgresql://shore/app', local: true } }\n");

        assertThat(config.databases().get(0).local()).isTrue();
    }

    // --- the environment

    @Test
    void takesTheNumberOfWorkersFromTheEnvironment() {
        assertThat(config("").copying().workers()).isNull();
        environment = Map.of("WATCHKEEPER_WORKERS", "3");
        assertThat(config("").copying().workers()).isEqualTo(3);
        environment = Map.of("WATCHKEEPER_WORKERS", "auto");
        assertThat(config("").copying().workers()).isNull();
        environment = Map.of("WATCHKEEPER_WORKERS", "many");
        assertThat(load("").problems())
                .singleElement()
                .asString()
                .contains("WATCHKEEPER_WORKERS is 'many'", "HINT: set it to a number");
    }

    @Test
    void fillsVariablesAndDefaults() {
        environment = Map.of("DB_HOST", "10.1.1.1", "EMPTY", "");

        AgentConfig config = config("""
                host: { name: "${NAME:-ship-9}", role: "${EMPTY:-ship}" }
                databases: { a: { url: "jdbc:postgresql://${DB_HOST}:${DB_PORT:-5433}/app" } }
                """);

        assertThat(config.host()).isEqualTo(new AgentConfig.Host("ship-9", "ship"));
        assertThat(config.databases().get(0).url()).isEqualTo("jdbc:postgresql://10.1.1.1:5433/app");
    }

    @Test
    void unsetVariableIsNamed() {
        assertThat(problems("host: { role: '${ROLE}' }\n"))
                .containsExactly("1:15: 'host.role': environment variable ROLE is not set"
                        + " | set it where the agent is started, or write ${ROLE:-default}.");
    }

    @Test
    void unclosedReferenceIsAProblem() {
        assertThat(problems("host: { role: '${ROLE' }\n"))
                .singleElement()
                .asString()
                .contains("does not begin a reference to an environment variable");
    }

    @Test
    void doubledDollarIsALiteralOne() throws IOException {
        secret("a${b}", "open sesame");

        AgentConfig config = config("databases: { a: { url: 'jdbc:postgresql://h/d', passwordFile: 'a$${b}' } }\n");

        assertThat(config.databases().get(0).password()).isEqualTo(Secret.of("open sesame"));
    }

    @Test
    void aValueFromTheEnvironmentIsNotShownInProblems() {
        environment = Map.of("PASSWORD", "tr0ub4dor");

        assertThat(problems("history: { keepRuns: '${PASSWORD}' }\n"))
                .singleElement()
                .asString()
                .contains("'${PASSWORD}', which is not a duration")
                .doesNotContain("tr0ub4dor");
    }

    // --- what is wrong, all at once

    @Test
    void reportsEveryProblemInTheOrderOfTheFile() {
        assertThat(problems("""
                hots: { name: a }
                databases:
                  shore: { url: "jdbc:mysql://h/d", usr: me, maxConnections: many }
                http: { listen: 9763 }
                shutdown: { grace: soon }
                """))
                .containsExactly(
                        "1:1: unknown key 'hots' | did you mean 'host'? Keys here: host, databases, runbooks, state, replication,"
                                + " backups, http, postgres, alerts, slo, heavy, history, shutdown, cluster, meta, trust, audit.",
                        "3:17: 'databases.shore.url' is not an address of a PostgreSQL database"
                                + " | write jdbc:postgresql://host:5432/database.",
                        "3:37: unknown key 'usr' in 'databases.shore' | did you mean 'user'? Keys here: url, user,"
                                + " passwordFile, password, maxConnections, standbyOf, local, patroni, autoFailoverMonitor,"
                                + " tls, requireScram.",
                        "3:62: 'databases.shore.maxConnections' is 'many', which is not a whole number from 1 to 1000 | write digits only.",
                        "4:17: 'http.listen' is '9763', which is not an address of this host and a port"
                                + " | write host:port, for example 127.0.0.1:9763 or [::1]:9763.",
                        "5:20: 'shutdown.grace' is 'soon', which is not a duration"
                                + " | write a number and a unit: 30s, 5 min, 4h or 90d.");
    }

    @Test
    void warningAfterTheAlertIsAProblem() {
        assertThat(problems("replication: { warnAfter: 10 min }\n"))
                .containsExactly(
                        "1:27: 'replication.warnAfter' is 10 min, which is later than 'replication.alertAfter', 5 min"
                                + " | a warning comes first: make it the shorter one.");
        assertThat(load("replication: { alertAfter: 10s }\n")
                        .config()
                        .orElseThrow()
                        .replication()
                        .warnAfter())
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void configIsWithheldWhenAnythingIsWrong() {
        assertThat(load("hots: {}\n").config()).isEmpty();
    }

    @Test
    void duplicateKeyNamesBothPlaces() {
        assertThat(problems("state: a\nhost: { name: x }\nstate: b\n"))
                .containsExactly("3:1: key 'state' stands twice, first in line 1 | remove one of the two.");
    }

    @Test
    void duplicateDatabaseIsFound() {
        assertThat(problems("""
                databases:
                  a: { url: "jdbc:postgresql://h/d" }
                  a: { url: "jdbc:postgresql://h/e" }
                """))
                .containsExactly("3:3: key 'databases.a' stands twice, first in line 2 | remove one of the two.");
    }

    @Test
    void listWhereAValueBelongsIsAProblem() {
        assertThat(problems("state: [a, b]\n")).containsExactly("1:8: 'state' must be a single value, not a list");
    }

    @Test
    void valueWhereABlockBelongsIsAProblem() {
        assertThat(problems("http: 127.0.0.1:9763\n"))
                .containsExactly("1:7: 'http' must be a block of keys, not a single value"
                        + " | write each key on a line of its own, as 'key: value'.");
    }

    @Test
    void listAtTheTopIsAProblem() {
        assertThat(problems("- a\n- b\n"))
                .singleElement()
                .asString()
                .contains("1:1: the configuration must be a block of keys, not a list");
    }

    @Test
    void keyWithoutValueIsAProblem() {
        assertThat(problems("state:\n"))
                .containsExactly("1:7: 'state' has no value | give it one, or remove the line.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "1", "True!"})
    void flagIsTrueOrFalse(String value) {
        assertThat(problems("http: { openMetrics: " + value + " }\n"))
                .containsExactly("1:22: 'http.openMetrics' is '" + value + "', which is not true or false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "-1", "2.5", "99999999999"})
    void connectionsAreCapped(String value) {
        assertThat(problems("databases: { a: { url: 'jdbc:postgresql://h/d', maxConnections: " + value + " } }\n"))
                .singleElement()
                .asString()
                .contains("is '" + value + "', which is not a whole number from 1 to 1000");
    }

    @Test
    void sizeNeedsAUnitItKnowsAndALimit() {
        assertThat(problems("http: { maxBody: 64XB }\n"))
                .containsExactly("1:18: 'http.maxBody' is '64XB', which is not a size from 1 KB to 16 MB"
                        + " | write a number and a unit: 64KB or 1MB.");
        assertThat(problems("http: { maxBody: 1GB }\n")).hasSize(1);
    }

    @Test
    void reservedKeysAreRefusedAsReserved() {
        assertThat(problems("databases: { a: { url: 'jdbc:postgresql://h/d', via: 'https://shore-1:9763' } }\n"))
                .singleElement()
                .asString()
                .contains("'databases.a.via' is reserved: ");
    }

    @Test
    void tenantsNeedADatabaseAndPlansThatExist() throws IOException {
        String databases = "databases: { shore: { url: 'jdbc:postgresql://h/d' } }\n";
        Path project = Files.createDirectory(folder.resolve("migrations"));

        assertThat(problems(databases + "meta: { database: shroe, plans: { small: scheme } }\n"))
                .containsExactlyInAnyOrder(
                        "2:19: 'meta.database': there is no database 'shroe' in this configuration | did you mean 'shore'? Configured: shore.",
                        "2:42: 'meta.plans.small' is 'scheme', which is not a way to keep tenants apart | write schema or rls.");
        assertThat(problems(databases + "meta: { database: shore, migrations: '" + project + "' }\n"))
                .singleElement()
                .asString()
                .contains("has no sqitch.plan");
        Files.writeString(project.resolve("sqitch.plan"), "%project=fleet\n");
        AgentConfig.Meta meta = config(databases + "meta: { database: shore, migrations: '" + project
                        + "', plans: { small: schema, large: rls } }\n")
                .meta();
        assertThat(meta)
                .isEqualTo(new AgentConfig.Meta(
                        "shore",
                        project,
                        Map.of("small", AgentConfig.Tenancy.SCHEMA, "large", AgentConfig.Tenancy.RLS)));
    }

    @Test
    void theClustersDatabaseMustBeOneThatCanBeWritten() {
        String databases = """
                databases:
                  shore: { url: 'jdbc:postgresql://h/d' }
                  copy: { url: 'jdbc:postgresql://i/d', standbyOf: shore }
                """;

        assertThat(problems(databases + "cluster: { database: shore, takeOver: 10s }\n"))
                .isEmpty();
        assertThat(problems(databases + "cluster: { database: shroe }\n"))
                .singleElement()
                .asString()
                .contains("there is no database 'shroe'", "did you mean 'shore'?");
        assertThat(problems(databases + "cluster: { database: copy }\n"))
                .singleElement()
                .asString()
                .contains("'copy' is a standby of 'shore'", "name 'shore'");
        assertThat(problems(databases + "cluster: { takeOver: 10s }\n"))
                .singleElement()
                .asString()
                .contains("cluster.database");
    }

    // --- YAML itself

    @Test
    void brokenYamlIsShownWhereItBreaks() {
        assertThat(problems("host: { name: a\nstate: b\n"))
                .singleElement()
                .asString()
                .startsWith("2:6: this is not YAML: ");
    }

    @Test
    void tabIsExplained() {
        assertThat(problems("host:\n\tname: a\n")).singleElement().asString().endsWith(" | indent with spaces.");
    }

    @Test
    void brokenYamlQuotesNothingOfTheFile() {
        assertThat(load("databases: { a: { password: hunter2hunter2, url: [ } }\n")
                        .problems()
                        .toString())
                .doesNotContain("hunter2");
    }

    @Test
    void aliasBombIsRefused() {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 30; i++) {
            yaml.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
        }

        assertThat(problems(yaml.toString()))
                .singleElement()
                .asString()
                .startsWith("this is not usable YAML: Number of aliases");
    }

    @Test
    void hugeFileIsRefusedUnread() {
        assertThat(problems("#".repeat(1024 * 1024 + 1)))
                .singleElement()
                .asString()
                .startsWith("the file is larger than 1 MB");
    }

    @Test
    void fileThatIsNotUtf8IsRefused() throws IOException {
        Files.write(file, "host: { name: größe }".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(loader().load(file).problems())
                .extracting(Problem::message)
                .containsExactly("the file is not UTF-8 text");
    }

    @Test
    void missingFileIsAProblem() {
        assertThat(loader().load(folder.resolve("none.yaml")).problems())
                .containsExactly(Problem.of(
                        folder.resolve("none.yaml").toString(),
                        "there is no such file",
                        "name the configuration with --config FILE or WATCHKEEPER_CONFIG."));
    }

    /** What an ordinary user meets in the package's /etc/watchkeeper, which is closed to others. */
    @Test
    void fileInAFolderThatIsClosedToThisUserIsNotMissing() throws Exception {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Path file = Files.writeString(closed.resolve("watchkeeper.yaml"), "");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            // Without these, root is held by modes as everybody is.
            command.addAll(List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.watchkeeper.AgentMain",
                "validate",
                "--config",
                file.toString()));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("said").toFile())
                    .start();
            assertThat(process.waitFor()).isEqualTo(2);
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        }

        assertThat(Files.readString(folder.resolve("said")))
                .contains("the file cannot be read by user ", "HINT: call the command as root (sudo watchkeeper …)");
    }

    @Test
    void folderInPlaceOfTheFileIsAProblem() {
        assertThat(loader().load(folder).problems())
                .extracting(Problem::message)
                .containsExactly("this is not a file");
    }

    @Test
    void fileThatEveryoneMayWriteIsRefused() throws IOException {
        write("state: s\n", "rw-r--rw-");

        assertThat(loader().load(file).problems())
                .extracting(Problem::message)
                .containsExactly("the file can be written by every user: its mode is 0646");
    }

    // --- folders

    @Test
    void missingFolderOfRunbooksIsAProblem() {
        assertThat(problems("runbooks: nowhere\n"))
                .containsExactly("1:11: the folder of runbooks, " + folder + "/nowhere, does not exist | mkdir -p "
                        + folder + "/nowhere, or set 'runbooks' to the folder they are in.");
    }

    @Test
    void missingDefaultFolderOfRunbooksIsAProblemOfTheWholeFile() throws IOException {
        Files.delete(folder.resolve("runbooks"));

        assertThat(problems("state: s\n")).singleElement().asString().startsWith("the folder of runbooks, ");
    }

    @Test
    void stateMustNotBeAFile() throws IOException {
        Files.writeString(folder.resolve("s"), "");

        assertThat(problems("state: s\n"))
                .containsExactly("1:8: the state folder, " + folder + "/s, is a file | name a folder.");
    }

    @Test
    void missingFolderOfProgramsIsAProblem() {
        assertThat(problems("postgres: { bin: nowhere }\n"))
                .singleElement()
                .asString()
                .contains("'postgres.bin': " + folder + "/nowhere is not a folder");
    }

    private AgentConfig config(String yaml) {
        ConfigLoader.Loaded loaded = load(yaml);
        assertThat(loaded.problems()).isEmpty();
        return loaded.config().orElseThrow();
    }

    private List<String> problems(String yaml) {
        return load(yaml).problems().stream().map(ConfigLoaderTest::shown).toList();
    }

    private static String shown(Problem problem) {
        String place = problem.line() == 0 ? "" : problem.line() + ":" + problem.column() + ": ";
        return place + problem.message() + (problem.hint() == null ? "" : " | " + problem.hint());
    }

    private ConfigLoader.Loaded load(String yaml) {
        try {
            write(yaml, "rw-r--r--");
            return loader().load(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private ConfigLoader loader() {
        return new ConfigLoader(
                environment,
                new AgentConfigBlock.Defaults("testhost", folder.resolve("runbooks"), folder.resolve("state")));
    }

    private void write(String yaml, String mode) throws IOException {
        Files.writeString(file, yaml);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private void secret(String name, String content) throws IOException {
        Path path = Objects.requireNonNull(folder).resolve(name);
        Files.writeString(path, content);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
}
