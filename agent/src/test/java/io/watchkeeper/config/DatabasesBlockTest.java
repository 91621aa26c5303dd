package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The relations and addresses of databases, and the addresses of alert receivers. */
class DatabasesBlockTest {

    @TempDir
    Path folder;

    @Test
    void standbyOfAnUnknownDatabaseNamesTheNearest() throws IOException {
        assertThat(hints("""
                databases:
                  shore: { url: "jdbc:postgresql://h/d" }
                  ship: { url: "jdbc:postgresql://i/d", standbyOf: shroe }
                """)).containsExactly("did you mean 'shore'? Configured: shore, ship.");
    }

    @Test
    void standbyOfItselfIsRefused() throws IOException {
        assertThat(messages("databases: { a: { url: 'jdbc:postgresql://h/d', standbyOf: a } }\n"))
                .containsExactly("'databases.a.standbyOf' names the database itself");
    }

    @Test
    void circleOfStandbysIsRefusedAtEachOfItsLinks() throws IOException {
        assertThat(messages("""
                databases:
                  a: { url: "jdbc:postgresql://h/d", standbyOf: b }
                  b: { url: "jdbc:postgresql://h/d", standbyOf: c }
                  c: { url: "jdbc:postgresql://h/d", standbyOf: a }
                  d: { url: "jdbc:postgresql://h/d", standbyOf: a }
                """))
                .hasSize(3)
                .allSatisfy(message -> assertThat(message).contains("goes round in a circle"));
    }

    @Test
    void tlsIsVerifiedInFullUnlessOtherwiseSaid() throws IOException {
        Path ca = Files.writeString(folder.resolve("ca.pem"), "");

        assertThat(messages("databases: { a: { url: 'jdbc:postgresql://h/d', tls: { ca: " + ca + " } } }\n"))
                .isEmpty();
        assertThat(messages("databases: { a: { url: 'jdbc:postgresql://h/d', tls: { } } }\n"))
                .containsExactly("'databases.a.tls.ca' is missing");
        assertThat(messages("databases: { a: { url: 'jdbc:postgresql://h/d', tls: { mode: require } } }\n"))
                .isEmpty();
    }

