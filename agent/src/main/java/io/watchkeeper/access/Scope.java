package io.watchkeeper.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What somebody may do over HTTP. Whoever may do anything may read. */
public enum Scope {
    /** Look at everything the page shows. */
    READ,
    /** Start, cancel, pause and resume what runbooks do. */
    RUN,
    /** Tenants and migrations. */
    ADMIN,
    /** Agree to what needs two people. */
    APPROVE;

    /** As it stands in files and answers, for example {@code run}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Scope> ofWord(String word) {
        return Arrays.stream(values()).filter(s -> s.word().equals(word)).findFirst();
    }

    public static List<String> words() {
        return Arrays.stream(values()).map(Scope::word).toList();
    }

    public static Set<Scope> all() {
        return EnumSet.allOf(Scope.class);
    }
}
