package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.copy.Fleet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether docs/rights.md is right: what it grants is enough, and each of it is needed for what it says. */
class SyncRightsTest {

    private static LocalServer shore;
    private static LocalServer ship;

    private Fleet owners;
    private Fleet fleet;

    @BeforeAll
    static void startServers() {
        shore = TestServers.own(Map.of());
        ship = TestServers.own(Map.of());
    }

    @AfterAll
    static void removeServers() {
        shore.delete();
        ship.delete();
    }

    @BeforeEach
    void setUpAsDocumented() throws IOException {
        owners = new Fleet(shore, ship);
        assumeThat(Integer.parseInt(owners.value("ship", "select current_setting('server_version_num')")))
                .as("GRANT SET ON PARAMETER")
                .isGreaterThanOrEqualTo(150_000);
        owners.both("create schema app; create table app.t (id serial primary key, v text)");
        owners.on("shore", "insert into app.t (v) select 'v' from generate_series(1, 100) g");
        String document = Files.readString(Path.of("../docs/rights.md"));
        owners.on("shore", block(document, "## On the shore"));
        owners.on("ship", block(document, "## On the ship"));
        fleet = owners.loggingInAs("watchkeeper", "watchkeeper");
    }

    @AfterEach
    void removeRole() {
        if (fleet != null) {
            fleet.close();
            owners.both(
                    "grant execute on function pg_control_system() to public; drop owned by watchkeeper cascade; drop role watchkeeper");
        }
        owners.close();
    }

    /** The SQL that stands below a heading. */
    private static String block(String document, String heading) {
        String section = document.substring(document.indexOf(heading));
        int start = section.indexOf("```sql") + "```sql".length();
        return section.substring(start, section.indexOf("```", start));
    }

    private SyncResult sync() throws SQLException {
        return sync(options -> options);
    }