    @Test
    void tlsThatContradictsItselfIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("x.pem"), "");
        String tls = "databases: { a: { url: 'jdbc:postgresql://h/d', tls: ";

        assertThat(messages(tls + "{ mode: require, ca: " + file + " } } }\n"))
                .containsExactly("'databases.a.tls.ca' is not looked at: mode require takes any certificate");
        assertThat(messages(tls + "{ mode: prefer } } }\n"))
                .contains("'databases.a.tls.mode' is 'prefer', which is not a way to use TLS");
        assertThat(messages(tls + "{ mode: require, certificate: " + file + " } } }\n"))
                .containsExactly(
                        "'databases.a.tls.certificate' and 'databases.a.tls.key' go together, and one is missing");
        assertThat(messages(tls + "{ ca: /nonexistent } } }\n"))
                .containsExactly("'databases.a.tls.ca': /nonexistent does not exist");
    }

    @Test
    void theUrlDoesNotDecideBesideTheKeysForIt() throws IOException {
        assertThat(messages(
                        "databases: { a: { url: 'jdbc:postgresql://h/d?SSLMode=disable', tls: { mode: require } } }\n"))
                .containsExactly("'databases.a.url' says how to use TLS, and so does 'databases.a.tls'");
        assertThat(messages("databases: { a: { url: 'jdbc:postgresql://h/d?requireAuth=md5', requireScram: true } }\n"))
                .containsExactly("'databases.a.url' says how to log in, and so does 'databases.a.requireScram'");
    }

    @Test
    void aKeyThatOthersMayReadIsRefused() throws IOException {
        Path key = Files.writeString(folder.resolve("open.key"), "");
        Files.setPosixFilePermissions(key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(messages("databases: { a: { url: 'jdbc:postgresql://h/d', tls: { mode: require, certificate: " + key
                        + ", key: " + key + " } } }\n"))
                .containsExactly("'databases.a.tls.key': " + key + " is open to other users: its mode is 0644");
    }

    @Test
    void signaturesOfRunbooksAreAllOrNothing() throws IOException {
        assertThat(messages("trust: { minisignKey: /etc/key.pub }\n"))
                .containsExactly("'trust.minisignKey' is '/etc/key.pub', which is not a public key of minisign");
        assertThat(messages("trust: { sshAllowedSigners: /nonexistent }\n"))
                .containsExactly("'trust.sshAllowedSigners': /nonexistent is not a file");
        assertThat(messages("trust: { requireChecksums: false,"
                        + " minisignKey: RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3 }\n"))
                .containsExactly("'trust.requireChecksums' is false, and signatures of the checksums are required");
    }

    @Test
    void cascadeOfStandbysIsFine() throws IOException {
        assertThat(messages("""
                databases:
                  a: { url: "jdbc:postgresql://h/d" }
                  b: { url: "jdbc:postgresql://h/d", standbyOf: a }
                  c: { url: "jdbc:postgresql://h/d", standbyOf: b }
                """)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:postgresql://h                | does not name a database
            jdbc:postgresql://h/               | does not name a database
            jdbc:postgresql:///d               | names no host
            jdbc:postgresql://h1,,h2/d         | names no host
            jdbc:postgresql://h:0/d            | has port 0
            jdbc:postgresql://h:65536/d        | has port 65536
            jdbc:postgresql://h:five/d         | has 'h:five' where a host is expected
            postgresql://h:5432/d              | is not an address of a PostgreSQL database
            /var/run/postgresql                | is not an address of a PostgreSQL database
            """)
    void addressOfADatabaseIsChecked(String url, String message) throws IOException {
        assertThat(messages("databases: { a: { url: '" + url + "' } }\n"))
                .containsExactly("'databases.a.url' " + message);
    }

    @Test
    void databaseNeedsAnAddress() throws IOException {
        assertThat(messages("databases: { a: { user: me } }\n")).containsExactly("'databases.a.url' is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1a", "a b", "-x", "a/b"})
    void nameOfADatabaseIsAWord(String name) throws IOException {
        assertThat(messages("databases: { '" + name + "': { url: 'jdbc:postgresql://h/d' } }\n"))
                .containsExactly("'" + name + "' cannot be the name of a database");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alertmanager:9093", "ftp://am/x", "http:///x", "http://a b/"})
    void addressOfAlertmanagerIsChecked(String url) throws IOException {
        assertThat(messages("alerts: { alertmanager: '" + url + "' }\n"))
                .containsExactly("'alerts.alertmanager' is not an http or https address without a login in it");
    }

    @Test
    void mailNeedsServerSenderAndReceivers() throws IOException {
        assertThat(messages("alerts: { mail: { port: 25 } }\n"))
                .containsExactlyInAnyOrder(
                        "'alerts.mail.host' is missing",
                        "'alerts.mail.from' is missing",
                        "'alerts.mail.to' is missing");
    }

    @Test
    void mailGoesByStartTlsUnlessTold() throws IOException {
        AgentConfig.Mail mail = load("alerts: { mail: { host: m, from: a@b, to: c@d } }\n")
                .config()
                .orElseThrow()
                .alerts()
                .mail();

        assertThat(mail).isEqualTo(new AgentConfig.Mail("m", 587, true, null, null, "a@b", List.of("c@d")));
    }

    @Test
    void whatIsNoMailAddressIsShown() throws IOException {
        assertThat(messages("alerts: { mail: { host: m, from: a@b, to: [c@d, 'dba on call'] } }\n"))
                .containsExactly("'alerts.mail.to' has 'dba on call', which is not a mail address");
    }

    @Test
    void repeatingAlertsEverySecondIsRefused() throws IOException {
        assertThat(messages("alerts: { repeatEvery: 1s }\n"))
                .containsExactly("'alerts.repeatEvery' is '1s', which is not a duration of at least 1 min");
    }

    private List<String> messages(String yaml) throws IOException {
        return load(yaml).problems().stream().map(Problem::message).toList();
    }

    private List<String> hints(String yaml) throws IOException {
        return load(yaml).problems().stream().map(p -> String.valueOf(p.hint())).toList();
    }

    private ConfigLoader.Loaded load(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("watchkeeper.yaml"), yaml);
        return new ConfigLoader(Map.of(), new AgentConfigBlock.Defaults("testhost", folder, folder)).load(file);
    }
}
