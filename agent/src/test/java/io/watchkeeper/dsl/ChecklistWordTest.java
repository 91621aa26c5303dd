package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.Checklist;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChecklistWordTest {

    private static LoadedFile load(String words) {
        return new RunbookLoader("ship", List.of("shore", "ship"), Loading.toolbox(new Loading.SentAlerts()))
                .loadText(Loading.FILE, "runbook('a') { " + words + "; step('x') { query 'shore', 'select 1' } }");
    }

    @Test
    void runbookIsAChecklistOrNone() {
        assertThat(load("checklist weekly").runbooks())
                .singleElement()
                .extracting(runbook -> runbook.checklist())
                .isEqualTo(Checklist.WEEKLY);
        assertThat(load("owner 'me'").runbooks().get(0).checklist()).isNull();
    }

    @Test
    void misspelledRhythmIsToldWithTheRightOnes() {
        assertThat(load("checklist dayly").problems())
                .singleElement()
                .asString()
                .contains("dayly", "HINT: ", "daily");
        assertThat(load("checklist daily; checklist weekly").problems())
                .singleElement()
                .asString()
                .contains("checklist");
    }
}