    private SyncResult sync(UnaryOperator<SyncOptions> change) throws SQLException {
        return new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK)
                .sync(SyncPlan.of(TableName.parse("app.t")).with(change));
    }

    private OperatorException refused() {
        return Objects.requireNonNull(catchThrowableOfType(OperatorException.class, this::sync), "not refused");
    }

    @Test
    void documentedRightsAreEnough() throws SQLException {
        SyncResult result = sync();
        assertThat(result.verified()).isTrue();
        assertThat(result.notes()).isEmpty();
        owners.on(
                "shore",
                "update app.t set v = 'x' where id < 5; delete from app.t where id = 50; insert into app.t (v) values ('new')");
        owners.on("ship", "update app.t set v = 'mine' where id = 60");
        sync(options -> options.withVerify(true));
        assertThat(owners.rows("ship", "select * from app.t order by id"))
                .isEqualTo(owners.rows("shore", "select * from app.t order by id"));
        assertThat(sync(options -> options.withMode(SyncMode.FULL)).verified()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    shore | revoke usage on schema app from watchkeeper                        | USAGE on schema app
                    shore | revoke select on app.t from watchkeeper                            | SELECT on app.t
                    shore | revoke execute on function pg_control_system() from public         | EXECUTE on pg_control_system()
                    ship  | revoke execute on function pg_control_system() from public         | EXECUTE on pg_control_system()
                    ship  | revoke usage on schema app from watchkeeper                        | USAGE on schema app
                    ship  | revoke select on app.t from watchkeeper                            | SELECT on app.t
                    ship  | revoke insert on app.t from watchkeeper                            | INSERT on app.t
                    ship  | revoke update on app.t from watchkeeper                            | UPDATE on app.t
                    ship  | revoke delete on app.t from watchkeeper                            | DELETE on app.t
                    ship  | revoke update on sequence app.t_id_seq from watchkeeper            | sequence app.t_id_seq
                    ship  | drop schema watchkeeper                                            | schema watchkeeper
                    ship  | alter schema watchkeeper owner to postgres                         | schema watchkeeper
                    """)
    void eachMissingRightIsNamedWithItsGrant(String side, String revoke, String named) throws SQLException {
        owners.on(side, revoke);
        OperatorException failure = refused();
        assertThat(failure.getMessage())
                .contains("role 'watchkeeper'", named, "database '" + side + "'")
                .doesNotContain("permission denied");
        String grant = Objects.requireNonNull(failure.hint());
        owners.on(side, grant.substring(0, grant.indexOf(';')));
        assertThat(sync().verified()).isTrue();
    }

    @Test
    void missingTemporaryIsNamedWithItsGrant() throws SQLException {
        String database = owners.value("ship", "select current_database()");
        owners.on("ship", "revoke temporary on database " + database + " from public, watchkeeper");
        OperatorException failure = refused();
        assertThat(failure.getMessage()).contains("lacks TEMPORARY in database 'ship'");
        owners.on("ship", Objects.requireNonNull(failure.hint()));
        assertThat(sync().verified()).isTrue();
    }

    @Test
    void recordsThatAnotherRoleMadeAreNamedWithTheirGrant() throws SQLException {
        try (Fleet superusers = owners.loggingInAs("postgres", "postgres")) {
            owners.on(
                    "ship",
                    "alter schema watchkeeper owner to postgres; grant usage, create on schema watchkeeper to watchkeeper");
            new TableSyncer(superusers.shore(), superusers.ship(), Fleet.WORK)
                    .sync(SyncPlan.of(TableName.parse("app.t")));
        }
        OperatorException failure = refused();
        assertThat(failure.getMessage()).contains("tables of schema watchkeeper");
        owners.on("ship", Objects.requireNonNull(failure.hint()));
        sync();
    }

    @Test
    void mayMakeTheSchemaWhereTheDatabaseAllowsIt() throws SQLException {
        String database = owners.value("ship", "select current_database()");
        owners.on("ship", "drop schema watchkeeper; grant create on database " + database + " to watchkeeper");
        assertThat(sync().verified()).isTrue();
    }

    private void logEachRow() {
        owners.on(
                "ship",
                "create table app.log (id int); grant insert on app.log to watchkeeper;"
                        + " create function app.note() returns trigger language plpgsql as"
                        + " 'begin insert into app.log values (new.id); return new; end';"
                        + " create trigger note after insert on app.t for each row execute function app.note()");
    }

    @Test
    void triggersStaySilent() throws SQLException {
        logEachRow();
        assertThat(sync().notes()).isEmpty();
        assertThat(owners.value("ship", "select count(*) from app.log")).isEqualTo("0");
    }

    @Test
    void triggersFireAndAreNotedWhereTheyMayNotBeKeptSilent() throws SQLException {
        logEachRow();
        owners.on("ship", "revoke set on parameter session_replication_role from watchkeeper");
        assertThat(sync().notes()).anyMatch(note -> note.contains("fires for every row") && note.contains("note"));
        assertThat(owners.value("ship", "select count(*) from app.log")).isEqualTo("100");
    }

    @Test
    void foreignKeysAreCheckedByTheServerWhereTheyMayNotBeKeptSilent() throws SQLException {
        owners.on(
                "ship",
                "revoke set on parameter session_replication_role from watchkeeper;"
                        + " create table app.parent (id text primary key); insert into app.parent values ('v');"
                        + " alter table app.t add foreign key (v) references app.parent");
        assertThat(sync().verified()).isTrue();
        owners.on("shore", "update app.t set v = 'orphan' where id = 5");
        assertThat(refused().hint()).isNotBlank();
        assertThat(owners.value("ship", "select v from app.t where id = 5")).isEqualTo("v");
    }

    @Test
    void deletionsThatWouldCascadeAreRefusedWhereTheyMayNotBeKeptSilent() throws SQLException {
        owners.on("ship", "create table app.child (t int references app.t on delete cascade)");
        assertThat(sync().verified()).isTrue();
        owners.on("ship", "revoke set on parameter session_replication_role from watchkeeper");
        OperatorException failure = refused();
        assertThat(failure.getMessage()).contains("app.child", "cascade");
        assertThat(failure.hint()).contains("GRANT SET ON PARAMETER session_replication_role TO watchkeeper;");
    }

    @Test
    void runningTransactionsThatAreHiddenAreNoted() throws SQLException {
        owners.both("alter table app.t add column at timestamptz default now()");
        UnaryOperator<SyncOptions> byTime =
                options -> options.withMode(SyncMode.TIMESTAMP).withWatermark("at");
        assertThat(sync(byTime).notes()).noneMatch(note -> note.contains("pg_read_all_stats"));
        owners.on("shore", "revoke pg_monitor from watchkeeper");
        assertThat(sync(byTime).notes()).anyMatch(note -> note.contains("GRANT pg_read_all_stats TO watchkeeper"));
    }

    @Test
    void columnsAreTheOwnersToAdd() {
        owners.on("shore", "alter table app.t add column extra text");
        OperatorException failure = Objects.requireNonNull(
                catchThrowableOfType(OperatorException.class, () -> sync(options -> options.withFollowColumns(true))));
        assertThat(failure.hint()).contains("as its owner: ALTER TABLE app.t ADD COLUMN extra text");
        owners.on("ship", "alter table app.t add column extra text");
        failure = Objects.requireNonNull(
                catchThrowableOfType(OperatorException.class, () -> sync(options -> options.withSourceXmin(true))));
        assertThat(failure.hint()).contains("as its owner: ALTER TABLE app.t ADD COLUMN source_xmin bigint");
    }
}
