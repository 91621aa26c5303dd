package io.watchkeeper.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests that say "nothing was changed" are worth as much as this. */
class ServerFingerprintTest {

    /** Of its own, because the fingerprint covers the whole server and other tests make databases on theirs. */
    private static LocalServer server;

    private static DatabaseSettings database;

    @BeforeAll
    static void start() {
        server = TestServers.own(Map.of("autovacuum", "off"));
        database = TestServers.settings("shore", server, TestServers.freshDatabase(server));
        run("create table t (id int primary key, note text); insert into t values (1, 'one'), (2, 'two')");
        run("create sequence s");
        run(
                "create trigger touch before update on t for each row execute function suppress_redundant_updates_trigger()");
    }

    @AfterAll
    static void stop() {
        server.delete();
    }

    @Test
    void staysTheSameWhenOneOnlyLooks() {
        ServerFingerprint before = ServerFingerprint.of(database);
        run("select * from t; explain delete from t; begin; lock table only t in access share mode; rollback");
        assertThat(ServerFingerprint.of(database).changesSince(before)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update t set note = 'uno' where id = 1",
                "insert into t values (3, 'three')",
                "begin; create temp table kept as select * from t; truncate t; insert into t select * from kept; commit",
                "create index on t (note)",
                "create unlogged table staging (id int)",
                "alter table t set (autovacuum_enabled = off)",
                "alter table t disable trigger all",
                "alter table t alter note set statistics 10",
                "select nextval('s')",
                "vacuum t",
                "analyze t",
                "create role visitor",
                "alter role postgres set work_mem = '8MB'",
                "create publication p",
                "select pg_create_physical_replication_slot('leak')",
                "create schema other",
            })
    void notices(String change) {
        ServerFingerprint before = ServerFingerprint.of(database);
        run(change);
        assertThat(ServerFingerprint.of(database).changesSince(before)).isNotEmpty();
    }

    private static void run(String sql) {
        String url = database.url();
        TestServers.execute(server, url.substring(url.lastIndexOf('/') + 1), sql);
    }
}
