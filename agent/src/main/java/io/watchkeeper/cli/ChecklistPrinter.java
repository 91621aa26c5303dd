package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.cli.Terminal.Colour;
import java.time.Instant;
import java.time.ZoneId;

/** A checklist's report on a terminal: the sentence, then what somebody has to do, then the items in a line each. */
final class ChecklistPrinter {

    private final Terminal terminal;
    private final ZoneId zone;

    ChecklistPrinter(Terminal terminal, ZoneId zone) {
        this.terminal = terminal;
        this.zone = zone;
    }

    /** @param report as {@code report.json} has it */
    void print(JsonNode report) {
        terminal.print(terminal.paint(
                        Colour.BOLD,
                        report.path("checklist").asText() + " checklist of "
                                + report.path("host").asText())
                + ", " + Wording.time(Instant.parse(report.path("startedAt").asText()), zone));
        terminal.print(" " + mark(report.path("status").asText()) + " "
                + report.path("verdicts").path("en").asText());
        needs("What to do now", report.path("now"), "fail");
        needs("When there is time", report.path("later"), "warn");
        if (!report.path("done").isEmpty()) {
            terminal.print("");
            terminal.print(terminal.paint(Colour.BOLD, "What the agent did by itself"));
            report.path("done").forEach(line -> terminal.print("   " + line.asText()));
        }
        terminal.print("");
        terminal.print(terminal.paint(Colour.BOLD, "The list"));
        report.path("items").forEach(this::item);
        terminal.print("");
        terminal.print("Whole report, with figures and trends: watchkeeper checklist "
                + report.path("checklist").asText() + " --markdown");
    }

    /** Only what somebody has to know, for those who print more than this. */
    void brief(JsonNode report) {
        terminal.print(" " + mark(report.path("status").asText()) + " "
                + report.path("verdicts").path("en").asText());
        report.path("now")
                .forEach(need -> terminal.print(
                        "   " + mark("fail") + " " + need.path("message").asText()));
        report.path("later")
                .forEach(need -> terminal.print(
                        "   " + mark("warn") + " " + need.path("message").asText()));
        report.path("done").forEach(line -> terminal.print("   did: " + line.asText()));
    }

    private void needs(String title, JsonNode needs, String status) {
        if (needs.isEmpty()) {
            return;
        }
        terminal.print("");
        terminal.print(terminal.paint(Colour.BOLD, title));
        for (JsonNode need : needs) {
            terminal.print(" " + mark(status) + " " + need.path("message").asText());
            need.path("remedy").asText().lines().forEach(line -> terminal.print("     " + line));
        }
    }

    private void item(JsonNode item) {
        StringBuilder line = new StringBuilder(" ");
        line.append(mark(item.path("status").asText()))
                .append(' ')
                .append(item.path("name").asText());
        terminal.print(line.toString());
        item.path("seen").forEach(seen -> terminal.print("     " + seen.asText()));
        item.path("failures").forEach(failure -> terminal.print("     " + failure.asText()));
    }

    private String mark(String status) {
        return switch (status) {
            case "fail" -> terminal.paint(Colour.RED, "✖");
            case "warn" -> terminal.paint(Colour.AMBER, "▲");
            case "leftOut" -> terminal.paint(Colour.DIM, "–");
            default -> terminal.paint(Colour.GREEN, "✔");
        };
    }
}
