package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.toolkit.settings.LogClass;
import io.watchkeeper.toolkit.settings.LogIgnore;
import io.watchkeeper.toolkit.settings.LogPlan;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code logErrors('shore') { … }} */
@Block(
        name = "logErrors",
        value = "What of the server's log counts, and how much of it.",
        words = {"classes", "ignore", "warn", "fail", "file", "firstLook", "atMost", "reportOnly"})
public final class LogErrorsSpec extends ReviewSpec {

    private static final Map<String, LogClass> CLASSES =
            Arrays.stream(LogClass.values()).collect(Collectors.toMap(LogClass::wireName, Function.identity()));

    private final TextChecks texts;
    private final Set<LogClass> classes = EnumSet.noneOf(LogClass.class);
    private final List<LogIgnore> ignored = new ArrayList<>();
    private int warn = 1;
    private @Nullable Integer fail;
    private @Nullable Path file;
    private Duration firstLook = LogPlan.FIRST_LOOK;
    private Bytes atMost = LogPlan.AT_MOST;

    LogErrorsSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "Looks for entries of these classes only. [Settings and logs](settings-and-logs.md) lists them.",
            example = "classes 'panic', 'corruption', 'deadlock'",
            byDefault = "all")
    public void classes(@Checked(TextKind.NAME) String... names) {
        for (String name : names) {
            LogClass found = CLASSES.get(name);
            if (found == null) {
                throw new OperatorException(
                        "'classes' names '" + name + "', which is no class of entries",
                        Suggestion.didYouMean(name, CLASSES.keySet()) + "Classes: "
                                + Arrays.stream(LogClass.values())
                                        .map(LogClass::wireName)
                                        .collect(Collectors.joining(", "))
                                + ".");
            }
            classes.add(found);
        }
    }

    @Word(
            value =
                    "Passes over entries with this in their message, in which `*` stands for anything, or with this SQLSTATE.",
            example = "ignore 'duplicate key value*sessions', '57014'",
            byDefault = "none")
    public void ignore(@Checked(TextKind.NAME) String... patterns) {
        for (String pattern : patterns) {
            ignored.add(new LogIgnore(pattern));
        }
    }

    @Word(value = "So many new entries of a class are to be looked at.", example = "warn 10", byDefault = "1")
    public void warn(int entries) {
        warn = positive("warn", entries);
    }

    @Word(
            value =
                    "So many new entries of a class are to be mended now. One of `panic`, `corruption`, `crash` or `archive` always is.",
            example = "fail 100",
            byDefault = "no number")
    public void fail(int entries) {
        fail = positive("fail", entries);
    }

    private static int positive(String word, int entries) {
        if (entries < 1) {
            throw new OperatorException(
                    "'" + word + "' needs a number of entries from 1 on, and this is " + entries, null);
        }
        return entries;
    }

    @Word(
            value = "Where the log is on this host, for a server that does not collect its log itself.",
            example = "file '/var/log/postgresql/postgresql-15-main.log'",
            byDefault = "where the server says it is")
    public void file(@Checked(TextKind.PATH) String path) {
        file = Path.of(texts.require(TextKind.PATH, path));
    }

    @Word(
            value = "How far back the first look goes. Each later one goes back to the one before it.",
            example = "firstLook 7.days",
            byDefault = "24.hours")
    public void firstLook(Duration back) {
        firstLook = back;
    }

    @Word(
            value = "So much is read in one look; of more, the newest.",
            example = "atMost 16.megabytes",
            byDefault = "64.megabytes")
    public void atMost(Bytes size) {
        atMost = size;
    }

    /** @param keeps whether the next look begins where this one ends */
    LogPlan plan(String runbook, String run, boolean keeps) {
        return new LogPlan(runbook, run, file, classes, ignored, warn, fail, firstLook, atMost, keeps);
    }
}
