package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.HeavyLimits;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Encryption;
import io.watchkeeper.toolkit.backup.RepositoryState;
import io.watchkeeper.toolkit.migrate.AvoidedTime;
import io.watchkeeper.toolkit.migrate.MigrationSettings;
import io.watchkeeper.toolkit.tenant.Tenancy;
import io.watchkeeper.toolkit.tenant.TenantSettings;
import io.watchkeeper.toolkit.wal.WalReceivers;
import io.watchkeeper.trust.RunbookTrust;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What a configuration says, in the words of the toolkit. */
public final class ConfiguredToolkit {

    private ConfiguredToolkit() {}

    /** Where tenants are listed, and how each plan keeps them apart. */
    static TenantSettings tenants(AgentConfig config) {
        AgentConfig.Meta meta = config.meta();
        if (meta == null) {
            return TenantSettings.NONE;
        }
        Map<String, Tenancy> plans = new HashMap<>();
        meta.plans().forEach((plan, tenancy) -> plans.put(plan, Tenancy.valueOf(tenancy.name())));
        return new TenantSettings(meta.database(), plans);
    }

    /** Where migrations are recorded, and when none may run. */
    static MigrationSettings migrations(AgentConfig config) {
        AgentConfig.Meta meta = config.meta();
        return meta == null
                ? MigrationSettings.NONE
                : new MigrationSettings(
                        meta.database(),
                        meta.migrations(),
                        meta.avoid().stream()
                                .map(one -> new AvoidedTime(one.from(), one.to(), one.days(), meta.zone()))
                                .toList(),
                        meta.maxLag());
    }

    /** How much heavy work this host does at once, and what it gives way to. */
    static HeavyLimits heavyLimits(AgentConfig config) {
        AgentConfig.Heavy heavy = config.heavy();
        HeavyLimits usual = HeavyLimits.usual();
        return new HeavyLimits(
                Objects.requireNonNullElse(heavy.atOnce(), usual.atOnce()),
                heavy.aging(),
                heavy.patience(),
                heavy.maxLag(),
                Objects.requireNonNullElse(heavy.maxActive(), usual.maxActive()),
                heavy.rate(),
                usual.lookEvery(),
                usual.heavyAfter());
    }

    /** What the repository holds, for those who show it. */
    static Supplier<Protection> protection(AgentConfig config, WalReceivers receivers, Clock clock) {
        return new RepositoryState(backups(config, clock), receivers::state);
    }

    /** Where this host keeps backups. */
    static BackupSettings backups(AgentConfig config, Clock clock) {
        AgentConfig.Encryption keys = config.backups().encryption();
        return new BackupSettings(
                config.backups().repository(),
                keys == null ? null : new Encryption(keys.recipients(), keys.identityFile()),
                config.state(),
                config.postgres().bin(),
                config.host().name(),
                clock);
    }

    /** What runbooks must be vouched for by. */
    public static RunbookTrust trust(AgentConfig config, Clock clock) {
        AgentConfig.Trust trust = config.trust();
        return new RunbookTrust(trust.requireChecksums(), trust.minisignKey(), trust.sshAllowedSigners(), clock);
    }
}
