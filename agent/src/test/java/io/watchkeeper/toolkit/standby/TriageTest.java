package io.watchkeeper.toolkit.standby;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.standby.Triage.Check;
import io.watchkeeper.toolkit.standby.Triage.Finding;
import io.watchkeeper.units.Secret;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What keeps a standby from its primary is told by name. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TriageTest {

    private static final Secret SECRET = Secret.of("a-secret-of-the-triage");

    private StandbyRig rig;

    @BeforeAll
    void start() throws Exception {
        rig = new StandbyRig(Map.of());
        rig.run("create role let_in login replication password '" + ScramVerifier.of(SECRET) + "'");
        rig.run("create role not_let_in login replication password '" + ScramVerifier.of(SECRET) + "'");
        rig.run("create role no_replication login password '" + ScramVerifier.of(SECRET) + "'");
        rig.run("create role expired login replication valid until '2001-01-01' password '" + ScramVerifier.of(SECRET)
                + "'");
        java.nio.file.Files.writeString(
                rig.hba(),
                "host replication let_in,no_replication,expired,nobody 127.0.0.1/32 scram-sha-256\n" + StandbyRig.HBA);
        rig.run("select pg_reload_conf()");
        rig.run("select pg_create_physical_replication_slot('mine', true)");
        rig.run("select pg_create_logical_replication_slot('logical', 'pgoutput')");
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @Test
    void allIsWell() {
        assertThat(Triage.words(run("127.0.0.1", rig.primary.port(), "prefer", "let_in", SECRET, "mine")))
                .isEqualTo("name resolution ok, port ok, TLS ok, pg_hba ok, role ok, slot ok");
    }

    @Test
    void aNameThatNobodyKnows() {
        Finding cause = cause(run("nowhere.invalid", rig.primary.port(), "prefer", "let_in", SECRET, "mine"));
        assertThat(cause.check()).isEqualTo(Check.NAME);
        assertThat(cause.evidence()).contains("nowhere.invalid");
    }

    @Test
    void aPortThatNothingListensAt() {
        int port = LocalServer.freePort();
        Finding cause = cause(run("127.0.0.1", port, "prefer", "let_in", SECRET, "mine"));
        assertThat(cause.check()).isEqualTo(Check.PORT);
        assertThat(cause.evidence()).contains("127.0.0.1:" + port, "refused");
        assertThat(cause.remedy()).contains("listen_addresses");
    }

    @Test
    void somethingElseThatListens() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Thread answering = new Thread(() -> {
                try {
                    while (true) {
                        try (var socket = other.accept()) {
                            // What is asked for TLS; else the asker may find the connection closed before it has asked.
                            socket.getInputStream().readNBytes(8);
                            socket.getOutputStream()
                                    .write("HTTP/1.0 400\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                        }
                    }
                } catch (java.io.IOException e) {
                    // Closed.
                }
            });
            answering.setDaemon(true);
            answering.start();
            Finding cause = cause(run("127.0.0.1", other.getLocalPort(), "prefer", "let_in", SECRET, "mine"));
            assertThat(cause.check()).isEqualTo(Check.TLS);
            assertThat(cause.evidence()).contains("is no PostgreSQL");
        }
    }

    @Test
    void aServerWithoutTls() {
        Finding cause = cause(run("127.0.0.1", rig.primary.port(), "require", "let_in", SECRET, "mine"));
        assertThat(cause.check()).isEqualTo(Check.TLS);
        assertThat(cause.remedy()).contains("ssl = on");
    }

    @Test
    void noLineInTheFile() {
        Finding cause = cause(run("127.0.0.1", rig.primary.port(), "prefer", "not_let_in", SECRET, "mine"));
        assertThat(cause.check()).isEqualTo(Check.HBA);
        assertThat(cause.remedy()).contains("host  replication  \"not_let_in\"  10.9.0.2/32  scram-sha-256");
    }

    @Test
    void whatIsWrongWithTheRole() {
        assertThat(role("nobody", SECRET)).contains("there is no role 'nobody'");
        assertThat(role("no_replication", SECRET)).contains("has no REPLICATION");
        assertThat(role("expired", SECRET)).contains("has expired");
        assertThat(role("let_in", Secret.of("another-secret"))).contains("password authentication failed");
        assertThat(role("let_in", null)).contains("no password was provided");
    }

    private String role(String role, @org.jspecify.annotations.Nullable Secret secret) {
        Finding cause = cause(run("127.0.0.1", rig.primary.port(), "prefer", role, secret, "mine"));
        assertThat(cause.check()).isEqualTo(Check.ROLE);
        assertThat(cause.remedy()).isNotEmpty();
        return cause.evidence();
    }

    @Test
    void whatIsWrongWithTheSlot() {
        Finding missing = cause(run("127.0.0.1", rig.primary.port(), "prefer", "let_in", SECRET, "theirs"));
        assertThat(missing.check()).isEqualTo(Check.SLOT);
        assertThat(missing.evidence()).contains("there is no slot theirs");
        Finding logical = cause(run("127.0.0.1", rig.primary.port(), "prefer", "let_in", SECRET, "logical"));
        assertThat(logical.evidence()).contains("is a logical one");
    }

    private static Finding cause(List<Finding> findings) {
        return Triage.cause(findings)
                .orElseThrow(() -> new AssertionError("nothing failed: " + Triage.words(findings)));
    }

    private List<Finding> run(
            String host,
            int port,
            String sslMode,
            String role,
            @org.jspecify.annotations.Nullable Secret secret,
            String slot) {
        PrimaryAddress address = new PrimaryAddress(List.of(new PrimaryAddress.Host(host, port)), sslMode, null);
        return new Triage(
                        rig.shore(),
                        address,
                        role,
                        Optional.ofNullable(secret),
                        "ship",
                        slot,
                        "10.9.0.2",
                        Work.unattended("triage"))
                .run();
    }
}
