package io.watchkeeper.toolkit.verify;

import static io.watchkeeper.toolkit.verify.VerifyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.ByteCounter;
import io.watchkeeper.units.Ratio;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verification costs must depend on what differs, and memory on neither. */
class VerifyScaleTest {

    private final VerifyFleet fleet = new VerifyFleet();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        fleet.close();
    }

    private void fill(int rows) {
        fleet.both("create table t (id int primary key, v text);"
                + " insert into t select i, 'value ' || i from generate_series(1, " + rows + ") i; analyze t");
    }

    @Test
    void v07FewBytesTravelAndThoseOfDifferences() throws Exception {
        fill(200_000);
        try (ByteCounter shore = ByteCounter.to(fleet.login("shore"));
                ByteCounter ship = ByteCounter.to(fleet.login("ship"));
                VerifyFleet counted = new VerifyFleet(through(shore, "shore"), through(ship, "ship"))) {
            counted.verify("t"); // connects
            long before = shore.bytes() + ship.bytes();
            assertThat(counted.verify("t").isMatch()).isTrue();
            long equal = shore.bytes() + ship.bytes() - before;
            fleet.on("ship", "delete from t where id % 4000 = 0");
            before = shore.bytes() + ship.bytes();
            assertThat(counted.verify("t").differences()).isEqualTo(50);
            long fifty = shore.bytes() + ship.bytes() - before;

            assertThat(equal).as("bytes over both wires without a difference").isLessThan(30_000);
            assertThat(fifty).as("bytes over both wires for 50 rows of 200,000").isLessThan(200_000);
        }
    }

    private static DatabaseSettings through(ByteCounter counter, String name) {
        return new DatabaseSettings(name, counter.url(), "postgres", null, 8, null, true);
    }

    @Test
    @Tag("campaign")
    void manyDifferencesGoThroughFilesAndNotThroughMemory() throws Exception {
        fill(300_000);
        fleet.on("ship", "update t set v = 'other' where id <= 150000; delete from t where id > 200000");

        VerifyResult result = fleet.verify(plan("t"), folder);

        assertThat(result.differences()).isEqualTo(250_000);
        assertThat(result.differingKeys()).hasSize(100);
        try (Stream<String> lines = Files.lines(result.file())) {
            assertThat(lines.count()).isEqualTo(250_001);
        }
        VerifyResult repaired = fleet.verify(
                plan("t").with(o -> o.withRepair(Repair.APPLY).withMaxDeletes(DeleteBrake.of(Ratio.percent(100)))));
        assertThat(repaired.repaired()).isEqualTo(250_000);
        assertThat(repaired.isMatch()).isTrue();
    }
}
