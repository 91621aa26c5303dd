package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real program on a real server. */
class PgBackRestTest {

    private static StanzaServer stanza;

    @BeforeAll
    static void start() {
        stanza = StanzaServer.start();
        if (stanza.program().info().isMissing()) {
            stanza.program().create();
        }
    }

    @AfterAll
    static void stop() {
        if (stanza != null) {
            stanza.close();
        }
    }

    @Test
    void makesFullDifferentialAndIncrementalBackups() throws Exception {
        StoppableWork work = new StoppableWork("watchkeeper:test");
        StanzaBackup full = new StanzaBackupMaker(stanza.program(work))
                .make(new StanzaBackupMaker.Options(StanzaBackup.Type.FULL, true, "zst", 3, true))
                .backup();
        stanza.execute("create table one as select generate_series(1, 1000) n");
        StanzaBackup diff = stanza.backup(StanzaBackup.Type.DIFF);
        StanzaBackup incremental = stanza.backup(StanzaBackup.Type.INCR);

        assertThat(work.progress).anyMatch(p -> p.stage().startsWith("full backup") && p.bytes() > 1 << 20);
        assertThat(work.progress.get(work.progress.size() - 1).isFinished()).isTrue();
        assertThat(full.bytes()).isGreaterThan(1 << 20);
        assertThat(diff.prior()).isEqualTo(full.label());
        assertThat(incremental.newBytes()).isLessThan(full.bytes() / 10);
        assertThat(stanza.program().info().backups())
                .extracting(StanzaBackup::label)
                .containsSubsequence(full.label(), diff.label(), incremental.label());
        assertThat(Files.getOwner(stanza.find("backup", name -> name.equals("backup.info"))))
                .isEqualTo(Files.getOwner(stanza.server().data()));
    }

    @Test
    void namesWhoIsAtWorkOnTheStanza() {
        StoppableWork work = new StoppableWork("watchkeeper:first");
        CompletableFuture<Throwable> first = CompletableFuture.supplyAsync(() -> slowBackup(work));
        Path lock = stanza.folder().resolve("lock/main-backup.lock");
        Awaitility.await().until(() -> Files.exists(lock) && Files.size(lock) > 0);

        OperatorException e =
                catchThrowableOfType(OperatorException.class, () -> stanza.backup(StanzaBackup.Type.FULL));

        assertThat(e)
                .hasMessageMatching(
                        "(?s).*cannot begin: process \\d+ \\(.*pgbackrest .*backup.*\\) is at work on it.*");
        assertThat(stanza.program().info().busy()).isTrue();
        work.stop();
        assertThat(first.join()).isInstanceOf(WorkCancelledException.class);
        assertThat(lock).doesNotExist();
    }

    @Test
    void endsACancelledBackupWithoutLockOrBackup() throws Exception {
        stanza.backup(StanzaBackup.Type.FULL);
        int before = stanza.program().info().backups().size();
        StoppableWork work = new StoppableWork("watchkeeper:cancelled");
        work.onProgress(p -> {
            if (!p.isFinished()) {
                work.stop();
            }
        });

        assertThatThrownBy(() -> new StanzaBackupMaker(stanza.program(work))
                        .make(new StanzaBackupMaker.Options(StanzaBackup.Type.FULL, true, "gz", 9, true)))
                .isInstanceOf(WorkCancelledException.class);

        // Its workers let go of the lock when they end, which is a moment later.
        Awaitility.await()
                .untilAsserted(() -> assertThat(stanza.program().info().busy()).isFalse());
        assertThat(stanza.program().info().backups()).hasSize(before);
        Awaitility.await().untilAsserted(() -> assertThat(backendsInBackup()).isEmpty());
        assertThat(stanza.backup(StanzaBackup.Type.INCR).label()).contains("_");
    }

    @Test
    void suggestsTheStanzaThatWasMeant() {
        OperatorException e = catchThrowableOfType(
                OperatorException.class,
                () -> PgBackRest.of(new Stanza("mian", stanza.config()), Work.unattended("test"))
                        .check());

        assertThat(e).hasMessage("stanza 'mian' has no pg1-path in " + stanza.config());
        assertThat(e.hint()).isEqualTo("did you mean 'main'? Stanzas there: main.");
    }

