package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.toolkit.remedy.RemedyResult.TreatedReplica;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A report as HTML: plain tables, readable without a network, and printed as it looks. */
final class RemedyReportPage {

    private static final String STYLE = """
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24; }
            h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
            table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding-bottom: .4rem; }
            th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #d5d9de; vertical-align: top; }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            .ok { color: #17692c; } .bad { color: #a11616; font-weight: 600; } .quiet { color: #57606a; }
            """;

    private final String runId;
    private final List<RemedyResult> results;
    private final StringBuilder page = new StringBuilder();

    RemedyReportPage(String runId, List<RemedyResult> results) {
        this.runId = runId;
        this.results = results;
    }

    String text() {
        boolean behind = results.stream().anyMatch(RemedyResult::isBehind);
        boolean left = results.stream().anyMatch(result -> !result.leftInPlace().isEmpty());
        String verdict = left
                ? "Not everything could be taken back"
                : behind ? "A replica is still behind" : "No replica is too far behind";
        page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
                .append(verdict)
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1 class=\"")
                .append(left || behind ? "bad" : "ok")
                .append("\">")
                .append(verdict)
                .append("</h1>\n<p class=\"quiet\">Lag remedies of run ")
                .append(escape(runId))
                .append("</p>\n");
        results.forEach(this::result);
        return page.append("</body></html>\n").toString();
    }

    private void result(RemedyResult result) {
        page.append("<h2>")
                .append(escape(result.database()))
                .append("</h2>\n<p>")
                .append(escape(result.words()));
        page.append("</p>\n");
        if (!result.leftInPlace().isEmpty()) {
            page.append("<ul class=\"bad\">");
            result.leftInPlace().forEach(text -> page.append("<li>").append(escape(text)));
            page.append("</ul>\n");
        }
        result.replicas().forEach(this::replica);
        timeline(result);
    }

    private void replica(TreatedReplica replica) {
        page.append("<h2>Replica ").append(escape(replica.name())).append("</h2>\n<table><tbody>\n");
        row(
                "result",
                replica.recovered() ? "ok" : "bad",
                replica.recovered()
                        ? "caught up"
                                + (replica.recoveredAfter() == null
                                        ? ""
                                        : " after " + DurationText.say(replica.recoveredAfter()))
                        : "still behind");
        row("behind before", "", lag(replica.secondsBefore(), replica.bytesBefore()));
        row("behind at the end", "", lag(replica.secondsAfter(), replica.bytesAfter()));
        replica.causes().forEach(cause -> row("cause", "", cause.sentence() + likelihood(cause)));
        replica.actions().forEach(text -> row("done", "", text));
        if (!replica.would().isEmpty() && !replica.recovered()) {
            row("would help", "", String.join(", ", replica.would()) + " (not allowed in the runbook)");
        }
        page.append("</tbody></table>\n");
    }

    private static String likelihood(Cause cause) {
        return cause.likelihood() >= 1
                ? ""
                : String.format(Locale.ROOT, " (likelihood %.0f %%)", cause.likelihood() * 100);
    }

    private static String lag(double seconds, long bytes) {
        String time = seconds < 0 ? "unknown" : DurationText.say(Duration.ofMillis((long) (seconds * 1000)));
        return bytes < 0 ? time : time + ", " + Bytes.of(bytes);
    }

    private void timeline(RemedyResult result) {
        page.append(
                "<h2>Timeline</h2>\n<table><thead><tr><th class=\"n\">after<th>at<th>replica<th>what<th></tr></thead><tbody>\n");
        for (RemedyEvent event : result.timeline()) {
            page.append("<tr><td class=\"n\">")
                    .append(DurationText.say(Duration.between(result.startedAt(), event.at())))
                    .append("<td>")
                    .append(event.at())
                    .append("<td>")
                    .append(escape(event.replica()))
                    .append("<td>")
                    .append(
                            event.kind() == RemedyEvent.Kind.GAVE_UP
                                    ? "gave up"
                                    : event.kind().wireName())
                    .append("<td>")
                    .append(escape(event.text()))
                    .append("</tr>\n");
        }
        page.append("</tbody></table>\n");
    }

    private void row(String what, String kind, String text) {
        page.append("<tr><th>")
                .append(what)
                .append(kind.isEmpty() ? "<td>" : "<td class=\"" + kind + "\">")
                .append(escape(text))
                .append("</tr>\n");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
