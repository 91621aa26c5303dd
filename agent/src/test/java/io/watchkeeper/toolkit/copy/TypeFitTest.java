package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.testing.TestServers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeFitTest {

    private static DatabasePools pools;
    private static Session session;

    @BeforeAll
    static void connect() throws Exception {
        pools = TestServers.freshFleet();
        session = pools.database("shore").open(Fleet.WORK);
        session.update("create type mood as enum ('a'); create type pair as (a int); create domain short as text;"
                + " create domain nested as short; create type span as range (subtype = int4)");
    }

    @AfterAll
    static void close() throws Exception {
        session.close();
        pools.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "int4; int4; BINARY",
                "numeric(10,2); numeric(10,2); BINARY",
                "text[]; text[]; BINARY",
                "mood; mood; BINARY",
                "short; short; BINARY",
                "nested; nested; BINARY",
                "span; span; BINARY",
                "int4range; int4range; BINARY",
                "int4multirange; int4multirange; BINARY",
                "mood[]; mood[]; TEXT",
                "short[]; short[]; TEXT",
                "pair; pair; TEXT",
                "regclass; regclass; TEXT",
                "regtype[]; regtype[]; TEXT",
                "money; money; TEXT",
                "aclitem; aclitem; TEXT",
                "int2vector; int2vector; TEXT",
                "oidvector[]; oidvector[]; TEXT",
                "int4; int8; TEXT",
                "int8; numeric; TEXT",
                "float4; float8; TEXT",
                "varchar(5); text; TEXT",
                "varchar(5); varchar; TEXT",
                "timestamp(3); timestamp; TEXT",
                "numeric(10,2); numeric; TEXT",
                "short; text; TEXT",
                "mood; text; TEXT",
                "int4[]; int8[]; TEXT",
                "numeric(10,2); numeric(12,4); VERIFIED_TEXT",
                "varchar(10); varchar(5); VERIFIED_TEXT",
                "int8; int4; VERIFIED_TEXT",
                "char(3); text; VERIFIED_TEXT",
                "json; jsonb; VERIFIED_TEXT",
                "text; mood; VERIFIED_TEXT",
                "numeric; numeric(10,2); REFUSED",
                "numeric(10,4); numeric(10,2); REFUSED",
                "timestamptz; timestamptz(3); REFUSED",
                "timestamptz; timestamp; REFUSED",
                "timestamp; timestamptz; REFUSED",
                "timestamp; date; REFUSED",
                "int8; timestamptz; REFUSED",
                "int4; date; REFUSED",
                "float4; int4; REFUSED",
                "int8; float8; REFUSED",
                "float8; float4; REFUSED",
                "numeric; float8; REFUSED",
                "bytea; text; REFUSED",
                "text; bytea; REFUSED",
                "timestamptz[]; date[]; REFUSED",
            })
    void decidesHowAValueTravels(String from, String to, TypeFit.Way way) throws Exception {
        TypeFit fit = TypeFit.of(type(from), type(to));

        assertThat(fit.way()).isEqualTo(way);
        assertThat(fit.reason().isEmpty()).isEqualTo(way == TypeFit.Way.BINARY);
    }

    private static ColumnType type(String sql) throws Exception {
        session.update("drop table if exists t; create table t (c " + sql + ")");
        return TableShape.read(session, TableName.parse("t"))
                .column("c")
                .orElseThrow()
                .type();
    }
}
