package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where passwords and tokens may come from, and that no message repeats one. */
class ConfigSecretsTest {

    private static final String DATABASE = "databases: { a: { url: 'jdbc:postgresql://h/d', %s } }\n";

    @TempDir
    Path folder;

    private Path file;
    private Map<String, String> environment = Map.of();

    @BeforeEach
    void aFolderOfRunbooks() throws IOException {
        file = folder.resolve("watchkeeper.yaml");
        Files.createDirectory(folder.resolve("runbooks"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------", "rw-r-----", "r--r-----"})
    void passwordFileMayBeOpenToItsGroupAtMost(String mode) throws IOException {
        secret("pw", "open sesame", mode);

        assertThat(password(load(DATABASE.formatted("passwordFile: pw")))).isEqualTo(Secret.of("open sesame"));
    }

    @ParameterizedTest
    @CsvSource({"rw-r--r--, 0644", "rw----r--, 0604", "rw-rw----, 0660", "rw------x, 0601"})
    void passwordFileOpenToOthersIsRefusedWithItsMode(String mode, String octal) throws IOException {
        Path secret = secret("pw", "open sesame", mode);

        assertThat(problems(DATABASE.formatted("passwordFile: pw")))
                .containsExactly("'databases.a.passwordFile': " + secret + " is open to other users: its mode is "
                        + octal + " | chmod 0600 " + secret);
    }

    @Test
    void missingPasswordFileIsAProblem() {
        assertThat(problems(DATABASE.formatted("passwordFile: /nowhere/pw")))
                .containsExactly("'databases.a.passwordFile': /nowhere/pw does not exist | create it with mode 0600.");
    }

    @Test
    void folderAsPasswordFileIsAProblem() {
        assertThat(problems(DATABASE.formatted("passwordFile: runbooks")))
                .singleElement()
                .asString()
                .contains("/runbooks is not a file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n\n"})
    void emptyPasswordFileIsAProblem(String content) throws IOException {
        secret("pw", content, "rw-------");

        assertThat(problems(DATABASE.formatted("passwordFile: pw")))
                .singleElement()
                .asString()
                .contains("/pw is empty");
    }

    @Test
    void passwordFileOfSeveralLinesIsAProblemWithoutItsContent() throws IOException {
        secret("pw", "first-line\nsecond-line\n", "rw-------");

        assertThat(problems(DATABASE.formatted("passwordFile: pw")))
                .singleElement()
                .asString()
                .contains("/pw holds more than one line")
                .doesNotContain("first-line");
    }

    @ParameterizedTest
    @ValueSource(strings = {"open sesame\n", "open sesame\r\n", "open sesame"})
    void lineEndIsNotPartOfThePassword(String content) throws IOException {
        secret("pw", content, "rw-------");

        assertThat(password(load(DATABASE.formatted("passwordFile: pw")))).isEqualTo(Secret.of("open sesame"));
    }

    @Test
    void spacesArePartOfThePassword() throws IOException {
        secret("pw", " open sesame \n", "rw-------");

        assertThat(password(load(DATABASE.formatted("passwordFile: pw")))).isEqualTo(Secret.of(" open sesame "));
    }

    @Test
    void passwordFileComesFromTheEnvironment() throws IOException {
        secret("pw", "open sesame", "rw-------");
        environment = Map.of("CREDENTIALS_DIRECTORY", folder.toString());

        assertThat(password(load(DATABASE.formatted("passwordFile: '${CREDENTIALS_DIRECTORY}/pw'"))))
                .isEqualTo(Secret.of("open sesame"));
    }

    @Test
    void inlinePasswordNeedsAPrivateFile() {
        assertThat(problems(DATABASE.formatted("password: hunter2hunter2")))
                .containsExactly("'databases.a.password' stands in the file, and the file's mode is 0644"
                        + " | put it into a file of its own, mode 0600, and name that in passwordFile; or let "
                        + file
                        + " be owned by the user the agent runs as (the package's is watchkeeper), and chmod 0600 it.");
    }

    @Test
    void inlinePasswordIsTakenFromAPrivateFile() {
        assertThat(password(load(DATABASE.formatted("password: hunter2hunter2"), "rw-------")))
                .isEqualTo(Secret.of("hunter2hunter2"));
    }

    @Test
    void passwordFromAVariableDoesNotStandInTheFile() {
        environment = Map.of("SHORE_PASSWORD", "hunter2hunter2");

        assertThat(password(load(DATABASE.formatted("password: '${SHORE_PASSWORD}'"))))
                .isEqualTo(Secret.of("hunter2hunter2"));
    }

    @Test
    void defaultOfAVariableDoesStandInTheFile() {
        assertThat(problems(DATABASE.formatted("password: '${SHORE_PASSWORD:-hunter2hunter2}'")))
                .hasSize(1);
    }

    @Test
    void twoPasswordsAreOneTooMany() throws IOException {
        secret("pw", "open sesame", "rw-------");

        assertThat(problems(DATABASE.formatted("password: hunter2hunter2, passwordFile: pw")))
                .containsExactly(
                        "'databases.a.password' and 'databases.a.passwordFile' are both set | keep passwordFile.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://h/d?password=hunter2hunter2",
                "jdbc:postgresql://h/d?ssl=true&PASSWORD=hunter2hunter2&x=1",
                "jdbc:postgresql://h/d?sslpassword=hunter2hunter2",
                "jdbc:postgresql://me:hunter2hunter2@h:5432/d",
                "postgres://me:hunter2hunter2@h/d",
                "postgresql://h/d?password=hunter2hunter2",
                "jdbc:postgresql://h:port/d?password=hunter2hunter2",
            })
    void passwordInAnAddressIsRefusedAndNotRepeated(String url) {
        ConfigLoader.Loaded loaded = load("databases: { a: { url: '" + url + "' } }\n");

        assertThat(loaded.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.toString()).doesNotContain("hunter2").contains("'databases.a.url'");
            assertThat(problem.hint()).contains("passwordFile");
        });
        assertThat(Secret.redact("the log says hunter2hunter2")).doesNotContain("hunter2");
    }

    @Test
    void userInAnAddressIsRefused() {
        assertThat(problems("databases: { a: { url: 'jdbc:postgresql://h/d?user=me' } }\n"))
                .containsExactly("'databases.a.url' names the user | write it as 'user', beside 'url'.");
    }

    @Test
    void loginInAReceiversAddressIsRefusedAndNotRepeated() {
        assertThat(problems("alerts: { alertmanager: 'http://me:hunter2hunter2@am:9093' }\n"))
                .singleElement()
                .asString()
                .startsWith("'alerts.alertmanager' is not an http or https address without a login in it")
                .doesNotContain("hunter2");
    }

    @Test
    void shortSecretIsWarnedAbout() throws IOException {
        secret("pw", "abc", "rw-------");

        ConfigLoader.Loaded loaded = load(DATABASE.formatted("passwordFile: pw"));

        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.warnings())
                .extracting(Problem::message)
                .containsExactly(
                        "'databases.a.passwordFile' is shorter than 4 characters: it cannot be kept out of logs"
                                + " and is easily guessed");
    }

