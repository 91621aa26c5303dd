package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tenants that are archived and removed, also when the agent dies on the way, and how they come back. */
class TenantDropTest {

    @TempDir
    private Path folder;

    private MoveRig rig;

    @BeforeEach
    void open() {
        rig = new MoveRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    static BackupSettings backups(Path folder) {
        return new BackupSettings(
                folder.resolve("repository"), null, folder.resolve("state"), null, "host", Clock.systemUTC());
    }

    static DropPlan plan(TenantId id) {
        return new DropPlan(id, id.text(), MoveRig.QUICK, Duration.ofMillis(500), 20);
    }

    private TenantDropResult drop(TenantId id, Work work) throws SQLException {
        return new TenantDrop(rig.rig.database(), rig.rig.database(), backups(folder), work).drop(plan(id), "run-drop");
    }

    private TenantId suspended(Tenancy form) throws SQLException {
        TenantId id = form == Tenancy.RLS ? rig.shared("a") : rig.own("a");
        new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);
        return id;
    }

    private String role(TenantId id) {
        return rig.rig.value("select count(*) from pg_roles where rolname = '" + id.role() + "'");
    }

    private void requireUntouched(TenantId id, Tenancy form) {
        String crew =
                form == Tenancy.RLS ? "crew where tenant_id = '" + id + "'" : "\"" + id.schema() + "\".crew where true";
        assertThat(rig.rig.value("select count(*) from " + crew)).isEqualTo("20");
        assertThat(role(id)).isEqualTo("1");
        assertThat(rig.status(id)).isEqualTo("suspended");
        assertThat(rig.schemas(id)).isEqualTo(form == Tenancy.RLS ? "" : "tenant_");
    }

    private void requireGone(TenantId id) {
        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
        assertThat(rig.schemas(id)).isEmpty();
        assertThat(role(id)).isEqualTo("0");
        assertThat(rig.status(id)).isEqualTo("closed");
    }

    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void removesATenantWhoseRowsAreArchivedAndKeepsItsId(Tenancy form) throws Exception {
        TenantId id = suspended(form);

        TenantDropResult dropped = drop(id, TenantRig.WORK);

        requireGone(id);
        assertThat(dropped.allRows()).isEqualTo(60);
        assertThat(folder.resolve("repository/.archive/tables/shore/backups/" + dropped.archive()))
                .isDirectory();
        assertThat(rig.rig.value("select archive from watchkeeper.tenant_drops where tenant = '" + id
                        + "' and ended_at is not null"))
                .isEqualTo(dropped.archive());
        assertThat(drop(id, TenantRig.WORK).changed()).as("again").isFalse();
        assertThatThrownBy(() -> rig.rig.create("a"))
                .isInstanceOf(TenantTaken.class)
                .hasMessageContaining("which was dropped");
        assertThatThrownBy(() -> new TenantDoor(rig.rig.database(), TenantRig.WORK).resume(id, "run-9"))
                .hasMessageContaining("was dropped");
        assertThatThrownBy(() -> rig.move(id, Tenancy.SCHEMA)).hasMessageContaining("was dropped");
        assertThat(new TenantReview(rig.rig.database(), TenantRig.WORK)
                        .review(20, "run-2")
                        .findings())
                .extracting(finding -> finding.code())
                .doesNotContain("noRole");
        if (form == Tenancy.RLS) {
            assertThat(rig.rig.value("select count(*) from crew"))
                    .as("the neighbour")
                    .isEqualTo("9");
        }
    }

    @Test
    void refusesATenantThatIsAtWorkOrThatNobodyHasNamed() throws Exception {
        TenantId id = rig.shared("a");
        assertThatThrownBy(() -> drop(id, TenantRig.WORK)).hasMessageContaining("is not suspended");
        new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);
        TenantDrop drop = new TenantDrop(rig.rig.database(), rig.rig.database(), backups(folder), TenantRig.WORK);

        assertThatThrownBy(() ->
                        drop.drop(new DropPlan(id, "another", MoveRig.QUICK, Duration.ofMillis(500), 20), "run-drop"))
                .hasMessageContaining("'another' is another name");
        assertThatThrownBy(
                        () -> drop.drop(new DropPlan(id, null, MoveRig.QUICK, Duration.ofMillis(500), 20), "run-drop"))
                .hasMessageContaining("nobody has confirmed it");

