package io.watchkeeper.http.page;

import io.watchkeeper.replicas.LagSample;
import io.watchkeeper.replicas.LagSeries;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How far replicas were behind in the last hours: a line for each, the limit as one, and what was done about it as numbered marks that a
 * list below explains. A picture without script or inline style; places are in percent, so that its text keeps its size on any screen.
 */
final class LagChart {

    /** Lines that can be told apart; of more replicas the worst are drawn. */
    private static final int MOST_LINES = 6;

    private static final int MOST_MARKS = 20;
    private static final int POINTS = 240;

    /** Of the strip of marks; the style sheet has as much room. */
    private static final int ROWS = 3;

    private static final int ROW_HEIGHT = 20;

    /** In percent of the width. */
    private static final double TOO_CLOSE = 3;

    /** A longer silence is a gap, not a line from before it to after it. */
    private static final Duration GAP = Duration.ofMinutes(3);

    /** Whose quarters are whole. */
    private static final List<Duration> SPANS = List.of(
            Duration.ofMinutes(4),
            Duration.ofMinutes(8),
            Duration.ofMinutes(20),
            Duration.ofMinutes(40),
            Duration.ofHours(1),
            Duration.ofHours(2),
            Duration.ofHours(4),
            ReplicationBoard.KEPT);

    private static final double[] STEPS = {
        1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 432_000
    };

    private record Line(String database, Replica replica, List<LagSample> samples, double highest) {}

    private record Mark(int number, RemedyEvent event) {}

    private final List<Line> lines;
    private final List<Mark> marks;
    private final ReplicationLimits limits;
    private final int leftOut;
    private final Instant from;
    private final Instant to;
    private final double top;
    private final Saying say;
    private final Words words;

    private LagChart(ReplicationBoard board, ReplicationLimits limits, Saying say) {
        this.limits = limits;
        this.say = say;
        this.words = say.words();
        this.to = say.now();
        List<Line> all = new ArrayList<>();
        for (ReplicatingServer server : board.servers()) {
            for (Replica replica : server.replicas()) {
                List<LagSample> samples = board.samples(server.database(), replica.name()).stream()
                        .filter(sample -> sample.seconds() >= 0)
                        .toList();
                all.add(new Line(server.database(), replica, samples, highest(samples)));
            }
        }
        this.leftOut = Math.max(0, all.size() - MOST_LINES);
        this.lines = all.stream()
                .sorted(Comparator.comparing(Line::highest)
                        .reversed()
                        .thenComparing(line -> line.replica().name()))
                .limit(MOST_LINES)
                .toList();
        this.from = to.minus(span());
        List<RemedyEvent> events = board.events().stream()
                .filter(event -> !event.at().isBefore(from))
                .toList();
        List<RemedyEvent> newest = events.subList(Math.max(0, events.size() - MOST_MARKS), events.size());
        List<Mark> numbered = new ArrayList<>();
        newest.forEach(event -> numbered.add(new Mark(numbered.size() + 1, event)));
        this.marks = List.copyOf(numbered);
        double highest = lines.stream().mapToDouble(Line::highest).max().orElse(0);
        this.top = 1.12 * Math.max(highest, limits.alertAfter().toMillis() / 1e3);
    }

    /** Nothing as long as there are no two samples to draw a line between. */
    static Html of(ReplicationBoard board, ReplicationLimits limits, Saying say) {
        LagChart chart = new LagChart(board, limits, say);
        return chart.lines.stream().anyMatch(line -> line.samples().size() > 1) ? chart.html() : Html.EMPTY;
    }

    private static double highest(List<LagSample> samples) {
        return samples.stream().mapToDouble(LagSample::seconds).max().orElse(0);
    }

