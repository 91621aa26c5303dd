package io.watchkeeper.dsl;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Words of the language's plan that this version does not have yet. Somebody who read about one is told so, and what does the work
 * today, instead of being asked whether it was a typing mistake. A word that comes leaves this list; a test sees to it.
 */
final class LaterWords {

    private static final String BY_SQL = "until then execute('database', 'statement') runs SQL, and query reads.";

    private static final Map<String, String> VERBS = Map.of();

    private LaterWords() {}

    /** What to do instead of a word that this version does not have in the block; empty for any other word. */
    static Optional<String> instead(Vocabulary.BlockWords here, String word) {
        return here.holdsCode() ? Optional.ofNullable(VERBS.get(word)) : Optional.empty();
    }

    static String message(String word) {
        return "'" + word + "' is not in this version of Watchkeeper yet";
    }

    /** Every word listed, with the blocks it would stand in. */
    static Map<Class<?>, Set<String>> all() {
        return Map.of(StepSpec.class, VERBS.keySet());
    }
}
