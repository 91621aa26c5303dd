package io.watchkeeper.doctor;

import io.watchkeeper.units.Secret;
import org.jspecify.annotations.Nullable;

/**
 * One line of the doctor's report, without any secret.
 *
 * @param subject what was examined: host, config, runbooks, secrets, tokens, migrations, state, store, audit, tools, or the name of a database
 * @param text what was found, in one line
 * @param hint what to do; null when there is nothing to do, or the text says it
 */
public record Finding(
        Level level, String subject, String text, @Nullable String hint) {

    /** Worst last. */
    public enum Level {
        GREEN,
        /** Works, but should be looked at. */
        AMBER,
        /** Does not work, or puts data at risk. */
        RED
    }

    public Finding {
        text = Secret.redact(text);
        hint = hint == null ? null : Secret.redact(hint);
    }

    static Finding green(String subject, String text) {
        return new Finding(Level.GREEN, subject, text, null);
    }

    static Finding amber(String subject, String text, @Nullable String hint) {
        return new Finding(Level.AMBER, subject, text, hint);
    }

    static Finding red(String subject, String text, @Nullable String hint) {
        return new Finding(Level.RED, subject, text, hint);
    }
}
