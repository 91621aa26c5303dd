package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code insertOnce}, {@code updateVersioned}, {@code ulid} and {@code slo} as they are written; what they do is tested with their classes. */
class WritingVerbsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insertOnce('shore', 'public.incidents', [id: ulid(), state: 'open', n: 5, doc: [a: 1]])",
                "if (insertOnce('shore', 'public.incidents', [id: ulid()]).inserted()) log.info 'new'",
                """
                def row = query('shore', 'select 1 as row_ver')[0]
                def done = updateVersioned('shore', 'public.incidents', [id: 'x'], row.row_ver as long, [state: 'x'])
                if (done.conflict()) log.warn "now ${done.version()}, ${done.state()}, ${done.updated()}\"""",
                "slo('shore')",
                "slo('shore') { readP95 20.milliseconds; writeP95 40.milliseconds; errors 0.5.percent; rollbacks false }",
                "def found = slo('shore') { over 15.minutes; probe true; probes 50; reportOnly true }; log.info found.summary()",
            })
    void loads(String code) {
        assertThat(Loading.problemsOfStep(code)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insertOnce('shroe', 'public.incidents', [id: ulid()])",
                "insertOnce('shore', 'a.b.c', [id: ulid()])",
                "insertOnce('shore', 'public.incidents')",
                "updateVersioned('shore', 'public.incidents', [id: 1], 'x', [a: 1])",
                "slo('shore') { readP95 20 }",
                "slo('shore') { readP59 20.milliseconds }",
            })
    void refusesWhatCannotBeMeant(String code) {
        assertThat(Loading.problemsOfStep(code)).isNotEmpty().allMatch(problem -> problem.startsWith("3:"));
    }

    @Test
    void dryRunShowsTheStatementsAndChangesNothingAndARunTellsWhatItDid() throws Exception {
        String code = """
                def id = ulid()
                log.info "new ${insertOnce('shore', 'public.t', [id: id, n: 1]).inserted()}"
                log.info "new ${insertOnce('shore', 'public.t', [id: id, n: 2]).inserted()}"
                log.info "${updateVersioned('shore', 'public.t', [id: id], 0, [n: 3]).state()}"
                log.info "${updateVersioned('shore', 'public.t', [id: id], 0, [n: 4]).state()}\"""";
        try (DatabasePools pools = TestServers.freshFleet()) {
            String database = pools.database("shore").settings().databaseName();
            TestServers.execute(
                    TestServers.shore(),
                    database,
                    "create table t (id text primary key, n int, row_ver bigint not null default 0)");
            RecordingContext dry = new RecordingContext(true);
            RecordingContext context = new RecordingContext(false);
            for (RecordingContext one : new RecordingContext[] {dry, context}) {
                pools.all().forEach(each -> one.databases.put(each.name(), each));
                Loading.runbook("runbook('test') { step('s') {\n" + code + "\n} }")
                        .steps()
                        .get(0)
                        .body()
                        .run(one);
            }
            assertThat(dry.results).isEmpty();
            assertThat(dry.plans).hasSize(4).first().isEqualTo("insertOnce shore  public.t");
            assertThat(dry.log).contains("info new false", "info planned");
            assertThat(context.log).containsExactly("info new true", "info new false", "info updated", "info conflict");
            assertThat(context.results)
                    .extracting(one -> one.verb())
                    .containsExactly("insertOnce", "insertOnce", "updateVersioned", "updateVersioned");
        }
    }
}
