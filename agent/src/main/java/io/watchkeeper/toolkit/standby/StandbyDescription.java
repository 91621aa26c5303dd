package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What would be done for a standby, said without doing it. */
final class StandbyDescription {

    private final Session session;
    private final StandbyPlan plan;
    private final Optional<StandbyRecord> known;
    private final List<PlannedAction> actions = new ArrayList<>();

    StandbyDescription(Session session, StandbyPlan plan, Optional<StandbyRecord> known) {
        this.session = session;
        this.plan = plan;
        this.known = known;
    }

    List<PlannedAction> actions() throws SQLException {
        String database = session.database().name();
        PrimaryFacts facts = PrimaryFacts.read(session);
        StandbyPlan.Access access = plan.access();
        PrimaryAddress address =
                PrimaryAddress.of(session.database().settings(), access.sslMode(), access.sslRootCert());
        Optional<StandbyRecord> record = known.map(begun -> begun.requireSame(plan, database, facts.systemId()));
        settings(record.isPresent() && StreamingWait.look(session, record.get()).isPresent());
        role();
        hba(facts, address);
        if (new StandbySlot(session, plan.slot()).find().isEmpty()) {
            add(
                    "SELECT pg_create_physical_replication_slot(" + Identifiers.quoteLiteral(plan.slot()) + ", true)",
                    0,
                    "keeps log on '" + database + "' from then on");
        }
        if (record.filter(StandbyHost::isMade).isEmpty()) {
            copy(facts, address, record);
        }
        start();
        return actions;
    }

    private void settings(boolean connected) throws SQLException {
        PrimarySettings settings = new PrimarySettings(session);
        boolean restart = false;
        for (PrimarySettings.Need need : settings.needs(plan, connected)) {
            restart |= need.restart();
            add(
                    need.statement(),
                    0,
                    need.words()
                            + (need.restart() ? "; counts after a restart" : "")
                            + (plan.settings().set() ? "" : "; would be refused: 'settings set' is not said"));
        }
        if (restart && plan.settings().set()) {
            add(
                    "-- restart " + session.database().name(),
                    0,
                    plan.settings().restart()
                            ? "all its sessions end"
                            : "by a person: 'restart true' is not said, and the run would stop here");
        }
        if (settings.slotsAreUnlimited() && plan.settings().maxSlotWalKeep() == null) {
            add(
                    "-- max_slot_wal_keep_size",
                    0,
                    "has no limit: a standby that is away keeps log until the disk is full");
        }
    }

    private void role() throws SQLException {
        String role = plan.access().role();
        if (new ReplicationRole(session, role).find().isEmpty()) {
            add(
                    "CREATE ROLE " + Identifiers.quote(role) + " LOGIN REPLICATION PASSWORD 'SCRAM-SHA-256$…'",
                    0,
                    "its password is made here, and is kept in "
                            + PassFile.beside(plan.place().dataDirectory()) + " alone");
        }
    }

    private void hba(PrimaryFacts facts, PrimaryAddress address) {
        String from = plan.access().hbaFrom() == null
                ? Objects.requireNonNullElse(facts.seenFrom(), "samehost")
                : plan.access().hbaFrom();
        String line = HbaBlock.line(plan.access().role(), from, address.requiresTls());
        boolean writes = plan.access().writeHba() && facts.isHere();
        if (writes
                && new HbaFile(session, Objects.requireNonNull(facts.hbaFile()))
                        .has(HbaBlock.of(plan.name(), plan.access().role(), from, address.requiresTls()))) {
            return;
        }
        add(
                "-- pg_hba.conf: " + line,
                0,
                writes
                        ? "written into " + facts.hbaFile() + ", checked by pg_hba_file_rules, reloaded"
                        : "by a person, unless the role is let in already; then SELECT pg_reload_conf()");
    }

    private void copy(PrimaryFacts facts, PrimaryAddress address, Optional<StandbyRecord> record) {
        List<String> notes = new ArrayList<>();
        StandbyPlan.Place place = plan.place();
        try {
            StandbyHost.of(place.dataDirectory(), place.owner(), place.bin(), facts.major());
            StandbyHost.requireEmpty(place.dataDirectory());
            StandbyCopy.requireFolders(
                    StandbyHost.tablespaces(facts, place.tablespaces()),
                    record.map(StandbyRecord::untouched).orElse(true),
                    facts.major());
        } catch (OperatorException e) {
            notes.add("would be refused now: " + e.getMessage());
        }
        record.ifPresent(begun -> notes.add("goes on with what was begun at " + begun.changedAt()));
        add(
                "pg_basebackup --pgdata=" + place.dataDirectory() + " --write-recovery-conf --slot=" + plan.slot()
                        + " --dbname=\""
                        + address.conninfo(
                                plan.access().role(),
                                PassFile.beside(place.dataDirectory()).toString(),
                                plan.name())
                        + "\"",
                facts.bytes(),
                String.join("; ", notes));
    }

    private void start() {
        if (plan.start() instanceof StandbyStart.Systemd systemd) {
            add("systemctl start " + systemd.unit(), 0, "and waits until it streams");
        } else if (plan.start() instanceof StandbyStart.PgCtl) {
            add(
                    "pg_ctl start --pgdata=" + plan.place().dataDirectory(),
                    0,
                    "at port " + plan.place().port() + ", and waits until it streams");
        }
    }

    private void add(String sql, long bytes, String note) {
        actions.add(
                new PlannedAction(session.database().name(), sql, LockLevel.NONE, -1, bytes > 0 ? bytes : -1, note));
    }

    static List<PlannedAction> undo(String database, Optional<StandbyRecord> known) {
        List<PlannedAction> actions = new ArrayList<>();
        known.ifPresent(record -> {
            actions.add(action(record.name(), "pg_ctl stop", "and " + record.dataDirectory() + " is removed"));
            if (record.slotMade()) {
                actions.add(action(
                        database,
                        "SELECT pg_drop_replication_slot(" + Identifiers.quoteLiteral(record.slot()) + ")",
                        ""));
            }
            if (record.hbaFile() != null) {
                actions.add(action(database, "-- " + record.hbaFile(), "without the standby's line"));
            }
            actions.add(action(
                    database, "DROP ROLE " + Identifiers.quote(record.role()), "if it was made for this standby"));
            record.settings()
                    .forEach(change -> actions.add(action(
                            database,
                            "ALTER SYSTEM RESET " + change.name(),
                            change.before() == null ? "" : "back to " + change.before())));
        });
        if (known.isEmpty()) {
            actions.add(action(database, "-- nothing", "nothing was made by the agent of this host"));
        }
        return actions;
    }

    private static PlannedAction action(String database, String sql, String note) {
        return new PlannedAction(database, sql, LockLevel.NONE, -1, -1, note);
    }
}
