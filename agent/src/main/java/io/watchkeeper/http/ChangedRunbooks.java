package io.watchkeeper.http;

import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which runbooks a reload has changed, and by how many lines; for those who have just saved one, and want to see that it is in force. */
final class ChangedRunbooks {

    /** Larger middles are counted as changed whole: the comparison takes as many steps as both have lines, multiplied. */
    private static final long MOST_STEPS = 1_000_000;

    /** The lines of each runbook in force, by its name, as far as they can be read. */
    private final Map<String, List<String>> texts = new HashMap<>();

    /** As documents: {@code runbook}, and {@code lines} where that is known. Those that were added or taken away are not among them. */
    synchronized List<Map<String, Object>> between(RunbookRegistry.Contents before, RunbookRegistry.Contents now) {
        texts.keySet().retainAll(now.runbooks().keySet());
        List<Map<String, Object>> changed = new ArrayList<>();
        for (Runbook runbook : now.runbooks().values()) {
            Runbook old = before.runbooks().get(runbook.name());
            if (old != null && old.fingerprint().equals(runbook.fingerprint())) {
                continue;
            }
            List<String> lines = SourceText.of(runbook.location().file())
                    .map(text -> text.lines().toList())
                    .orElse(List.of());
            List<String> oldLines = texts.put(runbook.name(), lines);
            if (old != null) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("runbook", runbook.name());
                if (oldLines != null && !oldLines.isEmpty() && !lines.isEmpty()) {
                    document.put("lines", count(oldLines, lines));
                }
                changed.add(document);
            }
        }
        return changed;
    }

    /** A line that was replaced is one. */
    static int count(List<String> before, List<String> now) {
        int shorter = Math.min(before.size(), now.size());
        int start = 0;
        while (start < shorter && before.get(start).equals(now.get(start))) {
            start++;
        }
        int end = 0;
        while (end < shorter - start && before.get(before.size() - 1 - end).equals(now.get(now.size() - 1 - end))) {
            end++;
        }
        List<String> from = before.subList(start, before.size() - end);
        List<String> to = now.subList(start, now.size() - end);
        boolean few = (long) from.size() * to.size() <= MOST_STEPS;
        return Math.max(from.size(), to.size()) - (few ? common(from, to) : 0);
    }

    /** The length of the longest sequence that both have. */
    private static int common(List<String> from, List<String> to) {
        int[] row = new int[to.size() + 1];
        for (String line : from) {
            int diagonal = 0;
            for (int i = 1; i <= to.size(); i++) {
                int above = row[i];
                row[i] = line.equals(to.get(i - 1)) ? diagonal + 1 : Math.max(above, row[i - 1]);
                diagonal = above;
            }
        }
        return row[to.size()];
    }
}
