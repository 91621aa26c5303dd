package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.runbook.VerbResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What results tell of tables is still known after a restart, and to other processes. */
class TableRowsTest {

    @TempDir
    Path state;

    private final SettableClock clock = new SettableClock(Runs.START);
    private final RunOutcome run = Runs.accepted("ship-sync");

    @BeforeEach
    void accept() {
        try (RunHistory history = RunHistory.open(state, clock)) {
            history.runAccepted(run);
        }
    }

    private void tell(VerbResult result) {
        try (RunHistory history = RunHistory.open(state, clock)) {
            history.verbFinished(run.runId(), 0, result);
        }
    }

    private java.util.List<TableState> known() {
        try (RunHistory history = RunHistory.open(state, clock)) {
            return history.tables();
        }
    }

    private static VerbResult synced(Map<String, Object> more) {
        Map<String, Object> fields = new LinkedHashMap<>(
                Map.of("table", "public.t", "from", "shore", "to", "ship", "rowsWritten", 0, "durationMs", 2_000L));
        fields.putAll(more);
        return new VerbResult("syncTable", fields);
    }

    @Test
    void aTableIsAsOldAsTheBeginningOfItsLastRound() {
        tell(synced(Map.of()));
        clock.forward(Duration.ofMinutes(15));

        assertThat(known())
                .containsExactly(new TableState("ship", "public.t", Runs.START.minusSeconds(2), null, null, "shore"));
    }

    @Test
    void whatIsNotToldStaysAsItWas() {
        tell(synced(Map.of("differences", 0)));
        clock.forward(Duration.ofMinutes(1));
        tell(new VerbResult(
                "verifyTable", Map.of("table", "public.t", "from", "shore", "to", "ship", "differences", 3)));
        tell(synced(Map.of("skipped", true)));
        tell(new VerbResult("copyTable", Map.of("table", "public.u", "from", "shore", "to", "ship")));
        tell(new VerbResult("syncTable", Map.of("subject", "public.t  shore → ship", "dryRun", true)));

        assertThat(known())
                .containsExactly(new TableState(
                        "ship", "public.t", Runs.START.minusSeconds(2), 3L, Runs.START.plusSeconds(60), "shore"));
    }

    @Test
    void theTargetsNameCounts() {
        tell(synced(Map.of("targetTable", "fleet.t")));

        assertThat(known()).extracting(TableState::table).containsExactly("fleet.t");
    }

    /** It may have been for once, and nobody could end the alert of a table that nobody keeps the same. */
    @Test
    void aCommandTellsOnlyOfTablesThatARunbookKeepsTheSame() {
        tell(synced(Map.of()));
        clock.forward(Duration.ofHours(1));
        for (String command : java.util.List.of("sync", "verify")) {
            RunOutcome byHand = Runs.accepted(command);
            try (RunHistory history = RunHistory.open(state, clock)) {
                history.runAccepted(byHand);
                history.verbFinished(byHand.runId(), 0, synced(Map.of()));
                history.verbFinished(byHand.runId(), 0, synced(Map.of("table", "public.once")));
            }
        }

        assertThat(known())
                .containsExactly(new TableState(
                        "ship", "public.t", Runs.START.plus(Duration.ofHours(1)).minusSeconds(2), null, null, "shore"));
    }

    @Test
    void tablesAreForgottenWithTheRunsThatToldOfThem() {
        tell(synced(Map.of()));
        clock.forward(Duration.ofDays(8));
        tell(synced(Map.of("table", "public.u")));
        try (RunHistory history = RunHistory.open(state, clock)) {
            history.expire(Duration.ofDays(7));
        }

        assertThat(known()).extracting(TableState::table).containsExactly("public.u");
    }
}
