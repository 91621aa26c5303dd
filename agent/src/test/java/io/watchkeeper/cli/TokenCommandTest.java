package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Scope;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.postgres.LocalServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {

    private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private TokensFile tokens;
    private Map<String, String> environment = Map.of();

    @BeforeEach
    void makeHost() throws IOException {
        Files.createDirectories(folder.resolve("runbooks"));
        tokens = new TokensFile(folder.resolve("tokens"));
        configure("tokensFile: tokens");
    }

    @Test
    void printsTheTokenOnceAndKeepsItsDigest() throws Exception {
        assertThat(run("token", "new", "ops", "--scope", "run,approve", "--expires", "90d", "--network", "10.0.0.0/8"))
                .isZero();
        String printed = out.toString(StandardCharsets.UTF_8).strip();
        assertThat(printed).startsWith("wk_").hasSize(46).doesNotContain("\n");
        AccessToken kept = tokens.read().get(0);
        assertThat(kept.sha256()).isEqualTo(AccessToken.digest(printed));
        assertThat(kept.scopes()).containsExactlyInAnyOrder(Scope.RUN, Scope.APPROVE);
        assertThat(kept.expires()).isEqualTo(Instant.parse("2027-02-19T03:00:00Z"));
        assertThat(kept.networks()).hasToString("[10.0.0.0/8]");
        assertThat(Files.readString(tokens.path())).doesNotContain(printed);
    }

    @Test
    void tellsTheTokenInADocumentToo() throws Exception {
        assertThat(run("token", "new", "ci", "--scope", "run", "--json")).isZero();
        String told = new ObjectMapper()
                .readTree(out.toString(StandardCharsets.UTF_8))
                .path("token")
                .asText();
        assertThat(tokens.read().get(0).sha256()).isEqualTo(AccessToken.digest(told));
    }

    @Test
    void listsThemWithoutAnythingToGuessThemFrom() {
        assertThat(run("token", "list")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("There is no token in");
        assertThat(run("token", "new", "ops", "--scope", "admin")).isZero();
        out.reset();
        assertThat(run("token", "list")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("ops", "admin", "everywhere")
                .doesNotContain(tokens.read().get(0).sha256());
        out.reset();
        assertThat(run("token", "list", "--json")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"name\" : \"ops\"")
                .doesNotContain("sha256");
    }

    @Test
    void revokesByName() {
        assertThat(run("token", "new", "ops", "--scope", "run")).isZero();
        assertThat(run("token", "revoke", "opps")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("there is no token opps", "ops");
        assertThat(run("token", "revoke", "ops")).isZero();
        assertThat(tokens.read()).isEmpty();
    }

    @Test
    void refusesWhatCannotBeMeant() throws Exception {
        assertThat(run("token", "new", "ops", "--scope", "rum")).isEqualTo(2);
        assertThat(run("token", "new", "ops", "--scope", "run", "--network", "home"))
                .isEqualTo(2);
        assertThat(run("token", "new", "ops", "--scope", "run", "--expires", "soon"))
                .isEqualTo(2);
        assertThat(run("token", "new", "two words", "--scope", "run")).isEqualTo(2);
        assertThat(run("token", "new", "ops")).isEqualTo(2);
        assertThat(tokens.read()).isEmpty();
        configure("maxBody: 64KB");
        assertThat(run("token", "new", "ops", "--scope", "run")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("the configuration names no file for tokens");
    }

    @Test
    void neverReplacesATokenByAnotherOfItsName() {
        assertThat(run("token", "new", "ops", "--scope", "run")).isZero();
        AccessToken first = tokens.read().get(0);
        assertThat(run("token", "new", "ops", "--scope", "admin")).isEqualTo(1);
        assertThat(tokens.read()).containsExactly(first);
    }

    @Test
    void aFileOfOnesOwnTokenThatOthersMayReadIsNotUsed() throws Exception {
        Path own = Files.writeString(folder.resolve("own"), AccessToken.random());
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-r--r--"));
        environment = Map.of("WATCHKEEPER_TOKEN_FILE", own.toString());
        assertThat(run("pause", "a")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("WATCHKEEPER_TOKEN_FILE: ", "chmod 0600");
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-------"));
        err.reset();
        assertThat(run("pause", "a")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("no agent answers at");
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = folder.resolve("watchkeeper.yaml").toString();
        return WatchkeeperCommand.execute(
                all,
                environment,
                Clock.fixed(NOW, ZoneOffset.UTC),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private void configure(String http) throws IOException {
        Files.writeString(folder.resolve("watchkeeper.yaml"), """
                databases:
                  shore: { url: "jdbc:postgresql://127.0.0.1:1/app", user: watchkeeper }
                runbooks: %1$s/runbooks
                state: %1$s/state
                http: { listen: "127.0.0.1:%3$d", %2$s }
                """.formatted(folder, http, LocalServer.freePort()));
        Files.createDirectories(folder.resolve("state"));
    }
}
