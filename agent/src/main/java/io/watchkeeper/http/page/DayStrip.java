package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The day in a picture: a row for each runbook, a mark for its runs of each quarter of an hour, told apart by shape as well as by colour, windows
 * without runs shaded, and now as a line. Runs that went well are strokes of one path, because there may be thousands of them; what went
 * wrong are links. Each row says the same in words.
 */
final class DayStrip {

    /** Of one row; the others are drawn, and are in the list of runs. */
    private static final int MOST_LINKS = 12;

    private static final int HOURS_BETWEEN_LABELS = 3;

    private static final List<RunState> SHAPED =
            List.of(RunState.FAILED, RunState.TIMED_OUT, RunState.CANCELLED, RunState.SKIPPED);

    /** Around the middle of a row, which each is moved to. */
    private static final Html SHAPES = Html.of("""
            <svg class="shapes" aria-hidden="true"><defs>\
            <path id="mark-failed" d="M-4-4 4 4M-4 4 4-4"/><path id="mark-timedout" d="M0-5 5 4H-5z"/>\
            <path id="mark-cancelled" d="M-3.5-3.5h7v7h-7z"/><path id="mark-skipped" d="M-3 0h6"/><circle id="mark-running" r="4"/>\
            <path id="mark-succeeded" d="M0-6v12"/><path id="mark-due" d="M0-3v6"/>\
            </defs></svg>""");

    private final DayView day;
    private final Saying say;
    private final Words words;

    private DayStrip(DayView day, Saying say) {
        this.day = day;
        this.say = say;
        this.words = say.words();
    }

    static Html of(DayView day, Saying say) {
        return day.rows().isEmpty()
                ? Html.of("<p class=\"empty\">{}</p>", say.words().say("day.none"))
                : new DayStrip(day, say).html();
    }

    private Html html() {
        return Html.of(
                """
                {}<table class="day">
                <caption class="unseen">{}</caption>
                <thead><tr><th scope="col"><span class="unseen">{}</span></th><th scope="col"><span class="unseen">{}</span>{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                {}
                """,
                SHAPES,
                words.say("day.caption", words.number(DayView.STRETCH.toMinutes())),
                words.say("runbooks.name"),
                words.say("day.title"),
                axis(),
                day.rows().stream().map(this::row).toList(),
                legend());
    }

    private Html axis() {
        DateTimeFormatter clock = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
        List<Html> labels = new ArrayList<>();
        int number = 0;
        for (Instant at = firstLabel();
                at.isBefore(day.to().minus(Duration.ofMinutes(30)));
                at = at.plus(Duration.ofHours(HOURS_BETWEEN_LABELS))) {
            labels.add(Html.of(
                    "<text x=\"{}\" y=\"12\"{}>{}</text>",
                    percent(at),
                    Html.of(" class=\"odd\"").when(number++ % 2 == 1),
                    clock.format(at.atZone(say.zone()))));
        }
        return Html.of("<svg class=\"hours\" aria-hidden=\"true\">{}</svg>", labels);
    }

    /** On an hour of the clock on the wall that three goes into. */
    private Instant firstLabel() {
        Instant at = day.from();
        while (at.atZone(say.zone()).getHour() % HOURS_BETWEEN_LABELS != 0) {
            at = at.plus(Duration.ofHours(1));
        }
        return at;
    }

    private Html row(DayView.Row row) {
        return Html.of(
                """
                <tr><th scope="row"><a href="/runs?runbook={}">{}</a></th><td><span class="unseen">{}</span>\
                <svg class="strip">{}{}{}{}{}{}<line class="now" x1="{}" x2="{}" y1="0" y2="100%"/></svg></td></tr>
                """,
                Html.url(row.runbook()),
                row.runbook(),
                said(row),
                row.blackouts().stream().map(this::blackout).toList(),
                strokes("succeeded", starts(row, RunState.SUCCEEDED), 4, 20),
                strokes("due", row.paused() ? List.of() : row.due(), 9, 15),
                andSoOn(row),
                row.running().stream().map(this::running).toList(),
                marks(row),
                percent(say.now()),
                percent(say.now()));
    }

    private String said(DayView.Row row) {
        Map<RunState, Integer> counts = new TreeMap<>();
        row.ticks().forEach(tick -> counts.merge(tick.state(), tick.count(), Integer::sum));
        List<String> parts = new ArrayList<>();
        counts.forEach((state, count) -> parts.add(words.number(count) + " " + words.say("state." + state.wireName())));
        if (row.paused()) {
            parts.add(words.say("runbooks.paused"));
        }
        return parts.isEmpty() ? words.say("day.notYet") : String.join(", ", parts);
    }

