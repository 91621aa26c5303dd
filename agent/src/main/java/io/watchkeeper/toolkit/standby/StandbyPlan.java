package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A standby as it is meant to be.
 *
 * @param name of the configured database; the name, too, under which it asks its primary for log
 * @param slot on the primary
 * @param start who starts its server
 * @param renew whether one that has lost its place in the log is copied again
 */
public record StandbyPlan(
        String name, String slot, Settings settings, Access access, Place place, StandbyStart start, boolean renew) {

    /**
     * What becomes of the primary's settings.
     *
     * @param set whether they may be changed; else they are checked only
     * @param restart whether the primary may be restarted for those that need it
     * @param walKeep the least of wal_keep_size; null to leave it as it is
     * @param maxSlotWalKeep for max_slot_wal_keep_size; null to leave it as it is
     */
    public record Settings(
            boolean set,
            boolean restart,
            @Nullable Bytes walKeep,
            @Nullable Bytes maxSlotWalKeep) {}

    /**
     * How the standby logs in.
     *
     * @param role on the primary
     * @param passwordFile with the password of a role that is there already; null for one that is made here
     * @param writeHba whether pg_hba.conf may be written, where the primary is on this host
     * @param hbaFrom where the standby comes from, as pg_hba.conf writes addresses; null for what the primary sees of this host
     * @param sslMode as libpq has it; null for what the database's address says
     * @param sslRootCert null for what the database's address says
     */
    public record Access(
            String role,
            @Nullable Path passwordFile,
            boolean writeHba,
            @Nullable String hbaFrom,
            @Nullable String sslMode,
            @Nullable String sslRootCert) {}

    /**
     * Where the standby is.
     *
     * @param dataDirectory made by this; may be there when it is empty
     * @param port its server listens at
     * @param owner the system's user; null for the owner of the folder it is in
     * @param bin where PostgreSQL's programs are looked for first; null for the usual places
     * @param tablespaces from where the primary has them to where they are here
     */
    public record Place(
            Path dataDirectory,
            int port,
            @Nullable String owner,
            @Nullable Path bin,
            Map<String, String> tablespaces) {
        public Place {
            tablespaces = Map.copyOf(tablespaces);
        }
    }

    /** As somebody means it who says no more than where its files go. @param standby whose address tells the port */
    public static StandbyPlan of(DatabaseSettings standby, Path dataDirectory) {
        return of(
                standby.name(),
                dataDirectory,
                PrimaryAddress.of(standby, null, null).hosts().get(0).port());
    }

    /** As somebody means it who does not say more. */
    public static StandbyPlan of(String name, Path dataDirectory, int port) {
        String own = "watchkeeper_" + name.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return new StandbyPlan(
                name,
                own,
                new Settings(false, false, null, null),
                new Access(own, null, false, null, null, null),
                new Place(dataDirectory, port, null, null, Map.of()),
                new StandbyStart.PgCtl(),
                false);
    }

    public StandbyPlan withSlot(String now) {
        return new StandbyPlan(name, now, settings, access, place, start, renew);
    }

    public StandbyPlan with(Settings now) {
        return new StandbyPlan(name, slot, now, access, place, start, renew);
    }

    public StandbyPlan with(Access now) {
        return new StandbyPlan(name, slot, settings, now, place, start, renew);
    }

    public StandbyPlan with(Place now) {
        return new StandbyPlan(name, slot, settings, access, now, start, renew);
    }

    public StandbyPlan with(StandbyStart now) {
        return new StandbyPlan(name, slot, settings, access, place, now, renew);
    }

    public StandbyPlan withRenew(boolean now) {
        return new StandbyPlan(name, slot, settings, access, place, start, now);
    }
}
