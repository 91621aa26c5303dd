package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/** Shows a run document to a person. */
final class RunPrinter {

    private final Terminal terminal;
    private final ZoneId zone;

    RunPrinter(Terminal terminal, ZoneId zone) {
        this.terminal = terminal;
        this.zone = zone;
    }

    /** Header, steps with their results, error, outcome. */
    void whole(JsonNode run) {
        terminal.print(terminal.paint(Colour.BOLD, run.path("runbook").asText()) + " · "
                + run.path("host").asText() + " · "
                + Wording.time(Instant.parse(run.path("startedAt").asText()), zone)
                + " · by " + run.path("trigger").asText());
        if (run.path("dryRun").asBoolean()) {
            plan(run);
        } else {
            for (JsonNode step : run.path("steps")) {
                step(step);
            }
        }
        outcome(run);
    }

    void step(JsonNode step) {
        String head = " " + terminal.mark(step.path("state").asText()) + " "
                + step.path("name").asText();
        int attempts = step.path("attempts").asInt(1);
        String tail = (attempts > 1 ? attempts + " attempts, " : "") + Wording.duration(step);
        terminal.print(padded(head, tail));
        for (JsonNode result : step.path("results")) {
            terminal.print(cut("   " + Wording.result(result)));
        }
    }

    /** The last lines: what became of the run, why, and where to read more. */
    void outcome(JsonNode run) {
        String state = run.path("state").asText();
        JsonNode error = run.path("error");
        if (error.isObject()) {
            String place = error.hasNonNull("file")
                    ? error.get("file").asText() + ":" + error.path("line").asInt() + ": "
                    : "";
            terminal.prose(
                    " " + terminal.mark(state) + " ",
                    place + error.path("message").asText());
            if (error.hasNonNull("hint")) {
                terminal.print("   HINT: " + error.get("hint").asText());
            }
        }
        String verdict = switch (state) {
            case "timedOut" -> "timed out";
            default -> state;
        };
        if (run.path("dryRun").asBoolean()) {
            terminal.print(" Nothing was changed.");
        }
        terminal.print(terminal.paint(Colour.BOLD, verdict) + " after "
                + DurationText.say(Duration.ofMillis(run.path("durationMs").asLong()))
                + " · run " + run.path("runId").asText());
    }

    /** What a dry run found out: for each verb the statements, their locks and how much they would touch. */
    void plan(JsonNode run) {
        int n = 0;
        for (JsonNode step : run.path("steps")) {
            terminal.print(" " + ++n + " " + step.path("name").asText());
            for (JsonNode result : step.path("results")) {
                String line = cut("   " + Wording.result(result));
                terminal.print(terminal.paint(Colour.BOLD, line));
                for (JsonNode action : result.path("plan")) {
                    action(action);
                }
            }
        }
    }

    private void action(JsonNode action) {
        List<String> facts = new ArrayList<>();
        String lock = action.path("lock").asText();
        if (!lock.isEmpty() && !lock.equals("NONE")) {
            facts.add(lock);
        }
        if (action.has("estimatedRows")) {
            facts.add("≈ " + Wording.grouped(action.get("estimatedRows").asLong()) + " rows");
        }
        if (action.has("estimatedBytes")) {
            facts.add("≈ " + Bytes.of(action.get("estimatedBytes").asLong()));
        }
        String database = action.path("database").asText();
        String[] lines = action.path("sql").asText().strip().split("\n");
        for (int i = 0; i < lines.length; i++) {
            terminal.print(cut("     " + (i == 0 ? pad(database, 10) : " ".repeat(10)) + " " + lines[i]));
        }
        if (action.hasNonNull("note")) {
            facts.add(action.get("note").asText());
        }
        if (!facts.isEmpty()) {
            terminal.wrapped(" ".repeat(16), String.join(" · ", facts))
                    .forEach(line -> terminal.print(terminal.paint(Colour.DIM, line)));
        }
    }

    private String padded(String left, String right) {
        int gap = Math.min(terminal.width(), 100) - LiveLines.visibleColumns(left) - LiveLines.columns(right);
        return left + " ".repeat(Math.max(2, gap)) + right;
    }

    private String cut(String line) {
        return terminal.isInteractive() ? LiveLines.shortened(line, terminal.width()) : line;
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
