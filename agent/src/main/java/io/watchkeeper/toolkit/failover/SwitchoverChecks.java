package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SystemdUnit;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks whether a switchover would go well, all of it at once, and changes nothing. */
final class SwitchoverChecks {

    private static final int FIRST_VERSION = 120_000;
    private static final int FAILOVER_SLOTS = 170_000;

    private static final String PRIMARY = """
            select (select rolsuper from pg_roles where rolname = current_user), pg_is_in_recovery(),
                   current_setting('server_version_num')::int, (select system_identifier::text from pg_control_system()),
                   case when pg_is_in_recovery() then null else pg_current_wal_lsn()::text end,
                   case when pg_is_in_recovery() then null
                        else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end,
                   (select setting from pg_settings where name = 'data_directory'),
                   (select setting from pg_settings where name = 'config_file'),
                   (select count(*) from pg_prepared_xacts),
                   (select count(*) from pg_stat_activity where state <> 'idle' and backend_type = 'client backend' and pid <> pg_backend_pid()),
                   (select count(*) from pg_class where relpersistence = 'u' and relkind = 'r')""";

    private static final String STANDBY = """
            select (select rolsuper from pg_roles where rolname = current_user), pg_is_in_recovery(),
                   (select system_identifier::text from pg_control_system()),
                   (select status from pg_stat_wal_receiver), (select slot_name::text from pg_stat_wal_receiver),
                   (select received_tli from pg_stat_wal_receiver),
                   pg_last_wal_replay_lsn()::text,
                   case when pg_is_in_recovery() then pg_is_wal_replay_paused() end,
                   current_setting('recovery_min_apply_delay'),
                   (select setting from pg_settings where name = 'primary_conninfo'),
                   current_setting('synchronous_standby_names'), current_setting('max_wal_senders')::int,
                   current_setting('max_replication_slots')::int - (select count(*) from pg_replication_slots)::int,
                   current_setting('data_checksums') = 'on' or current_setting('wal_log_hints') = 'on',
                   array(select slot_name::text from pg_replication_slots),
                   array(select slot_name::text from pg_replication_slots s
                          where slot_type = 'logical' and not temporary
                            and coalesce((to_jsonb(s) ->> 'synced')::boolean, true)
                            and to_jsonb(s) ->> 'invalidation_reason' is null
                            and coalesce(to_jsonb(s) ->> 'conflicting', 'false') = 'false'
                            and to_jsonb(s) ->> 'wal_status' is distinct from 'lost')""";

    private static final String FOLLOWER = """
            select pg_is_in_recovery(), (select system_identifier::text from pg_control_system()),
                   exists (select from pg_stat_wal_receiver where status = 'streaming'),
                   current_setting('primary_slot_name'), (select setting from pg_settings where name = 'primary_conninfo')""";

    private static final String SLOTS =
            "select slot_name::text, slot_type from pg_replication_slots where not temporary order by 1";

    private final SwitchoverPlan plan;
    private final Database from;
    private final Database to;
    private final List<Database> followers;
    private final Work work;
    private final @Nullable Path bin;
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * @param record how it would begin
     * @param notes what a person should know before
     */
    record Checked(SwitchoverRecord record, List<String> notes) {}

    private record Primary(
            boolean superuser,
            boolean standby,
            int version,
            String system,
            @Nullable String position,
            int timeline,
            @Nullable String data,
            @Nullable String config,
            long prepared,
            long busy,
            long unlogged) {}

    private record Standby(
            boolean superuser,
            boolean standby,
            String system,
            @Nullable String receiver,
            @Nullable String slot,
            int timeline,
            @Nullable String replayed,
            boolean paused,
            String delay,
            @Nullable String conninfo,
            String synchronousNames,
            int senders,
            int freeSlots,
            boolean rewindable,
            List<String> slots,
            List<String> lastingLogical) {}

    private record Slot(String name, boolean logical) {}

    /** One that is to be repointed. @param application its name for synchronous_standby_names afterwards */
    private record Follower(String slot, String application) {}

    /**
     * @param followers those that are to be repointed
     * @param bin where PostgreSQL's programs are looked for first; null when nothing is configured
     */
    SwitchoverChecks(
            SwitchoverPlan plan, Database from, Database to, List<Database> followers, Work work, @Nullable Path bin) {
        this.plan = plan;
        this.from = from;
        this.to = to;
        this.followers = followers;
        this.work = work;
        this.bin = bin;
    }

