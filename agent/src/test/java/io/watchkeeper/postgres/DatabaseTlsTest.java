package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestAuthority;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and SCRAM with a real server. */
class DatabaseTlsTest {

    private static final Secret PASSWORD = Secret.of("the-password-of-tls-tests");

    @TempDir
    static Path folder;

    private static LocalServer server;
    private static TestAuthority authority;
    private static TestAuthority other;

    @BeforeAll
    static void startServer() throws Exception {
        authority = new TestAuthority(Files.createDirectory(folder.resolve("ours")));
        other = new TestAuthority(Files.createDirectory(folder.resolve("theirs")));
        authority.issue("server", "server", "IP:127.0.0.1", 30);
        authority.issue("elsewhere", "elsewhere", "DNS:elsewhere", 30);
        authority.issue("expired", "server", "IP:127.0.0.1", -1);
        other.issue("server", "server", "IP:127.0.0.1", 30);
        authority.issue("certified", "certified", "DNS:client", 30);
        authority.issue("stranger", "stranger", "DNS:client", 30);
        authority.issue("late", "certified", "DNS:client", -1);
        other.issue("certified", "certified", "DNS:client", 30);
        server = TestServers.own(Map.of());
        TestAuthority.place(authority.certificate(), server.data().resolve("root.crt"));
        Files.writeString(server.data().resolve("pg_hba.conf"), """
                hostnossl all postgres 127.0.0.1/32 trust
                hostssl all certified 127.0.0.1/32 cert
                hostssl all encrypted 127.0.0.1/32 trust
                host all by_scram 127.0.0.1/32 scram-sha-256
                host all by_md5 127.0.0.1/32 md5
                host all by_text 127.0.0.1/32 password
                host all by_nothing 127.0.0.1/32 trust
                """);
        authority.install("server", server.data());
        configure("ssl_ca_file = 'root.crt'", "ssl = on");
        execute("create role certified login; create role encrypted login; create role by_nothing login");
        execute("create role by_scram login password '%1$s'; create role by_text login password '%1$s'"
                .formatted(PASSWORD.reveal()));
        execute("set password_encryption = 'md5'; create role by_md5 login password '" + PASSWORD.reveal() + "'");
    }

    @AfterAll
    static void stopServer() {
        server.delete();
    }

    @BeforeEach
    void usualCertificate() throws IOException {
        present(authority, "server");
    }

