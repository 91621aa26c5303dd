package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import java.util.Locale;

/** How a tenant's rows are kept apart from others'. */
public enum Tenancy {
    /** A schema of its own, made like the template schema. */
    SCHEMA,
    /** Shared tables with {@code tenant_id} behind row-level security. */
    RLS;

    /** Reads it as the configuration writes it. @throws OperatorException for another word */
    public static Tenancy of(String word) {
        for (Tenancy one : values()) {
            if (one.word().equals(word)) {
                return one;
            }
        }
        throw new OperatorException("'" + word + "' is no form of a tenant", "write schema or rls.");
    }

    /** As the configuration writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