    private static List<Instant> starts(DayView.Row row, RunState state) {
        return row.ticks().stream()
                .filter(tick -> tick.state() == state)
                .map(RunTicks::at)
                .toList();
    }

    private Html blackout(DayView.Window window) {
        return Html.of(
                "<rect class=\"blackout\" x=\"{}\" width=\"{}\" height=\"100%\"><title>{}</title></rect>",
                percent(window.from()), share(Duration.between(window.from(), window.to())), words.say("day.blackout"));
    }

    /** In minutes of the day, stretched to the width there is; strokes keep their own. */
    private Html strokes(String kind, List<Instant> at, int top, int bottom) {
        if (at.isEmpty()) {
            return Html.EMPTY;
        }
        StringBuilder path = new StringBuilder();
        for (Instant one : at) {
            long minute = Duration.between(day.from(), one).toMinutes();
            path.append('M').append(minute).append(' ').append(top).append('V').append(bottom);
        }
        return Html.of(
                "<svg viewBox=\"0 0 {} 24\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\"><path class=\"{}\" d=\"{}\""
                        + " vector-effect=\"non-scaling-stroke\"/></svg>",
                DayView.SPAN.toMinutes(), kind, path);
    }

    private Html andSoOn(DayView.Row row) {
        return row.more() && !row.paused()
                ? Html.of(
                        "<line class=\"more\" x1=\"{}\" x2=\"100%\" y1=\"50%\" y2=\"50%\"/>",
                        percent(row.due().get(row.due().size() - 1)))
                : Html.EMPTY;
    }

    private Html running(Instant since) {
        Instant from = since.isBefore(day.from()) ? day.from() : since;
        return Html.of(
                "<line class=\"running\" x1=\"{}\" x2=\"{}\" y1=\"50%\" y2=\"50%\"/><use class=\"running\" href=\"#mark-running\" x=\"{}\" y=\"50%\"/>",
                percent(from), percent(say.now()), percent(say.now()));
    }

    private Html marks(DayView.Row row) {
        List<Html> marks = new ArrayList<>();
        List<RunTicks> shaped = row.ticks().stream()
                .filter(tick -> SHAPED.contains(tick.state()))
                .toList();
        int links = 0;
        for (int i = shaped.size() - 1; i >= 0; i--) {
            RunTicks tick = shaped.get(i);
            boolean bad = tick.state() == RunState.FAILED || tick.state() == RunState.TIMED_OUT;
            Html mark = mark(tick);
            marks.add(bad && links++ < MOST_LINKS ? linked(tick, mark) : mark);
        }
        return Html.all(marks);
    }

    private Html linked(RunTicks tick, Html mark) {
        DateTimeFormatter clock = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
        String title = clock.format(tick.at().atZone(say.zone())) + " "
                + words.say("state." + tick.state().wireName());
        return Html.of("<a href=\"/runs/{}\" aria-label=\"{} {}\">{}</a>", tick.newest(), tick.runbook(), title, mark);
    }

    private Html mark(RunTicks tick) {
        String kind = tick.state().wireName().toLowerCase(Locale.ROOT);
        return Html.of("<use class=\"{}\" href=\"#mark-{}\" x=\"{}\" y=\"50%\"/>", kind, kind, percent(tick.at()));
    }

    private Html legend() {
        List<Html> keys = new ArrayList<>();
        for (RunState state : Arrays.asList(
                RunState.SUCCEEDED,
                RunState.FAILED,
                RunState.TIMED_OUT,
                RunState.SKIPPED,
                RunState.CANCELLED,
                RunState.RUNNING)) {
            keys.add(key(state.wireName().toLowerCase(Locale.ROOT), words.say("state." + state.wireName())));
        }
        keys.add(key("due", words.say("day.due")));
        keys.add(Html.of(
                "<li><svg class=\"key\" aria-hidden=\"true\"><rect class=\"blackout\" width=\"100%\" height=\"100%\"/></svg>{}</li>",
                words.say("day.blackout")));
        return Html.of("<ul class=\"legend day-legend\">{}</ul>", keys);
    }

    private static Html key(String kind, String word) {
        return Html.of(
                "<li><svg class=\"key\" aria-hidden=\"true\"><use class=\"{}\" href=\"#mark-{}\" x=\"50%\" y=\"50%\"/></svg>{}</li>",
                kind, kind, word);
    }

    private String percent(Instant at) {
        return share(Duration.between(day.from(), at));
    }

    private static String share(Duration part) {
        double share = 100.0 * part.toMillis() / DayView.SPAN.toMillis();
        return String.format(Locale.ROOT, "%.2f%%", Math.min(100, Math.max(0, share)));
    }
}
