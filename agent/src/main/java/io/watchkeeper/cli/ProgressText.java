package io.watchkeeper.cli;

import io.watchkeeper.engine.ProgressLine;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How far tables are, one line each: {@code public.chunks  ████████░░░░  64 %   19 k rows/s   1.2 MB/s   ETA 0:22}. */
final class ProgressText {

    private static final int MOST_LINES = 8;
    private static final int LONGEST_NAME = 32;

    private ProgressText() {}

    /** For a terminal of so many columns. */
    static List<String> drawn(List<ProgressLine> tables, int width) {
        int name = tables.stream()
                .mapToInt(line -> LiveLines.columns(line.progress().subject()))
                .max()
                .orElse(0);
        int room = Math.min(name, width < 80 ? LONGEST_NAME * 2 / 3 : LONGEST_NAME);
        List<String> lines = new ArrayList<>();
        for (ProgressLine table : tables.subList(0, Math.min(tables.size(), MOST_LINES))) {
            lines.add("   " + padded(table.progress().subject(), room) + "  " + drawn(table, width));
        }
        if (tables.size() > MOST_LINES) {
            lines.add("   … and " + (tables.size() - MOST_LINES) + " more");
        }
        return lines;
    }

    private static String drawn(ProgressLine line, int width) {
        Integer percent = line.percent();
        String stage = line.progress().stage();
        if (percent == null || !stage.equals("load")) {
            return String.join("   ", parts(line, width >= 80));
        }
        int cells = width >= 90 ? 24 : width >= 70 ? 12 : 0;
        int full = cells * percent / 100;
        List<String> parts = new ArrayList<>();
        parts.add((cells == 0 ? "" : "█".repeat(full) + "░".repeat(cells - full) + " ")
                + String.format(Locale.ROOT, "%3d %%", percent));
        parts.addAll(rates(line, width >= 80));
        return String.join("   ", parts);
    }

    /** For a pipe or a file. */
    static String plain(ProgressLine line) {
        return "   " + line.progress().subject() + "   " + String.join("   ", parts(line, true));
    }

    private static List<String> parts(ProgressLine line, boolean all) {
        List<String> parts = new ArrayList<>();
        parts.add(line.progress().stage());
        if (line.rowsPerSecond() == null
                && line.percent() == null
                && line.progress().countsRows()) {
            parts.add(clock(line.inStage()));
            return parts;
        }
        if (line.percent() != null) {
            parts.add(line.percent() + " %");
        }
        if (all && line.progress().countsRows()) {
            parts.add(Wording.grouped(line.progress().rows()) + " rows");
        } else if (all) {
            parts.add(Bytes.of(line.progress().bytes()).toString());
        }
        parts.addAll(rates(line, all));
        return parts;
    }

    private static List<String> rates(ProgressLine line, boolean all) {
        List<String> parts = new ArrayList<>();
        if (line.stalled() != null) {
            parts.add("nothing moved for " + clock(line.stalled()));
            return parts;
        }
        if (line.rowsPerSecond() != null) {
            parts.add(compact(line.rowsPerSecond()) + " rows/s");
        }
        if (all && line.bytesPerSecond() != null) {
            parts.add(Bytes.of(Math.max(0, line.bytesPerSecond())) + "/s");
        }
        @Nullable Duration left = line.left();
        if (left != null) {
            parts.add("ETA " + clock(left));
        } else if (line.overEstimate()) {
            parts.add("ETA –");
        }
        return parts;
    }

    private static String clock(Duration time) {
        long s = time.toSeconds();
        return s < 3_600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3_600, s % 3_600 / 60, s % 60);
    }

    private static String compact(long number) {
        if (number < 10_000) {
            return Wording.grouped(number);
        }
        return number < 1_000_000
                ? number / 1_000 + " k"
                : String.format(Locale.ROOT, number < 10_000_000 ? "%.1f M" : "%.0f M", number / 1e6);
    }

    private static String padded(String name, int columns) {
        String fitting = LiveLines.columns(name) <= columns ? name : LiveLines.cut(name, columns - 1) + "…";
        return fitting + " ".repeat(Math.max(0, columns - LiveLines.columns(fitting)));
    }
}
