package io.watchkeeper.toolkit.tenant;

import java.util.Locale;

/** How a tenant's rows are kept apart from others'. */
public enum Tenancy {
    /** A schema of its own, made like the template schema. */
    SCHEMA,
    /** Shared tables with {@code tenant_id} behind row-level security. */
    RLS;

    /** As the configuration writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
