package io.watchkeeper.toolkit.migrate;

import java.util.Locale;
import java.util.Set;

/** Tells where a script may change which table a name without a schema means. */
final class SearchPath {

    private static final Set<String> WHO = Set.of("role", "authorization", "schema");

    private SearchPath() {}

    /** From this statement on; as far as it can be told. */
    static boolean isMoved(ScriptStatement statement) {
        return statement.tokens().stream()
                        .anyMatch(token -> token.text().toLowerCase(Locale.ROOT).contains("search_path"))
                || (statement.startsWith("set") && WHO.stream().anyMatch(statement::has))
                || statement.startsWith("reset")
                || statement.startsWith("discard");
    }

    static boolean isMoved(ScriptReader.Script script) {
        return script.statements().stream().anyMatch(SearchPath::isMoved);
    }
}
