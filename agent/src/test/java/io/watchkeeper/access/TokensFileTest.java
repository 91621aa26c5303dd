package io.watchkeeper.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensFileTest {

    private static final String DIGEST = "ab".repeat(32);

    @TempDir
    Path folder;

    private TokensFile tokens;

    @BeforeEach
    void name() {
        tokens = new TokensFile(folder.resolve("tokens"));
    }

    @Test
    void keepsWhatATokenIsGoodForAndNeverTheTokenItself() throws Exception {
        String text = AccessToken.random();
        AccessToken token = new AccessToken(
                "ops",
                AccessToken.digest(text),
                Set.of(Scope.RUN, Scope.APPROVE),
                Instant.parse("2026-11-21T03:00:00Z"),
                Instant.parse("2027-02-19T03:00:00Z"),
                List.of(Network.parse("10.0.0.0/8").orElseThrow()));
        tokens.add(token);
        assertThat(tokens.read()).containsExactly(token);
        assertThat(Files.readString(tokens.path())).doesNotContain(text);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tokens.path())))
                .isEqualTo("rw-------");
    }

    @Test
    void takesBackOneAndLeavesEverythingElseAsItStands() throws Exception {
        write("# made by hand\n\n" + line("first") + "\n" + line("second", "cd".repeat(32)) + "\n# the end\n");
        assertThat(tokens.revoke("first").name()).isEqualTo("first");
        assertThat(Files.readString(tokens.path()))
                .isEqualTo("# made by hand\n\n" + line("second", "cd".repeat(32)) + "\n# the end\n");
        assertThatThrownBy(() -> tokens.revoke("secnd"))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("second"));
    }

    @Test
    void hasNoTwoTokensOfOneName() throws Exception {
        write(line("ops") + "\n");
        AccessToken again = new AccessToken("ops", "cd".repeat(32), Set.of(Scope.RUN), null, null, List.of());
        assertThatThrownBy(() -> tokens.add(again)).hasMessageContaining("there is a token ops already");
        write(line("ops") + "\n" + line("ops", "cd".repeat(32)) + "\n");
        assertThatThrownBy(tokens::read).hasMessageContaining("tokens:2: there is another token ops before it");
    }

    @Test
    void refusesAFileThatOthersMayReadOrTheGroupMayWrite() throws Exception {
        write(line("ops") + "\n");
        for (String mode : List.of("rw-r--r--", "rw-rw----", "rw-----w-")) {
            Files.setPosixFilePermissions(tokens.path(), PosixFilePermissions.fromString(mode));
            assertThatThrownBy(tokens::read)
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).contains("chmod 0600"));
        }
        Files.setPosixFilePermissions(tokens.path(), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(tokens.read()).hasSize(1);
    }

    @Test
    void keepsTheModeOfAFileThatItsGroupReads() throws Exception {
        write(line("ops") + "\n");
        Files.setPosixFilePermissions(tokens.path(), PosixFilePermissions.fromString("rw-------"));
        tokens.add(new AccessToken("b", "cd".repeat(32), Set.of(Scope.READ), null, null, List.of()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tokens.path())))
                .isEqualTo("rw-------");
    }

    /** Each of these would make a token stronger than was meant if it were passed over. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'{\"name\":\"a\",\"sha256\":\"D\",\"scopes\":[\"run\"],\"expire\":\"2027-01-01T00:00:00Z\"}' | unknown field 'expire'",
                "'{\"name\":\"a\",\"sha256\":\"D\",\"scopes\":[\"run\"],\"expires\":\"tomorrow\"}' | not a time",
                "'{\"name\":\"a\",\"sha256\":\"D\",\"scopes\":[\"run\"],\"networks\":[]}' | 'networks' is empty",
                "'{\"name\":\"a\",\"sha256\":\"D\",\"scopes\":[\"run\"],\"networks\":[\"home\"]}' | not a network",
                "'{\"name\":\"a\",\"sha256\":\"D\",\"scopes\":[\"root\"]}' | no scope 'root'",
                "'{\"name\":\"a\",\"sha256\":\"D\",\"scopes\":[]}' | no 'scopes'",
                "'{\"name\":\"a\",\"sha256\":\"D\",\"scopes\":[\"run\"],\"scopes\":[\"admin\"]}' | not JSON",
                "'{\"name\":\"a\",\"sha256\":\"abc\",\"scopes\":[\"run\"]}' | not 64 hexadecimal digits",
                "'{\"name\":\"a b\",\"sha256\":\"D\",\"scopes\":[\"run\"]}' | no name",
                "'[1]' | not a JSON object",
                "'wk_secretsecretsecret' | not JSON"
            })
    void namesTheLineThatIsWrong(String line, String what) throws Exception {
        write("# first\n" + line.replace("\"D\"", "\"" + DIGEST + "\"") + "\n");
        assertThatThrownBy(tokens::read)
                .hasMessageContaining("tokens:2: ")
                .hasMessageContaining(what)
                .hasMessageNotContaining("secretsecret")
                .hasMessageNotContaining(DIGEST);
    }

    @Test
    void hasNoTokenWithoutAFile() {
        assertThat(tokens.read()).isEmpty();
        assertThat(tokens.stamp()).isEqualTo("absent");
    }

    private void write(String text) throws IOException {
        Files.writeString(tokens.path(), text);
        Files.setPosixFilePermissions(tokens.path(), PosixFilePermissions.fromString("rw-------"));
    }

    private static String line(String name) {
        return line(name, DIGEST);
    }

    private static String line(String name, String digest) {
        return "{\"name\":\"" + name + "\",\"sha256\":\"" + digest + "\",\"scopes\":[\"run\"]}";
    }
}