        requireUntouched(id, Tenancy.RLS);
    }

    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void leavesEverythingWhenItCannotBeArchived(Tenancy form) throws Exception {
        TenantId id = suspended(form);
        Files.createDirectories(folder);
        // A file where the repository should be.
        Files.writeString(folder.resolve("repository"), "full");

        assertThatThrownBy(() -> drop(id, TenantRig.WORK)).isInstanceOf(OperatorException.class);

        requireUntouched(id, form);
        assertThat(rig.rig.value("select count(*) from watchkeeper.tenant_drops"))
                .isEqualTo("0");
        assertThat(new TenantDoor(rig.rig.database(), TenantRig.WORK).resume(id, "run-9"))
                .isTrue();
    }

    @Test
    void leavesEverythingWhenTheArchiveIsDamagedBeforeItIsReadAgain() throws Exception {
        TenantId id = suspended(Tenancy.SCHEMA);
        StoppableWork work = new StoppableWork("damaging").onProgress(progress -> {
            if (progress.stage().equals("archived")) {
                damage();
            }
        });

        assertThatThrownBy(() -> drop(id, work)).hasMessageContaining("is damaged");

        requireUntouched(id, Tenancy.SCHEMA);
    }

    private void damage() {
        try (var files = Files.walk(folder.resolve("repository"))) {
            for (Path file : files.filter(one -> one.getFileName().toString().startsWith("dump."))
                    .toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 1;
                Files.delete(file);
                Files.write(file, bytes);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void removesNoRowThatWasWrittenAfterTheArchive(Tenancy form) throws Exception {
        TenantId id = suspended(form);
        AtomicBoolean once = new AtomicBoolean();
        StoppableWork work = new StoppableWork("late").onProgress(progress -> {
            if (progress.stage().equals("archived") && once.compareAndSet(false, true)) {
                rig.rig.on(
                        form == Tenancy.RLS
                                ? "insert into crew (tenant_id, name) values ('" + id + "', 'late')"
                                : "insert into \"" + id.schema() + "\".crew (name) values ('late')");
            }
        });

        assertThatThrownBy(() -> drop(id, work))
                .hasMessageContaining(form == Tenancy.RLS ? "1 rows of tenant" : "changed after it was archived");

        String crew =
                form == Tenancy.RLS ? "crew where tenant_id = '" + id + "' and" : "\"" + id.schema() + "\".crew where";
        assertThat(rig.rig.value("select count(*) from " + crew + " name = 'late'"))
                .isEqualTo("1");
        assertThat(rig.status(id)).isEqualTo("suspended");
        if (form == Tenancy.RLS) {
            rig.rig.on("delete from crew where name = 'late'");
        }
        drop(id, TenantRig.WORK);
        requireGone(id);
    }

    @ParameterizedTest
    @CsvSource({
        "RLS, begun",
        "RLS, archive",
        "RLS, dump",
        "RLS, archived",
        "RLS, remove",
        "RLS, role",
        "SCHEMA, archived",
        "SCHEMA, role"
    })
    void survivesKillNine(Tenancy form, String stage) throws Exception {
        TenantId id = suspended(form);

        try (OtherProcess killed = OtherProcess.start(
                KilledDrop.class, rig.rig.server.url(rig.rig.name), folder.toString(), id.text(), stage)) {
            assertThat(killed.readLine()).as("died at '" + stage + "'").isNull();
        }
        await().until(() -> rig.rig
                .value("select count(*) from pg_stat_activity where application_name = 'killed drop'")
                .equals("0"));
        assertThat(rig.status(id)).isEqualTo("suspended");
        TenantDropResult dropped = drop(id, TenantRig.WORK);

        assertThat(dropped.allRows()).isEqualTo(60);
        requireGone(id);
    }

    @Test
    void aDropThatDiedBeforeTheArchiveIsForgottenWhenTheTenantIsLetIn() throws Exception {
        TenantId id = suspended(Tenancy.RLS);
        try (OtherProcess killed = OtherProcess.start(
                KilledDrop.class, rig.rig.server.url(rig.rig.name), folder.toString(), id.text(), "dump")) {
            assertThat(killed.readLine()).isNull();
        }
        await().until(() -> rig.rig
                .value("select count(*) from pg_stat_activity where application_name = 'killed drop'")
                .equals("0"));
        assertThat(rig.schemas(id)).isEqualTo("watchkeeper_drop_");

        new TenantDoor(rig.rig.database(), TenantRig.WORK).resume(id, "run-9");

        assertThat(rig.schemas(id)).isEmpty();
        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        assertThat(rig.rig.value("select count(*) from watchkeeper.tenant_drops"))
                .isEqualTo("0");
    }

    @Test
    void refusesWhatWouldTakeOthersWithIt() throws Exception {
        TenantId id = suspended(Tenancy.RLS);
        rig.rig.on("create table logs (crew_id bigint references crew on delete cascade);"
                + " insert into logs select min(id) from crew where tenant_id = '" + id + "'");
        assertThatThrownBy(() -> drop(id, TenantRig.WORK)).hasMessageContaining("rows of public.logs");
        rig.rig.on("drop table logs; create table own (n int); alter table own owner to \"" + id.role() + "\"");
        assertThatThrownBy(() -> drop(id, TenantRig.WORK)).hasMessageContaining("owns table own");
        rig.rig.on("drop table own; alter table tenants add check (status in ('active', 'suspended'))");
        assertThatThrownBy(() -> drop(id, TenantRig.WORK)).hasMessageContaining("cannot be marked as 'closed'");

        requireUntouched(id, Tenancy.RLS);
        assertThat(folder.resolve("repository")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void showsWhatItWouldDo(Tenancy form) throws Exception {
        TenantId id = suspended(form);

        List<String> actions = new TenantDrop(rig.rig.database(), rig.rig.database(), backups(folder), TenantRig.WORK)
                .describe(new DropPlan(id, null, MoveRig.QUICK, Duration.ofMillis(500), 20)).stream()
                        .map(one -> one.rows() + " " + one.sql())
                        .toList();

        assertThat(actions)
                .anyMatch(one -> one.startsWith(
                        form == Tenancy.RLS ? "20 DELETE FROM public.crew" : "20 DROP TABLE \"" + id.schema()))
                .anyMatch(one -> one.contains("DROP ROLE"));
        requireUntouched(id, form);
    }

    /** The commands of docs/tenants.md, as they stand there. */
    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void comesBackByWhatTheDocumentationSays(Tenancy form) throws Exception {
        TenantId id = suspended(form);
        String before = rig.rig.value("select string_agg(c::text, ' ' order by c.id) from " + crewOf(id, form));
        String archive = drop(id, TenantRig.WORK).archive();
        String text = Files.readString(Path.of("..", "docs", "tenants.md"));

        List<String> blocks =
                blocks(text, form == Tenancy.RLS ? "### Back into shared tables" : "### Back into a schema");
        // Making it anew is a command of the agent's, which this test does by its tool.
        sql(blocks.get(0), id);
        rig.rig.create(rig.rig.wish("a", form == Tenancy.RLS ? "large" : "small", null));
        if (form == Tenancy.SCHEMA) {
            sql(blocks.get(1), id);
        }
        restore(blocks.get(form == Tenancy.RLS ? 1 : 2), archive);
        sql(blocks.get(form == Tenancy.RLS ? 2 : 3), id);

        assertThat(rig.rig.value("select string_agg(c::text, ' ' order by c.id) from " + crewOf(id, form)))
                .isEqualTo(before);
        assertThat(rig.seen(id, "duty")).startsWith("40 ");
        assertThat(rig.schemas(id)).isEqualTo(form == Tenancy.RLS ? "" : "tenant_");
        assertThat(new TenantReview(rig.rig.database(), TenantRig.WORK)
                        .review(20, "run-2")
                        .findings())
                .extracting(finding -> finding.code())
                .doesNotContain("proof", "schemaOpen");
    }

    private static String crewOf(TenantId id, Tenancy form) {
        return form == Tenancy.RLS ? "crew c where tenant_id = '" + id + "'" : "\"" + id.schema() + "\".crew c";
    }

    private static List<String> blocks(String text, String heading) {
        assertThat(text).contains(heading);
        String rest = text.substring(text.indexOf(heading) + heading.length());
        int next = rest.indexOf("\n##");
        Matcher found = Pattern.compile("```(?:sql|sh)\n(.*?)```", Pattern.DOTALL)
                .matcher(next < 0 ? rest : rest.substring(0, next));
        List<String> blocks = new ArrayList<>();
        while (found.find()) {
            blocks.add(found.group(1));
        }
        return blocks;
    }

    private void sql(String block, TenantId id) {
        rig.rig.on(block.replace("acme", id.text()));
    }

    private void restore(String block, String archive) throws IOException, InterruptedException {
        String command = block.replace(
                        "<repository>", folder.resolve("repository").toString())
                .replace("<id>", archive)
                .replace(
                        "--dbname=app",
                        "\"--dbname=" + "postgresql://postgres@127.0.0.1:" + rig.rig.server.port() + "/" + rig.rig.name
                                + "\"")
                .replace(
                        "pg_restore",
                        TestServers.binaries().folder().resolve("pg_restore").toString());
        Process process = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
    }
}
