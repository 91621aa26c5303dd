package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.OpenAlert;
import io.watchkeeper.units.Secret;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertHistoryTest {

    @TempDir
    Path state;

    private RunHistory history;
    private AlertHistory alerts;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, new SettableClock(Runs.START));
        alerts = history.alerts();
    }

    @AfterEach
    void close() {
        history.close();
    }

    private static OpenAlert alert(String runbook, String text, Instant openedAt) {
        return new OpenAlert(
                new Alert("page", text, Map.of("host", "ship-7", "runbook", runbook, "severity", "page")),
                openedAt,
                openedAt.plusSeconds(1),
                openedAt.plusSeconds(2),
                Set.of("mail", "alertmanager"),
                null);
    }

    @Test
    void keepsEveryFieldOverARestart() {
        OpenAlert firing = alert("sync", "디스크 부족", Runs.START);
        OpenAlert resolved = new OpenAlert(
                alert("vacuum", "x", Runs.START).alert(),
                Runs.START,
                Runs.START,
                Runs.START,
                Set.of(),
                Runs.START.plusSeconds(60));
        alerts.save(firing);
        alerts.save(resolved);
        history.close();
        history = RunHistory.open(state, new SettableClock(Runs.START));
        alerts = history.alerts();
        assertThat(alerts.find(firing.key())).contains(firing);
        assertThat(alerts.find(resolved.key())).contains(resolved);
    }

    @Test
    void savingAgainReplaces() {
        alerts.save(alert("sync", "first", Runs.START));
        OpenAlert second = alert("sync", "second", Runs.START);
        alerts.save(second);
        assertThat(alerts.all()).containsExactly(second);
    }

    @Test
    void listsOldestFirstAndByRunbook() {
        OpenAlert younger = alert("a", "x", Runs.START.plusSeconds(1));
        OpenAlert older = alert("b", "y", Runs.START);
        alerts.save(younger);
        alerts.save(older);
        assertThat(alerts.all()).containsExactly(older, younger);
        assertThat(alerts.ofRunbook("a")).containsExactly(younger);
    }

    @Test
    void removesOneAndDoesNotMindWhenThereIsNone() {
        OpenAlert open = alert("sync", "x", Runs.START);
        alerts.save(open);
        alerts.remove(open);
        alerts.remove(open);
        assertThat(alerts.find(open.key())).isEmpty();
    }

    @Test
    void entersWhoIsUnreachedUnlessTheAlertWasSentOrEndedSince() {
        OpenAlert open = alert("sync", "x", Runs.START);
        alerts.save(open);
        alerts.saveUnreached(open, Set.of("mail"));
        assertThat(alerts.find(open.key()).orElseThrow().unreached()).containsExactly("mail");

        OpenAlert over = new OpenAlert(
                open.alert(), open.openedAt(), open.raisedAt(), open.sentAt(), Set.of(), Runs.START.plusSeconds(60));
        alerts.save(over);
        alerts.saveUnreached(open, Set.of("mail"));
        alerts.remove(open);
        assertThat(alerts.find(open.key())).contains(over);

        alerts.saveUnreached(over, Set.of("alertmanager"));
        assertThat(alerts.find(open.key()).orElseThrow().unreached()).containsExactly("alertmanager");
        alerts.remove(over);
        alerts.saveUnreached(over, Set.of("mail"));
        assertThat(alerts.all()).isEmpty();
    }

    @Test
    void redactsSecretsAndStillFindsTheAlert() {
        Secret.of("alert-secret-1");
        OpenAlert open = alert("sync", "url has alert-secret-1", Runs.START);
        OpenAlert labelled = alert("alert-secret-1", "x", Runs.START);
        alerts.save(open);
        alerts.save(labelled);
        assertThat(alerts.find(open.key()).orElseThrow().alert().text()).isEqualTo("url has [redacted]");
        assertThat(alerts.find(labelled.key()).orElseThrow().alert().runbook()).isEqualTo("[redacted]");
    }
}