    /** @throws OperatorException that names everything that is in the way */
    Checked check() throws SQLException {
        Primary primary;
        List<Slot> slots;
        List<SwitchoverRecord.Setting> settings = new ArrayList<>();
        try (Session session = from.open(work)) {
            primary = session.oneVerbatim(PRIMARY, SwitchoverChecks::primary);
            slots = session.listVerbatim(
                    SLOTS, row -> new Slot(row.getString(1), row.getString(2).equals("logical")));
            if (primary.superuser()) {
                for (String name : List.of("primary_conninfo", "primary_slot_name")) {
                    @Nullable String before = new SystemSetting(name).read(session);
                    if (before == null || !before.contains("password")) {
                        settings.add(new SwitchoverRecord.Setting(name, before));
                    }
                }
            }
        }
        Standby standby;
        try (Session session = to.open(work)) {
            standby = session.oneVerbatim(STANDBY, SwitchoverChecks::standby);
        }
        roles(primary, standby);
        throwIfAny(); // The rest would only repeat it.
        lag(primary, standby);
        List<Follower> others = new ArrayList<>();
        for (Database follower : followers) {
            others.add(follower(follower, primary));
        }
        List<String> made = slots(primary, standby, slots, others);
        synchronous(standby, others);
        String address = plan.address() != null
                ? plan.address()
                : to.settings().address().split(",", -1)[0];
        Path programs = host(primary);
        throwIfAny();
        way(primary, standby, address, programs);
        throwIfAny();
        notes(primary, standby);
        return new Checked(
                new SwitchoverRecord(
                        plan.from(),
                        plan.to(),
                        SwitchoverStep.PREPARING,
                        primary.system(),
                        String.valueOf(primary.data()),
                        String.valueOf(primary.config()),
                        programs.toString(),
                        plan.unit(),
                        address,
                        slotFor(plan.from()),
                        made,
                        slots.stream().filter(s -> !s.logical()).map(Slot::name).toList(),
                        standby.slot(),
                        settings,
                        null,
                        plan.repoint(),
                        Math.max(1, plan.within().toSeconds()),
                        plan.rewind()),
                notes);
    }

    private static Primary primary(ResultSet row) throws SQLException {
        return new Primary(
                row.getBoolean(1),
                row.getBoolean(2),
                row.getInt(3),
                row.getString(4),
                row.getString(5),
                row.getInt(6),
                row.getString(7),
                row.getString(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11));
    }

