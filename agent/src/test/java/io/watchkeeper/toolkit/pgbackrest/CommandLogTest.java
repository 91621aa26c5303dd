package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.testing.StoppableWork;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandLogTest {

    @Test
    void tellsFactsFromHints() {
        CommandLog log = new CommandLog(line -> {});
        List.of(
                        "INFO: check command begin 2.45: --stanza=main",
                        "WARN: unable to check pg1: [FileMissingError] unable to open missing file '/d/global/pg_control' for read",
                        "ERROR: [055]: unable to load info file '/r/archive.info' or '/r/archive.info.copy':",
                        "       FileMissingError: unable to open missing file '/r/archive.info' for read",
                        "       HINT: archive.info cannot be opened but is required to push/get WAL segments.",
                        "       HINT: has a stanza-create been performed?",
                        "INFO: check command end: aborted with exception [055]")
                .forEach(log);

        String error = log.error().orElseThrow();
        assertThat(CommandLog.fact(error))
                .isEqualTo("unable to load info file '/r/archive.info' or '/r/archive.info.copy': "
                        + "FileMissingError: unable to open missing file '/r/archive.info' for read");
        assertThat(CommandLog.hints(error))
                .isEqualTo(
                        "archive.info cannot be opened but is required to push/get WAL segments. has a stanza-create been performed?");
        assertThat(log.warnings()).singleElement().asString().startsWith("unable to check pg1");
        assertThat(log.messages())
                .extracting(CommandLog.Message::level)
                .containsExactly("INFO", "WARN", "ERROR", "INFO");
    }

    @Test
    void reportsHowFarABackupIs() {
        StoppableWork work = new StoppableWork("test");
        CommandLog log = new CommandLog(new FileProgress(work, "main", "full backup"));
        List.of(
                        "P00   INFO: backup start archive = 000000010000000000000002, lsn = 0/2000028",
                        "P01 DETAIL: backup file /data/base/5/2838 (120KB, 25.00%) checksum 9f",
                        "P01 DETAIL: backup file shore:/data/base/5/2839 (bundle 1/0, 240KB, 75%) checksum 9f",
                        "P00 DETAIL: wrote 'backup_label' file returned from backup stop function")
                .forEach(log);

        assertThat(log.messages()).extracting(CommandLog.Message::level).containsExactly("INFO", "DETAIL");
        assertThat(work.progress)
                .containsExactly(
                        Progress.ofBytes("main", "full backup", 120 << 10, 480 << 10),
                        Progress.ofBytes("main", "full backup", 360 << 10, 480 << 10));
    }
}
