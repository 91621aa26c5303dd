package io.watchkeeper.toolkit.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a campaign has seen so far. */
final class CampaignScore {

    /** Things that befell source, target and agent, each with its count. */
    final Map<String, Integer> events = new TreeMap<>();

    /** Modes and reasons that rounds gave, each with its count. */
    final Map<String, Integer> ways = new TreeMap<>();

    /** Rounds that left a difference, and rounds that did not succeed, one line each. */
    final List<String> faults = new ArrayList<>();

    private final String name;
    int rounds;
    int killedWithin;
    int killedBetween;
    int openTransactions;
    long missing;
    long stale;
    long ghosts;

    CampaignScore(String name) {
        this.name = name;
    }

    void happened(String event) {
        events.merge(event, 1, Integer::sum);
    }

    void add(String round, String way, int open, TableComparison comparison) {
        rounds++;
        openTransactions += open;
        ways.merge(way, 1, Integer::sum);
        missing += comparison.missing();
        stale += comparison.stale();
        ghosts += comparison.ghosts();
        if (!comparison.same()) {
            faults.add(round + " (" + way + "): " + comparison);
        }
    }

    /** A table in Markdown, a line per campaign. */
    static String table(List<CampaignScore> scores) {
        StringBuilder text = new StringBuilder("""

                | campaign | rounds | kills between | kills within | open transactions | missing | stale | ghosts | bad rounds |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        for (CampaignScore score : scores) {
            text.append("| ")
                    .append(String.join(
                            " | ",
                            score.name,
                            String.valueOf(score.rounds),
                            String.valueOf(score.killedBetween),
                            String.valueOf(score.killedWithin),
                            String.valueOf(score.openTransactions),
                            String.valueOf(score.missing),
                            String.valueOf(score.stale),
                            String.valueOf(score.ghosts),
                            String.valueOf(score.faults.size())))
                    .append(" |\n");
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return table(List.of(this)) + "events " + events + "\nways " + ways + "\n"
                + String.join("\n", faults.subList(0, Math.min(20, faults.size())));
    }
}
