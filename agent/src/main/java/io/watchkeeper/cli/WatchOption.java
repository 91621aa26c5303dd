package io.watchkeeper.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --watch} of the commands that show how things are. */
final class WatchOption {

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "2",
            paramLabel = "SECONDS",
            description = "shows it again and again, every so many seconds (2), until Ctrl-C")
    private @Nullable Double seconds;

    boolean isAsked() {
        return seconds != null;
    }

    /**
     * Shows a view once, or again and again.
     *
     * @param look what is to be seen now; what it prints goes to the lines it is given
     * @return the exit status of the last look
     */
    int show(Invocation invocation, boolean json, Function<List<String>, Integer> look) {
        if (seconds == null) {
            List<String> lines = new ArrayList<>();
            int status = look.apply(lines);
            lines.forEach(invocation.terminal()::print);
            return status;
        }
        if (json) {
            throw new UsageException("--watch and --json do not go together", "leave one of them out.");
        }
        return new Watching(invocation.terminal(), invocation.clock(), seconds).until(() -> {
            List<String> lines = new ArrayList<>();
            int status = look.apply(lines);
            return new Watching.View(lines, status);
        });
    }
}
