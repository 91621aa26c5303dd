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

/** What each kind of statement is said to lock, and what is said to be wrong with it. */
class StatementJudgeTest {

    private static final Tables TABLES = new Tables() {
        @Override
        public Optional<Long> size(TableName table) {
            return Optional.of(1L << 30);
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
            vacuum full t                                                      | ACCESS_EXCLUSIVE       | rewrite                  | MIGRATE
            cluster t using i                                                  | ACCESS_EXCLUSIVE       | rewrite                  | MIGRATE
            reindex table t                                                    | ACCESS_EXCLUSIVE       | index-concurrently       | MIGRATE
            refresh materialized view v                                        | ACCESS_EXCLUSIVE       | refresh-concurrently     | MIGRATE
            lock table t                                                       | ACCESS_EXCLUSIVE       | lock-table               | EXPAND
            lock table t in share mode                                         | SHARE                  | lock-table               | EXPAND
            set lock_timeout = 0                                               | NONE                   | lock-timeout             | EXPAND
            set local lock_timeout to '5s'                                     | NONE                   | lock-timeout             | EXPAND
            set lock_timeout = '500ms'                                         | NONE                   | -                        | EXPAND
            \\i other.sql                                                       | NONE                   | psql-command             | EXPAND
            \\set x 1                                                           | NONE                   | -                        | EXPAND
            create trigger g after insert on t execute function f()            | SHARE_ROW_EXCLUSIVE    | -                        | EXPAND
            create policy p on t using (true)                                  | ACCESS_EXCLUSIVE       | -                        | EXPAND
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

    @Test
    void looksIntoBlocksOfCodeForWhatTakesAway() {
        assertThat(judged("do $x$ begin execute 'drop table t'; end $x$").get(0).phase())
                .isEqualTo(Phase.CONTRACT);
        assertThat(judged("do $$ begin perform 1; end $$").get(0).phase()).isEqualTo(Phase.MIGRATE);
    }
}
