package io.watchkeeper.toolkit.tenant;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where tenants are kept, and how, as {@code meta} in the configuration says.
 *
 * @param database the configured name of the metadata database; null when none is named
 * @param plans how tenants of a plan are kept apart; a plan that is not listed means {@link Tenancy#RLS}
 */
public record TenantSettings(@Nullable String database, Map<String, Tenancy> plans) {

    public static final TenantSettings NONE = new TenantSettings(null, Map.of());

    public TenantSettings {
        plans = Map.copyOf(plans);
    }

    public Tenancy of(String plan) {
        return plans.getOrDefault(plan, Tenancy.RLS);
    }
}
