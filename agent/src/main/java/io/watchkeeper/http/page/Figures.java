package io.watchkeeper.http.page;

import io.watchkeeper.measures.Sample;
import io.watchkeeper.protection.Concern;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.ProtectionReview;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.Verdict;
import io.watchkeeper.runbook.TableState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Is the data safe? In four figures, each with its limit and its last day; one that this host has nothing for is left out. */
final class Figures {

    private final StatusView view;
    private final Saying say;
    private final Words words;

    private Figures(StatusView view, Saying say) {
        this.view = view;
        this.say = say;
        this.words = say.words();
    }

    static Html of(StatusView view, Saying say) {
        Figures figures = new Figures(view, say);
        SafetyFigures worst = view.safety();
        List<Html> cards = new ArrayList<>();
        worst.synced().map(figures::synced).ifPresent(cards::add);
        worst.lag().map(figures::lag).ifPresent(cards::add);
        worst.archive().map(figures::recoverable).ifPresent(cards::add);
        worst.drill().map(figures::drill).ifPresent(cards::add);
        return cards.isEmpty() ? Html.EMPTY : Html.of("<ul class=\"figures\">{}</ul>", cards);
    }

    private Html synced(TableState oldest) {
        Duration age = age(Objects.requireNonNull(oldest.syncedAt()));
        return card(
                age.compareTo(SafetyFigures.SYNC_LIMIT) > 0 ? Verdict.WARN : Verdict.OK,
                words.say("figure.sync"),
                words.say("time.ago", say.coarse(age)),
                Html.of(
                        "<a href=\"/sync?sort=syncedAt\">{}</a>",
                        words.say(
                                "figure.sync.of",
                                oldest.database(),
                                oldest.table(),
                                say.coarse(SafetyFigures.SYNC_LIMIT),
                                verified(oldest))),
                view.course().synced(),
                SafetyFigures.SYNC_LIMIT);
    }

    /** A round is no comparison: it brings what changed, as far as its way of looking finds that. */
    private String verified(TableState table) {
        Instant at = table.verifiedAt();
        return at == null
                ? words.say("figure.sync.unverified")
                : words.say("figure.sync.verified", words.say("time.ago", say.coarse(age(at))));
    }

    private Html lag(ReplicaRow worst) {
        Replica replica = worst.replica();
        Duration limit = view.limits().alertAfter();
        return card(
                ReplicationReview.of(replica, view.limits()),
                words.say("figure.lag"),
                replica.seconds() < 0 ? words.say("lag.unknown") : ReplicationReview.say(replica.seconds()),
                Html.of(
                        "<a href=\"/replicas?sort=-lagSeconds\">{}</a>",
                        words.say("figure.lag.of", replica.name(), say.coarse(limit))),
                view.course().lag(),
                limit);
    }

    private Html recoverable(WalState archive) {
        Instant to = archive.recoverableTo();
        boolean recent = to != null && age(to).compareTo(SafetyFigures.RECOVERY_LIMIT) <= 0;
        Verdict verdict = recent ? Verdict.OK : Verdict.WARN;
        return card(
                archive.problems().isEmpty() ? verdict : Verdict.ALERT,
                words.say("figure.recoverable"),
                to == null ? words.say("lag.unknown") : words.say("time.ago", say.coarse(age(to))),
                Html.of(
                        "<a href=\"/backups\">{}</a>",
                        words.say(
                                "figure.recoverable.of", archive.database(), say.coarse(SafetyFigures.RECOVERY_LIMIT))),
                view.course().recoverable(),
                SafetyFigures.RECOVERY_LIMIT);
    }

    private Html drill(SafetyFigures.LastDrill last) {
        DrillState passed = last.passed();
        Duration limit = ProtectionReview.LONGEST_DRILL_AGE;
        return card(
                passed == null ? neverPassed(last.database()) : judge(passed, limit),
                words.say("figure.drill"),
                passed == null ? words.say("sync.never") : words.say("time.ago", say.coarse(age(passed.at()))),
                Html.of(
                        "<a href=\"/drills?sort=-at\">{}</a>",
                        words.say("figure.drill.of", last.database(), say.coarse(limit), rto(passed))),
                view.course().drill(),
                limit);
    }

    private Verdict judge(DrillState passed, Duration limit) {
        return age(passed.at()).compareTo(limit) > 0 ? Verdict.ALERT : Verdict.OK;
    }

    /** As its card says: a new database has some days for its first one. */
    private Verdict neverPassed(String database) {
        boolean urgent = view.urgentConcerns().stream()
                .anyMatch(concern -> concern.database().equals(database)
                        && (concern.kind() == Concern.Kind.NO_DRILL || concern.kind() == Concern.Kind.FAILED_DRILL));
        return urgent ? Verdict.ALERT : Verdict.WARN;
    }

    private String rto(@Nullable DrillState drill) {
        Double seconds = drill == null ? null : drill.rtoSeconds();
        return seconds == null ? "–" : say.duration(Duration.ofMillis(Math.round(seconds * 1_000)));
    }

    private Duration age(Instant at) {
        return Duration.between(at, say.now());
    }

    private Html card(Verdict verdict, String title, String figure, Html detail, List<Sample> course, Duration limit) {
        String kind = switch (verdict) {
            case OK -> "succeeded";
            case WARN -> "timedout";
            case ALERT -> "failed";
        };
        String shape = switch (verdict) {
            case OK -> "✓";
            case WARN -> "▲";
            case ALERT -> "✖";
        };
        double highest = course.stream().mapToDouble(Sample::value).max().orElse(0);
        String said = words.say("figure.course", ReplicationReview.say(highest));
        return Html.of(
                """
                <li class="figure {}"><h3>{}</h3>\
                <p class="value"><span class="shape" role="img" aria-label="{}">{}</span> {}</p>\
                <p class="since">{}</p>{}</li>
                """,
                kind,
                title,
                words.say("verdict." + verdict.wireName()),
                shape,
                figure,
                detail,
                Sparkline.of(course, limit.toMillis() / 1e3, say.now(), said));
    }
}