    @Test
    void configurationNeverPrintsASecret() throws IOException {
        secret("pw", "hunter2hunter2", "rw-------");

        assertThat(load(DATABASE.formatted("passwordFile: pw")).toString()).doesNotContain("hunter2");
    }

    // --- the HTTP side

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:9763", "[::]:9763", "10.9.0.1:9763"})
    void otherHostsNeedATokenOrACertificate(String listen) {
        assertThat(problems("http: { listen: '" + listen + "' }\n"))
                .containsExactly("'http.listen' is " + listen
                        + ", reachable from other hosts, but nothing says who may ask"
                        + " | set http.tokensFile, http.tokenFile or http.tls.clientCa, or listen on 127.0.0.1.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "localhost:9763", "[::1]:9763", "127.0.0.2:9763"})
    void loopbackNeedsNothing(String listen) {
        assertThat(problems("http: { listen: '" + listen + "' }\n")).isEmpty();
    }

    @Test
    void tokenWithoutTlsIsWarnedAboutOffLoopback() throws IOException {
        secret("token", "0123456789abcdef", "rw-------");

        ConfigLoader.Loaded loaded = load("http: { listen: '0.0.0.0:9763', tokenFile: token }\n");

        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.warnings())
                .extracting(Problem::message)
                .containsExactly("'http.listen' is 0.0.0.0:9763, reachable from other hosts, without TLS: the token"
                        + " travels readable");
    }

    @Test
    void guessableTokenIsWarnedAbout() throws IOException {
        secret("token", "letmein", "rw-------");

        assertThat(load("http: { tokenFile: token }\n").warnings())
                .extracting(Problem::hint)
                .containsExactly("make one that cannot be guessed: openssl rand -hex 32");
    }

    @Test
    void tlsNeedsCertificateAndAPrivateKeyFile() throws IOException {
        secret("tls.key", "key", "rw-r--r--");

        assertThat(problems("http: { tls: { key: tls.key } }\n"))
                .containsExactlyInAnyOrder(
                        "'http.tls.certificate' is missing | TLS needs a certificate and its key, as PEM files.",
                        "'http.tls.key': " + folder + "/tls.key is open to other users: its mode is 0644 | chmod 0600 "
                                + folder + "/tls.key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9763", "localhost", "127.0.0.1:99999", "::1:9763", "no-such-host.invalid:1"})
    void listenNeedsAnAddressOfThisHostAndAPort(String listen) {
        assertThat(problems("http: { listen: '" + listen + "' }\n"))
                .singleElement()
                .asString()
                .contains("which is not an address of this host and a port");
    }

    private static Secret password(ConfigLoader.Loaded loaded) {
        assertThat(loaded.problems()).isEmpty();
        Secret password = loaded.config().orElseThrow().databases().get(0).password();
        assertThat(password).isNotNull();
        return java.util.Objects.requireNonNull(password);
    }

    private List<String> problems(String yaml) {
        return load(yaml).problems().stream()
                .map(p -> p.message() + (p.hint() == null ? "" : " | " + p.hint()))
                .toList();
    }

    private ConfigLoader.Loaded load(String yaml) {
        return load(yaml, "rw-r--r--");
    }

    private ConfigLoader.Loaded load(String yaml, String mode) {
        try {
            Files.writeString(file, yaml);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new ConfigLoader(
                        environment,
                        new AgentConfigBlock.Defaults("testhost", folder.resolve("runbooks"), folder.resolve("state")))
                .load(file);
    }

    private Path secret(String name, String content, String mode) throws IOException {
        Path path = folder.resolve(name);
        Files.writeString(path, content);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        return path;
    }
}
