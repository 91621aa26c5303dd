package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * A program to run as a child of this process: one of PostgreSQL's, or one that compresses, encrypts or stores what they write. Where to
 * connect to, and with which password, is told by environment variables, which only this user and root can read.
 *
 * <p>The child ends with this process, however that ends: the system sends it SIGTERM then.
 */
public final class PgCommand {

    /** A link that is dead is noticed by the child as soon as by the agent's own connections. */
    private static final String LINK =
            "keepalives=1 keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=30000";

    private static final int CONNECT_SECONDS = 10;

    /** What libpq or the shell would otherwise take from whoever started the agent. */
    private static final List<String> KEPT = List.of("PATH", "HOME", "TZ", "TMPDIR", "USER", "LOGNAME");

    private static final Path SUDO = Path.of("/usr/bin/sudo");
    private static final String SUDO_SAYS = "sudo: ";

    /** A warning: what it was asked to run has run. */
    private static final String SUDO_GOES_ON = "sudo: unable to resolve host";

    /** What sudo lets the agent run as a data directory's owner: it runs the program, and ends it when its input ends. */
    private static final String AS_OWNER = "as-owner";

    private static final Map<String, String> ROLES = Map.of(
            "primary", "primary",
            "master", "primary",
            "secondary", "standby",
            "slave", "standby",
            "preferSecondary", "prefer-standby",
            "preferSlave", "prefer-standby");

    private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    /**
     * Runs a program in a session of its own, and ends what it has started when it ends or is told to: pg_basebackup leaves the process that
     * receives the log behind when it is killed, with a slot that keeps log on the server.
     */
    private static final String WITH_CHILDREN = """
            trap 'trap "" TERM; kill -TERM 0' TERM
            "$@" &
            wait $!
            status=$?
            trap "" TERM
            kill -TERM 0
            wait
            exit $status""";

    private final Path program;
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private @Nullable Path folder;
    private @Nullable Path output;
    private @Nullable Path input;
    private boolean pipedInput;
    private boolean withChildren;
    private @Nullable String user;

    /** What a program has done. @param output what it wrote, unless that went to a file @param errors the end of what it complained of */
    public record Result(int exit, String output, String errors) {}

    private PgCommand(Path program) {
        this.program = program;
        for (String name : KEPT) {
            Optional.ofNullable(System.getenv(name)).ifPresent(value -> environment.put(name, value));
        }
        // Its words are read by the agent.
        environment.put("LC_ALL", "C.UTF-8");
    }

    /** @param program its path, see {@link PgBinaries#program}, or a name that is looked for on the PATH */
    public static PgCommand of(Path program, String... arguments) {
        return new PgCommand(program).arguments(arguments);
    }

    public PgCommand arguments(String... more) {
        arguments.addAll(Arrays.asList(more));
        return this;
    }

