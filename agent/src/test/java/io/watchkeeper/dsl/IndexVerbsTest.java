package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bloat} and {@code reindex} as they are written, and how a run tells of them; what they do is tested with their classes. */
class IndexVerbsTest {

    private static final String AROUND = "runbook('test') { step('s') {\n%s\n} }";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reindex('shore')",
                "reindex('shore', 'public.a', 'public.b*')",
                "reindex('shore', 'public.a', 'public.b') { whenBloat 30.percent; leastBytes 1.megabyte; budget 2.hours }",
                "reindex('shore') { concurrently false; amcheck true; lockTimeout 1.second; waitFor 1.minute; attempts 5 }",
                "reindex('shore') { method repack; whenBloat 30.percent; waitFor 5.minutes }",
                "bloat('shore')",
                "bloat('shore', 'public.a', 'public.b') { warn 20.percent; fail 60.percent; reportOnly true }",
                "indexAdvice('shore')",
                "indexAdvice('shore', 'public.a', 'public.b') { alsoAsk 'ship'; rules 'index-rules.yaml'; unusedFor 7.days }",
                "indexAdvice('shore') { mergeKeys 'public.a', 'id', 'b'; leastRows 5; accept 'unused'; reportOnly true }",
                "if (bloat('shore', ['public.*']) { lasting 1.hour; deadTuples 5.percent; leastBytes 1.megabyte }.status() != 'ok') log.info 'x'"
            })
    void loads(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reindex('nowhere', 'public.a')",
                "reindex('shore') { whenBloat 30 }",
                "reindex('shore') { budget 30.megabytes }",
                "reindex('shore') { wenBloat 30.percent }",
                "bloat('shore') { warn '25' }",
                "bloat('shore', 'a.b.c')",
                "indexAdvice('shore') { alsoAsk 'nowhere' }",
                "indexAdvice('shore') { unusedFor 30 }"
            })
    void refusesWhatCannotBeMeant(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words)))
                .isNotEmpty()
                .allMatch(problem -> problem.startsWith("2:"));
    }

    @Test
    void tellsOfThemInTheDocumentAndThePlan() throws Exception {
        try (DatabasePools pools = TestServers.freshFleet()) {
            String database = pools.database("shore").settings().databaseName();
            TestServers.execute(
                    TestServers.shore(),
                    database,
                    "create table t (id int primary key); insert into t select generate_series(1, 100); analyze t");
            RecordingContext dry = new RecordingContext(true);
            pools.all().forEach(one -> dry.databases.put(one.name(), one));
            run(dry, "reindex('shore', 'public.t'); bloat('shore', 'public.t')");
            assertThat(dry.plans).containsExactly("reindex shore  public.t");
            assertThat(dry.notes).singleElement().asString().contains("asked for", "may need");
            assertThat(dry.results).extracting(one -> one.verb()).containsExactly("bloat");

            RecordingContext context = new RecordingContext(false);
            context.databases.putAll(dry.databases);
            run(
                    context,
                    "def done = reindex('shore', 'public.t')\nlog.info \"${done.rebuilt().size()} ${done.bytesReclaimed()}\"");
            assertThat(context.results).extracting(one -> one.verb()).containsExactly("reindex", "reindex");
            assertThat(context.results.get(0).fields())
                    .containsEntry("index", "public.t_pkey")
                    .containsEntry("attempts", 1)
                    .containsKeys("bytesBefore", "bytesAfter", "durationMs");
            assertThat(context.results.get(1).fields()).containsEntry("rebuilt", 1);
            assertThat(context.log)
                    .contains("info 1 0")
                    .anyMatch(line -> line.contains("1 of 1 indexes of shore built anew"));
        }
    }

    private static void run(RecordingContext context, String words) throws Exception {
        Loading.runbook(Loading.loader(), AROUND.formatted(words))
                .steps()
                .get(0)
                .body()
                .run(context);
    }
}
