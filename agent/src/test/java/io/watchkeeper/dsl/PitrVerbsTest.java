package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code pitrDrill} as it is written; what it does is tested where the drill is. */
class PitrVerbsTest {

    private static final String AROUND = "runbook('test') { step('s') { pitrDrill('shore') {\n%s\n} } }";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "target latest",
                "target timestamp('2026-11-21 14:30:00+00')",
                "target timestamp('30 seconds ago')",
                "target lsn('0/8F3A2C10')",
                "target name('before the upgrade')",
                "maxRpo 5.minutes; maxRto 30.minutes; amcheck false; port 54321",
                "check 'orders', 'select count(*) > 0 from public.orders'",
                "synthetic 'transaction.sql'; compare 'public.*', 'audit.*'",
                "backup '20261121T030000.000Z-base'",
                "provider pgbackrest('main'); backup '20261121-150621F'; target timestamp('1 minute ago')",
                "provider pgbackrest('main', '/etc/pgbackrest/ship.conf')"
            })
    void loads(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"target 'latest'", "maxRpo 5", "check 'orders'", "target timestmap('x')", "target 5.minutes"})
    void refusesWhatCannotBeMeant(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words)))
                .isNotEmpty()
                .allMatch(problem -> problem.startsWith("2:"));
    }

    @Test
    void namesAWrongDatabase() {
        assertThat(Loading.problemsOf("runbook('test') { step('s') { pitrDrill('shroe') { } } }"))
                .singleElement()
                .asString()
                .contains("shroe", "did you mean 'shore'?");
    }
}
