package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.access.Scope;
import io.watchkeeper.config.AgentConfig;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that should open nothing, and what TLS is spoken. */
class TlsAttacksTest {

    @TempDir
    static Path folder;

    @BeforeAll
    static void makeCertificates() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "needs openssl");
        authority("ca");
        authority("other-ca");
        certificate("server", "/CN=server", "ca", 2, "-addext subjectAltName=IP:127.0.0.1");
        certificate("renewed", "/CN=server", "ca", 2, "-addext subjectAltName=IP:127.0.0.1");
        certificate("ops", "/CN=ops", "ca", 2, "");
        certificate("guest", "/CN=guest", "ca", 2, "");
        certificate("disguised", "/O=Elsewhere/CN=ops", "ca", 2, "");
        certificate("expired", "/CN=ops", "ca", -1, "");
        certificate("foreign", "/CN=ops", "other-ca", 2, "");
    }

    @Test
    void aClientCertificateDoesWhatItsNameMayDo() throws Exception {
        Map<X500Principal, Set<Scope>> clients = Map.of(new X500Principal("CN=ops"), Set.of(Scope.RUN));
        try (AgentStandIn agent = start(clients, client("ops"))) {
            agent.load(runbook("a"));
            assertThat(agent.call("POST", "/v1/runbooks/a/runs", null).statusCode())
                    .isEqualTo(202);
            assertThat(agent.started.get(0).by().name()).isEqualTo("certificate:CN=ops");
            assertProblem(agent.call("POST", "/v1/meta/tenant", null), 403);
        }
    }

    @Test
    void aCertificateOfTheAuthorityThatIsNotNamedOpensNothing() throws Exception {
        Map<X500Principal, Set<Scope>> clients = Map.of(new X500Principal("CN=ops"), Set.of(Scope.RUN));
        for (String stranger : List.of("guest", "disguised")) {
            try (AgentStandIn agent = start(clients, client(stranger))) {
                agent.load(runbook("a"));
                assertProblem(agent.call("POST", "/v1/runbooks/a/runs", null), 403);
                assertThat(agent.change("POST", "/v1/runbooks/a/runs", null).statusCode())
                        .isEqualTo(202);
                assertThat(agent.started.get(0).by().name()).isEqualTo("token");
            }
        }
    }

    @Test
    void anExpiredCertificateIsRefusedByTls() throws Exception {
        refusesTheHandshake("expired");
    }

    @Test
    void aCertificateOfTheWrongAuthorityIsRefusedByTls() throws Exception {
        refusesTheHandshake("foreign");
    }

    private static void refusesTheHandshake(String identity) throws Exception {
        try (AgentStandIn agent = start(null, client(identity))) {
            agent.load(runbook("a"));
            assertThatThrownBy(() -> agent.client()
                            .send(
                                    agent.request("POST", "/v1/runbooks/a/runs", null),
                                    java.net.http.HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
            assertThat(agent.started).isEmpty();
        }
    }

    @Test
    void tlsDowngradeOlderVersionsAndWeakCiphersAreNotSpoken() throws Exception {
        try (AgentStandIn agent = start(null, client(null))) {
            int port = agent.server.port();
            assertThat(handshake(port, "-tls1_3")).isZero();
            assertThat(handshake(port, "-tls1_2")).isZero();
            assertThat(handshake(port, "-tls1_1 -cipher ALL:@SECLEVEL=0")).isNotZero();
            assertThat(handshake(port, "-tls1 -cipher ALL:@SECLEVEL=0")).isNotZero();
            assertThat(handshake(port, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA"))
                    .isNotZero();
            assertThat(handshake(port, "-tls1_2 -cipher aNULL:eNULL:@SECLEVEL=0"))
                    .isNotZero();
        }
    }

    @Test
    void browsersAreToldToStayWithTls() throws Exception {
        try (AgentStandIn agent = start(null, client(null))) {
            assertThat(agent.get("/v1/status")
                            .headers()
                            .firstValue("Strict-Transport-Security")
                            .orElse(""))
                    .startsWith("max-age=63072000");
            assertThat(agent.change("POST", "/v1/session", null)
                            .headers()
                            .firstValue("Set-Cookie")
                            .orElse(""))
                    .contains("; Secure");
        }
    }

    @Test
    void aRenewedCertificateIsServedWithoutARestartAndHalfOfOneIsNot() throws Exception {
        Path certificate = copy("server.pem", "live.pem");
        Path key = copy("server.key", "live.key");
        AgentConfig.Tls tls = new AgentConfig.Tls(certificate, key, null);
        try (AgentStandIn agent = serve(tls, client(null))) {
            BigInteger old = served(agent);
            assertThat(old).isEqualTo(serial("server.pem"));
            copy("renewed.pem", "live.pem");
            Awaitility.await()
                    .during(Duration.ofMillis(700))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> served(agent).equals(old));
            copy("renewed.key", "live.key");
            BigInteger renewed = serial("renewed.pem");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> served(agent).equals(renewed));
            Files.writeString(key, "no key at all");
            Awaitility.await()
                    .during(Duration.ofMillis(700))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> served(agent).equals(renewed));
        }
    }

    @Test
    void aRevokedCertificateOpensNothingFromTheNextRequestOnAlsoOnAnOpenConnection() throws Exception {
        Files.writeString(folder.resolve("index.txt"), "");
        Files.writeString(folder.resolve("crlnumber"), "01\n");
        Files.writeString(
                folder.resolve("ca.cnf"),
                "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=2\n");
        String ca = "openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key ";
        assertThat(exit(ca + "-gencrl -out live.crl"))
                .as(Files.readString(folder.resolve("openssl.log")))
                .isZero();
        AgentConfig.Tls tls = new AgentConfig.Tls(
                folder.resolve("server.pem"),
                folder.resolve("server.key"),
                folder.resolve("ca.pem"),
                folder.resolve("live.crl"),
                null);
        try (AgentStandIn agent = serve(tls, client("ops"))) {
            agent.load(runbook("a"));
            assertThat(agent.call("POST", "/v1/runbooks/a/runs", null).statusCode())
                    .isEqualTo(202);
            assertThat(exit(ca + "-revoke ops.pem")).isZero();
            assertThat(exit(ca + "-gencrl -out next.crl")).isZero();
            copy("next.crl", "live.crl");

            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> agent.call("POST", "/v1/runbooks/a/runs", null).statusCode() == 403);
            assertThat(agent.call("POST", "/v1/runbooks/a/runs", null).body())
                    .contains("the certificate of 'CN=ops' was revoked");
            assertThat(agent.change("POST", "/v1/runbooks/a/runs", null).statusCode())
                    .as("nor with a token beside it")
                    .isEqualTo(403);

            Files.writeString(folder.resolve("live.crl"), "no list");
            Awaitility.await()
                    .during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> agent.call("POST", "/v1/runbooks/a/runs", null).statusCode() == 403);
        }
    }

    @Test
    void anEventStreamEndsWithTheCertificateItWasOpenedByAlsoThroughASessionAndWhileTheServersPairIsBroken()
            throws Exception {
        String ca = listsOf("ca", "streams");
        certificate("watcher", "/CN=watcher", "ca", 2, "");
        assertThat(exit(ca + "-gencrl -out streams.crl")).isZero();
        Path key = copy("server.key", "streams.key");
        AgentConfig.Tls tls = new AgentConfig.Tls(
                copy("server.pem", "streams.pem"), key, folder.resolve("ca.pem"), folder.resolve("streams.crl"), null);
        HttpServer.Waits waits =
                new HttpServer.Waits(Duration.ofMillis(200), Duration.ofSeconds(10), Duration.ofMillis(100));
        AgentConfig.Http open = new AgentConfig.Http(new InetSocketAddress("0.0.0.0", 0), TOKEN, tls, false, 4_096);
        try (AgentStandIn agent = AgentStandIn.start(open, client("watcher"), waits)) {
            String cookie = agent.call("POST", "/v1/session", null)
                    .headers()
                    .firstValue("Set-Cookie")
                    .orElseThrow()
                    .split(";", 2)[0];
            try (EventReader direct = new EventReader(agent, "/v1/events");
                    EventReader signedIn =
                            new EventReader(client(null), agent.request("GET", "/v1/events", null, "Cookie", cookie))) {
                assertThat(direct.response().statusCode()).isEqualTo(200);
                assertThat(signedIn.response().statusCode()).isEqualTo(200);
                Files.writeString(key, "half a key");
                assertThat(exit(ca + "-revoke watcher.pem")).isZero();
                assertThat(exit(ca + "-gencrl -out streams.next")).isZero();
                copy("streams.next", "streams.crl");

                direct.awaitEnd();
                signedIn.awaitEnd();
            }
        }
    }

    @Test
    void aListIsAskedForAuthoritiesThatWereNotShownAndForACertificateMadeByItself() throws Exception {
        authority("root");
        certificate("mid", "/CN=mid", "root", 2, "-addext basicConstraints=critical,CA:TRUE");
        certificate("leaf", "/CN=leaf", "mid", 2, "");
        authority("self");
        String root = listsOf("root", "root");
        assertThat(exit(root + "-revoke mid.pem")).isZero();
        assertThat(exit(root + "-gencrl -out root.crl")).isZero();
        assertThat(exit(listsOf("mid", "mid") + "-gencrl -out mid.crl")).isZero();
        String self = listsOf("self", "self");
        assertThat(exit(self + "-revoke self.pem")).isZero();
        assertThat(exit(self + "-gencrl -out self.crl")).isZero();
        Path clients = Files.writeString(folder.resolve("both.pem"), text("root.pem") + text("mid.pem"));
        Revocations both = Revocations.read(
                Files.writeString(folder.resolve("both.crl"), text("root.crl") + text("mid.crl")),
                PemFiles.x509(clients));
        Revocations own = Revocations.read(folder.resolve("self.crl"), PemFiles.x509(folder.resolve("self.pem")));

        assertThat(both.why(chain("leaf"), Instant.now()).orElse(""))
                .isEqualTo("the certificate of 'CN=mid' was revoked");
        assertThat(own.why(chain("self"), Instant.now()).orElse(""))
                .isEqualTo("the certificate of 'CN=self' was revoked");
    }

    private static X509Certificate[] chain(String only) throws Exception {
        return new X509Certificate[] {
            PemFiles.x509(folder.resolve(only + ".pem")).get(0)
        };
    }

    private static String text(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    /** @return what begins a command of openssl that keeps lists of its own for the authority */
    private static String listsOf(String authority, String name) throws IOException {
        Files.writeString(folder.resolve(name + "-lists.txt"), "");
        Files.writeString(folder.resolve(name + "-number"), "01\n");
        Files.writeString(
                folder.resolve(name + "-lists.cnf"),
                "[ca]\ndefault_ca=d\n[d]\ndatabase=" + name + "-lists.txt\ncrlnumber=" + name
                        + "-number\ndefault_md=sha256\ndefault_crl_days=2\n");
        return "openssl ca -config " + name + "-lists.cnf -cert " + authority + ".pem -keyfile " + authority + ".key ";
    }

    @Test
    void aRevocationListOfAnotherAuthorityOrOneThatIsOverOpensNothing() throws Exception {
        Files.writeString(folder.resolve("other-index.txt"), "");
        Files.writeString(folder.resolve("other-number"), "01\n");
        Files.writeString(
                folder.resolve("other.cnf"),
                "[ca]\ndefault_ca=d\n[d]\ndatabase=other-index.txt\ncrlnumber=other-number\ndefault_md=sha256\ndefault_crl_days=2\n");
        assertThat(exit("openssl ca -config other.cnf -cert other-ca.pem -keyfile other-ca.key -gencrl -out other.crl"))
                .isZero();
        assertThat(exit("openssl ca -config other.cnf -cert ca.pem -keyfile ca.key -gencrl -out good.crl"))
                .isZero();

        assertThatThrownBy(() -> Revocations.read(folder.resolve("other.crl"), PemFiles.x509(folder.resolve("ca.pem"))))
                .hasMessageContaining("is signed by no authority of http.tls.clientCa");
        X509Certificate[] ops = {PemFiles.x509(folder.resolve("ops.pem")).get(0)};
        Revocations good = Revocations.read(folder.resolve("good.crl"), PemFiles.x509(folder.resolve("ca.pem")));
        assertThat(good.why(ops, Instant.now())).isEmpty();
        assertThat(good.why(ops, Instant.now().plus(Duration.ofDays(9))).orElse(""))
                .contains("is over since");
        X509Certificate[] foreign = {
            PemFiles.x509(folder.resolve("foreign.pem")).get(0)
        };
        assertThat(good.why(foreign, Instant.now()).orElse("")).contains("no revocation list of the authority");
    }

    private static BigInteger served(AgentStandIn agent) throws Exception {
        try (Socket socket = context(null).getSocketFactory().createSocket("127.0.0.1", agent.server.port())) {
            SSLSocket tls = (SSLSocket) socket;
            tls.startHandshake();
            return ((X509Certificate) tls.getSession().getPeerCertificates()[0]).getSerialNumber();
        }
    }

    private static BigInteger serial(String file) throws Exception {
        KeyStore store = PemFiles.authorities(folder.resolve(file));
        return ((X509Certificate) store.getCertificate("authority-0")).getSerialNumber();
    }

    private static Path copy(String from, String to) throws IOException {
        return Files.copy(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
    }

    private static AgentStandIn start(@Nullable Map<X500Principal, Set<Scope>> clients, HttpClient client) {
        return serve(
                new AgentConfig.Tls(
                        folder.resolve("server.pem"),
                        folder.resolve("server.key"),
                        folder.resolve("ca.pem"),
                        null,
                        clients),
                client);
    }

    private static AgentStandIn serve(AgentConfig.Tls tls, HttpClient client) {
        return AgentStandIn.start(
                new AgentConfig.Http(new InetSocketAddress("127.0.0.1", 0), TOKEN, tls, false, 4_096),
                client,
                new HttpServer.Waits(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofMillis(100)));
    }

    private static HttpClient client(@Nullable String identity) throws Exception {
        return HttpClient.newBuilder().sslContext(context(identity)).build();
    }

    private static SSLContext context(@Nullable String identity) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(PemFiles.authorities(folder.resolve("ca.pem")));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                identity == null ? null : new KeyManager[] {new Insistent(identity)}, trust.getTrustManagers(), null);
        return context;
    }

    /** Shows its certificate whatever the server asks for, as an attacker's client would. */
    private static final class Insistent extends X509ExtendedKeyManager {

        private final X509ExtendedKeyManager keys;
        private final String alias;

        Insistent(String identity) throws Exception {
            KeyStore store = PemFiles.identity(
                    new AgentConfig.Tls(folder.resolve(identity + ".pem"), folder.resolve(identity + ".key"), null),
                    "x");
            KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(store, "x".toCharArray());
            keys = (X509ExtendedKeyManager) factory.getKeyManagers()[0];
            alias = store.aliases().nextElement();
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return alias;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return alias;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {alias};
        }

        @Override
        public X509Certificate[] getCertificateChain(String name) {
            return keys.getCertificateChain(name);
        }

        @Override
        public PrivateKey getPrivateKey(String name) {
            return keys.getPrivateKey(name);
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }
    }

    private static void authority(String name) throws Exception {
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " + name
                + ".pem -days 2 -subj /CN=" + name);
    }

    private static void certificate(String name, String subject, String authority, int days, String extra)
            throws Exception {
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " + name
                + ".csr -subj " + subject + " " + extra);
        openssl("x509 -req -in " + name + ".csr -CA " + authority + ".pem -CAkey " + authority
                + ".key -CAcreateserial -days " + days + " -copy_extensions copy -out " + name + ".pem");
    }

    private static void openssl(String arguments) throws Exception {
        assertThat(exit("openssl " + arguments))
                .as(Files.readString(folder.resolve("openssl.log")))
                .isZero();
    }

    /** @return the exit status of openssl's client; not 0 when the handshake failed */
    private static int handshake(int port, String options) throws Exception {
        return exit("openssl s_client -connect 127.0.0.1:" + port + " " + options);
    }

    private static int exit(String command) throws Exception {
        Process process = new ProcessBuilder(command.strip().split("\\s+", -1))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
