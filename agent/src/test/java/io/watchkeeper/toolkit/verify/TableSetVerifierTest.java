package io.watchkeeper.toolkit.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.MissingTableException;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.toolkit.copy.Pace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableSetVerifierTest {

    private static final VerifySetPlan ALL = new VerifySetPlan(
            List.of("public.*"),
            List.of("public.x_*"),
            VerifyOptions.DEFAULT.withPatience(Duration.ZERO).withPace(Pace.FREE.withWorkers(3)));

    private final VerifyFleet fleet = new VerifyFleet();

    @TempDir
    private Path folder;

    @BeforeEach
    void fill() {
        for (String table : List.of("a", "b", "c", "d", "x_scratch")) {
            fleet.both("create table " + table + " (id int primary key, v text); insert into " + table
                    + " select i, '<v> & ' || i from generate_series(1, 100) i");
        }
        fleet.on("ship", "update b set v = 'changed' where id < 3; drop table c; delete from x_scratch");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private VerifySetResult verify() throws Exception {
        return new TableSetVerifier(fleet.shore(), fleet.ship(), VerifyFleet.WORK, folder).verify(ALL);
    }

    @Test
    void aTableThatCannotBeVerifiedDoesNotStopTheOthersAndIsNoMatch() throws Exception {
        VerifySetResult result = verify();

        assertThat(result.results())
                .extracting(r -> r.table().toString() + " " + r.differences())
                .containsExactly("public.a 0", "public.b 2", "public.d 0");
        assertThat(result.failures()).extracting(TableFailure::table).hasToString("[public.c]");
        assertThat(result.isMatch()).isFalse();
        assertThat(result.differences()).isEqualTo(2);
        assertThat(result.failure().orElseThrow()).hasMessageContaining("public.c in database 'ship'");
    }

    @Test
    void theReportSaysWhatWasFoundToPeopleAndPrograms() throws Exception {
        VerifySetResult result = verify();

        Path html = new VerifyReport("run-7", result.results(), result.failures()).write(folder.resolve("run-7"));

        String page = Files.readString(html);
        assertThat(page)
                .contains("1 of 4 tables differ, 1 could not be verified", "public.b", "mismatch by checksum", "run-7")
                .contains("there is no table public.c in database 'ship'")
                .contains("<td>different<td>1")
                .doesNotContain("<script", "http://", "https://", "src=");
        JsonNode json = new ObjectMapper()
                .readTree(folder.resolve("run-7").resolve(VerifyReport.JSON).toFile());
        assertThat(json.get("run").asText()).isEqualTo("run-7");
        assertThat(json.get("verified").asBoolean()).isFalse();
        assertThat(json.get("differences").asInt()).isEqualTo(2);
        assertThat(json.at("/tables/1/differingKeys/0/key/id").asText()).isEqualTo("1");
        assertThat(json.at("/failures/0/table").asText()).isEqualTo("public.c");
    }

    @Test
    void whatComesOutOfTheTablesIsTextInTheReport() throws Exception {
        fleet.both("create table e (k text primary key)");
        fleet.on("shore", "insert into e values ('<script>alert(1)</script>')");

        VerifyResult result = fleet.verify("e");

        assertThat(new VerifyReport("<b>", List.of(result), List.of()).html())
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;b&gt;")
                .doesNotContain("<script");
    }

    @Test
    void aReportOfTablesThatMatchSaysSo() throws Exception {
        VerifyReport report = new VerifyReport("run-8", List.of(fleet.verify("a")), List.of());

        assertThat(report.isMatch()).isTrue();
        assertThat(report.html()).contains("All tables match");
    }

    @Test
    void aDryRunSaysWhichTablesCouldNotBeVerified() throws Exception {
        List<PlannedAction> actions =
                new TableSetVerifier(fleet.shore(), fleet.ship(), VerifyFleet.WORK, null).describe(ALL);

        assertThat(actions)
                .extracting(PlannedAction::sql)
                .anyMatch(sql -> sql.contains("public.c would not be verified"));
    }

    @Test
    void noTableIsAFailure() {
        VerifySetPlan none = VerifySetPlan.of(List.of("nowhere.*"), List.of());

        assertThatThrownBy(() -> new TableSetVerifier(fleet.shore(), fleet.ship(), VerifyFleet.WORK, null).verify(none))
                .isInstanceOf(MissingTableException.class);
    }

    @Test
    void workThatIsToldToStopStops() {
        StoppableWork work = new StoppableWork("stopped set");
        work.onProgress(p -> work.stop());

        assertThatThrownBy(() -> new TableSetVerifier(fleet.shore(), fleet.ship(), work, null).verify(ALL))
                .isInstanceOf(WorkCancelledException.class);
    }
}
