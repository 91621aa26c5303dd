package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Session;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What verify scripts may do, with the functions of a real server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifyJudgeTest {

    private MigrationRig rig;
    private Session session;
    private VerifyJudge judge;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        rig = new MigrationRig(folder);
        session = rig.shore().open(MigrationRig.WORK);
        session.runVerbatim("create function mine() returns int language sql as 'select 1'");
        judge = new VerifyJudge(new DatabaseTables(session));
    }

    @AfterAll
    void close() throws Exception {
        session.close();
        rig.close();
    }

    private java.util.List<MigrationFinding> judged(String script) {
        return judge.judge("verify/x.sql", ScriptReader.read(script));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select id, name from users where false;",
                "BEGIN;\nselect 1 / count(*) from pg_class where relname = 'users';\nROLLBACK;",
                "BEGIN READ ONLY; set local search_path = public; table users; COMMIT;",
                "do $$ begin assert (select count(*) from users) > 0; end $$;",
                "do $$ declare n int; begin select count(*) into n from users; if (n > 0) then raise exception 'x'; end if; end $$;",
                "select has_table_privilege('u', 'users', 'insert');",
                "explain select 1;",
                "select pg_relation_size('users');",
                "BEGIN; select mine(); ROLLBACK;",
                "BEGIN; do $$ begin perform mine(); end $$; ROLLBACK;",
                "\\echo looking\nselect pg_sleep(1);"
            })
    void letsScriptsLook(String script) {
        assertThat(judged(script)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into users values (1);",
                "BEGIN; delete from users; ROLLBACK;",
                "with gone as (delete from users returning *) select * from gone;",
                "select * into copied from users;",
                "select * from users for update;",
                "select * from users for share;",
                "create table x (a int);",
                "drop table users;",
                "call p();",
                "copy users to program 'sh';",
                "copy users to '/tmp/x';",
                "explain analyze delete from users;",
                "explain (\"analyze\") delete from users;",
                "begin read write; select 1; commit;",
                "begin; set transaction read write; select 1; commit;",
                "set transaction_read_only = off;",
                "set default_transaction_read_only to off;",
                "set session characteristics as transaction read write;",
                "set role postgres;",
                "reset default_transaction_read_only;",
                "select set_config('default_transaction_read_only', 'off', false);",
                "select nextval('s');",
                "select pg_drop_replication_slot('s');",
                "select pg_terminate_backend(1);",
                "select pg_catalog.lo_unlink(1);",
                "do $$ begin commit; set transaction read write; end $$;",
                "do $$ begin execute 'drop table users'; end $$;",
                "do $$ begin perform set_config('transaction_read_only', 'off', false); end $$;",
                "do language plpython3u $$ x $$;",
                "prepare transaction 'x';",
                "notify x;",
                "refresh materialized view v;"
            })
    void refusesScriptsThatWriteOrCouldGetOutOfReadOnly(String script) {
        assertThat(judged(script)).extracting(MigrationFinding::rule).contains("verify-writes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select mine();",
                "do $$ begin perform mine(); end $$;",
                "BEGIN; select 1; COMMIT; select mine();",
                "BEGIN; select 1; ROLLBACK; BEGIN; select mine(); ROLLBACK;"
            })
    void wantsUnknownCodeInOneTransaction(String script) {
        assertThat(judged(script))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("between BEGIN and ROLLBACK"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1e'\\' \\! touch /x\n\r\nCOMMIT; --';",
                "\\i other.sql",
                "\\! id",
                "select 1 \\gexec",
                "select :x;",
                "\\copy t from program 'id'"
            })
    void refusesCommandsOfPsqlLikeInAnyOtherScript(String script) {
        assertThat(judged(script)).extracting(MigrationFinding::severity).contains(MigrationFinding.Severity.DANGER);
    }
}
