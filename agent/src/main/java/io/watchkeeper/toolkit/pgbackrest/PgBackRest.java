package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The program pgBackRest, for one stanza. Every run says its options on the command line; what is not said there is decided by
 * pgBackRest's own configuration. It runs as the user whom the cluster belongs to.
 *
 * <p>When the work is told to stop, the program gets SIGTERM and ends its backup on the server and its lock itself. What it had copied by
 * then stays in the repository without being a backup; its next one goes on from there, or removes it.
 */
public final class PgBackRest {

    private static final String PROGRAM = "pgbackrest";
    private static final Path DEBIAN = Path.of("/usr/bin/pgbackrest");

    private final Path program;
    private final Stanza stanza;
    private final StanzaConfiguration configuration;
    private final Work work;
    private final @Nullable String user;

    private PgBackRest(
            Path program, Stanza stanza, StanzaConfiguration configuration, Work work, @Nullable String user) {
        this.program = program;
        this.stanza = stanza;
        this.configuration = configuration;
        this.work = work;
        this.user = user;
    }

    /** @throws OperatorException when the program or the configuration named is not on this host */
    public static PgBackRest of(Stanza stanza, Work work) {
        return of(System.getenv().getOrDefault("PATH", ""), stanza, work);
    }

    static PgBackRest of(String path, Stanza stanza, Work work) {
        Path program = find(path)
                .orElseThrow(() -> new OperatorException(
                        "pgbackrest is not installed on this host, and provider pgbackrest('" + stanza + "') needs it",
                        "apt-get install pgbackrest, or 'provider native'."));
        return new PgBackRest(program, stanza, StanzaConfiguration.of(stanza), work, null);
    }

    /** The program on this host. */
    public static Optional<Path> installed() {
        return find(System.getenv().getOrDefault("PATH", "") + ":" + DEBIAN.getParent());
    }

    private static Optional<Path> find(String path) {
        return Stream.of(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder).resolve(PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
    }

    public Stanza stanza() {
        return stanza;
    }

    Work work() {
        return work;
    }

    StanzaConfiguration configuration() {
        return configuration;
    }

    public PgBackRestVersion version() {
        return PgBackRestVersion.parse(
                PgCommand.of(program, "version").run(work).output());
    }

    /** What it holds; a stanza that was never created is told by {@link StanzaInfo#isMissing}. */
    public StanzaInfo info() {
        return StanzaInfo.parse(run("info", List.of("--output=json")).output(), stanza.name());
    }

    /** @throws OperatorException when the stanza or its repository cannot be used */
    public StanzaInfo requireInfo() {
        StanzaInfo info = info();
        if (info.isMissing()) {
            throw PgBackRestFailure.missingStanza(stanza, configuration);
        }
        requireUsable(info);
        return info;
    }

    /** @throws OperatorException when one of its repositories cannot be read */
    void requireUsable(StanzaInfo info) {
        info.repos().stream()
                .filter(repo -> repo.status() != 0 && repo.status() != 2)
                .findFirst()
                .ifPresent(repo -> {
                    String said = repo.message().isEmpty() ? info.message() : repo.message();
                    CommandLog log = new CommandLog(line -> {});
                    log.accept("ERROR: " + said);
                    int code = said.contains("FileOpenError") ? 41 : said.contains("CryptoError") ? 95 : 1;
                    throw new PgBackRestFailure(stanza, configuration, "info").of(code, log);
                });
    }

    /** Makes the stanza in its repositories, or sees that it is there. */
    public void create() {
        run("stanza-create", List.of());
    }

    /** Has the server switch to another segment, and waits until the old one is in the repository. */
    public void check() {
        run("check", List.of());
    }

    /** The names under a path of the repository, wherever that is. */
    String listing(String path, List<String> options) {
        return run("repo-ls", List.of(path), options, line -> {}).output();
    }

    /** What it did. @param output its standard output @param log what it said */
    record Outcome(int exit, String output, CommandLog log) {}

    /** Runs a command to its end. @throws OperatorException when it fails */
    Outcome run(String command, List<String> options) {
        return run(command, options, line -> {});
    }

    Outcome run(String command, List<String> options, Consumer<String> onDetail) {
        return run(command, List.of(), options, onDetail);
    }

    Outcome run(String command, List<String> operands, List<String> options, Consumer<String> onDetail) {
        Outcome outcome = attempt(command, operands, options, onDetail);
        if (outcome.exit() != 0) {
            throw failure(command, outcome);
        }
        return outcome;
    }

    OperatorException failure(String command, Outcome outcome) {
        return new PgBackRestFailure(stanza, configuration, command).of(outcome.exit(), outcome.log());
    }

    /** As {@link #run(String, List, Consumer)}, but any status is an outcome. */
    Outcome attempt(String command, List<String> options, Consumer<String> onDetail) {
        return attempt(command, List.of(), options, onDetail);
    }

    Outcome attempt(String command, List<String> operands, List<String> options, Consumer<String> onDetail) {
        CommandLog log = new CommandLog(onDetail);
        PgCommand.Result result = command(command, operands, options).attempt(work, log);
        return new Outcome(result.exit(), result.output(), log);
    }

    /** Options for a data directory that is here, wherever the configuration says that the cluster's own is. */
    List<String> onThisHost(Path data) {
        List<String> options = new ArrayList<>(List.of("--pg1-path=" + data));
        if (configuration.isElsewhere(stanza)) {
            options.add("--reset-pg1-host");
        }
        return options;
    }

    Path program() {
        return program;
    }

    /** The user that it runs as; empty for the agent's own. */
    Optional<String> user() {
        return user == null ? configuration.user(stanza) : Optional.of(user);
    }

    /** The same as another user. */
    PgBackRest as(String name) {
        return new PgBackRest(program, stanza, configuration, work, name);
    }

    /** The command as a person would type it. */
    String text(String command, List<String> options) {
        List<String> words = new ArrayList<>(List.of(PROGRAM));
        words.addAll(ownOptions());
        words.addAll(options);
        words.add(command);
        return String.join(" ", words);
    }

    private List<String> ownOptions() {
        List<String> options = new ArrayList<>(List.of("--stanza=" + stanza.name()));
        if (stanza.config() != null) {
            options.add("--config=" + stanza.config());
        }
        return options;
    }

    private PgCommand command(String command, List<String> operands, List<String> options) {
        List<String> words = new ArrayList<>(ownOptions());
        words.addAll(List.of("--log-level-console=off", "--log-level-stderr=detail", "--no-log-timestamp"));
        words.addAll(options);
        words.add(command);
        words.addAll(operands);
        // Its workers hold the stanza's lock, too: they must not outlive one that was told to stop.
        PgCommand made = PgCommand.of(program, words.toArray(String[]::new)).endWithChildren();
        user().ifPresent(made::asUser);
        return made;
    }
}
