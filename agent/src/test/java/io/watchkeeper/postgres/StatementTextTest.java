package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementTextTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "select * from t where name = 'O''Brien' and n = 42 | select * from t where name = ? and n = ?",
                "select E'a\\'b', 'c' | select ?, ?",
                "select $$ secret $$, $tag$ a $$ b $tag$ | select ?, ?",
                "select $1, t1.c2 from t1 -- why | select $1, t1.c2 from t1",
                "select /* pin 1234 */ 1.5e-3 | select ?",
                "select \"it's\" from \"T 1\" | select \"it's\" from \"T 1\"",
                "alter role a password 'never sho | alter role a password ?",
                "select 1 /* cut off secr | select ?",
                "select $$ cut off | select ?",
            })
    void leavesValuesOut(String statement, String shown) {
        assertThat(StatementText.of(statement)).isEqualTo(shown);
    }

    @Test
    void isOneShortLineHoweverLongTheStatement() {
        assertThat(StatementText.of("select\n\t a,\n b from " + "t".repeat(1_000)))
                .startsWith("select a, b from ttt")
                .hasSize(200)
                .endsWith("…");
        assertThat(StatementText.of("select '" + "''x".repeat(500_000) + "'")).isEqualTo("select ?");
    }
}
