package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The settings of a primary that a standby needs. Each is written down as it was before it is changed. */
final class PrimarySettings {

    /** pg_basebackup takes two, one for the files and one for the log; the standby takes one when it is done. */
    private static final int SENDERS = 2;

    private static final int USUAL_MOST = 10;
    private static final int SPARE = 4;
    private static final long MEGABYTE = 1 << 20;

    private static final String NOW = """
            select current_setting('wal_level') as wal_level,
                   current_setting('max_wal_senders')::bigint as max_wal_senders,
                   (select count(*) from pg_stat_replication where application_name <> ?) as senders,
                   current_setting('max_replication_slots')::bigint as max_replication_slots,
                   (select count(*) from pg_replication_slots where slot_name <> ?) as slots,
                   pg_size_bytes(current_setting('max_slot_wal_keep_size', true)) as max_slot_wal_keep_size,
                   pg_size_bytes(current_setting('wal_keep_size', true)) as wal_keep_size,
                   current_setting('wal_keep_segments', true)::bigint as wal_keep_segments,
                   pg_size_bytes(current_setting('wal_segment_size')) as wal_segment_size""";

    private static final String IN_AUTO_CONF = """
            select setting from pg_file_settings
             where sourcefile like '%/postgresql.auto.conf' and name = ? order by seqno desc limit 1""";

    private final Session session;

    /**
     * One that is not as it has to be.
     *
     * @param wanted as ALTER SYSTEM takes it
     * @param restart whether it only counts after a restart
     */
    record Need(String name, String now, String wanted, boolean restart) {
        String words() {
            return name + " is " + now + ", and has to be " + wanted;
        }

        String statement() {
            return "ALTER SYSTEM SET " + name + " = " + Identifiers.quoteLiteral(wanted);
        }
    }

    PrimarySettings(Session session) {
        this.session = session;
    }

    /** What is missing for the standby. @param connected whether it is there already */
    List<Need> needs(StandbyPlan plan, boolean connected) throws SQLException {
        Map<String, @Nullable Object> now =
                session.query(NOW, plan.name(), plan.slot()).get(0);
        List<Need> needs = new ArrayList<>();
        String level = String.valueOf(now.get("wal_level"));
        if (level.equals("minimal")) {
            needs.add(new Need("wal_level", level, "replica", true));
        }
        atLeast(
                needs,
                "max_wal_senders",
                number(now, "max_wal_senders"),
                number(now, "senders") + (connected ? 1 : SENDERS));
        atLeast(needs, "max_replication_slots", number(now, "max_replication_slots"), number(now, "slots") + 1);
        keep(needs, plan.settings(), now);
        return needs;
    }

    private static void atLeast(List<Need> needs, String name, long now, long least) {
        if (now < least) {
            needs.add(new Need(name, String.valueOf(now), String.valueOf(Math.max(USUAL_MOST, least + SPARE)), true));
        }
    }

    private static void keep(List<Need> needs, StandbyPlan.Settings plan, Map<String, @Nullable Object> now) {
        Bytes walKeep = plan.walKeep();
        if (walKeep != null && now.get("wal_keep_size") != null && number(now, "wal_keep_size") < walKeep.count()) {
            needs.add(new Need("wal_keep_size", shown(number(now, "wal_keep_size")), megabytes(walKeep), false));
        } else if (walKeep != null && now.get("wal_keep_size") == null) {
            long segments = (walKeep.count() - 1) / number(now, "wal_segment_size") + 1;
            if (number(now, "wal_keep_segments") < segments) {
                needs.add(new Need(
                        "wal_keep_segments",
                        String.valueOf(number(now, "wal_keep_segments")),
                        String.valueOf(segments),
                        false));
            }
        }
        Bytes slotKeep = plan.maxSlotWalKeep();
        if (slotKeep != null
                && now.get("max_slot_wal_keep_size") != null
                && number(now, "max_slot_wal_keep_size") != slotKeep.count()) {
            needs.add(new Need(
                    "max_slot_wal_keep_size",
                    shown(number(now, "max_slot_wal_keep_size")),
                    megabytes(slotKeep),
                    false));
        }
    }

