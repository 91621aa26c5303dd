package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report as HTML: plain tables, readable without a network, and printed as it looks. */
final class DrillReportPage {

    private static final String STYLE = """
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24; }
            h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
            table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding-bottom: .4rem; }
            th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #d5d9de; vertical-align: top; }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            .ok { color: #17692c; } .bad { color: #a11616; font-weight: 600; } .quiet { color: #57606a; }
            svg { display: block; width: 100%; height: 1.1rem; } rect { fill: #2b62a8; }
            """;

    private final String runId;
    private final List<DrillResult> drills;
    private final StringBuilder page = new StringBuilder();

    DrillReportPage(String runId, List<DrillResult> drills) {
        this.runId = runId;
        this.drills = drills;
    }

    String text() {
        boolean passed = drills.stream().allMatch(DrillResult::passed);
        String verdict = passed ? "The backup restores" : "The backup is not proven to restore";
        page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
                .append(verdict)
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1 class=\"")
                .append(passed ? "ok" : "bad")
                .append("\">")
                .append(verdict)
                .append("</h1>\n<p class=\"quiet\">Restore drill of run ")
                .append(escape(runId))
                .append("</p>\n");
        drills.forEach(this::drill);
        return page.append("</body></html>\n").toString();
    }

    private void drill(DrillResult drill) {
        page.append("<h2>").append(escape(drill.database())).append("</h2>\n<table><tbody>\n");
        row("result", drill.passed() ? "ok" : "bad", drill.passed() ? "passed" : "failed");
        if (drill.failure() != null) {
            row("ended by", "bad", drill.failure());
        }
        if (drill.hint() != null && !drill.passed()) {
            row("what to do", "", drill.hint());
        }
        row("backup", "", drill.backup());
        row("target", "", drill.target());
        row(
                "recovered to",
                "",
                drill.recoveredTo() == null ? "" : drill.recoveredTo().toString());
        row("replayed to", "", drill.replayed() == null ? "" : drill.replayed() + " on timeline " + drill.timeline());
        limit("lost (RPO)", drill.rpo(), drill.maxRpo());
        limit("time to serve (RTO)", drill.rto(), drill.maxRto());
        row("restored", "", drill.restored().toString());
        row("sandbox", "", drill.isolation());
        row("began", "", drill.startedAt().toString());
        page.append("</tbody></table>\n");
        checks(drill);
        timeline(drill);
    }

    private void limit(String what, @Nullable Duration measured, Duration limit) {
        boolean ok = measured != null && measured.compareTo(limit) <= 0;
        row(what, ok ? "ok" : "bad", DrillResult.say(measured) + ", limit " + DurationText.say(limit));
    }

    private void row(String what, String kind, String text) {
        if (!text.isEmpty()) {
            page.append("<tr><th>").append(what);
            cell(kind, text);
            page.append("</tr>\n");
        }
    }

    private void checks(DrillResult drill) {
        page.append(
                "<h2>Checks</h2>\n<table><thead><tr><th>check<th>result<th>seen<th class=\"n\">took</tr></thead><tbody>\n");
        for (DrillCheck check : drill.checks()) {
            page.append("<tr><td>").append(escape(check.name()));
            cell(check.passed() ? "ok" : "bad", check.passed() ? "passed" : "failed");
            cell("", check.detail());
            cell("n", DurationText.say(check.took()));
            page.append("</tr>\n");
        }
        page.append("</tbody></table>\n");
    }

    /** Bars as an image, because the page's policy allows no style on an element. */
    private void timeline(DrillResult drill) {
        double whole = Math.max(1, drill.took().toMillis());
        page.append("<h2>Timeline</h2>\n<table><thead><tr><th>phase<th class=\"n\">after<th class=\"n\">took<th>")
                .append("</tr></thead><tbody>\n");
        for (DrillPhase phase : drill.phases()) {
            page.append("<tr><td>").append(escape(phase.name()));
            cell("n", DurationText.say(phase.begin()));
            cell("n", DurationText.say(phase.took()));
            page.append(String.format(
                    Locale.ROOT,
                    "<td><svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"presentation\">"
                            + "<rect x=\"%.1f\" y=\"1\" width=\"%.1f\" height=\"8\"/></svg></tr>%n",
                    phase.begin().toMillis() / whole * 1000,
                    Math.max(2, phase.took().toMillis() / whole * 1000)));
        }
        page.append("</tbody></table>\n");
    }

    private void cell(String kind, String text) {
        page.append(kind.isEmpty() ? "<td>" : "<td class=\"" + kind + "\">").append(escape(text));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
