package io.watchkeeper.toolkit.standby;

/** Who starts the standby's server. */
public sealed interface StandbyStart {

    /** systemd does. @param unit for example {@code postgresql@15-ship} */
    record Systemd(String unit) implements StandbyStart {}

    /** pg_ctl, as the owner of the data directory. The server belongs to nobody then who would start it again after a boot. */
    record PgCtl() implements StandbyStart {}

    /** Somebody else; the standby is ready to be started when all is done. */
    record None() implements StandbyStart {}

    /** As it stands in a record. */
    default String text() {
        if (this instanceof Systemd systemd) {
            return "systemd:" + systemd.unit();
        }
        return this instanceof PgCtl ? "pgCtl" : "none";
    }

    /** The other way round. */
    static StandbyStart of(String text) {
        if (text.startsWith("systemd:")) {
            return new Systemd(text.substring("systemd:".length()));
        }
        return text.equals("pgCtl") ? new PgCtl() : new None();
    }
}
