package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.Alerts;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.text.ParseException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quartz.CronExpression;

/** Loads runbooks out of texts on a host {@code ship-7} of role {@code ship} that knows the databases shore and ship. */
final class Loading {

    static final String FILE = "runbooks/test.groovy";

    private Loading() {}

    /** Keeps what was sent. */
    static final class SentAlerts implements Alerts {
        final List<Alert> sent = new ArrayList<>();

        @Override
        public boolean fire(Alert alert) {
            return sent.add(alert);
        }

        @Override
        public int resolve(String runbook) {
            return 0;
        }
    }

    static Optional<String> cronProblem(String expression) {
        try {
            CronExpression.validateExpression(expression);
            return Optional.empty();
        } catch (ParseException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    static Toolbox toolbox(Alerts alerts) {
        return new Toolbox(
                "ship-7",
                Clock.systemUTC(),
                alerts,
                Loading::cronProblem,
                null,
                BackupSettings.none(Clock.systemUTC()));
    }

    static RunbookLoader loader() {
        return loader(new SentAlerts());
    }

    static RunbookLoader loader(Alerts alerts) {
        return new RunbookLoader("ship", List.of("shore", "ship"), toolbox(alerts));
    }

    /** The problems of a file as a person would read them, without the file's name. */
    static List<String> problemsOf(String text) {
        return loader().loadText(FILE, text).problems().stream()
                .sorted()
                .map(Problem::toString)
                .map(p -> p.startsWith(FILE + ":")
                        ? p.substring(FILE.length() + 1).strip()
                        : p)
                .toList();
    }

    /** The problems of one step that holds the code; the code begins in line 3, column 1. */
    static List<String> problemsOfStep(String code) {
        return problemsOf("runbook('test') {\nstep('s') {\n" + code + "\n}\n}\n");
    }

    static Runbook runbook(String text) {
        return runbook(loader(), text);
    }

    static Runbook runbook(RunbookLoader loader, String text) {
        LoadedFile loaded = loader.loadText(FILE, text);
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.runbooks()).hasSize(1);
        return loaded.runbooks().get(0);
    }
}
