package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.AgentStandIn.settings;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

    @TempDir
    static Path folder;

    @BeforeAll
    static void makeCertificates() throws Exception {
        Assumptions.assumeTrue(
                List.of("/usr/bin/openssl", "/usr/local/bin/openssl").stream()
                        .anyMatch(p -> Files.isExecutable(Path.of(p))),
                "needs openssl");
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2"
                + " -subj /CN=test-ca");
        certificate("server", "-addext subjectAltName=IP:127.0.0.1");
        certificate("client", "");
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stranger.key -out stranger.pem"
                + " -days 2 -subj /CN=stranger");
    }

    @Test
    void servesHttps() throws Exception {
        try (AgentStandIn agent = start(null, client(null))) {
            assertThat(agent.server.address().getScheme()).isEqualTo("https");
            assertThat(agent.get("/v1/status").statusCode()).isEqualTo(200);
            assertProblem(agent.call("POST", "/v1/session", null), 401);
        }
    }

    @Test
    void aClientCertificateCountsAsAToken() throws Exception {
        try (AgentStandIn agent = start(folder.resolve("ca.pem"), client("client"))) {
            agent.load(runbook("a"));
            assertThat(agent.call("POST", "/v1/runbooks/a/runs", null).statusCode())
                    .isEqualTo(202);
        }
    }

    @Test
    void aCertificateIsWantedNotNeeded() throws Exception {
        try (AgentStandIn agent = start(folder.resolve("ca.pem"), client(null))) {
            agent.load(runbook("a"));
            assertProblem(agent.call("POST", "/v1/runbooks/a/runs", null), 401);
            assertThat(agent.change("POST", "/v1/runbooks/a/runs", null).statusCode())
                    .isEqualTo(202);
        }
    }

    @Test
    void aStrangersCertificateOpensNothing() throws Exception {
        try (AgentStandIn agent = start(folder.resolve("ca.pem"), client("stranger"))) {
            agent.load(runbook("a"));
            // Java's client offers no certificate of an authority the server did not name; others are cut off by TLS
            // itself.
            assertProblem(agent.call("POST", "/v1/runbooks/a/runs", null), 401);
        }
    }

    @Test
    void namesTheFileThatIsWrong() {
        AgentConfig.Tls swapped = new AgentConfig.Tls(folder.resolve("server.pem"), folder.resolve("server.pem"), null);
        assertThatThrownBy(() -> AgentStandIn.start(settings("127.0.0.1", TOKEN, swapped, false)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("no private key in")
                .hasMessageContaining("server.pem");
        AgentConfig.Tls absent = new AgentConfig.Tls(folder.resolve("absent.pem"), folder.resolve("server.key"), null);
        assertThatThrownBy(() -> AgentStandIn.start(settings("127.0.0.1", TOKEN, absent, false)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("cannot read")
                .hasMessageContaining("absent.pem");
    }

    @Test
    void saysHowToConvertAnOldKey() throws Exception {
        Path old = folder.resolve("old.key");
        Files.writeString(old, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        AgentConfig.Tls tls = new AgentConfig.Tls(folder.resolve("server.pem"), old, null);
        assertThatThrownBy(() -> AgentStandIn.start(settings("127.0.0.1", TOKEN, tls, false)))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("openssl pkcs8"));
    }

    private static AgentStandIn start(@Nullable Path clientCa, HttpClient client) {
        AgentConfig.Tls tls = new AgentConfig.Tls(folder.resolve("server.pem"), folder.resolve("server.key"), clientCa);
        return AgentStandIn.start(settings("127.0.0.1", TOKEN, tls, false), client);
    }

    private static HttpClient client(@Nullable String identity) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(PemFiles.authorities(folder.resolve("ca.pem")));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        if (identity != null) {
            KeyStore store = PemFiles.identity(
                    new AgentConfig.Tls(folder.resolve(identity + ".pem"), folder.resolve(identity + ".key"), null),
                    "x");
            keys.init(store, "x".toCharArray());
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static void certificate(String name, String extra) throws Exception {
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " + name
                + ".csr -subj /CN=" + name + " " + extra);
        openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy"
                + " -out " + name + ".pem");
    }

    private static void openssl(String arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.strip().split("\\s+")));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("openssl.log")))
                .isZero();
    }
}