    public PgCommand environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Connects to a database as configured. The program also wants {@link #linkOptions}, as its {@code --dbname} or {@code -d}. */
    public PgCommand connect(DatabaseSettings settings, String applicationName) {
        Properties url = Driver.parseURL(settings.url(), new Properties());
        if (url == null) {
            throw new OperatorException("the address of database '" + settings.name() + "' cannot be read", null);
        }
        environment("PGHOST", url.getProperty("PGHOST", "localhost").replaceAll("[\\[\\]]", ""));
        environment("PGPORT", url.getProperty("PGPORT", "5432"));
        if (LocalSocketFactory.class.getName().equals(url.getProperty("socketFactory"))) {
            Path socket = Path.of(url.getProperty("socketFactoryArg", "/"));
            environment("PGHOST", String.valueOf(socket.getParent()));
        }
        environment("PGDATABASE", settings.databaseName());
        environment("PGUSER", settings.user());
        environment("PGAPPNAME", applicationName);
        environment("PGCONNECT_TIMEOUT", String.valueOf(CONNECT_SECONDS));
        // Else libpq would look for files of the user that the agent runs as.
        environment("PGPASSFILE", "/nonexistent/pgpass");
        environment("PGSERVICEFILE", "/nonexistent/pg_service.conf");
        if (settings.password() != null) {
            environment("PGPASSWORD", settings.password().reveal());
        }
        DatabaseTls tls = settings.tls();
        if (tls == null) {
            setting(url, "sslmode", "PGSSLMODE");
            setting(url, "sslrootcert", "PGSSLROOTCERT");
            setting(url, "sslcert", "PGSSLCERT");
            setting(url, "sslkey", "PGSSLKEY");
        } else {
            encrypt(tls);
        }
        if (settings.requireScram()) {
            // Known from version 16 on; for older programs the binding to the TLS connection asks for SCRAM, too.
            environment("PGREQUIREAUTH", "scram-sha-256");
            if (tls != null) {
                environment("PGCHANNELBINDING", "require");
            }
        }
        String role = ROLES.get(url.getProperty("targetServerType", ""));
        if (role != null) {
            environment("PGTARGETSESSIONATTRS", role);
        }
        return this;
    }

    private void encrypt(DatabaseTls tls) {
        environment("PGSSLMODE", tls.mode().word());
        environment("PGSSLMINPROTOCOLVERSION", "TLSv1.2");
        // With an authority it would be verified where nobody asked for it.
        if (tls.mode().verifies() && tls.ca() != null) {
            environment("PGSSLROOTCERT", tls.ca().toString());
            if (tls.crl() != null) {
                environment("PGSSLCRL", tls.crl().toString());
            }
        }
        if (tls.certificate() != null && tls.key() != null) {
            environment("PGSSLCERT", tls.certificate().toString());
            environment("PGSSLKEY", tls.key().toString());
        }
    }

    private void setting(Properties url, String parameter, String variable) {
        String value = url.getProperty(parameter);
        if (value != null) {
            environment(variable, value);
        }
    }

    /** Another database of the server than the one configured. */
    public PgCommand database(String name) {
        return environment("PGDATABASE", name);
    }

    /** What a connection string adds to {@link #connect}: how a dead link is noticed. */
    public static String linkOptions() {
        return LINK;
    }

    public PgCommand inFolder(Path where) {
        folder = where;
        return this;
    }

    /** Where its standard output goes, instead of into the result. */
    public PgCommand output(Path file) {
        output = file;
        return this;
    }

    /** Where its standard input comes from; without, there is none. */
    public PgCommand input(Path file) {
        input = file;
        return this;
    }

    /** Its standard input comes through {@link RunningCommand#input}. Whoever starts it closes that. */
    public PgCommand pipeInput() {
        pipedInput = true;
        return this;
    }

    /** What it starts itself ends with it, however it ends. */
    public PgCommand endWithChildren() {
        withChildren = true;
        return this;
    }

    /**
     * Runs it as the user whom a file or folder belongs to, as the server's own programs want it.
     *
     * @throws OperatorException when the owner cannot be read
     */
    public PgCommand asOwnerOf(Path path) {
        try {
            user = Files.getOwner(path).getName();
            return this;
        } catch (IOException e) {
            throw new OperatorException("whom " + path + " belongs to cannot be read: " + e, null, e);
        }
    }

    public PgCommand asUser(String name) {
        user = name;
        return this;
    }

    /** The program's file name. */
    public String name() {
        return String.valueOf(program.getFileName());
    }

    /** As a person would type it; without any password. */
    public String text() {
        return Secret.redact(Stream.concat(Stream.of(name()), arguments.stream())
                .map(word -> PLAIN_WORD.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ")));
    }

    /**
     * Runs it to its end.
     *
     * @throws OperatorException when it cannot be started, or ends with another status than 0: with its own words and what to do
     * @throws WorkCancelledException when the work was told to stop; the program has ended then
     */
    public Result run(Work work) {
        return run(work, line -> {});
    }

    /** As {@link #run(Work)}. @param errorLines told of each line of its standard error as it comes */
    public Result run(Work work, Consumer<String> errorLines) {
        Result result = attempt(work, errorLines);
        if (result.exit() != 0) {
            throw CommandFailure.of(name(), result);
        }
        return result;
    }

    /** As {@link #run(Work, Consumer)}, but any status is a result. */
    public Result attempt(Work work, Consumer<String> errorLines) {
        work.throwIfCancelled();
        try (RunningCommand running = start(errorLines)) {
            Work.Registration cancellation = work.onCancel(running::terminate);
            try {
                Result result = running.collect(work);
                work.throwIfCancelled();
                if (needsSudo() && result.exit() != 0) {
                    throwIfRefused(result.errors());
                }
                return result;
            } finally {
                cancellation.close();
            }
        }
    }

    /**
     * Starts it; whoever starts it reads its output and closes it.
     *
     * @throws OperatorException when it cannot be started
     */
    public RunningCommand start(Consumer<String> errorLines) {
        ProcessBuilder builder = new ProcessBuilder(words());
        builder.environment().clear();
        builder.environment().putAll(environment);
        if (needsSudo()) {
            if (pipedInput || input != null) {
                throw new IllegalStateException(name() + " cannot be given any input as another user");
            }
            if (!Files.isExecutable(SUDO)) {
                throw refusedBySudo("there is no " + SUDO);
            }
        } else if (!pipedInput) {
            builder.redirectInput(
                    input == null
                            ? ProcessBuilder.Redirect.from(new java.io.File("/dev/null"))
                            : ProcessBuilder.Redirect.from(input.toFile()));
        }
        if (output != null) {
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        }
        // A folder that every user may be in.
        builder.directory(folder == null ? new java.io.File("/") : folder.toFile());
        return RunningCommand.start(name(), builder, errorLines, needsSudo());
    }

    private List<String> words() {
        List<String> words = new ArrayList<>();
        String me = System.getProperty("user.name");
        if (needsSudo()) {
            words.addAll(List.of("sudo", "-n", "-u", String.valueOf(user), "--"));
            if (!"root".equals(user)) {
                words.add(ShippedProgram.find(AS_OWNER).toString());
            }
            words.add(program.toString());
            words.addAll(arguments);
            return words;
        }
        words.addAll(List.of("setpriv", "--pdeathsig", "TERM"));
        if (user != null && !user.equals(me)) {
            words.addAll(List.of("--reuid", user, "--regid", groupOf(user), "--init-groups"));
        }
        words.add("--");
        if (withChildren) {
            words.addAll(List.of("setsid", "sh", "-c", WITH_CHILDREN, name()));
        }
        words.add(program.toString());
        words.addAll(arguments);
        return words;
    }

    /** Only root may act as somebody else. */
    private boolean needsSudo() {
        String me = System.getProperty("user.name");
        return user != null && !user.equals(me) && !"root".equals(me);
    }

    private void throwIfRefused(String errors) {
        Optional<String> why = errors.lines()
                .filter(line -> line.startsWith(SUDO_SAYS) && !line.startsWith(SUDO_GOES_ON))
                .map(line -> line.substring(SUDO_SAYS.length()))
                .findFirst();
        if (why.isPresent()) {
            throw refusedBySudo(why.get());
        }
    }

    private OperatorException refusedBySudo(String why) {
        return new OperatorException(
                "user '" + System.getProperty("user.name") + "' may not run " + name() + " as user '" + user + "': "
                        + why,
                CommandFailure.LET_IT_ACT_AS_THE_OWNER);
    }

    private static String groupOf(String user) {
        try (Stream<String> passwd = Files.lines(Path.of("/etc/passwd"))) {
            return passwd.map(line -> line.split(":"))
                    .filter(fields -> fields.length > 3 && fields[0].equals(user))
                    .map(fields -> fields[3])
                    .findFirst()
                    .orElseThrow(() -> new OperatorException("there is no user '" + user + "' on this host", null));
        } catch (IOException e) {
            throw new OperatorException("/etc/passwd cannot be read: " + e.getMessage(), null, e);
        }
    }
}
