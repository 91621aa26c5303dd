package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableNameTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "public.t, public, t",
                "t, public, t",
                "Public.Documents, public, documents",
                "\"Odd Schema\".\"T 1\", Odd Schema, T 1",
                "\"a\"\"b\".\"c.d\", a\"b, c.d",
                "\"select\".x, select, x",
                "문서.\"대문자 A\", 문서, 대문자 A",
                "app.\"star*\", app, star*",
                "s.a$1, s, a$1",
                "ÄÖ.É, ÄÖ, É"
            })
    void readsNamesAsPsqlDoes(String text, String schema, String name) {
        assertThat(TableName.parse(text)).isEqualTo(new TableName(schema, name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "public.t",
                "\"Odd Schema\".\"T 1\"",
                "\"a\"\"b\".\"c.d\"",
                "\"user\".\"order\"",
                "\"1a\".\"a-b\""
            })
    void printsWhatItReads(String text) {
        assertThat(TableName.parse(text).toString()).isEqualTo(text);
        assertThat(TableName.parse(TableName.parse(text).quoted())).isEqualTo(TableName.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".b", "a.b.c", "a b", "\"open", "a;b", "x.y'z", "a.*", "\"\".t"})
    void refusesWhatIsNoNameWithAHint(String text) {
        assertThatThrownBy(() -> TableName.parse(text))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).isNotBlank());
    }

    @Test
    void refusesNamesThatPostgresWouldShorten() {
        assertThat(TableName.parse("a".repeat(63)).name()).hasSize(63);
        assertThatThrownBy(() -> TableName.parse("a".repeat(64)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("64 bytes");
        assertThatThrownBy(() -> TableName.parse("문".repeat(22))).hasMessageContaining("66 bytes");
    }

    @Test
    void theServerReadsQuotedNamesAndLiteralsBackUnchanged() throws Exception {
        String[] odd = {"a b", "a\"b", "Übung", "표", "user", "json", "a.b", "a'b\\c", "\\"};
        try (DatabasePools pools = TestServers.freshFleet();
                Session session = pools.database("shore").open(Work.unattended("quoting"))) {
            for (String one : odd) {
                TableName name = new TableName("public", one);
                session.update("create table " + name.quoted() + " (" + Identifiers.quote(one) + " text default "
                        + Identifiers.quoteLiteral(one) + ")");
                session.update("insert into " + name.quoted() + " default values");
                assertThat(session.query("select * from " + name.quoted()).get(0))
                        .containsEntry(one, one);
            }
            assertThat(session.query("select relname from pg_class where relnamespace = 'public'::regnamespace"))
                    .extracting(row -> row.get("relname"))
                    .containsExactlyInAnyOrder((Object[]) odd);
        }
    }

    @Test
    void everyKeywordOfTheServerIsQuoted() throws Exception {
        try (DatabasePools pools = TestServers.freshFleet();
                Session session = pools.database("shore").open(Work.unattended("quoting"))) {
            for (String word :
                    session.list("select word from pg_get_keywords() where catcode <> 'U'", row -> row.getString(1))) {
                assertThat(Identifiers.quote(word)).startsWith("\"");
            }
        }
    }
}