    /** Whether slots may keep log until the disk is full. */
    boolean slotsAreUnlimited() throws SQLException {
        return session.one(
                "select coalesce(current_setting('max_slot_wal_keep_size', true), '-1') = '-1'",
                row -> row.getBoolean(1));
    }

    /**
     * Changes what has to be changed. Nothing is restarted here.
     *
     * @return those that wait for a restart
     * @throws OperatorException when they may not be changed, with all of them
     */
    List<Need> satisfy(StandbyDraft draft, StandbyPlan plan, boolean connected) throws SQLException {
        List<Need> needs = needs(plan, connected);
        if (needs.isEmpty()) {
            draft.found(StandbyStep.SETTINGS, "settings are as they have to be");
            return needs;
        }
        if (!plan.settings().set()) {
            throw new OperatorException(
                    "'" + database() + "' is not set up for another standby: "
                            + needs.stream().map(Need::words).collect(Collectors.joining("; ")),
                    "'settings set' lets this run do it, and 'restart true' restart the server for it; or as a superuser: "
                            + needs.stream().map(Need::statement).collect(Collectors.joining("; ")) + ".");
        }
        List<String> done = new ArrayList<>();
        for (Need need : needs) {
            Optional<String> before = inAutoConf(need.name());
            if (before.filter(need.wanted()::equals).isPresent()) {
                continue;
            }
            draft.record(
                    record -> record.withSetting(new SettingChange(need.name(), before.orElse(null), need.wanted())));
            alter(need.statement());
            done.add(need.name() + " " + need.now() + " → " + need.wanted());
        }
        session.query("select pg_reload_conf()");
        if (!done.isEmpty()) {
            draft.did(StandbyStep.SETTINGS, "set " + String.join(", ", done));
        }
        return needs.stream().filter(Need::restart).toList();
    }

    /** Sets back what was set for the standby, and is still as it was set. @return what there is to say about it */
    List<String> restore(StandbyRecord record) throws SQLException {
        List<String> said = new ArrayList<>();
        Map<String, Optional<String>> present = new HashMap<>();
        for (SettingChange change : record.settings()) {
            present.put(change.name(), inAutoConf(change.name()));
        }
        for (SettingChange change : record.settings()) {
            Optional<String> now = present.getOrDefault(change.name(), Optional.empty());
            if (Optional.ofNullable(change.before()).equals(now)) {
                continue;
            }
            if (!now.equals(Optional.of(change.set()))) {
                said.add(change.name() + " stays as it is: somebody has changed it since");
                continue;
            }
            alter(
                    change.before() == null
                            ? "ALTER SYSTEM RESET " + change.name()
                            : "ALTER SYSTEM SET " + change.name() + " = " + Identifiers.quoteLiteral(change.before()));
            said.add(change.name() + " is as it was before");
        }
        if (!said.isEmpty()) {
            session.query("select pg_reload_conf()");
        }
        return said;
    }

    private void alter(String statement) throws SQLException {
        try {
            session.runVerbatim(statement);
        } catch (SQLException e) {
            if (FailureClass.sqlState(e).orElse("").equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
                throw new OperatorException(
                        "role '" + session.database().settings().user() + "' may not change settings of '" + database()
                                + "'",
                        "as a superuser there: " + statement + ".",
                        e);
            }
            throw e;
        }
    }

    private Optional<String> inAutoConf(String name) throws SQLException {
        return session.list(IN_AUTO_CONF, row -> row.getString(1), name).stream()
                .findFirst();
    }

    private static long number(Map<String, @Nullable Object> row, String column) {
        Object value = row.get(column);
        return value instanceof Number n ? n.longValue() : 0;
    }

    private static String shown(long bytes) {
        return bytes < 0 ? "without a limit" : new Bytes(bytes).toString();
    }

    private static String megabytes(Bytes size) {
        return Math.max(1, size.count() / MEGABYTE) + "MB";
    }

    private String database() {
        return session.database().name();
    }
}
