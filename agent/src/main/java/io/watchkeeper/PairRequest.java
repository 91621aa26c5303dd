package io.watchkeeper;

import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepBody;
import io.watchkeeper.toolkit.copy.Pace;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What commands that work between two databases are asked for. What such a command does is a run like a runbook's, so that it is
 * recorded, shown, limited and cancelled like one.
 *
 * @param from the source, a database of the configuration
 * @param to the target, likewise
 * @param tables names or patterns
 * @param except likewise, those that are not meant after all
 * @param columns empty for all
 * @param where an SQL condition on the rows; null for all of them
 * @param key the columns that tell rows apart; empty for the primary key
 * @param workers streams at once; null for as many as pay
 * @param rateLimit per second; null for as fast as it goes
 * @param timeout of the whole run
 */
public record PairRequest(
        String from,
        String to,
        List<String> tables,
        List<String> except,
        List<String> columns,
        @Nullable String where,
        List<String> key,
        @Nullable Integer workers,
        @Nullable Bytes rateLimit,
        Duration timeout) {

    /** Where a run says that it comes from. */
    private static final SourceLocation COMMAND_LINE = new SourceLocation("command line", 1);

    private static final Pattern DELETES = Pattern.compile("(\\d{1,18})|(\\d{1,3}(?:\\.\\d{1,9})?)\\s*%");

    /** @throws OperatorException when a table's name cannot be read, or source and target are the same */
    public PairRequest {
        tables.forEach(TablePattern::parse);
        except.forEach(TablePattern::parse);
        if (from.equals(to)) {
            throw new OperatorException("--from and --to both name '" + from + "'", "name two databases.");
        }
    }

    /** The tables and the two databases, for titles. */
    String subject() {
        return String.join(", ", tables) + "  " + from + " → " + to;
    }

    /** @param usualWorkers of this host, where none were asked for; null for as many as pay */
    Pace pace(@Nullable Integer usualWorkers) {
        return Pace.FREE.withWorkers(workers).withUsualWorkers(usualWorkers).withRateLimit(rateLimit);
    }

    /** The runbook of one step that does this. */
    Runbook runbook(String name, String description, StepBody body) {
        Policy usual = Policy.DEFAULT;
        return new Runbook(
                name,
                description,
                "",
                Set.of(),
                null,
                new Policy(timeout, usual.attempts(), usual.backOff(), Policy.Overlap.QUEUE, usual.locks()),
                List.of(),
                List.of(),
                List.of(new Step(name, COMMAND_LINE, body)),
                null,
                null,
                COMMAND_LINE,
                "");
    }

    /**
     * The choice of that name.
     *
     * @throws OperatorException when there is none
     */
    static <T> T named(String option, String name, List<T> choices) {
        List<String> names = choices.stream().map(Object::toString).toList();
        int found = names.indexOf(name);
        if (found < 0) {
            throw new OperatorException(
                    option + " is '" + name + "'",
                    Suggestion.didYouMean(name, names) + "Choices: " + String.join(", ", names) + ".");
        }
        return choices.get(found);
    }

    /**
     * A brake on deletions, as {@code 20%} or {@code 500}.
     *
     * @throws OperatorException when it is neither
     */
    static <T> T shareOrCount(String text, Function<Ratio, T> share, LongFunction<T> count) {
        Matcher given = DELETES.matcher(text.strip());
        if (!given.matches()) {
            throw new OperatorException(
                    "--max-deletes is '" + text + "'",
                    "give a share of the target's rows, as 20%, or a count, as 500.");
        }
        return given.group(1) != null
                ? count.apply(Long.parseLong(given.group(1)))
                : share.apply(Ratio.percent(Double.parseDouble(given.group(2))));
    }

    /** All values of an enum but one. */
    static <E extends Enum<E>> List<E> allBut(Class<E> type, E one) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> value != one)
                .toList();
    }
}
