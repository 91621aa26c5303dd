package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What was restored is started, and compared with what was there at the target. */
class StanzaRestoreTest {

    private static StanzaServer stanza;
    private static String time = "";
    private static String lsn = "";

    @BeforeAll
    static void fill() throws Exception {
        stanza = StanzaServer.start();
        stanza.program().create();
        stanza.execute("create table t as select generate_series(1, 100) n");
        stanza.backup(StanzaBackup.Type.FULL);
        stanza.execute("insert into t select generate_series(101, 200)");
        // pgBackRest counts in seconds, and a time in the second in which the backup ended comes before it.
        stanza.execute("select pg_sleep(1.1)");
        time = value("select clock_timestamp()::text");
        stanza.execute("select pg_sleep(0.1)");
        stanza.execute("insert into t select generate_series(201, 300)");
        lsn = value("select pg_current_wal_insert_lsn()::text");
        stanza.execute("insert into t select generate_series(301, 400)");
        stanza.execute("select pg_create_restore_point('before the end')");
        stanza.execute("insert into t select generate_series(401, 500)");
        stanza.program().check();
    }

    @AfterAll
    static void stop() {
        if (stanza != null) {
            stanza.close();
        }
    }

    @Test
    void recoversToATimeAndToTheLatest() throws Exception {
        assertThat(rowsAt(StanzaRestore.Target.TIME, time)).isEqualTo(200);
        assertThat(rowsAt(StanzaRestore.Target.LATEST, null)).isEqualTo(500);
    }

    @Test
    @Tag("campaign") // as slow as the one above, and not much else
    void recoversToAPositionAndToARestorePoint() throws Exception {
        assertThat(rowsAt(StanzaRestore.Target.LSN, lsn)).isEqualTo(300);
        assertThat(rowsAt(StanzaRestore.Target.NAME, "before the end")).isEqualTo(400);
    }

    @Test
    void overwritesOnlyWhenAsked() throws Exception {
        Path folder = empty("overwrite");
        stanza.give(Files.writeString(folder.resolve("data/mine"), "kept"));
        StanzaRestore restore = new StanzaRestore(stanza.program());

        OperatorException e = catchThrowableOfType(
                OperatorException.class, () -> restore.restore(plan(folder, StanzaRestore.Target.LATEST, null)));

        assertThat(e).hasMessageContaining("contains files");
        assertThat(e.hint()).contains("empty directory");
        assertThat(folder.resolve("data/mine")).exists();
        FolderTree.delete(folder);
    }

    @Test
    void saysWhenNoBackupLeadsToTheTarget() throws Exception {
        Path folder = empty("early");

        OperatorException e = catchThrowableOfType(
                OperatorException.class,
                () -> new StanzaRestore(stanza.program())
                        .restore(plan(folder, StanzaRestore.Target.TIME, "2020-01-01 00:00:00+00")));

        assertThat(e).hasMessageContaining("unable to find backup set");
        assertThat(e.hint()).contains("backup list");
        FolderTree.delete(folder);
    }

    private static long rowsAt(StanzaRestore.Target target, @Nullable String value) throws Exception {
        Path folder = empty(target.name());
        new StanzaRestore(stanza.program()).restore(plan(folder, target, value));
        Path conf = folder.resolve("data/postgresql.conf");
        Files.writeString(
                conf,
                Files.readString(conf)
                        .replaceAll("(?m)^port = \\d+", "port = " + LocalServer.freePort())
                        .replaceAll("(?m)^unix_socket_directories = .*", "unix_socket_directories = '" + folder + "'"));
        try (LocalServer restored = LocalServer.attach(TestServers.binaries(), folder)) {
            restored.start();
            try (Connection connection = TestServers.connect(restored, "postgres");
                    Statement statement = connection.createStatement()) {
                Awaitility.await()
                        .until(() ->
                                one(statement, "select pg_is_in_recovery()").equals("f"));
                assertThat(one(statement, "show archive_mode")).isEqualTo("off");
                return Long.parseLong(one(statement, "select count(*) from t"));
            }
        }
    }

    private static StanzaRestore.Plan plan(Path folder, StanzaRestore.Target target, @Nullable String value) {
        return new StanzaRestore.Plan(
                folder.resolve("data"), folder.resolve("tablespaces"), null, target, value, 0, false);
    }

    private static Path empty(String name) throws IOException {
        Path folder = stanza.give(Files.createDirectory(stanza.folder().resolve("restored-" + name)));
        Path data = stanza.give(Files.createDirectory(folder.resolve("data")));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        stanza.give(Files.createDirectory(folder.resolve("tablespaces")));
        return folder;
    }

    private static String value(String sql) throws Exception {
        try (var session = stanza.database().open(Work.unattended("test"))) {
            return session.one(sql, row -> row.getString(1));
        }
    }

    private static String one(Statement statement, String sql) throws Exception {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