    @Test
    void saysWhatIsMissingOnThisHost(@TempDir Path empty) {
        OperatorException program = catchThrowableOfType(
                OperatorException.class,
                () -> PgBackRest.of(empty.toString(), stanza.stanza(), Work.unattended("test")));
        OperatorException config = catchThrowableOfType(
                OperatorException.class,
                () -> PgBackRest.of(new Stanza("main", empty.resolve("none.conf")), Work.unattended("test")));

        assertThat(program).hasMessageContaining("pgbackrest is not installed");
        assertThat(program.hint()).contains("apt-get install pgbackrest");
        assertThat(config).hasMessage("pgBackRest's configuration " + empty.resolve("none.conf") + " is not there");
    }

    @Test
    void explainsWhatKeepsABackupFromBeingMade() throws Exception {
        OperatorException wrongPath = failure("pg1-path=" + stanza.server().data(), "pg1-path=" + stanza.folder());
        OperatorException wrongPort = failure("pg1-port=" + stanza.server().port(), "pg1-port=1");
        Path backups = stanza.repository().resolve("backup/main");
        Files.setPosixFilePermissions(backups, PosixFilePermissions.fromString("r-x------"));
        OperatorException unwritable = failure("", "");
        Files.setPosixFilePermissions(backups, PosixFilePermissions.fromString("rwxr-x---"));
        OperatorException cipher =
                failure("[global]", "[global]\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=s3cret");

        assertThat(wrongPath).hasMessageContaining("pg_control");
        assertThat(wrongPath.hint()).contains("pg1-path");
        assertThat(wrongPort).hasMessageContaining("connection to server on socket");
        assertThat(unwritable).hasMessageContaining("Permission denied");
        assertThat(unwritable.hint()).contains("has to belong to");
        assertThat(cipher.hint()).contains("repo1-cipher-pass");
        assertThat(cipher.getMessage() + cipher.hint()).doesNotContain("s3cret");
    }

    @Test
    void saysWhySegmentsDoNotArrive() throws Exception {
        try {
            stanza.execute("alter system set archive_command = 'pgbackrest --stanza=mian archive-push %p'");
            stanza.execute("select pg_reload_conf()");
            StanzaArchive archive = new StanzaArchive(stanza.program(), stanza.database());
            StanzaArchive.Server server = Awaitility.await()
                    .until(archive::server, s -> s.archiveCommand().contains("mian"));

            assertThat(StanzaArchive.wrongSettings(stanza.stanza(), "shore", server))
                    .hasValueSatisfying(e -> assertThat(e).hasMessageContaining("names another stanza than 'main'"));
            OperatorException late = failure("archive-timeout=10", "archive-timeout=1");
            assertThat(late).hasMessageContaining("was not archived before");
            assertThat(late.hint()).contains("pg_stat_archiver");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> archive.server().failing() && archive.server().waiting() > 0);
        } finally {
            stanza.execute("alter system reset archive_command");
            stanza.execute("select pg_reload_conf()");
            StanzaArchive archive = new StanzaArchive(stanza.program(), stanza.database());
            Awaitility.await().until(() -> !archive.server().archiveCommand().contains("mian"));
        }
    }

    private static Throwable slowBackup(Work work) {
        try {
            new StanzaBackupMaker(stanza.program(work))
                    .make(new StanzaBackupMaker.Options(StanzaBackup.Type.FULL, false, null, null, true));
            return new AssertionError("the backup was made");
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static List<String> backendsInBackup() throws Exception {
        try (var session = stanza.database().open(Work.unattended("test"))) {
            return session.list(
                    "select query from pg_stat_activity where application_name like 'pgBackRest%'",
                    row -> row.getString(1));
        }
    }

    /** What a backup says with one thing in the configuration replaced by another. */
    private static OperatorException failure(String right, String wrong) throws IOException {
        Path config = stanza.folder().resolve("wrong.conf");
        Files.writeString(config, Files.readString(stanza.config()).replace(right, wrong));
        stanza.give(config);
        PgBackRest program = PgBackRest.of(new Stanza("main", config), Work.unattended("test"));
        return catchThrowableOfType(
                OperatorException.class,
                () -> new StanzaBackupMaker(program)
                        .make(new StanzaBackupMaker.Options(StanzaBackup.Type.FULL, true, null, null, true)));
    }
}
