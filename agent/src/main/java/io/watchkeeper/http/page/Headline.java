package io.watchkeeper.http.page;

/**
 * Is anything wrong? In one sentence.
 *
 * @param kind of state, as the style sheet names it
 * @param needs how many things need somebody
 */
public record Headline(String kind, String shape, String sentence, int needs) {

    public static Headline of(StatusView view, Words words) {
        int needs = view.notReady().size()
                + view.broken().size()
                + view.failing().size()
                + view.urgentConcerns().size()
                + view.urgentReplicationConcerns().size();
        if (needs > 0) {
            return new Headline("failed", "✖", words.count("headline.needs", needs), needs);
        }
        if (view.runbooks().isEmpty()) {
            return new Headline("fresh", "→", words.say("headline.empty"), 0);
        }
        return view.warningCount() == 0
                ? new Headline("succeeded", "✓", words.say("headline.well"), 0)
                : new Headline("timedout", "▲", words.count("headline.warnings", view.warningCount()), 0);
    }
}
