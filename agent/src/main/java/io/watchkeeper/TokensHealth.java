package io.watchkeeper;

import io.watchkeeper.access.TokensFile;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether the file of tokens can be used; read again only when it has changed, or could not be read before. */
final class TokensHealth {

    private final @Nullable TokensFile file;
    private String stamp = "";
    private @Nullable String trouble;

    /** @param file null where none is configured */
    TokensHealth(@Nullable Path file) {
        this.file = file == null ? null : new TokensFile(file);
    }

    /** In words; empty while its tokens are taken. */
    synchronized List<String> warnings() {
        if (file == null) {
            return List.of();
        }
        String now = file.stamp();
        if (!now.equals(stamp) || trouble != null) {
            stamp = now;
            try {
                var unused = file.read();
                trouble = null;
            } catch (OperatorException e) {
                trouble = "no token of the file of tokens is taken: " + e.getMessage();
            }
        }
        return trouble == null ? List.of() : List.of(trouble);
    }
}
