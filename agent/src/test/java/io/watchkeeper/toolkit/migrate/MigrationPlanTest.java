package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.toolkit.migrate.MigrationFinding.Severity;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan says before anything is done: phases, order, who has to agree, what is too dangerous. */
class MigrationPlanTest {

    private MigrationRig rig;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        rig = new MigrationRig(folder);
        rig.change("users", "create table users (id int primary key, name text);", "drop table users;");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private List<String> rules(String revision, Severity severity) throws Exception {
        return rig.plan(MigrationRig.to(revision)).findings().stream()
                .filter(finding -> finding.severity() == severity)
                .map(MigrationFinding::rule)
                .toList();
    }

    @Test
    void nobodyHasToAgreeToWhatOnlyAdds() throws Exception {
        MigrationPlan plan = rig.plan(MigrationRig.to("users"));

        assertThat(plan.approvers()).isZero();
        assertThat(plan.danger()).isEmpty();
        assertThat(plan.changes()).singleElement().satisfies(change -> {
            assertThat(change.phase()).isEqualTo(Phase.EXPAND);
            assertThat(change.reversible()).isTrue();
        });
        assertThat(rig.plan(MigrationRig.to("users")).actions()).hasSize(1);
    }

    @Test
    void twoPeopleAgreeToWhatTakesAwayOrCannotBeTakenBack() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("no_name", "alter table users drop column name;", "alter table users add column name text;");
        assertThat(rig.plan(MigrationRig.to("no_name")).approvers()).isEqualTo(2);
        assertThat(rig.plan(MigrationRig.backTo(null)).approvers())
                .as("to take a table back is to drop it")
                .isEqualTo(2);
    }

    @Test
    void aRevertScriptThatDoesNothingOrRefusesTakesNothingBack() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.scripts("empty", "BEGIN;\nalter table users add a int;\nCOMMIT;", "BEGIN;\n-- XXX\nCOMMIT;", null)
                .scripts(
                        "refusing",
                        "BEGIN;\nalter table users add b int;\nCOMMIT;",
                        "BEGIN;\ndo $$ begin raise exception 'no way back'; end $$;\nCOMMIT;",
                        null);

        assertThat(rig.plan(MigrationRig.to("refusing")).changes().map(PlannedChange::reversible))
                .containsExactly(false, false);
        assertThat(rig.plan(MigrationRig.to("empty")).approvers()).isEqualTo(2);
    }

    @Test
    void refusesAScriptThatIsNotOneTransaction() throws Exception {
        rig.scripts(
                "loose",
                "create table a (id int);\ncreate table b (id int);",
                "BEGIN;\ndrop table a, b;\nCOMMIT;",
                null);
        assertThat(rules("loose", Severity.DANGER)).containsExactly("no-transaction");

        rig.scripts(
                "beside",
                "create index concurrently i on users (name);\ncreate index concurrently j on users (id);",
                "drop index concurrently i;",
                null);
        assertThat(rules("beside", Severity.DANGER)).contains("not-alone");
    }

    @Test
    void takesAwayOnlyAfterWhatMovedTheDataIsThere() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change(
                        "full_name",
                        "alter table users add column full_name text;",
                        "alter table users drop column full_name;")
                .change(
                        "fill",
                        "-- watchkeeper: migrate after full_name\nupdate users set full_name = name where full_name is null;",
                        "update users set full_name = null;")
                .change(
                        "no_name",
                        "-- watchkeeper: contract after fill\nalter table users drop column name;",
                        "alter table users add column name text;");

        assertThat(rules("no_name", Severity.DANGER)).containsExactly("phase-order");
        assertThat(rules("fill", Severity.DANGER)).isEmpty();
        rig.run(MigrationRig.to("fill"));
        assertThat(rules("no_name", Severity.DANGER)).isEmpty();

        rig.change(
                "early", "-- watchkeeper: contract after later\nalter table users drop column full_name;", "select 1;");
        assertThat(rules("early", Severity.DANGER)).containsExactly("phase-order");
    }

    @Test
    void isStrictWithLargeTablesAndLetsTheScriptAllowWhatHasToBe() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("small", "create index users_name on users (name);", "drop index users_name;");
        assertThat(rules("small", Severity.WARN)).containsExactly("index-concurrently");
        assertThat(rules("small", Severity.DANGER)).isEmpty();

        rig.on(
                rig.shore(),
                "alter table users alter column name set storage plain;"
                        + " insert into users select n, repeat('x', 7000) from generate_series(1, 9000) n");
        assertThat(rules("small", Severity.DANGER)).containsExactly("index-concurrently");
        assertThat(rig.plan(MigrationRig.to("small")).danger().orElseThrow())
                .hasMessageContaining(
                        "deploy/small.sql:2: nobody can write to the table while the index is built (public.users, ");
        assertThat(rig.plan(MigrationRig.to("small"))
                        .changes()
                        .findFirst()
                        .orElseThrow()
                        .estimate())
                .isPositive();

        rig.write(
                "deploy/small.sql",
                "-- watchkeeper: allow index-concurrently\nBEGIN;\ncreate index users_name on users (name);\nCOMMIT;");
        assertThat(rules("small", Severity.DANGER)).isEmpty();
    }

    @Test
    void whatCallsItselfAnExpandAndDropsIsAContract() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change(
                "sly",
                "-- watchkeeper: expand\nalter table users drop column name;",
                "alter table users add column name text;");

        assertThat(rig.plan(MigrationRig.to("sly")).approvers()).isEqualTo(2);
        assertThat(rules("sly", Severity.WARN)).contains("phase");
    }

    @Test
    void refusesATransactionThatIsOnlyPrepared() throws Exception {
        rig.scripts(
                "prepared",
                "BEGIN;\ncreate table a (id int);\nPREPARE TRANSACTION 'a';\nCOMMIT;",
                "BEGIN;\ndrop table a;\nCOMMIT;",
                null);

        assertThat(rules("prepared", Severity.DANGER)).contains("no-transaction");
    }

    @Test
    void twoPeopleAgreeToAFunctionThatMayDoAnything() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("calls", "select tidy();\nselect lower('A'), count(*) from users;", "select 1;");

        assertThat(rig.plan(MigrationRig.to("calls")).approvers()).isEqualTo(2);
        assertThat(rules("calls", Severity.WARN)).containsExactly("code-block");
    }

    @Test
    void twoPeopleAgreeToEachTableOfAList() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("list", "create table n (id int);\ndrop table n, users;", "select 1;");
        assertThat(rig.plan(MigrationRig.to("list")).approvers()).isEqualTo(2);
        rig.write("deploy/list.sql", "BEGIN;\ncreate table n (id int);\ntruncate n, users;\nCOMMIT;");
        assertThat(rig.plan(MigrationRig.to("list")).approvers()).isEqualTo(2);
        rig.write("deploy/list.sql", "BEGIN;\ncreate table n (id int);\ndrop table n;\nCOMMIT;");
        assertThat(rig.plan(MigrationRig.to("list")).approvers()).isZero();
    }

    @Test
    void takesNoTableForMadeThatMayHaveBeenThere() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.on(rig.shore(), "create schema app; create table app.orders (id int)");
        rig.change("moves", "select 1;", "select 1;");
        for (String deploy : List.of(
                "set local search_path = app;\ncreate table if not exists orders (id int);\ndrop table orders;",
                "create table orders (id int);\nset local search_path = app;\ndrop table orders;",
                "create table orders (id int);\nset local schema 'app';\ndrop table orders;",
                "create temp table orders (id int);\ndrop table orders;",
                "create table n (id int);\ndrop table n cascade;")) {
            rig.write("deploy/moves.sql", "BEGIN;\n" + deploy + "\nCOMMIT;");
            assertThat(rig.plan(MigrationRig.to("moves")).approvers())
                    .as(deploy)
                    .isEqualTo(2);
        }
    }

    @Test
    void refusesAChangeWhoseWayBackCannotBeJudged() throws Exception {
        rig.change("a", "create table a (id int);", "drop table a;\n\\! id");
        assertThat(rules("a", Severity.DANGER)).containsExactly("psql-command");
        rig.write("revert/a.sql", "drop table a;\ndrop table users;");
        assertThat(rules("a", Severity.DANGER)).containsExactly("no-transaction");
    }

    @Test
    void twoPeopleAgreeToAWayBackThatTakesMoreThanItsChangeMade() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("x", "create table x (id int);", "drop table x;");
        for (String[] pair : new String[][] {
            {"create table if not exists users (id int);", "drop table users;"},
            {"create or replace view v as select 1 as a;", "drop table users;"},
            {"create table x (id int);", "drop table x, users;"},
            {"create table x (id int);", "do $$ begin execute 'drop table users'; end $$;"},
            {"create table x (id int);", "delete from users where id > 0;"},
            {"create table x (id int);", "set local search_path = app;\ndrop table x;"},
            {"alter table users add column if not exists name text;", "alter table users drop column name;"},
            {"create index users on users (name);", "drop table users;"}
        }) {
            rig.write("deploy/x.sql", "BEGIN;\n" + pair[0] + "\nCOMMIT;");
            rig.write("revert/x.sql", "BEGIN;\n" + pair[1] + "\nCOMMIT;");
            assertThat(rig.plan(MigrationRig.to("x")).approvers()).as(pair[1]).isEqualTo(2);
            assertThat(rules("x", Severity.WARN)).as(pair[1]).contains("revert-takes-away");
        }
        for (String[] pair : new String[][] {
            {"create table if not exists x (id int);", "drop table if exists x;"},
            {"create or replace function f(int) returns int language sql as 'select 1';", "drop function f(int);"},
            {
                "alter table users add column mail text, add constraint c check (id > 0);",
                "alter table users drop column mail, drop constraint c;"
            },
            {"create unique index i on users (name);", "drop index i;"},
            {"create schema app;\ncreate table app.t (id int);", "drop table app.t;\ndrop schema app;"},
            {"create table x (id int);\ncreate table y (id int);", "delete from x;\ndrop table y, x;"}
        }) {
            rig.write("deploy/x.sql", "BEGIN;\n" + pair[0] + "\nCOMMIT;");
            rig.write("revert/x.sql", "BEGIN;\n" + pair[1] + "\nCOMMIT;");
            assertThat(rig.plan(MigrationRig.to("x")).approvers()).as(pair[1]).isZero();
        }
    }

    @Test
    void anApprovalIsUsedUp() throws Exception {
        String first = rig.plan(MigrationRig.to("users")).digest();
        assertThat(rig.plan(MigrationRig.to("users")).digest()).isEqualTo(first);
        rig.run(MigrationRig.to("users"));
        String back = rig.plan(MigrationRig.backTo(null)).digest();
        rig.run(MigrationRig.backTo(null));

        assertThat(rig.plan(MigrationRig.to("users")).digest()).isNotEqualTo(first);
        rig.run(MigrationRig.to("users"));
        assertThat(rig.plan(MigrationRig.backTo(null)).digest()).isNotEqualTo(back);
    }

    @Test
    void twoPeopleAgreeToACallOfAFunctionThatAScriptMakes() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change(
                "f",
                "create function lower(users) returns int language sql as 'select 1';",
                "drop function lower(users);");
        assertThat(rig.plan(MigrationRig.to("f")).approvers()).isZero();
        rig.change("g", "select lower(u) from users u;", "select 1;");
        assertThat(rig.plan(MigrationRig.to("g")).approvers()).isEqualTo(2);
        rig.write("deploy/g.sql", "BEGIN;\nselect u.lower from users u;\nCOMMIT;");
        assertThat(rig.plan(MigrationRig.to("g")).approvers()).isEqualTo(2);
    }

    @Test
    void readsNoScriptOutsideOfItsFolder() {
        rig.planLine("../../etc/passwd 2026-11-01T00:00:00Z Ann <ann@example.com>");

        assertThatThrownBy(() -> rig.plan(MigrationRig.to("@HEAD"))).hasMessageContaining("lies outside of");
    }
}
