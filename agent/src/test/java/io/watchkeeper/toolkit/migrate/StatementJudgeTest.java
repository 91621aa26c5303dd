package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each kind of statement is said to lock, and what is said to be wrong with it. */
class StatementJudgeTest {

    private static final Tables TABLES = new Tables() {
        @Override
        public Optional<Long> size(TableName table) {
            return Optional.of(1L << 30);
        }

        @Override
        public boolean isThere(String name) {
            return true;
        }

        @Override
        public Optional<String> columnType(TableName table, String column) {
            return Optional.of(column.equals("note") ? "character varying(20)" : "integer");
        }

        @Override
        public boolean isKnownNotNull(TableName table, String column) {
            return column.equals("sure");
        }

        @Override
        public boolean isVolatile(String function) {
            return Set.of("random", "gen_random_uuid", "clock_timestamp").contains(function);
        }

        @Override
        public boolean isBuiltIn(String function) {
            return function.equals("lower") || function.equals("pg_drop_replication_slot");
        }

        @Override
        public boolean isBuiltInAndReadOnly(String function) {
            return function.equals("lower");
        }
    };

    private static List<Judgement> judged(String sql) {
        StatementJudge judge = new StatementJudge(TABLES, Duration.ofSeconds(2));
        return ScriptReader.read(sql).statements().stream()
                .flatMap(statement -> judge.judge(statement).stream())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            create table t (id int)                                            | NONE                   | -                        | EXPAND
            alter table t add v int generated always as (a * 2)                | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t add v int generated always as (a * 2) stored         | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t alter v set expression as (a * 3)                    | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t add constraint c not null a                          | ACCESS_EXCLUSIVE       | check-not-valid          | EXPAND
            alter table t add constraint c not null a not valid                | ACCESS_EXCLUSIVE       | -                        | EXPAND
            create table t (id int references u)                               | SHARE_ROW_EXCLUSIVE    | -                        | EXPAND
            create index i on t (a)                                            | SHARE                  | index-concurrently       | EXPAND
            create unique index on public.t (a)                                | SHARE                  | index-concurrently       | EXPAND
            create index concurrently i on t (a)                               | SHARE_UPDATE_EXCLUSIVE | -                        | EXPAND
            create index i on only t (a)                                       | SHARE                  | -                        | EXPAND
            drop index i                                                       | ACCESS_EXCLUSIVE       | drop-index-concurrently  | CONTRACT
            drop index concurrently i                                          | SHARE_UPDATE_EXCLUSIVE | -                        | CONTRACT
            drop table t                                                       | ACCESS_EXCLUSIVE       | drop                     | CONTRACT
            drop function f                                                    | NONE                   | drop                     | CONTRACT
            truncate t                                                         | ACCESS_EXCLUSIVE       | truncate                 | CONTRACT
            delete from t                                                      | ROW_EXCLUSIVE          | delete-without-where     | CONTRACT
            delete from t where id = 1                                         | ROW_EXCLUSIVE          | -                        | CONTRACT
            update t set a = 1                                                 | ROW_EXCLUSIVE          | update-in-one-go         | MIGRATE
            insert into t values (1)                                           | ROW_EXCLUSIVE          | -                        | MIGRATE
            alter table t add column a int                                     | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t add a int default 5                                  | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t add a timestamptz default now()                      | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t add a uuid default gen_random_uuid()                 | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t add a bigserial                                      | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t add a int generated always as (b + 1) stored         | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t add a int not null                                   | ACCESS_EXCLUSIVE       | not-null-without-default | EXPAND
            alter table t add a int not null default 0                         | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t add a int unique                                     | ACCESS_EXCLUSIVE       | unique-using-index       | EXPAND
            alter table t add constraint c check (a > 0)                       | ACCESS_EXCLUSIVE       | check-not-valid          | EXPAND
            alter table t add constraint c check (a > 0) not valid             | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t add constraint c foreign key (a) references u        | SHARE_ROW_EXCLUSIVE    | foreign-key-not-valid    | EXPAND
            alter table t add foreign key (a) references u not valid           | SHARE_ROW_EXCLUSIVE    | -                        | EXPAND
            alter table t add constraint c unique (a)                          | ACCESS_EXCLUSIVE       | unique-using-index       | EXPAND
            alter table t add constraint c unique using index i                | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t validate constraint c                                | SHARE_UPDATE_EXCLUSIVE | -                        | MIGRATE
            alter table t alter column a type bigint                           | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t alter note type varchar(50)                          | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t alter note type text                                 | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t alter note type varchar(10)                          | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t alter column a set not null                          | ACCESS_EXCLUSIVE       | set-not-null             | CONTRACT
            alter table t alter column sure set not null                       | ACCESS_EXCLUSIVE       | -                        | CONTRACT
            alter table t alter column a set default 5                         | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t alter column a set statistics 500                    | SHARE_UPDATE_EXCLUSIVE | -                        | EXPAND
            alter table t drop column a                                        | ACCESS_EXCLUSIVE       | drop                     | CONTRACT
            alter table t rename column a to b                                 | ACCESS_EXCLUSIVE       | rename                   | CONTRACT
            alter table t rename to u                                          | ACCESS_EXCLUSIVE       | rename                   | CONTRACT
            alter table t set tablespace fast                                  | ACCESS_EXCLUSIVE       | rewrite                  | CONTRACT
            alter table t set (fillfactor = 80)                                | SHARE_UPDATE_EXCLUSIVE | -                        | EXPAND
            alter table t enable row level security                            | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter table t disable trigger all                                  | SHARE_ROW_EXCLUSIVE    | -                        | EXPAND
            vacuum ("full") t                                                  | ACCESS_EXCLUSIVE       | rewrite                  | MIGRATE
            vacuum full t                                                      | ACCESS_EXCLUSIVE       | rewrite                  | MIGRATE
            cluster t using i                                                  | ACCESS_EXCLUSIVE       | rewrite                  | MIGRATE
            reindex table t                                                    | ACCESS_EXCLUSIVE       | index-concurrently       | MIGRATE
            refresh materialized view v                                        | ACCESS_EXCLUSIVE       | refresh-concurrently     | MIGRATE
            lock table t                                                       | ACCESS_EXCLUSIVE       | lock-table               | EXPAND
            lock table t in share mode                                         | SHARE                  | lock-table               | EXPAND
            set lock_timeout = 0                                               | NONE                   | lock-timeout             | EXPAND
            set local lock_timeout to '5s'                                     | NONE                   | lock-timeout             | EXPAND
            set lock_timeout = '500ms'                                         | NONE                   | -                        | EXPAND
            create trigger g after insert on t execute function f()            | SHARE_ROW_EXCLUSIVE    | -                        | EXPAND
            create policy p on t using (true)                                  | ACCESS_EXCLUSIVE       | -                        | EXPAND
            alter type address drop attribute zip cascade                      | NONE                   | drop                     | CONTRACT
            alter type mood rename value 'a' to 'b'                            | NONE                   | rename                   | CONTRACT
            """)
    void judges(String sql, LockLevel lock, String rule, Phase phase) {
        assertThat(judged(sql)).singleElement().satisfies(judgement -> {
            assertThat(judgement.lock()).isEqualTo(lock);
            assertThat(Objects.requireNonNullElse(judgement.rule(), "-")).isEqualTo(rule);
            assertThat(judgement.phase()).isEqualTo(phase);
            assertThat(judgement.message().isEmpty()).isEqualTo(judgement.rule() == null);
            assertThat(judgement.remedy().isEmpty()).isEqualTo(judgement.rule() == null);
        });
    }

    @Test
    void judgesEachActionOfAnAlterTableByItself() {
        assertThat(judged("alter table only \"Odd, T\" add a numeric(10, 2), drop column b, alter c set not null"))
                .extracting(Judgement::rule)
                .containsExactly(null, "drop", "set-not-null");
        assertThat(judged("alter table only \"Odd, T\" add a int").get(0).table())
                .isEqualTo(new TableName("public", "Odd, T"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "do $$ begin perform 1; end $$",
                "with d as (delete from t returning *) select * from d",
                "explain analyze delete from t",
                "explain (costs off, analyze) delete from t",
                "prepare p as delete from t",
                "execute p",
                "call tidy()",
                "select sets(1)",
                "select by(1), conflict(2)",
                "select 1, cube(t) from t",
                "select over(1)",
                "select filter(1)",
                "select within(1)",
                "select set(1)",
                "select f_that_drops()",
                "select evil.now()",
                "explain (\"analyze\") delete from users",
                "explain (\"Analyse\" on) delete from users",
                "select * into u from t",
                "values (f_that_drops())",
                "table t union select f_that_drops()",
                "insert into u select f_that_drops()",
                "insert into u with d as (delete from t returning *) select * from d",
                "update t set a = f_that_drops()",
                "merge into t using u on t.id = u.id when matched then delete",
                "create table u as select f_that_drops()",
                "create table u as (with d as (delete from t returning *) select * from d)",
                "copy t from program 'curl'",
                "copy (delete from t returning *) to stdout",
                "reassign owned by a to b",
                "load 'anything'",
                "alter table t disable row level security",
                "alter table t no force row level security",
                "select case when true then f_that_drops() end",
                "select x.begin atomic from x; drop table t; select 1 as end"
            })
    void twoPeopleAgreeToWhatCannotBeToldFromOutside(String sql) {
        assertThat(judged(sql)).extracting(Judgement::phase).contains(Phase.CONTRACT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1",
                "select a, lower(b) from t where a in (1, 2) and exists (select from u) order by 1",
                "select setval('s', 5), now()",
                "select pg_catalog.set_config('search_path', '', false)",
                "with x as (select 1) select * from x",
                "select a::numeric(10, 2), cast(a as varchar(5)) from t",
                "values (1), (2)",
                "select lower(a) filter (where b) over (partition by (c) order by (d)) from t group by rollup (a)",
                "select a from t group by grouping sets ((a), ())",
                "with x as materialized (select 1) select * from x",
                "explain delete from t",
                "grant select on t to u",
                "savepoint s",
                "analyze t",
                "create table u as select lower(b) from t"
            })
    void nobodyHasToAgreeToWhatOnlyLooks(String sql) {
        assertThat(judged(sql)).singleElement().satisfies(judgement -> {
            assertThat(judgement.phase()).isEqualTo(Phase.EXPAND);
            assertThat(judgement.rule()).isNull();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\set q 'drop table users'",
                "\\set ON_ERROR_STOP off",
                "\\echo x \\\\ DROP TABLE users;",
                "\\echo x \\dropper",
                "\\echo `rm -rf /`",
                "\\warn `id`",
                "\\if false",
                "\\q",
                "select 1 \\gexec",
                "create table x ( \\echo hi\n a int)",
                ":q",
                "select :'name'",
                "select :\"name\"",
                "create table t (a int default :a)",
                "set standard_conforming_strings = off",
                "set local \"Standard_Conforming_Strings\" to off",
                "select set_config('standard_conforming_strings', 'off', false)",
                "select pg_catalog.\"set_config\"('standard' || '_conforming_strings', 'off', false)",
                "select set_config('search_path' || x, 'off', false) from t",
                "select set_config(setting_name => 'search_path', new_value => '', is_local => false)",
                "update pg_settings set setting = 'off' where name like 'standard_conf%'",
                "with x as (select 1) update pg_catalog.pg_settings set setting = 'off'",
                "do $$ begin perform set_config('standard_conforming_strings', 'off', false); end $$",
                "SELECT 1e'\\' \\! touch /x\n\r\nCOMMIT; --';",
                "SELECT $1e'\\' \\! touch /x\n\r\nCOMMIT; --';",
                "SELECT E'a'\n'b\\' \\r\nDROP TABLE users; COMMIT; --';",
                "SELECT E'a' -- x\n'b\\' \\r\nDROP TABLE users; COMMIT; --';",
                "select 1\"x\"",
                "select 1_000",
                "select\u000B1",
                "select 1 -- \u0000 '\n",
                "copy u&\"n\" from stdin;\n'\n\\.\ndrop table users;\n--'"
            })
    void refusesWhatPsqlWouldMakeSomethingElseOf(String sql) {
        assertThat(judged(sql)).extracting(Judgement::rule).contains("psql-command");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\! rm -rf /",
                "\\o /tmp/x",
                "\\o |sh",
                "\\w /tmp/x",
                "\\copy t from program 'curl evil'",
                "\\copy t from stdin",
                "select 'drop table t' \\gexec",
                "select 1 \\gset",
                "select 1 \\g |sh",
                "select 1 \\watch",
                "\\if true",
                "\\elif true",
                "\\else",
                "\\endif",
                "\\connect other",
                "\\c other",
                "\\set x `id`",
                "\\unset ON_ERROR_STOP",
                "\\prompt x",
                "\\getenv x HOME",
                "\\setenv PAGER sh",
                "\\cd /",
                "\\lo_import /etc/passwd",
                "\\ef f",
                "\\encoding SJIS",
                "\\encoding",
                "\\;",
                "select :v",
                "select :{?v}",
                "drop table :\"v\""
            })
    void refusesEveryCommandOfPsqlThatHidesSqlOrRunsAProgram(String sql) {
        assertThat(judged(sql)).extracting(Judgement::rule).contains("psql-command");
        assertThat(MigrationFinding.mayBeAllowed("psql-command")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\i other.sql", "\\ir ../other.sql", "\\include /etc/x", "\\include_relative x", "\\I x"})
    void refusesFilesThatAreIncluded(String sql) {
        assertThat(judged(sql)).extracting(Judgement::rule).contains("include");
        assertThat(MigrationFinding.mayBeAllowed("include")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"set client_encoding = 'SJIS'", "set names 'BIG5'", "set local client_encoding to default"})
    void refusesAnEncodingInWhichPsqlReadsOtherStatements(String sql) {
        assertThat(judged(sql)).extracting(Judgement::rule).containsExactly("encoding");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"drop table n, users", "truncate n, only users", "drop materialized view if exists n, users"})
    void judgesEachTableOfAListByItself(String sql) {
        assertThat(judged(sql))
                .extracting(Judgement::table)
                .containsExactly(new TableName("public", "n"), new TableName("public", "users"));
    }

    @Test
    void takesWhatGoesByCascadeForNoTableThatIsKnown() {
        assertThat(judged("drop table n cascade")).extracting(Judgement::table).containsOnlyNulls();
        assertThat(judged("truncate n cascade")).extracting(Judgement::table).containsOnlyNulls();
    }

    @Test
    void knowsThatRowsFollowACopyFromStdoutAndNoneOneFromAFile() {
        assertThat(judged("copy n from stdout;\n1\t'\n\\.\ntruncate t;"))
                .extracting(Judgement::rule)
                .containsExactly(null, "truncate");
        assertThat(judged("copy t (a, b) from '/f' where a is distinct from stdin;\ntruncate t;\n\\.\n"))
                .extracting(Judgement::rule)
                .contains("truncate");
        assertThat(judged("copy (select 1) to stdout;\ntruncate t;"))
                .extracting(Judgement::rule)
                .containsExactly(null, "truncate");
    }

    @Test
    void judgesWhatComesAfterTheRowsOfACopyAndNotTheRows() {
        assertThat(judged("copy t from stdin;\n1\tO'Brien\n2\tx; drop table u;\n\\.\ntruncate t;"))
                .extracting(Judgement::rule)
                .containsExactly(null, "truncate");
        assertThat(judged("COPY t (a, b) FROM STDIN WITH (format csv); -- rows\r\n1,'\r\n\\.\r\ndrop table t;"))
                .extracting(Judgement::rule)
                .containsExactly(null, "drop");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "copy t from stdin;\n1\tx\nselect 1;\ndrop table t;\n",
                "copy t from stdin;\n1\tx\n \\.\ndrop table t;\n",
                "copy t from stdin; drop table t;\n1\n\\.\n",
                "copy t from stdin; /* \n*/ drop table t;\n1\n\\.\n",
                "copy t from stdin;"
            })
    void refusesACopyWhoseRowsDoNotEnd(String sql) {
        assertThat(judged(sql)).extracting(Judgement::rule).contains("copy-data");
    }

    @Test
    void knowsThatALiteralWithEscapesGoesOnOnTheNextLine() {
        assertThat(judged("select E'x'\n'\\'', 'a'; truncate t; --'"))
                .extracting(Judgement::rule)
                .contains("psql-command", "truncate");
        assertThat(judged("select E'x' -- y\n -- z\n '\\'', 'a'; truncate t; --'"))
                .extracting(Judgement::rule)
                .contains("psql-command", "truncate");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\echo now",
                "\\encoding UTF8",
                "set client_encoding = 'UTF8'",
                "set standard_conforming_strings = on",
                "\\pset pager off",
                "\\timing",
                "\\x",
                "select 1e5, 1.5E-3, .5, 12, array[1,2], E'a' 'b'",
                "select '12:30', a::text, b[1:2] from t -- :x",
                "select $$ :x $$, \":x\", E'\\':x'"
            })
    void allowsWhatPsqlSendsAsItIs(String sql) {
        assertThat(judged(sql)).extracting(Judgement::rule).containsOnlyNulls();
    }

    @Test
    void seesWhatComesAfterACommentThatEndsAtACarriageReturn() {
        assertThat(judged("-- harmless\rdrop table users;"))
                .extracting(Judgement::rule)
                .containsExactly("drop");
    }
}
