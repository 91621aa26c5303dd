package io.watchkeeper.dsl;

import io.watchkeeper.approval.Approvals;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.toolkit.migrate.MigrationSettings;
import io.watchkeeper.toolkit.tenant.TenantSettings;

/**
 * What verbs need that change a metadata database's tenants or schema.
 *
 * @param approvals who agreed to what takes two people
 * @param audit where what they do is put on record
 */
public record MetaTools(TenantSettings tenants, MigrationSettings migrations, Approvals approvals, Audit audit) {

    /** For processes that do neither. */
    public static final MetaTools NONE =
            new MetaTools(TenantSettings.NONE, MigrationSettings.NONE, Approvals.none(), Audit.none());

    /** The same for other tenants and migrations. */
    public MetaTools with(TenantSettings otherTenants, MigrationSettings otherMigrations) {
        return new MetaTools(otherTenants, otherMigrations, approvals, audit);
    }
}
