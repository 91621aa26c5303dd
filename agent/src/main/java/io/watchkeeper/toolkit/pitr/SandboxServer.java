package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.LocalSocketFactory;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server of a sandbox: a child of this process, with configuration files of its own instead of the restored ones, reached
 * through a socket in the sandbox and, where the system allows it, without any network.
 *
 * <p>If this process dies, the system ends the server; should that fail, {@link SandboxSweep} does.
 */
final class SandboxServer implements AutoCloseable {

    private static final int STOP_SECONDS = 10;

    /** A session in the sandbox does as it is told, whatever the restored cluster's databases and roles are set to. */
    private static final String SESSION = "-c session_preload_libraries= -c local_preload_libraries="
            + " -c default_transaction_read_only=off -c statement_timeout=0 -c lock_timeout=0"
            + " -c idle_in_transaction_session_timeout=0 -c row_security=on -c log_statement=none -c jit=off"
            + " -c lc_messages=C";

    private final PgBinaries programs;
    private final Sandbox sandbox;
    private final List<String> candidates;
    private final Isolation isolation;
    private @Nullable Process process;
    private @Nullable String superuser;

    /** @param user a role that the cluster probably has, to ask for the superuser's name */
    SandboxServer(PgBinaries programs, Sandbox sandbox, String user) {
        this.programs = programs;
        this.sandbox = sandbox;
        this.candidates = List.of("postgres", user);
        this.isolation = Isolation.best(sandbox.user());
    }

    Isolation isolation() {
        return isolation;
    }

    /** Writes the configuration and starts; returns before the server takes connections. */
    void start(Map<String, String> recovery, ControlData control, int major) throws IOException {
        Path data = sandbox.data();
        SandboxSettings.write(sandbox, recovery, control, major);
        List<String> command = new ArrayList<>(isolation.prefix(sandbox.user()));
        command.addAll(List.of(
                programs.program("postgres").toString(),
                "-D",
                data.toString(),
                "-c",
                "config_file=" + sandbox.settings()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(data.toFile())
                .redirectErrorStream(true)
                .redirectOutput(sandbox.log().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        // What the agent was given for production must not lead the sandbox's server anywhere.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_MESSAGES", "C");
        process = builder.start();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /**
     * A connection as the cluster's first superuser.
     *
     * @throws SQLException also while the server does not take connections yet
     */
    Connection connect(String database) throws SQLException {
        String name = superuser;
        if (name == null) {
            name = findSuperuser(database);
            superuser = name;
        }
        return connect(database, name);
    }

    /** The cluster's first superuser. */
    String superuser() throws SQLException {
        connect("template1").close();
        return String.valueOf(superuser);
    }

    private String findSuperuser(String database) throws SQLException {
        SQLException failure = null;
        for (String candidate : candidates) {
            try (Connection connection = connect(database, candidate);
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select rolname from pg_catalog.pg_roles where oid = 10")) {
                row.next();
                return row.getString(1);
            } catch (SQLException e) {
                boolean noSuchRole = "28000".equals(e.getSQLState());
                if (!noSuchRole) {
                    throw e;
                }
                failure = e;
            }
        }
        throw new OperatorException(
                "neither " + String.join(" nor ", candidates) + " is a role of the restored cluster",
                "the user of the database in the configuration must have existed at the recovery target.",
                failure);
    }

    private Connection connect(String database, String user) throws SQLException {
        Properties properties = LocalSocketFactory.properties(sandbox.socket(), user);
        properties.setProperty("ApplicationName", "watchkeeper drill");
        properties.setProperty("options", SESSION);
        properties.setProperty("loginTimeout", "0");
        // The host is only a name here; a slash begins the database's, so it is encoded.
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + sandbox.port() + "/"
                        + java.net.URLEncoder.encode(database, StandardCharsets.UTF_8),
                properties);
    }

    /** What the server wrote about why it does not run, its own words. */
    String lastWords() {
        List<String> told = new ArrayList<>();
        for (String line : log()) {
            if (line.contains("FATAL:")
                    || line.contains("PANIC:")
                    || line.contains("ERROR:")
                    || line.contains("HINT:")) {
                told.add(line.replaceFirst("^.*?(?=(FATAL|PANIC|ERROR|HINT):)", ""));
            }
        }
        int from = Math.max(0, told.size() - 4);
        return String.join(" · ", told.subList(from, told.size()));
    }

    /** When the last transaction was committed that a recovery found, as far as the server said so. */
    Optional<String> lastCommit() {
        return log().stream()
                .filter(line -> line.contains("last completed transaction was at log time"))
                .map(line -> line.replaceFirst("^.*at log time ", ""))
                .reduce((first, second) -> second);
    }

    List<String> log() {
        try {
            return Files.exists(sandbox.log())
                    ? new String(Files.readAllBytes(sandbox.log()), StandardCharsets.UTF_8)
                            .lines()
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as after a power cut: nothing in it is needed any more. */
    @Override
    public void close() {
        Process running = process;
        if (running == null) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            OtherProcesses.signal(running.pid(), "QUIT");
            if (!running.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            interrupted = true;
            running.destroyForcibly();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Settings as lines of a configuration file. */
    static String lines(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        new LinkedHashMap<>(settings)
                .forEach((name, value) -> text.append(name)
                        .append(" = '")
                        .append(value.replace("'", "''"))
                        .append("'\n"));
        return text.toString();
    }
}
