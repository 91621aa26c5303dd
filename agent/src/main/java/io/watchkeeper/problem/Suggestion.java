package io.watchkeeper.problem;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word someone probably meant. */
public final class Suggestion {

    private Suggestion() {}

    /** The nearest known word, when it is near enough to be a slip of the finger. */
    public static Optional<String> nearest(String wrong, Collection<String> known) {
        int limit = Math.max(1, (wrong.length() + 1) / 3);
        String best = null;
        int bestDistance = limit + 1;
        for (String word : known) {
            int distance = distance(wrong.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            if (distance < bestDistance || (distance == bestDistance && best != null && word.compareTo(best) < 0)) {
                best = word;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** {@code did you mean 'cron'? }, or nothing when no known word is near. */
    public static String didYouMean(String wrong, Collection<String> known) {
        return nearest(wrong, known).map(w -> "did you mean '" + w + "'? ").orElse("");
    }

    /** Optimal string alignment distance: a swap of two neighbours counts as one slip. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