    private static Standby standby(ResultSet row) throws SQLException {
        return new Standby(
                row.getBoolean(1),
                row.getBoolean(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getInt(6),
                row.getString(7),
                row.getBoolean(8),
                row.getString(9),
                row.getString(10),
                row.getString(11),
                row.getInt(12),
                row.getInt(13),
                row.getBoolean(14),
                List.of((String[]) row.getArray(15).getArray()),
                List.of((String[]) row.getArray(16).getArray()));
    }

    private void roles(Primary primary, Standby standby) {
        if (!primary.superuser() || !standby.superuser()) {
            problem("the role of '" + (primary.superuser() ? plan.to() : plan.from())
                    + "' is no superuser, which stopping and promoting servers needs");
        }
        if (primary.standby()) {
            problem("'" + plan.from() + "' is no primary but a standby");
        }
        if (!standby.standby()) {
            problem("'" + plan.to() + "' is no standby: it takes writes already");
        } else if (!standby.system().equals(primary.system())) {
            problem("'" + plan.to() + "' is a standby of another server: its system identifier is " + standby.system()
                    + " and not " + primary.system());
        }
        if (primary.version() < FIRST_VERSION) {
            problem("'" + plan.from() + "' is older than PostgreSQL 12");
        }
    }

    private void lag(Primary primary, Standby standby) {
        if (!"streaming".equals(standby.receiver())) {
            problem("'" + plan.to() + "' does not stream: its receiver is "
                    + (standby.receiver() == null ? "down" : standby.receiver()));
        } else if (standby.timeline() != primary.timeline()) {
            problem("'" + plan.to() + "' is on timeline " + standby.timeline() + " and '" + plan.from() + "' on "
                    + primary.timeline());
        }
        long behind = Lsn.parse(String.valueOf(primary.position()))
                .orElseThrow()
                .minus(Lsn.parse(String.valueOf(standby.replayed())).orElseThrow());
        if (behind > plan.maxLag().count()) {
            problem("'" + plan.to() + "' is " + Bytes.of(behind) + " behind, more than maxLag " + plan.maxLag());
        }
        if (standby.paused()) {
            problem("replay is paused on '" + plan.to() + "' (select pg_wal_replay_resume())");
        }
        if (!standby.delay().equals("0")) {
            problem("'" + plan.to() + "' replays " + standby.delay() + " late (recovery_min_apply_delay)");
        }
    }

    private Follower follower(Database database, Primary primary) {
        String name = database.name();
        if (name.equals(plan.from()) || name.equals(plan.to())) {
            problem("'" + name + "' is among those that are to be repointed");
            return new Follower("", name);
        }
        try (Session session = database.open(work)) {
            return session.oneVerbatim(FOLLOWER, row -> {
                String conninfo = row.getString(5);
                if (!row.getBoolean(1)) {
                    problem("'" + name + "' is to be repointed and is no standby: it takes writes");
                } else if (!row.getString(2).equals(primary.system())) {
                    problem("'" + name
                            + "' is to be repointed and is a standby of another server: its system identifier is "
                            + row.getString(2) + " and not " + primary.system());
                } else if (conninfo == null || conninfo.isEmpty()) {
                    problem("'" + name + "' is to be repointed and has no primary_conninfo");
                } else if (!row.getBoolean(3)) {
                    notes.add(
                            "'" + name + "' does not stream now: what it lacks, '" + plan.to() + "' may not have kept");
                }
                return new Follower(
                        row.getString(4),
                        ConnInfo.parse(conninfo == null ? "" : conninfo)
                                .word("application_name")
                                .orElse(name));
            });
        } catch (SQLException | OperatorException e) {
            work.throwIfCancelled();
            problem("'" + name + "' is to be repointed and cannot be asked: " + e.getMessage());
            return new Follower("", name);
        }
    }

    /** @return the slots to be made on the standby: who is not repointed goes on reading from the old primary */
    private List<String> slots(Primary primary, Standby standby, List<Slot> slots, List<Follower> others) {
        List<String> lost = slots.stream()
                .filter(slot -> slot.logical() && !standby.lastingLogical().contains(slot.name()))
                .map(Slot::name)
                .toList();
        if (!lost.isEmpty() && !plan.dropLogicalSlots()) {
            problem("logical slots would be lost: " + String.join(", ", lost)
                    + " (let their subscribers go back to polling first, "
                    + (primary.version() >= FAILOVER_SLOTS ? "make them with failover = true, " : "")
                    + "or say dropLogicalSlots true)");
        }
        List<String> made = new ArrayList<>();
        made.add(slotFor(plan.from()));
        List<String> physical =
                slots.stream().filter(s -> !s.logical()).map(Slot::name).toList();
        List<String> moving = others.stream().map(Follower::slot).toList();
        physical.stream().filter(moving::contains).forEach(made::add);
        List<String> staying = physical.stream()
                .filter(slot -> !moving.contains(slot) && !slot.equals(standby.slot()))
                .toList();
        if (!staying.isEmpty()) {
            notes.add("slots " + String.join(", ", staying) + " stay on '" + plan.from()
                    + "', for who is not repointed reads from there on; drop those that nobody needs");
        }
        made.removeAll(standby.slots());
        if (standby.senders() == 0 || standby.freeSlots() < made.size()) {
            problem("'" + plan.to() + "' has max_wal_senders " + standby.senders() + " and room for "
                    + standby.freeSlots() + " slots, and needs " + made.size());
        }
        return made;
    }

    /** A slot's name may only have small letters, digits and underscores. */
    static String slotFor(String database) {
        String name = "watchkeeper_" + database.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return name.substring(0, Math.min(63, name.length()));
    }

    private void synchronous(Standby standby, List<Follower> others) {
        SynchronousNames names = SynchronousNames.parse(standby.synchronousNames());
        List<String> after =
                new ArrayList<>(others.stream().map(Follower::application).toList());
        after.add(plan.from());
        if (after.stream().filter(names::means).count() < names.count()) {
            problem("on '" + plan.to() + "' synchronous_standby_names is '" + names
                    + "': its commits would wait, because after it only " + String.join(", ", after)
                    + " stream from there");
        }
    }

    /** @return where the programs are */
    private Path host(Primary primary) {
        Path data = Path.of(String.valueOf(primary.data()));
        int major = primary.version() / 10_000;
        PgBinaries programs = PgBinaries.forServer(bin, major).orElse(null);
        if (!from.settings().local() || !Files.isRegularFile(data.resolve("PG_VERSION"))) {
            problem("the server of '" + plan.from()
                    + "' is not on this host, where it must be stopped (its data directory is " + data
                    + "); run this on its host, as the directory's owner or root");
        } else if (!Files.isWritable(data)) {
            problem("this user may not write in " + data + "; run it as the directory's owner or as root");
        } else {
            service(data);
        }
        if (programs == null) {
            problem("no programs of PostgreSQL " + major + " are on this host");
            return data;
        }
        return programs.folder();
    }

    private void service(Path data) {
        @Nullable String said = plan.unit();
        Optional<SystemdUnit> unit = StoppedServer.unitOf(data);
        if (unit.isPresent() && (said == null || !unit.get().isNamed(said))) {
            String name = unit.get().name();
            problem("the server of '" + plan.from() + "' belongs to systemd's " + name
                    + (said == null ? ", which would start it again" : " and not to " + said)
                    + ": say service '" + name + "'");
        } else if (said == null) {
            SystemdUnit.own()
                    .ifPresent(own -> problem("pg_ctl would start the server of '" + plan.from() + "' as a part of "
                            + own.name() + ", and systemd would end it whenever the agent stops: make it a unit and "
                            + "say service '…', or run this by hand: sudo watchkeeper run …"));
        }
    }

    /** Whether the old primary will get to the new one: tried as its server's own user, with what the standby connects with. */
    private void way(Primary primary, Standby standby, String address, Path programs) {
        if (standby.conninfo() == null || standby.conninfo().isEmpty()) {
            problem("'" + plan.to() + "' has no primary_conninfo to take over");
            return;
        }
        ConnInfo conninfo = ConnInfo.parse(standby.conninfo()).leadingTo(address, plan.from());
        PgCommand identify = PgCommand.of(
                        programs.resolve("psql"),
                        "--no-psqlrc",
                        "--no-align",
                        "--tuples-only",
                        "--dbname="
                                + conninfo.without("password", "dbname")
                                        .with("replication", "true")
                                        .with("connect_timeout", "10")
                                        .text(),
                        "--command=IDENTIFY_SYSTEM")
                .asOwnerOf(Path.of(String.valueOf(primary.data())));
        conninfo.word("password").ifPresent(password -> identify.environment("PGPASSWORD", password));
        PgCommand.Result result = identify.attempt(work, line -> {});
        if (result.exit() != 0) {
            problem("the host of '" + plan.from() + "' does not get to '" + plan.to() + "' at " + address
                    + " to replicate: "
                    + result.errors().strip() + " (see pg_hba.conf there, and the password file of "
                    + conninfo.word("user").orElse("the role") + " here)");
        } else if (!result.output().startsWith(primary.system() + "|")) {
            problem("at " + address + " is another server than that of '" + plan.to() + "'");
        }
    }

    private void notes(Primary primary, Standby standby) {
        if (primary.busy() > 0) {
            notes.add(primary.busy() + " sessions are at work on '" + plan.from() + "' and will be ended");
        }
        if (primary.prepared() > 0) {
            notes.add(primary.prepared() + " prepared transactions go along");
        }
        if (primary.unlogged() > 0) {
            notes.add(primary.unlogged() + " unlogged tables of this database will be empty on '" + plan.to() + "'");
        }
        if (!standby.rewindable()) {
            notes.add("neither data checksums nor wal_log_hints are on: should '" + plan.from()
                    + "' write anything meanwhile, pg_rewind cannot bring it back");
        }
    }

    private void problem(String text) {
        problems.add(text);
    }

    private void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new OperatorException(
                    "the switchover " + plan.title() + " cannot begin: "
                            + problems.stream().distinct().collect(Collectors.joining("; ")),
                    "nothing was changed.");
        }
    }
}
