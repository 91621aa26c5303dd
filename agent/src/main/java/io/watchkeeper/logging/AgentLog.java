package io.watchkeeper.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * How much is logged. Commands are quiet (warnings only) because their answer is what they print; the daemon reports what
 * happens. {@code WATCHKEEPER_LOG_LEVEL} (error, warn, info, debug, trace) overrides both.
 */
public final class AgentLog {

    static final String LEVEL_VARIABLE = "WATCHKEEPER_LOG_LEVEL";

    private static final String OURS = "io.watchkeeper";

    /** What runbooks say with {@code log}, and how their runs end. */
    private static final String RUNS = "io.watchkeeper.run";

    private AgentLog() {}

    /** For {@code watchkeeper agent}: events are worth a line each. */
    public static void reportEvents() {
        if (!System.getenv().containsKey(LEVEL_VARIABLE)) {
            setLevel(context(), Level.INFO);
        }
    }

    /** For {@code watchkeeper run}, which shows or prints what a run logs itself. */
    public static void leaveRunsToTheTerminal() {
        context().getLogger(RUNS).setLevel(Level.OFF);
    }

    /** Sets logging up while there is one thread only: SLF4J holds back, and complains about, what others log meanwhile. */
    public static void begin() {
        context();
    }

    /** For {@code --debug}: everything, whatever the environment says. */
    public static void reportEverything() {
        setLevel(context(), Level.DEBUG);
    }

    static boolean reportsEvents(LoggerContext context) {
        return context.getLogger(OURS).isInfoEnabled();
    }

    static void setLevel(LoggerContext context, Level level) {
        context.getLogger(OURS).setLevel(level);
        // Libraries report events that are news to their authors only; their warnings matter.
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    }

    /** The level the environment asks for, else warnings. An unknown word is warned about, not fatal. */
    static Level level(Map<String, String> environment, java.util.function.Consumer<String> warning) {
        String word = environment.getOrDefault(LEVEL_VARIABLE, "warn").strip();
        Level level = Level.toLevel(word.toUpperCase(Locale.ROOT), null);
        if (level == null) {
            warning.accept(LEVEL_VARIABLE + " is '" + word
                    + "', which is no level; using info. Levels: error, warn, info, debug, trace");
            return Level.INFO;
        }
        return level;
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