    /** The shortest that shows everything that is known. */
    private Duration span() {
        Instant oldest = lines.stream()
                .flatMap(line -> line.samples().stream().limit(1))
                .map(LagSample::at)
                .min(Comparator.naturalOrder())
                .orElse(to);
        Duration known = Duration.between(oldest, to);
        return SPANS.stream()
                .filter(span -> span.compareTo(known) >= 0)
                .findFirst()
                .orElse(ReplicationBoard.KEPT);
    }

    private Html html() {
        return Html.of(
                """
                <figure class="lag">
                <figcaption>{}{}</figcaption>
                <div class="chart{}">
                {}<svg class="axis y" aria-hidden="true">{}</svg>
                <svg class="plot" role="img" aria-label="{}">
                {}{}
                <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">{}</svg>
                {}
                </svg>
                <svg class="axis x" aria-hidden="true">{}</svg>
                </div>
                {}{}
                </figure>
                """,
                words.say("lag.chart", say.coarse(Duration.between(from, to))),
                CloserLook.at(words.say("lag.chart", say.coarse(Duration.between(from, to))), words),
                marks.isEmpty() ? "" : " marked",
                strip(),
                yLabels(),
                description(),
                grid(),
                limitLines(),
                lines.stream().map(this::path).toList(),
                marks.stream().map(this::line).toList(),
                xLabels(),
                legend(),
                story());
    }

    // ---- the picture

    private double x(Instant at) {
        return 100.0
                * Duration.between(from, at).toMillis()
                / Duration.between(from, to).toMillis();
    }

    private double y(double seconds) {
        return 100.0 - 100.0 * seconds / top;
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.2f%%", value);
    }

    private List<Double> levels() {
        double step = STEPS[STEPS.length - 1];
        for (int i = STEPS.length - 1; i >= 0 && top / STEPS[i] <= 5; i--) {
            step = STEPS[i];
        }
        List<Double> levels = new ArrayList<>();
        for (double level = 0; level <= top; level += step) {
            levels.add(level);
        }
        return levels;
    }

    private Html grid() {
        return Html.all(levels().stream()
                .map(level -> Html.of(
                        "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{}\" y2=\"{}\"/>",
                        percent(y(level)), percent(y(level))))
                .toList());
    }

    private Html yLabels() {
        return Html.all(levels().stream()
                .map(level -> Html.of(
                        "<text x=\"100%\" dx=\"-6\" y=\"{}\" dy=\".32em\" text-anchor=\"end\">{}</text>",
                        percent(y(level)), say.coarse(Duration.ofSeconds(Math.round(level)))))
                .toList());
    }

    private Html limitLines() {
        Html alert = limitLine("alert", limits.alertAfter(), words.say("lag.limit"));
        return limits.warnAfter().equals(limits.alertAfter())
                ? alert
                : Html.of("{}{}", limitLine("warn", limits.warnAfter(), ""), alert);
    }

    private Html limitLine(String kind, Duration limit, String label) {
        String y = percent(y(limit.toMillis() / 1e3));
        Html text = Html.of("<text class=\"limit\" x=\"6\" y=\"{}\" dy=\"-.4em\">{}</text>", y, label)
                .when(!label.isEmpty());
        return Html.of("<line class=\"limit {}\" x1=\"0\" x2=\"100%\" y1=\"{}\" y2=\"{}\"/>{}", kind, y, y, text);
    }

    private Html path(Line line) {
        StringBuilder path = new StringBuilder();
        Instant before = null;
        for (LagSample sample : LagSeries.thin(line.samples(), from, to, POINTS)) {
            boolean gap =
                    before == null || Duration.between(before, sample.at()).compareTo(GAP) > 0;
            path.append(gap ? 'M' : 'L')
                    .append(String.format(
                            Locale.ROOT, "%.1f %.1f", 10 * x(sample.at()), Math.max(0, 10 * y(sample.seconds()))));
            before = sample.at();
        }
        return Html.of(
                "<path class=\"line n{}\" vector-effect=\"non-scaling-stroke\" d=\"{}\"/>", lines.indexOf(line), path);
    }

