package io.watchkeeper.runbook;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How often a runbook that is a checklist is gone through. Its steps are items: one that fails does not keep the later ones from being
 * done, and a report is written in the end.
 */
public enum Checklist {
    DAILY,
    WEEKLY,
    MONTHLY;

    /** As documents, runbooks and commands spell it, for example {@code daily}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Checklist> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(one -> one.wireName().equals(name))
                .findFirst();
    }
}
