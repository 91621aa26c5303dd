package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TablePatternTest {

    private DatabasePools pools;
    private Session session;

    @BeforeEach
    void fill() throws SQLException {
        pools = TestServers.freshFleet();
        session = pools.database("shore").open(Work.unattended("pattern test"));
        session.update("""
                create schema s; create schema "Odd Schema";
                create table a (i int); create table ab (i int); create table s.x_1 (i int); create table s.x_2 (i int);
                create table s.y (i int); create table "Odd Schema"."T 1" (i int); create table "Odd Schema"."star*" (i int);
                create view v as select 1 as one; create temp table passing (i int);
                create table e (i int) partition by range (i);
                create table s.e_1 partition of e for values from (0) to (10);
                create table e_2 partition of e for values from (10) to (20) partition by range (i);
                create table e_2_1 partition of e_2 for values from (10) to (15);
                create table e_2_2 partition of e_2 for values from (15) to (20)""");
    }

    @AfterEach
    void close() throws SQLException {
        session.close();
        pools.close();
    }

    @Test
    void aSchemasTablesWithPartitionedOnesOnce() throws Exception {
        assertThat(resolve(List.of("public.*"))).containsExactly("public.a", "public.ab", "public.e");
        assertThat(resolve(List.of("*"))).containsExactly("public.a", "public.ab", "public.e");
    }

    @Test
    void everythingButSystemSchemasViewsAndTemporaryTables() throws Exception {
        assertThat(resolve(List.of("*.*")))
                .containsExactly(
                        "\"Odd Schema\".\"T 1\"",
                        "\"Odd Schema\".\"star*\"",
                        "public.a",
                        "public.ab",
                        "public.e",
                        "s.x_1",
                        "s.x_2",
                        "s.y");
    }

    @Test
    void severalPatternsWithExceptions() throws Exception {
        assertThat(resolve(List.of("s.x_*", "public.a?", "\"Odd Schema\".\"T 1\""), "s.x_2"))
                .containsExactly("\"Odd Schema\".\"T 1\"", "public.ab", "s.x_1");
    }

    @Test
    void aStarInQuotesIsAStar() throws Exception {
        assertThat(resolve(List.of("\"Odd Schema\".\"star*\""))).containsExactly("\"Odd Schema\".\"star*\"");
    }

    @Test
    void aPartitionCanBeMeantAlone() throws Exception {
        assertThat(resolve(List.of("s.*"))).containsExactly("s.e_1", "s.x_1", "s.x_2", "s.y");
    }

    @Test
    void anExceptedPartitionLeavesItsSiblings() throws Exception {
        assertThat(resolve(List.of("public.e"), "public.e_2_1")).containsExactly("public.e_2_2", "s.e_1");
        assertThat(resolve(List.of("public.*"), "public.e_2")).containsExactly("public.a", "public.ab", "s.e_1");
    }

    @Test
    void anExceptedRootTakesItsPartitionsAlong() throws Exception {
        assertThat(resolve(List.of("*.*"), "public.e", "\"Odd Schema\".*"))
                .containsExactly("public.a", "public.ab", "s.x_1", "s.x_2", "s.y");
    }

    @Test
    void aNameThatDoesNotExistIsAnErrorAndSoIsNothingAtAll() {
        assertThatThrownBy(() -> resolve(List.of("public.a", "s.xy")))
                .isInstanceOf(OperatorException.class)
                .hasMessage("there is no table s.xy in database 'shore'");
        assertThatThrownBy(() -> resolve(List.of("s.q*"), "s.z"))
                .isInstanceOf(OperatorException.class)
                .hasMessage("no table of database 'shore' is meant by s.q* except s.z");
    }

    private List<String> resolve(List<String> patterns, String... except) throws SQLException {
        return TablePattern.resolve(session, patterns, List.of(except)).stream()
                .map(TableName::toString)
                .toList();
    }
}
