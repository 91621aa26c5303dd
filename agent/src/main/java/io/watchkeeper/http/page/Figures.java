package io.watchkeeper.http.page;

import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.ProtectionReview;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.replicas.LagSample;
import io.watchkeeper.replicas.LagSeries;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.Verdict;
import io.watchkeeper.runbook.TableState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Is the data safe? In four figures, each with its limit; one that this host has nothing for is left out. */
final class Figures {

    private static final int SPARK_POINTS = 60;

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
        List<Html> cards = new ArrayList<>();
        figures.synced().ifPresent(cards::add);
        figures.lag().ifPresent(cards::add);
        figures.recoverable().ifPresent(cards::add);
        figures.drill().ifPresent(cards::add);
        return cards.isEmpty() ? Html.EMPTY : Html.of("<ul class=\"figures\">{}</ul>", cards);
    }

    /** The table whose last round is longest ago: the others are younger. It has no limit of its own. */
    private Optional<Html> synced() {
        return view.tables().stream()
                .filter(table -> table.syncedAt() != null)
                .min(Comparator.comparing(table -> Objects.requireNonNull(table.syncedAt())))
                .map(oldest -> card(
                        Verdict.OK,
                        words.say("figure.sync"),
                        age(oldest),
                        words.say("figure.sync.of", oldest.database(), oldest.table()),
                        Html.EMPTY));
    }

    private String age(TableState table) {
        Instant at = Objects.requireNonNull(table.syncedAt());
        return say.coarse(Duration.between(at, say.now()));
    }

    private record Behind(String database, Replica replica) {}

    /** Of the replica that is furthest behind. */
    private Optional<Html> lag() {
        ReplicationBoard board = view.replication();
        ReplicationLimits limits = view.limits();
        // One that somebody has to look at before one that may be away.
        Comparator<Behind> byNeed = Comparator.comparing(behind -> ReplicationReview.of(behind.replica(), limits));
        Optional<Behind> found = board.servers().stream()
                .flatMap(server -> server.replicas().stream().map(replica -> new Behind(server.database(), replica)))
                .max(byNeed.thenComparing(behind -> behind.replica().seconds()));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Behind worst = found.get();
        Replica replica = worst.replica();
        return Optional.of(card(
                ReplicationReview.of(replica, limits),
                words.say("figure.lag"),
                replica.seconds() < 0 ? words.say("lag.unknown") : ReplicationReview.say(replica.seconds()),
                words.say(
                        "figure.lag.of",
                        replica.name(),
                        ReplicationReview.say(limits.alertAfter().toMillis() / 1e3)),
                spark(board.samples(worst.database(), replica.name()))));
    }

    private Optional<Html> recoverable() {
        return view.protection().archives().stream()
                .filter(archive -> archive.recoverableTo() != null)
                .min(Comparator.comparing(archive -> Objects.requireNonNull(archive.recoverableTo())))
                .map(this::recoverable);
    }

    private Html recoverable(WalState archive) {
        Instant to = Objects.requireNonNull(archive.recoverableTo());
        return card(
                archive.problems().isEmpty() ? Verdict.OK : Verdict.ALERT,
                words.say("figure.recoverable"),
                words.say("time.ago", say.coarse(Duration.between(to, say.now()))),
                archive.database(),
                Html.EMPTY);
    }

    /** Of the database whose last good drill is longest ago. */
    private Optional<Html> drill() {
        Protection protection = view.protection();
        return protection.databases().stream()
                .flatMap(database -> protection.newestPassedDrill(database).stream())
                .min(Comparator.comparing(DrillState::at))
                .map(drill -> {
                    Duration age = Duration.between(drill.at(), say.now());
                    boolean late = age.compareTo(ProtectionReview.LONGEST_DRILL_AGE) > 0;
                    return card(
                            late ? Verdict.ALERT : Verdict.OK,
                            words.say("figure.drill"),
                            words.say("time.ago", say.coarse(age)),
                            words.say(
                                    "figure.drill.of",
                                    drill.database(),
                                    say.coarse(ProtectionReview.LONGEST_DRILL_AGE)),
                            Html.EMPTY);
                });
    }

    private Html card(Verdict verdict, String title, String figure, String detail, Html picture) {
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
        return Html.of("""
                <li class="figure {}"><h3>{}</h3>\
                <p class="value"><span class="shape" role="img" aria-label="{}">{}</span> {}</p>\
                <p class="since">{}</p>{}</li>
                """, kind, title, words.say("verdict." + verdict.wireName()), shape, figure, detail, picture);
    }

    /** The course of the last hours, with the limit as a line; what it says is said in words by the chart. */
    private Html spark(List<LagSample> samples) {
        Instant now = say.now();
        List<LagSample> known = LagSeries.thin(samples, now.minus(ReplicationBoard.KEPT), now, SPARK_POINTS).stream()
                .filter(sample -> sample.seconds() >= 0)
                .toList();
        if (known.size() < 2) {
            return Html.EMPTY;
        }
        double limit = view.limits().alertAfter().toMillis() / 1e3;
        double top = 1.15
                * Math.max(
                        limit,
                        known.stream().mapToDouble(LagSample::seconds).max().orElse(0));
        Instant from = known.get(0).at();
        double span = Math.max(1, Duration.between(from, now).toMillis());
        StringBuilder points = new StringBuilder();
        for (LagSample sample : known) {
            points.append(String.format(
                    Locale.ROOT,
                    "%.1f,%.1f ",
                    100 * Duration.between(from, sample.at()).toMillis() / span,
                    29 - 28 * sample.seconds() / top));
        }
        String y = String.format(Locale.ROOT, "%.1f", 29 - 28 * limit / top);
        return Html.of("""
                <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">\
                <line class="limit" x1="0" x2="100" y1="{}" y2="{}" vector-effect="non-scaling-stroke"/>\
                <polyline class="line n0" points="{}" vector-effect="non-scaling-stroke"/></svg>
                """, y, y, points.toString().strip());
    }
}