    private Html line(Mark mark) {
        String x = percent(x(mark.event().at()));
        return Html.of("<line class=\"mark\" x1=\"{}\" x2=\"{}\" y1=\"0\" y2=\"100%\"/>", x, x);
    }

    /** The marks have a strip of their own above the picture, so that they hide nothing of it. */
    private Html strip() {
        return Html.of(
                        "<svg class=\"strip\" aria-hidden=\"true\">{}</svg>\n",
                        marks.stream().map(this::mark).toList())
                .when(!marks.isEmpty());
    }

    /** Marks that would lie on each other go down a row each. */
    private Html mark(Mark mark) {
        double x = x(mark.event().at());
        long row = marks.stream()
                        .filter(other -> other.number() < mark.number()
                                && x - x(other.event().at()) < TOO_CLOSE)
                        .count()
                % ROWS;
        return Html.of(
                """
                <g class="mark {}"><title>{}</title><circle cx="{}" cy="{}" r="9"/>\
                <text x="{}" y="{}" dy=".35em" text-anchor="middle">{}</text></g>
                """,
                mark.event().kind().wireName(),
                mark.event().text(),
                percent(x),
                ROW_HEIGHT / 2 + ROW_HEIGHT * row,
                percent(x),
                ROW_HEIGHT / 2 + ROW_HEIGHT * row,
                mark.number());
    }

    private Html xLabels() {
        Duration span = Duration.between(from, to);
        List<Html> labels = new ArrayList<>();
        for (int quarter = 0; quarter <= 4; quarter++) {
            Duration ago = span.multipliedBy(4 - quarter).dividedBy(4);
            labels.add(Html.of(
                    "<text{} x=\"{}\" y=\"1.1em\" text-anchor=\"{}\">{}</text>",
                    Html.of(" class=\"wide\"").when(quarter % 2 == 1),
                    percent(25.0 * quarter),
                    quarter == 0 ? "start" : quarter == 4 ? "end" : "middle",
                    quarter == 4 ? words.say("lag.now") : words.say("time.ago", say.coarse(ago))));
        }
        return Html.all(labels);
    }

    // ---- in words

    private String description() {
        List<String> said = new ArrayList<>();
        for (Line line : lines) {
            said.add(words.say(
                    "lag.described",
                    line.replica().name(),
                    ReplicationReview.say(line.highest()),
                    behind(line.replica())));
        }
        said.add(words.say("lag.limitIs", say.coarse(limits.alertAfter())));
        return String.join(" ", said);
    }

    private String behind(Replica replica) {
        return replica.seconds() < 0 ? words.say("lag.unknown") : ReplicationReview.say(replica.seconds());
    }

    private Html legend() {
        List<Html> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            entries.add(Html.of("""
                    <li><svg class="key" aria-hidden="true"><line class="line n{}" x1="0" x2="100%" y1="50%" y2="50%"/></svg> \
                    {} <span class="since">{}</span></li>
                    """, i, line.replica().name(), behind(line.replica())));
        }
        if (leftOut > 0) {
            entries.add(Html.of("<li class=\"since\">{}</li>", words.count("lag.leftOut", leftOut)));
        }
        return Html.of("<ul class=\"legend\">{}</ul>", entries);
    }

    /** What the marks stand for, newest last as in the picture. */
    private Html story() {
        if (marks.isEmpty()) {
            return Html.EMPTY;
        }
        return Html.of(
                "<ol class=\"story\">{}</ol>",
                marks.stream()
                        .map(mark -> Html.of(
                                "<li><span class=\"number {}\">{}</span> {} <b>{}</b> {} <span class=\"what\">{}</span></li>\n",
                                mark.event().kind().wireName(),
                                mark.number(),
                                say.clock(mark.event().at()),
                                words.say("remedy." + mark.event().kind().wireName()),
                                mark.event().text().contains(mark.event().replica())
                                        ? ""
                                        : mark.event().replica() + ":",
                                mark.event().text()))
                        .toList());
    }
}
