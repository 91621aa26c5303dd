package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.testing.ServerCertificate;
import io.watchkeeper.testing.TestServers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes off the wire and through the driver, which is the way where the wire is encrypted. */
@Timeout(120)
class CopyReaderTest {

    private static final String PLAIN = "sslmode=disable";
    private static final String ENCRYPTED = "sslmode=require";

    private static LocalServer server;
    private @Nullable Database database;

    @BeforeAll
    static void start() throws Exception {
        server = TestServers.own(Map.of());
        ServerCertificate.install(server.data());
        TestServers.execute(server, "postgres", "alter system set ssl = on");
        TestServers.execute(server, "postgres", "select pg_reload_conf()");
        TestServers.execute(server, "postgres", """
                create function noisy(i int) returns int language plpgsql as
                $$ begin raise notice 'row % %', i, repeat('x', 3000); return i; end $$""");
    }

    @AfterAll
    static void end() {
        server.delete();
    }

    private Session open(String way) throws SQLException {
        Database opened = new Database(
                new DatabaseSettings("db", server.url("postgres") + "?" + way, "postgres", null, 2, null, true));
        database = opened;
        Session session = opened.open(Work.unattended("test"));
        boolean encrypted =
                session.one("select ssl from pg_stat_ssl where pid = pg_backend_pid()", row -> row.getBoolean(1));
        assertThat(encrypted).isEqualTo(way.equals(ENCRYPTED));
        return session;
    }

    @AfterEach
    void close() {
        Objects.requireNonNull(database).close();
    }

    private static byte[] readAll(CopyReader reader, int blockSize) throws SQLException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] block = new byte[blockSize];
        for (int read = reader.read(block); read >= 0; read = reader.read(block)) {
            assertThat(read).isPositive();
            all.write(block, 0, read);
        }
        return all.toByteArray();
    }

    private static void assertUsable(Session session) throws SQLException {
        int answer = session.one("select 42", row -> row.getInt(1));
        assertThat(answer).isEqualTo(42);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void readsEveryByteWhateverTheBlock(String way) throws Exception {
        try (Session session = open(way)) {
            for (int block : new int[] {7, 100, 8192, 256 * 1024}) {
                try (CopyReader reader = session.copyOut(
                        "copy (select i, repeat(i::text, i % 50) from generate_series(1, 3000) i) to stdout")) {
                    StringBuilder expected = new StringBuilder();
                    for (int i = 1; i <= 3000; i++) {
                        expected.append(i)
                                .append('\t')
                                .append(Integer.toString(i).repeat(i % 50))
                                .append('\n');
                    }
                    assertThat(new String(readAll(reader, block), StandardCharsets.UTF_8))
                            .isEqualTo(expected.toString());
                    assertThat(reader.rows()).isEqualTo(3000);
                }
                assertUsable(session);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void readsNothingFromNoRows(String way) throws Exception {
        try (Session session = open(way)) {
            try (CopyReader reader = session.copyOut("copy (select 1 where false) to stdout")) {
                assertThat(readAll(reader, 100)).isEmpty();
                assertThat(reader.rows()).isZero();
            }
            assertUsable(session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void readsValuesLargerThanABlock(String way) throws Exception {
        try (Session session = open(way);
                CopyReader reader =
                        session.copyOut("copy (select repeat('x', 20000000) from generate_series(1, 2)) to stdout")) {
            assertThat(readAll(reader, 256 * 1024)).hasSize(2 * 20_000_001);
            assertThat(reader.rows()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void noticesBetweenRowsAreNotRows(String way) throws Exception {
        try (Session session = open(way)) {
            try (CopyReader reader =
                    session.copyOut("copy (select noisy(i) from generate_series(1, 500) i) to stdout (format text)")) {
                assertThat(new String(readAll(reader, 1000), StandardCharsets.UTF_8).split("\n"))
                        .hasSize(500)
                        .contains("1", "250", "500");
                assertThat(reader.rows()).isEqualTo(500);
            }
            assertUsable(session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void failsWithTheServersErrorAfterSomeRows(String way) throws Exception {
        try (Session session = open(way)) {
            assertThatThrownBy(() -> {
                        try (CopyReader reader = session.copyOut(
                                "copy (select 1 / (20000 - i) from generate_series(1, 30000) i) to stdout")) {
                            readAll(reader, 8192);
                        }
                    })
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22012"));
            assertUsable(session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void failsAtOnceWhenTheStatementIsWrong(String way) throws Exception {
        try (Session session = open(way)) {
            assertThatThrownBy(() -> session.copyOut("copy nowhere to stdout"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.UNDEFINED_TABLE));
            assertUsable(session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void whatIsClosedInTheMiddleLeavesAUsableSession(String way) throws Exception {
        try (Session session = open(way)) {
            try (CopyReader reader =
                    session.copyOut("copy (select repeat('x', 1000) from generate_series(1, 1000000)) to stdout")) {
                assertThat(reader.read(new byte[8192])).isPositive();
            }
            assertUsable(session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void anInterruptEndsAReadThatWaits(String way) throws Exception {
        try (Session session = open(way)) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            // Some rows first, because a server keeps the beginning of a COPY to itself until it has something to send.
            try (CopyReader reader = session.copyOut("copy (select repeat('x', 1000) || case i when 100 then"
                    + " pg_sleep(600)::text else '' end from generate_series(1, 100) i) to stdout")) {
                Thread waits = new Thread(() -> {
                    try {
                        readAll(reader, 100);
                    } catch (SQLException e) {
                        failure.set(e);
                    }
                });
                waits.start();
                while (waits.isAlive()) {
                    reader.interrupt();
                    waits.join(100);
                }
            }
            assertThat(failure.get())
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.QUERY_CANCELED));
            assertUsable(session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, ENCRYPTED})
    void aConnectionThatIsLostSaysSo(String way) throws Exception {
        try (Session session = open(way);
                CopyReader reader =
                        session.copyOut("copy (select repeat('x', 1000) from generate_series(1, 1000000)) to stdout")) {
            int pid = session.connection()
                    .unwrap(org.postgresql.PGConnection.class)
                    .getBackendPID();
            assertThat(reader.read(new byte[8192])).isPositive();
            TestServers.execute(server, "postgres", "select pg_terminate_backend(" + pid + ", 5000)");

            assertThatThrownBy(() -> readAll(reader, 8192))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).matches("08...|57P01"));
        }
    }
}
