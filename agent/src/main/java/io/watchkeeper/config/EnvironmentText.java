package io.watchkeeper.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills references to environment variables, written as in a shell: a name or a name with a default, which also stands in for
 * a variable that is set but empty. A doubled dollar sign makes the reference literal. See docs/configuration.md.
 */
final class EnvironmentText {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)(\\}?)");
    private static final Pattern NAME = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);
    private static final Pattern ONE_VARIABLE = Pattern.compile("\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}");

    /** A reference that cannot be filled; the message never holds a variable's value. */
    static final class UnfilledException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String hint;

        UnfilledException(String message, String hint) {
            super(message);
            this.hint = hint;
        }

        String hint() {
            return hint;
        }
    }

    private EnvironmentText() {}

    /** Whether the text is one variable and nothing else, so that its value does not stand in the file. */
    static boolean isOneVariable(String text) {
        return ONE_VARIABLE.matcher(text.strip()).matches();
    }

    static String fill(String text, Map<String, String> environment) throws UnfilledException {
        Matcher reference = REFERENCE.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (reference.find()) {
            String inner = reference.group(1);
            reference.appendReplacement(
                    filled,
                    Matcher.quoteReplacement(
                            inner == null
                                    ? "${"
                                    : value(inner, !reference.group(2).isEmpty(), environment)));
        }
        return reference.appendTail(filled).toString();
    }

    private static String value(String inner, boolean closed, Map<String, String> environment)
            throws UnfilledException {
        Matcher name = NAME.matcher(inner);
        if (!closed || !name.matches()) {
            throw new UnfilledException(
                    "'${' does not begin a reference to an environment variable",
                    "write ${NAME} or ${NAME:-default}; $${ stands for a literal ${.");
        }
        String variable = name.group(1);
        @Nullable String fallback = name.group(2);
        @Nullable String value = environment.get(variable);
        if (fallback != null && (value == null || value.isEmpty())) {
            return fallback;
        }
        if (value == null) {
            throw new UnfilledException(
                    "environment variable " + variable + " is not set",
                    variable.equals(UnitCredentials.VARIABLE)
                            ? "systemd sets it for services that have LoadCredential=. A command finds the credentials of the"
                                    + " running service: start that, and call the command as root or as the service's user."
                            : "set it where the agent is started, or write ${" + variable + ":-default}.");
        }
        return value;
    }
}
