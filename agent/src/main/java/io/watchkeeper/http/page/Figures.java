package io.watchkeeper.http.page;

import io.watchkeeper.measures.Sample;
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
                                say.coarse(SafetyFigures.SYNC_LIMIT))),
                view.course().synced(),
                SafetyFigures.SYNC_LIMIT);
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
                        words.say("figure.lag.of", replica.name(), ReplicationReview.say(limit.toMillis() / 1e3))),
                view.course().lag(),
                limit);
    }

    private Html recoverable(WalState archive) {
        Duration age = age(Objects.requireNonNull(archive.recoverableTo()));
        Verdict verdict = age.compareTo(SafetyFigures.RECOVERY_LIMIT) > 0 ? Verdict.WARN : Verdict.OK;
        return card(
                archive.problems().isEmpty() ? verdict : Verdict.ALERT,
                words.say("figure.recoverable"),
                words.say("time.ago", say.coarse(age)),
                Html.of(
                        "<a href=\"/backups\">{}</a>",
                        words.say(
                                "figure.recoverable.of", archive.database(), say.coarse(SafetyFigures.RECOVERY_LIMIT))),
                view.course().recoverable(),
                SafetyFigures.RECOVERY_LIMIT);
    }

    private Html drill(DrillState drill) {
        Duration age = age(drill.at());
        Duration limit = ProtectionReview.LONGEST_DRILL_AGE;
        return card(
                age.compareTo(limit) > 0 ? Verdict.ALERT : Verdict.OK,
                words.say("figure.drill"),
                words.say("time.ago", say.coarse(age)),
                Html.of(
                        "<a href=\"/drills?sort=-at\">{}</a>",
                        words.say("figure.drill.of", drill.database(), say.coarse(limit), rto(drill))),
                view.course().drill(),
                limit);
    }

    private String rto(DrillState drill) {
        Double seconds = drill.rtoSeconds();
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
