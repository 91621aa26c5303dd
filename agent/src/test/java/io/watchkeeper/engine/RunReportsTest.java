package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports go when the runs go that have written them. */
class RunReportsTest {

    private static final String KNOWN = "01JD8000000000000000000001";
    private static final String FORGOTTEN = "01JD8000000000000000000002";
    private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");

    @TempDir
    Path state;

    @Test
    void sweepsWhatHistoryHasForgottenAndKeepsTheRest() throws Exception {
        write(StateFolder.open(state).reports(KNOWN).resolve("report.json"), NOW.minusSeconds(999));
        write(StateFolder.open(state).reports(FORGOTTEN).resolve("report.json"), NOW);
        Path unfinished = Files.createDirectory(state.resolve("reports/unfinished"));
        write(unfinished.resolve("old.json"), NOW.minusSeconds(999));
        write(unfinished.resolve("new.json"), NOW);

        RunReports.sweep(state, Set.of(KNOWN)::contains, NOW.minusSeconds(60));

        assertThat(RunReports.read(state, KNOWN, "report.json")).contains("{}");
        assertThat(state.resolve("reports").resolve(FORGOTTEN)).doesNotExist();
        assertThat(unfinished.resolve("old.json")).doesNotExist();
        assertThat(unfinished.resolve("new.json")).exists();
    }

    @Test
    void readsNothingOutsideOfARunsFolder() throws Exception {
        Files.writeString(state.resolve("secret"), "x");

        assertThat(RunReports.read(state, "..", "secret")).isEmpty();
        assertThat(RunReports.read(state, FORGOTTEN, "report.json")).isEmpty();
        RunReports.sweep(state, run -> false, NOW);
    }

    private static void write(Path file, Instant changed) throws Exception {
        Files.writeString(file, "{}");
        Files.setLastModifiedTime(file, FileTime.from(changed));
    }
}
