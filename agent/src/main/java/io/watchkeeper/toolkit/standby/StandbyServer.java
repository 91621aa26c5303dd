package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SystemdUnit;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The standby's own server: its configuration, its start, its end. */
final class StandbyServer {

    private static final int LOG_BYTES = 16_384;

    /** pg_ctl's status for a server that does not run. */
    private static final int NOT_RUNNING = 3;

    /** A standby refuses to start with less than its primary has. */
    private static final String AT_LEAST_AS_PRIMARY = """
            select name, setting from pg_settings
             where name in ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions',
                            'max_locks_per_transaction') order by 1""";

    private final StandbyRecord record;
    private final StandbyHost host;
    private final Work work;

    StandbyServer(StandbyRecord record, StandbyHost host, Work work) {
        this.record = record;
        this.host = host;
        this.work = work;
    }

    /**
     * Gives it its own port, and, where the primary keeps its configuration outside of its data directory, a configuration of its own.
     *
     * @return what was changed; empty for nothing
     */
    List<String> configure(Session primary, StandbyStart start) throws SQLException {
        try {
            List<String> changed = new ArrayList<>();
            // A unit of systemd knows its own configuration, in /etc.
            if (start instanceof StandbyStart.PgCtl) {
                changed.addAll(supplyMissing(primary));
            }
            if (setting("port", String.valueOf(record.port()))) {
                changed.add("port " + record.port());
            }
            return changed;
        } catch (IOException e) {
            throw new OperatorException(
                    "the configuration in " + record.data() + " cannot be written: " + e, "look at its rights.", e);
        }
    }

    private List<String> supplyMissing(Session primary) throws IOException, SQLException {
        List<String> made = new ArrayList<>();
        Path settings = record.data().resolve("postgresql.conf");
        if (!Files.exists(settings)) {
            Map<String, String> least = new TreeMap<>();
            primary.list(AT_LEAST_AS_PRIMARY, row -> least.put(row.getString(1), row.getString(2)));
            StringBuilder text = new StringBuilder("# The primary keeps its own elsewhere.\nhot_standby = on\n");
            least.forEach((name, value) ->
                    text.append(name).append(" = ").append(value).append('\n'));
            OwnedFile.secret(settings, text.toString(), host.user());
            made.add("a postgresql.conf of its own");
        }
        Path hba = record.data().resolve("pg_hba.conf");
        if (!Files.exists(hba)) {
            OwnedFile.secret(hba, "local all all peer\nhost all all samehost scram-sha-256\n", host.user());
            made.add("a pg_hba.conf of its own");
        }
        return made;
    }

    /** In postgresql.auto.conf, which wins over what came along from the primary. */
    private boolean setting(String name, String value) throws IOException {
        Path file = record.data().resolve("postgresql.auto.conf");
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        String line = name + " = '" + value + "'";
        List<String> present = lines.stream()
                .filter(one -> one.matches("\\s*" + name + "\\s*=.*"))
                .toList();
        if (present.equals(List.of(line))) {
            return false;
        }
        lines.removeAll(present);
        lines.add(line);
        OwnedFile.replace(file, String.join("\n", lines) + "\n");
        return true;
    }

    /** @throws OperatorException when the configuration that came along would lead the server to the primary's files */
    void requireOwnFiles() {
        String used = host.command("postgres", "-C", "data_directory", "-D", record.dataDirectory())
                .run(work)
                .output()
                .strip();
        if (!used.equals(record.dataDirectory())) {
            throw new OperatorException(
                    "postgresql.conf in " + record.data() + " says data_directory = '" + used + "'",
                    "remove that line from the primary's postgresql.conf, or start the standby by a unit of its own: "
                            + "start systemd('…').");
        }
    }

    boolean isRunning() {
        if (!Files.exists(record.data().resolve("postmaster.pid"))) {
            return false;
        }
        return pgCtl("status").attempt(work, line -> {}).exit() != NOT_RUNNING;
    }

    /** Returns before the server takes connections: it may have hours of log to replay. */
    void start(StandbyStart how) {
        if (how instanceof StandbyStart.Systemd systemd) {
            new SystemdUnit(systemd.unit()).start(work);
        } else if (how instanceof StandbyStart.PgCtl) {
            requireOwnFiles();
            makeLog();
            pgCtl("start", "--no-wait", "--silent", "--log=" + record.log()).run(work);
        }
    }

    /** The folder it is in need not be the server's user's. */
    private void makeLog() {
        try {
            if (!Files.exists(record.log())) {
                OwnedFile.secret(record.log(), "", host.user());
            }
        } catch (IOException e) {
            throw new OperatorException(record.log() + " cannot be made: " + e, null, e);
        }
    }

    /** Nothing happens when it does not run. */
    void stop(StandbyStart how) {
        if (how instanceof StandbyStart.Systemd systemd) {
            new SystemdUnit(systemd.unit()).stop(work);
        }
        if (isRunning()) {
            pgCtl("stop", "--wait", "--silent", "--mode=fast").run(work);
        }
    }

    /** How a person starts it. */
    String startCommand(StandbyStart how) {
        return how instanceof StandbyStart.Systemd systemd
                ? "systemctl start " + systemd.unit()
                : pgCtl("start", "--log=" + record.log()).text();
    }

    /** Promoted, it is a primary with data of its own. */
    boolean isPromoted() {
        return Files.exists(record.data().resolve("PG_VERSION"))
                && !Files.exists(record.data().resolve("standby.signal"));
    }

    /** How long its log is: what was said before is no news. */
    long logSize() {
        try {
            return Files.exists(record.log()) ? Files.size(record.log()) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** What the server last complained of, its own words; empty for nothing. @param since of its log, in bytes */
    Optional<String> lastWords(long since) {
        try {
            if (!Files.exists(record.log())) {
                return Optional.empty();
            }
            byte[] all = Files.readAllBytes(record.log());
            int from = (int) Math.min(all.length, Math.max(since, all.length - LOG_BYTES));
            List<String> told = new String(all, from, all.length - from, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.matches(".*\\b(FATAL|PANIC|ERROR|HINT):.*"))
                    .map(line -> line.replaceFirst("^.*?(?=(FATAL|PANIC|ERROR|HINT):)", ""))
                    .toList();
            int begin = Math.max(0, told.size() - 2);
            return told.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Secret.redact(String.join(" · ", told.subList(begin, told.size()))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private PgCommand pgCtl(String verb, String... more) {
        return host.command("pg_ctl", verb, "--pgdata=" + record.dataDirectory())
                .arguments(more);
    }
}
