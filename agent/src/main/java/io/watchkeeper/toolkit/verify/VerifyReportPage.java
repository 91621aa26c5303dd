package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report as HTML: plain tables, readable without a network, and printed as it looks. */
final class VerifyReportPage {

    private static final String STYLE = """
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24; }
            h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
            table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding-bottom: .4rem; }
            th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #d5d9de; vertical-align: top; }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
            .ok { color: #17692c; } .bad { color: #a11616; font-weight: 600; } .quiet { color: #57606a; }
            code, pre { font: 13px/1.4 ui-monospace, monospace; } pre { overflow-x: auto; background: #f4f5f7; padding: .7rem; }
            """;

    private final VerifyReport report;
    private final StringBuilder page = new StringBuilder();

    VerifyReportPage(VerifyReport report) {
        this.report = report;
    }

    String text() {
        long differing = report.results().stream().filter(r -> !r.isMatch()).count();
        String verdict = report.isMatch()
                ? "All tables match"
                : differing + " of "
                        + (report.results().size() + report.failures().size()) + " tables differ"
                        + (report.failures().isEmpty()
                                ? ""
                                : ", " + report.failures().size() + " could not be verified");
        page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
                .append(escape(verdict))
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1 class=\"")
                .append(report.isMatch() ? "ok" : "bad")
                .append("\">")
                .append(escape(verdict))
                .append("</h1>\n<p class=\"quiet\">Verification of run ")
                .append(escape(report.runId()))
                .append("</p>\n");
        overview();
        failures();
        report.results().stream()
                .filter(r -> !r.isMatch() || !r.notes().isEmpty() || r.repair() != Repair.NONE)
                .forEach(this::details);
        return page.append("</body></html>\n").toString();
    }

    private void overview() {
        page.append(
                        "<table><caption>Tables</caption><thead><tr><th>table<th>between<th>result<th class=\"n\">rows here")
                .append(
                        "<th class=\"n\">rows there<th class=\"n\">differences<th class=\"n\">in flight<th class=\"n\">score")
                .append("<th>at<th class=\"n\">took</tr></thead><tbody>\n");
        for (VerifyResult r : report.results()) {
            page.append("<tr><td>").append(escape(r.table().toString()));
            cell("", r.from() + " and " + r.to());
            cell(r.isMatch() ? "ok" : "bad", result(r));
            cell("n", number(r.rowsHere()));
            cell("n", number(r.rowsThere()));
            cell("n", number(r.differences()));
            cell("n", number(r.inFlight()));
            cell("n", String.format(Locale.ROOT, "%.6f", Math.floor(r.score() * 1e6) / 1e6));
            cell("", r.lsn().toString());
            cell("n", DurationText.say(r.duration()));
            page.append("</tr>\n");
        }
        page.append("</tbody></table>\n");
    }

    private static String result(VerifyResult r) {
        return (r.isMatch() ? "match" : "mismatch") + " by " + r.mode()
                + (r.sampled() == null ? "" : ", sample of " + r.sampled())
                + (r.repaired() == 0 ? "" : ", " + number(r.repaired()) + " rows repaired");
    }

    private void failures() {
        if (report.failures().isEmpty()) {
            return;
        }
        page.append("<h2>Could not be verified</h2>\n<table><tbody>\n");
        for (TableFailure failure : report.failures()) {
            String hint = failure.cause() instanceof OperatorException e ? e.hint() : null;
            page.append("<tr><td>").append(escape(failure.table().toString()));
            cell("bad", String.valueOf(failure.cause().getMessage()));
            cell("", hint == null ? "" : hint);
            page.append("</tr>\n");
        }
        page.append("</tbody></table>\n");
    }

    private void details(VerifyResult r) {
        page.append("<h2>").append(escape(r.table().toString())).append("</h2>\n");
        r.notes().forEach(note -> page.append("<p>").append(escape(note)).append("</p>\n"));
        keys(r);
        if (!r.repairSql().isEmpty()) {
            page.append("<p>Statements that would make the target's rows equal")
                    .append(file(r.repairFile(), "; all of them are in "))
                    .append("</p>\n<pre>")
                    .append(escape(String.join("\n", r.repairSql())))
                    .append("</pre>\n");
        }
    }

    private void keys(VerifyResult r) {
        List<DifferingKey> keys = r.differingKeys();
        if (keys.isEmpty()) {
            return;
        }
        page.append("<table><caption>")
                .append(number(keys.size()))
                .append(" of ")
                .append(number(r.differences()))
                .append(" differences")
                .append(file(r.file(), "; all of them are in "))
                .append("</caption><thead><tr><th>kind");
        keys.get(0).key().keySet().forEach(column -> page.append("<th>").append(escape(column)));
        page.append("</tr></thead><tbody>\n");
        for (DifferingKey key : keys) {
            page.append("<tr><td>").append(key.kind());
            key.key().values().forEach(value -> cell("", value));
            page.append("</tr>\n");
        }
        page.append("</tbody></table>\n");
    }

    private static String file(@Nullable Path file, String words) {
        return file == null ? "" : words + "<code>" + escape(file.toString()) + "</code>";
    }

    private void cell(String kind, String text) {
        page.append(kind.isEmpty() ? "<td>" : "<td class=\"" + kind + "\">").append(escape(text));
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n).replace(',', '\u202f');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
