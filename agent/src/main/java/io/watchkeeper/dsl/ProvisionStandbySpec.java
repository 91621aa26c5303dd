package io.watchkeeper.dsl;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.toolkit.standby.StandbyPlan;
import io.watchkeeper.toolkit.standby.StandbyStart;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code provisionStandby('ship') { … }} */
@Block(
        name = "provisionStandby",
        value = "A physical standby on this host, and what may be done for it.",
        needs = {"dataDirectory"},
        words = {
            "from",
            "dataDirectory",
            "port",
            "slot",
            "role",
            "passwordFile",
            "settings",
            "restart",
            "walKeepSize",
            "maxSlotWalKeepSize",
            "hba",
            "hbaFrom",
            "sslMode",
            "sslRootCert",
            "start",
            "systemd",
            "owner",
            "tablespace",
            "bin",
            "renew",
            "undo"
        })
public final class ProvisionStandbySpec {

    private static final List<String> SSL_MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    private static final int HIGHEST_PORT = 65_535;
    private static final String SLOT = "[a-z0-9_]{1,63}";

    private final TextChecks texts;
    private final Map<String, String> tablespaces = new LinkedHashMap<>();
    private @Nullable String from;
    private @Nullable Path dataDirectory;
    private @Nullable Integer port;
    private @Nullable String slot;
    private @Nullable String role;
    private @Nullable Path passwordFile;
    private boolean set;
    private boolean restart;
    private @Nullable Bytes walKeepSize;
    private @Nullable Bytes maxSlotWalKeepSize;
    private boolean writeHba;
    private @Nullable String hbaFrom;
    private @Nullable String sslMode;
    private @Nullable String sslRootCert;
    private StandbyStart start = new StandbyStart.PgCtl();
    private @Nullable String owner;
    private @Nullable Path bin;
    private boolean renew;
    private boolean undo;

    /** What becomes of the primary's settings. */
    public enum SettingsPolicy {
        CHECK,
        SET
    }

    /** What becomes of the primary's pg_hba.conf. */
    public enum HbaPolicy {
        PROPOSE,
        WRITE
    }

    ProvisionStandbySpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "The database to be a standby of; its address is what the standby connects to.",
            example = "from 'shore'",
            byDefault = "the configured standbyOf")
    public void from(@Checked(TextKind.DATABASE) String database) {
        from = texts.require(TextKind.DATABASE, database);
    }

    @Word(
            value = "The standby's data directory, on this host: not there yet, or empty.",
            example = "dataDirectory '/var/lib/postgresql/15/ship'")
    public void dataDirectory(@Checked(TextKind.PATH) String folder) {
        dataDirectory = Path.of(texts.require(TextKind.PATH, folder)).normalize();
    }

    @Word(
            value = "The port that its server listens at.",
            example = "port 5433",
            byDefault = "the one in the configured address")
    public void port(int number) {
        if (number < 1 || number > HIGHEST_PORT) {
            throw new OperatorException("a port is 1 to " + HIGHEST_PORT + ", not " + number, "write port 5432.");
        }
        port = number;
    }

    @Word(
            value = "The slot on the primary, made where it is missing.",
            example = "slot 'ship_7'",
            byDefault = "watchkeeper_ and the standby's name")
    public void slot(@Checked(TextKind.NAME) String name) {
        if (!name.matches(SLOT)) {
            throw new OperatorException(
                    "'" + name + "' cannot be the name of a slot", "write small letters, digits and '_', at most 63.");
        }
        slot = name;
    }

    @Word(
            value =
                    "The role on the primary, made with a password of its own where it is missing. The password is kept in a file beside"
                            + " the data directory that only the server's user can read; it is shown nowhere.",
            example = "role 'replicator'",
            byDefault = "watchkeeper_ and the standby's name")
    public void role(@Checked(TextKind.NAME) String name) {
        role = texts.require(TextKind.NAME, name);
    }

    @Word(
            value = "A file with the password of a role that is there already.",
            example = "passwordFile '/etc/watchkeeper/replicator.password'",
            byDefault = "none")
    public void passwordFile(@Checked(TextKind.PATH) String file) {
        passwordFile = Path.of(texts.require(TextKind.PATH, file));
    }

    @Word(
            value = "What becomes of the primary's settings that a standby needs.",
            example = "settings set",
            byDefault = "check")
    public void settings(SettingsPolicy policy) {
        set = policy == SettingsPolicy.SET;
    }

    @Choice(of = "settings", value = "They are looked at; the run fails with the statements that are missing.")
    public SettingsPolicy getCheck() {
        return SettingsPolicy.CHECK;
    }

    @Choice(of = "settings", value = "They are set by ALTER SYSTEM; `undo` sets them back.")
    public SettingsPolicy getSet() {
        return SettingsPolicy.SET;
    }

    @Word(
            value = "With `settings set`: whether a primary on this host may be restarted for those that need it.",
            example = "restart true",
            byDefault = "false")
    public void restart(boolean yes) {
        restart = yes;
    }

    @Word(
            value = "At least this much log stays on the primary without any slot.",
            example = "walKeepSize 1.gigabytes",
            byDefault = "as it is")
    public void walKeepSize(Bytes size) {
        walKeepSize = size;
    }

    @Word(
            value =
                    "More than this is kept for no slot of the primary: a standby that is away for longer is copied again.",
            example = "maxSlotWalKeepSize 50.gigabytes",
            byDefault = "as it is")
    public void maxSlotWalKeepSize(Bytes size) {
        maxSlotWalKeepSize = size;
    }

    @Word(value = "What becomes of the primary's pg_hba.conf.", example = "hba write", byDefault = "propose")
    public void hba(HbaPolicy policy) {
        writeHba = policy == HbaPolicy.WRITE;
    }

    @Choice(of = "hba", value = "The line is said when the standby is not let in without it.")
    public HbaPolicy getPropose() {
        return HbaPolicy.PROPOSE;
    }

    @Choice(
            of = "hba",
            value =
                    "Where the primary is on this host, the line is written between two markers, checked by the server and taken over;"
                            + " a file that the server refuses is put back.")
    public HbaPolicy getWrite() {
        return HbaPolicy.WRITE;
    }

    @Word(
            value = "The address the standby comes from, as pg_hba.conf writes it.",
            example = "hbaFrom '10.9.0.2/32'",
            byDefault = "what the primary sees of this host")
    public void hbaFrom(@Checked(TextKind.NAME) String address) {
        hbaFrom = texts.require(TextKind.NAME, address);
    }

    @Word(
            value =
                    "How the standby's connection is encrypted, as libpq has it: `'disable'`, `'allow'`, `'prefer'`, `'require'`,"
                            + " `'verify-ca'`, `'verify-full'`. From `'require'` on the line for pg_hba.conf begins with hostssl.",
            example = "sslMode 'verify-full'",
            byDefault = "as in the primary's address, else 'prefer'")
    public void sslMode(@Checked(TextKind.NAME) String mode) {
        if (!SSL_MODES.contains(mode)) {
            throw new OperatorException(
                    "there is no sslMode '" + mode + "'",
                    Suggestion.didYouMean(mode, SSL_MODES) + "It is one of: " + String.join(", ", SSL_MODES) + ".");
        }
        sslMode = mode;
    }

    @Word(
            value = "Who may have signed the primary's certificate; readable for the server's user.",
            example = "sslRootCert '/etc/ssl/certs/fleet.pem'",
            byDefault = "as in the primary's address")
    public void sslRootCert(@Checked(TextKind.PATH) String file) {
        sslRootCert = texts.require(TextKind.PATH, file);
    }

    @Word(
            value = "Who starts the standby's server.",
            example = "start systemd('postgresql@15-ship')",
            byDefault = "pgCtl")
    public void start(StandbyStart who) {
        start = who;
    }

    @Word(
            value = "For start: a unit of systemd, which starts it after a boot, too.",
            example = "start systemd('postgresql@15-ship')")
    public StandbyStart systemd(@Checked(TextKind.NAME) String unit) {
        if (!unit.matches("[A-Za-z0-9@_.:\\\\-]+") || unit.startsWith("-")) {
            throw new OperatorException(
                    "'" + unit + "' is no unit of systemd", "write start systemd('postgresql@15-ship').");
        }
        return new StandbyStart.Systemd(unit);
    }

    @Choice(of = "start", value = "pg_ctl, as the owner of the data directory; nobody starts it after a boot.")
    public StandbyStart getPgCtl() {
        return new StandbyStart.PgCtl();
    }

    @Choice(of = "start", value = "A person; the run ends when all is ready for it.")
    public StandbyStart getNone() {
        return new StandbyStart.None();
    }

    @Word(
            value = "The user of this host that files and server belong to.",
            example = "owner 'postgres'",
            byDefault = "the owner of the folder that the data directory is in")
    public void owner(@Checked(TextKind.NAME) String user) {
        owner = texts.require(TextKind.NAME, user);
    }

    @Word(
            value = "Where a tablespace of the primary goes here. May be given several times.",
            example = "tablespace '/srv/fast', '/srv/ship-fast'",
            byDefault = "the same folder")
    public void tablespace(@Checked(TextKind.PATH) String there, @Checked(TextKind.PATH) String here) {
        tablespaces.put(texts.require(TextKind.PATH, there), texts.require(TextKind.PATH, here));
    }

    @Word(
            value = "The folder of PostgreSQL's programs, of the primary's version.",
            example = "bin '/usr/lib/postgresql/15/bin'",
            byDefault = "postgres.bin, else Debian's")
    public void bin(@Checked(TextKind.PATH) String folder) {
        bin = Path.of(texts.require(TextKind.PATH, folder));
    }

    @Word(
            value =
                    "Whether a standby whose slot is gone or has lost its log is copied again, in the place of what there is.",
            example = "renew true",
            byDefault = "false")
    public void renew(boolean yes) {
        renew = yes;
    }

    @Word(
            value =
                    "Whether all that was made for the standby is taken back instead: server, data directory, slot, pg_hba.conf, role,"
                            + " settings. What was there before stays; a standby that was promoted is not touched.",
            example = "undo true",
            byDefault = "false")
    public void undo(boolean yes) {
        undo = yes;
    }

    @Nullable
    String primary() {
        return from;
    }

    boolean undoes() {
        return undo;
    }

    /** @param usualBin where programs are looked for when the block does not say; null when nothing is configured */
    StandbyPlan plan(DatabaseSettings standby, @Nullable Path usualBin) {
        Path data = dataDirectory;
        if (data == null) {
            throw new OperatorException(
                    "'provisionStandby' needs 'dataDirectory'",
                    "provisionStandby('" + standby.name() + "') { from 'shore'; dataDirectory '/var/lib/postgresql/15/"
                            + standby.name() + "' }");
        }
        StandbyPlan usual = StandbyPlan.of(standby, data);
        return new StandbyPlan(
                usual.name(),
                slot == null ? usual.slot() : slot,
                new StandbyPlan.Settings(set, restart, walKeepSize, maxSlotWalKeepSize),
                new StandbyPlan.Access(
                        role == null ? usual.access().role() : role,
                        passwordFile,
                        writeHba,
                        hbaFrom,
                        sslMode,
                        sslRootCert),
                new StandbyPlan.Place(
                        data,
                        port == null ? usual.place().port() : port,
                        owner,
                        bin == null ? usualBin : bin,
                        tablespaces),
                start,
                renew);
    }
}
