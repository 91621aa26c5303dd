package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensHealthTest {

    @TempDir
    Path folder;

    @Test
    void warnsForAsLongAsTheFileIsDamaged() throws Exception {
        Path file = folder.resolve("tokens");
        TokensHealth health = new TokensHealth(file);
        assertThat(health.warnings()).as("not there yet").isEmpty();

        Files.writeString(file, "{\"name\": 5}\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(health.warnings())
                .singleElement()
                .asString()
                .contains("no token of the file of tokens is taken", file + ":1");
        assertThat(health.warnings()).hasSize(1);

        Files.writeString(file, "# none\n");
        assertThat(health.warnings()).isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(health.warnings()).singleElement().asString().contains("open to other users");
    }

    @Test
    void saysNothingWhereNoFileIsConfigured() {
        assertThat(new TokensHealth(null).warnings()).isEmpty();
    }
}
