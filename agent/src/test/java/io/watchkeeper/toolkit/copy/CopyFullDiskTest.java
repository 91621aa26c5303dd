package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The target's table lies on a file system of eight megabytes, which only root can mount. */
class CopyFullDiskTest {

    private Path folder;
    private Fleet fleet;

    @BeforeEach
    void mount() throws Exception {
        folder = Files.createTempDirectory("watchkeeper-full-disk");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Object server = Files.getAttribute(TestServers.ship().data(), "unix:uid");
        assumeThat(run(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=8m,mode=700,uid=" + server,
                        "watchkeeper-test",
                        folder.toString()))
                .as("a file system can be mounted here")
                .isZero();
        fleet = new Fleet();
        fleet.on("ship", "create tablespace small location '" + folder + "'");
    }

    @AfterEach
    void unmount() throws Exception {
        if (fleet != null) {
            fleet.on("ship", "drop table if exists t");
            fleet.on("ship", "drop tablespace small");
            fleet.close();
            run("umount", folder.toString());
        }
        Files.delete(folder);
    }

    @Test
    void aFullDiskLeavesTheRowsAsTheyWereAndTheNextCopyWorksOnceThereIsRoom() throws Exception {
        fleet.on("shore", "create table t (id int primary key, doc text)");
        fleet.on("ship", "create table t (id int primary key using index tablespace small, doc text) tablespace small");
        fleet.on("shore", "insert into t select i, repeat('x', 1000) from generate_series(1, 20000) i");
        fleet.on("ship", "insert into t values (7, 'before')");

        for (CopyStrategy strategy : new CopyStrategy[] {CopyStrategy.TRUNCATE, CopyStrategy.APPEND}) {
            CopyPlan plan = CopyPlan.of(TableName.parse("t"))
                    .with(o -> o.withStrategy(strategy).withWhere("id > 7"));
            assertThatThrownBy(() -> fleet.copy(plan)).isInstanceOfSatisfying(OperatorException.class, e -> {
                assertThat(e).hasMessageContaining("the target was left as it was: could not extend file");
                assertThat(FailureClass.sqlState(e)).contains("53100");
                assertThat(e.hint()).contains("free some space on the disk of 'ship'");
            });
            assertThat(fleet.rows("ship", "table t")).containsExactly("7|before");
        }

        assertThat(run("mount", "-o", "remount,size=64m", folder.toString())).isZero();
        assertThat(fleet.copy("t").rowsWritten()).isEqualTo(20_000);
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("20000");
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