    /** Without TLS, whatever the server is made to do with it. */
    private static void execute(String sql) {
        try (Connection connection =
                        DriverManager.getConnection(server.url("postgres") + "?user=postgres&sslmode=disable");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static void configure(String... settings) {
        for (String setting : settings) {
            execute("alter system set " + setting);
        }
        execute("select pg_reload_conf()");
    }

    /** The server shows this certificate from now on: a reload is done before the next connection is served. */
    private static void present(TestAuthority of, String name) throws IOException {
        of.install(name, server.data());
        execute("select pg_reload_conf()");
    }

    private static DatabaseSettings as(String user, @Nullable DatabaseTls tls, boolean scram) {
        Secret password = user.startsWith("by_") ? PASSWORD : null;
        return new DatabaseSettings("shore", server.url("postgres"), user, password, 2, null, true).secured(tls, scram);
    }

    private static DatabaseTls trusting(DatabaseTls.Mode mode) {
        return new DatabaseTls(mode, mode.verifies() ? authority.certificate() : null, null, null);
    }

    private static DatabaseTls withCertificate(TestAuthority of, String name) {
        return new DatabaseTls(
                DatabaseTls.Mode.VERIFY_FULL,
                authority.certificate(),
                of.certificate().resolveSibling(name + ".crt"),
                of.key(name));
    }

    /** The version of TLS and the common name of our certificate, as the server sees them. */
    private static String login(DatabaseSettings settings) throws Exception {
        try (DatabasePools pools = new DatabasePools(List.of(settings));
                Session session = pools.database("shore").open(new StoppableWork("test"))) {
            return session.one(
                    "select current_user || ' ' || coalesce(version, 'plain') || ' ' || coalesce(client_dn, '')"
                            + " from pg_stat_ssl where pid = pg_backend_pid()",
                    row -> row.getString(1));
        }
    }

    private static void refused(DatabaseSettings settings, String message, String hint) {
        OperatorException refusal = catchThrowableOfType(OperatorException.class, () -> login(settings));
        assertThat(refusal).as("refusal").isNotNull();
        assertThat(refusal).hasMessageStartingWith("cannot connect to database 'shore' at 127.0.0.1:");
        assertThat(refusal).hasMessageContaining(message);
        assertThat(refusal.hint()).contains(hint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"REQUIRE", "VERIFY_CA", "VERIFY_FULL"})
    void encryptsInEveryMode(DatabaseTls.Mode mode) throws Exception {
        assertThat(login(as("encrypted", trusting(mode), false))).startsWith("encrypted TLSv1.3");
    }

    @Test
    void anUnknownAuthorityIsRefusedUnlessNobodyLooks() throws Exception {
        present(other, "server");

        for (DatabaseTls.Mode mode : List.of(DatabaseTls.Mode.VERIFY_CA, DatabaseTls.Mode.VERIFY_FULL)) {
            refused(
                    as("encrypted", trusting(mode), false),
                    "the server's certificate is not from an authority in " + authority.certificate(),
                    "openssl s_client -starttls postgres -showcerts -connect 127.0.0.1:" + server.port());
        }
        assertThat(login(as("encrypted", trusting(DatabaseTls.Mode.REQUIRE), false)))
                .contains("TLSv1.3");
    }

    @Test
    void aCertificateForAnotherNameIsRefusedByVerifyFullAlone() throws Exception {
        present(authority, "elsewhere");

        refused(
                as("encrypted", trusting(DatabaseTls.Mode.VERIFY_FULL), false),
                "the server's certificate is for another name than the one in databases.shore.url",
                "subjectAltName");
        assertThat(login(as("encrypted", trusting(DatabaseTls.Mode.VERIFY_CA), false)))
                .contains("TLSv1.3");
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        present(authority, "expired");

        refused(
                as("encrypted", trusting(DatabaseTls.Mode.VERIFY_FULL), false),
                "the server's certificate, or that of its authority, has expired (NotAfter: ",
                "renew it on the server");
    }

    @Test
    void aRevokedCertificateIsRefusedAndOneWhoseListIsMissing() throws Exception {
        Path lists = Files.createDirectory(folder.resolve("lists"));
        Path good = revocations(authority, lists.resolve("good.crl"), null);
        Path revoked = revocations(
                authority, lists.resolve("revoked.crl"), authority.certificate().resolveSibling("server.crt"));
        Path others = revocations(other, lists.resolve("others.crl"), null);

        assertThat(login(as("encrypted", checking(good), false))).startsWith("encrypted TLSv1.3");
        assertThat(psql(as("encrypted", checking(good), false)).output()).contains("encrypted|t");
        refused(as("encrypted", checking(revoked), false), "the server's certificate was revoked", "a new one");
        assertThat(psql(as("encrypted", checking(revoked), false)).errors()).contains("certificate verify failed");
        refused(
                as("encrypted", checking(others), false),
                "nobody says whether the server's certificate was revoked",
                "tls.crl");
        Files.writeString(good, "no list");
        refused(as("encrypted", checking(good), false), "the revocation lists in " + good + " cannot be read", "PEM");
    }

    private static DatabaseTls checking(Path crl) {
        return new DatabaseTls(DatabaseTls.Mode.VERIFY_FULL, authority.certificate(), crl, null, null);
    }

    /** @param revoked null for an empty list */
    private static Path revocations(TestAuthority of, Path file, @Nullable Path revoked) throws IOException {
        Path home = Files.createTempDirectory(folder, "crl");
        Files.writeString(home.resolve("index.txt"), "");
        Files.writeString(home.resolve("number"), "01\n");
        Path config = Files.writeString(
                home.resolve("ca.cnf"),
                "[ca]\ndefault_ca=d\n[d]\ndatabase=%1$s/index.txt\ncrlnumber=%1$s/number\ndefault_md=sha256\ndefault_crl_days=2\n"
                        .formatted(home));
        String[] ca = {"ca", "-config", config.toString(), "-cert", "ca.crt", "-keyfile", "ca.key"};
        if (revoked != null) {
            of.openssl(ca[0], ca[1], ca[2], ca[3], ca[4], ca[5], ca[6], "-revoke", revoked.toString());
        }
        of.openssl(ca[0], ca[1], ca[2], ca[3], ca[4], ca[5], ca[6], "-gencrl", "-out", file.toString());
        return file;
    }

    @Test
    void aServerWithoutTlsIsRefused() throws Exception {
        configure("ssl = off");
        try {
            refused(
                    as("by_nothing", trusting(DatabaseTls.Mode.VERIFY_FULL), false),
                    "the server does not encrypt, and databases.shore wants it to",
                    "ssl = on");
        } finally {
            configure("ssl = on");
        }
    }

    /** Such a server asks for a downgrade; that this host's Java might allow it changes nothing. */
    @Test
    void oldVersionsOfTlsAreRefused() throws Exception {
        configure("ssl_min_protocol_version = 'TLSv1'", "ssl_max_protocol_version = 'TLSv1.1'");
        try {
            refused(
                    as("encrypted", trusting(DatabaseTls.Mode.REQUIRE), false),
                    "no version of TLS in common",
                    "raise ssl_min_protocol_version");
        } finally {
            configure("ssl_min_protocol_version = 'TLSv1.2'", "ssl_max_protocol_version = ''");
        }
    }

    @Test
    void logsInByCertificate() throws Exception {
        assertThat(login(as("certified", withCertificate(authority, "certified"), false)))
                .startsWith("certified TLSv1.3")
                .endsWith("/CN=certified");
    }

    @ParameterizedTest
    @CsvSource({"RSA,-traditional", "EC,-traditional", "EC,plain", "ED25519,plain"})
    void readsKeysInEveryFormThatOpensslWrites(String algorithm, String form) throws Exception {
        String name = algorithm + form;
        switch (algorithm) {
            case "RSA" -> authority.openssl("genpkey", "-algorithm", "RSA", "-out", "made.key");
            case "EC" ->
                authority.openssl(
                        "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "made.key");
            default -> authority.openssl("genpkey", "-algorithm", algorithm, "-out", "made.key");
        }
        if (form.equals("plain")) {
            authority.openssl("pkey", "-in", "made.key", "-out", name + ".key");
        } else {
            authority.openssl("pkey", "-in", "made.key", form, "-out", name + ".key");
            assertThat(authority.key(name)).content().contains("BEGIN " + algorithm + " PRIVATE KEY");
        }
        authority.openssl("req", "-new", "-key", name + ".key", "-subj", "/CN=certified", "-out", name + ".csr");
        authority.sign(name, "DNS:client", 30);

        assertThat(login(as("certified", withCertificate(authority, name), false)))
                .endsWith("/CN=certified");
    }

    @Test
    void saysWhatIsWrongWithAKey() throws Exception {
        Path key = authority.key("unfit");
        Files.copy(authority.certificate().resolveSibling("certified.crt"), key.resolveSibling("unfit.crt"));
        DatabaseTls tls = withCertificate(authority, "unfit");
        refused(as("certified", tls, false), key + " cannot be read by user", "chown");

        Files.writeString(key, "nonsense");
        refused(as("certified", tls, false), "there is no private key in " + key, "PEM");

        Files.writeString(key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        refused(as("certified", tls, false), key.toString(), "");

        authority.openssl(
                "pkey", "-in", "certified.key", "-aes256", "-passout", "pass:secret-words", "-out", "unfit.key");
        refused(as("certified", tls, false), "the key in " + key + " is encrypted", "openssl pkey -in " + key);
    }

    @Test
    void saysWhatIsWrongWithAnAuthoritysFile() throws Exception {
        Path file = Files.writeString(folder.resolve("empty.crt"), "");

        refused(
                as("encrypted", new DatabaseTls(DatabaseTls.Mode.VERIFY_CA, file, null, null), false),
                "there is no certificate in " + file,
                "PEM");
    }

    @Test
    void saysWhatTheServerHasAgainstOurCertificate() {
        refused(
                as("certified", trusting(DatabaseTls.Mode.VERIFY_FULL), false),
                "the server wants a certificate of ours",
                "set databases.shore.tls.certificate and key");
        refused(
                as("certified", withCertificate(authority, "stranger"), false),
                "the server takes our certificate for another user's",
                "common name (CN)");
        refused(
                as("certified", withCertificate(other, "certified"), false),
                "the server refuses our certificate (",
                "must stand in ssl_ca_file");
        refused(as("certified", withCertificate(authority, "late"), false), "is not valid now (NotAfter: ", "renew it");
    }

    @Test
    void aRenewedCertificateIsUsedByTheNextConnection() throws Exception {
        Files.copy(authority.certificate().resolveSibling("late.crt"), folder.resolve("ours/renewed.crt"));
        Files.copy(authority.key("late"), authority.key("renewed"));
        DatabaseSettings settings = as("certified", withCertificate(authority, "renewed"), false);
        try (DatabasePools pools = new DatabasePools(List.of(settings))) {
            assertThat(catchThrowableOfType(
                            OperatorException.class,
                            () -> pools.database("shore")
                                    .open(new StoppableWork("test"))
                                    .close()))
                    .hasMessageContaining("is not valid now");

            authority.sign("late", "DNS:client", 30);
            Files.copy(
                    authority.certificate().resolveSibling("late.crt"),
                    folder.resolve("ours/renewed.crt"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);

            pools.database("shore").open(new StoppableWork("test")).close();
        } finally {
            authority.issue("late", "certified", "DNS:client", -1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"by_md5", "by_text", "by_nothing"})
    void scramOnlyRefusesWeakerWaysBeforeThePasswordIsSent(String user) throws Exception {
        for (DatabaseTls tls : java.util.Arrays.asList(null, trusting(DatabaseTls.Mode.VERIFY_FULL))) {
            assertThat(login(as(user, tls, false))).startsWith(user);
            refused(
                    as(user, tls, true),
                    "the server does not ask for the password by SCRAM, and databases.shore.requireScram is set",
                    "write scram-sha-256 in its pg_hba.conf");
        }
    }

    @Test
    void scramOnlyLogsInBySCRAM() throws Exception {
        assertThat(login(as("by_scram", null, true))).startsWith("by_scram");
        assertThat(login(as("by_scram", trusting(DatabaseTls.Mode.VERIFY_FULL), true)))
                .startsWith("by_scram TLSv1.3");
    }

    @Test
    void programsOfPostgresqlConnectInTheSameWay() throws Exception {
        for (DatabaseSettings settings : List.of(
                as("certified", withCertificate(authority, "certified"), false),
                as("by_scram", trusting(DatabaseTls.Mode.VERIFY_FULL), true))) {
            assertThat(psql(settings).output()).contains(settings.user() + "|t");
        }
        PgCommand.Result refused = psql(as("by_md5", trusting(DatabaseTls.Mode.VERIFY_FULL), true));
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.errors()).contains("channel binding required");
        present(authority, "elsewhere");
        assertThat(psql(as("encrypted", trusting(DatabaseTls.Mode.VERIFY_FULL), false))
                        .errors())
                .contains("does not match host name");
    }

    private static PgCommand.Result psql(DatabaseSettings settings) {
        return PgCommand.of(
                        TestServers.binaries().program("psql"),
                        "-X",
                        "-At",
                        "-c",
                        "select current_user, ssl from pg_stat_ssl where pid = pg_backend_pid()")
                .connect(settings, "test")
                .attempt(new StoppableWork("test"), line -> {});
    }
}
