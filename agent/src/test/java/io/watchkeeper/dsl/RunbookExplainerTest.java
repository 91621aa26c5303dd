package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.Runbook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunbookExplainerTest {

    @TempDir
    Path home;

    static Stream<Path> files() throws IOException {
        List<Path> files = new ArrayList<>(RunbookLoader.runbooksIn(Path.of("../runbooks")));
        files.addAll(RunbookLoader.runbooksIn(Path.of("../dsl-examples")));
        return files.stream();
    }

    @Test
    void everyVerbHasASentenceInEveryLanguage() {
        Set<String> verbs = new TreeSet<>();
        for (Class<?> spec : List.of(StepSpec.class, FailureSpec.class, RecoverySpec.class)) {
            verbs.addAll(Vocabulary.LANGUAGE.blockOf(spec).orElseThrow().terms().keySet());
        }
        verbs.removeAll(DeedReader.VALUES);
        for (Locale language : ExplainWords.LANGUAGES) {
            ExplainWords words = new ExplainWords(language);
            assertThat(verbs)
                    .as("%s: sentences of verbs in explain.properties", language)
                    .allMatch(verb -> words.has("verb." + verb));
            assertThat(words.keys())
                    .as("sentences of words that there are not")
                    .filteredOn(key -> key.startsWith("verb."))
                    .allMatch(key -> verbs.contains(key.split("\\.")[1]));
        }
        assertThat(new ExplainWords(Locale.KOREAN).keys()).isEqualTo(new ExplainWords(Locale.ENGLISH).keys());
    }

    /** Who copies one and says nothing about zones means this host's quiet hours. */
    @Test
    void shippedRunbooksKeepTheHoursOfTheHostTheyAreCopiedTo() throws IOException {
        for (Path file : RunbookLoader.runbooksIn(Path.of("../runbooks"))) {
            for (Runbook runbook : load(file)) {
                if (runbook.schedule() != null) {
                    assertThat(runbook.schedule().zone()).as("%s", file).isEqualTo(ZoneId.systemDefault());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void explainsEveryRunbookThatIsShippedAndEveryExample(Path file) throws IOException {
        String text = Files.readString(file);
        List<Runbook> runbooks = load(file);
        for (Runbook runbook : runbooks) {
            for (Locale language : ExplainWords.LANGUAGES) {
                Explanation explanation = new RunbookExplainer(language).explain(runbook);

                assertThat(explanation.steps()).hasSameSizeAs(runbook.steps());
                assertThat(explanation.when()).isNotBlank().endsWith(":");
                assertThat(explanation.failure()).isNotEmpty();
                assertThat(explanation.toString()).doesNotContain("{", "}", "<owner>", "org.codehaus");
            }
            if (runbooks.size() == 1) {
                int written = verbsIn(text);
                long said = new RunbookExplainer(Locale.ENGLISH)
                        .explain(runbook).steps().stream()
                                .flatMap(step -> step.deeds().stream())
                                .count();
                assertThat(said).as("deeds of %s", file).isGreaterThanOrEqualTo(written);
            }
        }
    }

    /** Calls at the beginning of a line that name a database first: at least these are deeds. */
    private static int verbsIn(String text) {
        Set<String> verbs = Vocabulary.LANGUAGE
                .blockOf(StepSpec.class)
                .orElseThrow()
                .terms()
                .keySet();
        return (int) Arrays.stream(text.split("\n"))
                .map(line -> line.strip().replaceFirst("^def \\w+ = ", ""))
                .filter(line -> line.contains("(") && verbs.contains(line.substring(0, line.indexOf('('))))
                .filter(line ->
                        !line.startsWith("check('") && !line.startsWith("param(") && !line.startsWith("tenant("))
                .count();
    }

    @Test
    void saysWhenWhatAndWhatThen() throws IOException {
        Explanation said = explain("""
            runbook('ship-sync') {
                owner 'dba-oncall'
                role 'ship'
                schedule { cron '0 0/15 * * * ?'; zone 'Asia/Seoul'; avoid '08:00', '18:00', MON..FRI; missed runOnce, maxAge: 6.hours }
                policy { timeout 30.minutes; retry 3, 30.seconds; lock 'table-io' }
                guard { maxReplicationLag 'shore', 64.megabytes }
                param 'rate', '2'
                step('merge what changed') {
                    def rate = param('rate').toInteger()
                    def result = syncTable('public.documents') {
                        from 'shore'
                        to 'ship'
                        where "tenant_id = 't1'"
                        deletes true
                        if (rate > 0) rateLimit rate.megabytes
                    }
                    if (result.rowsWritten() > 0) analyze('ship', 'public.documents')
                }
                onFailure  { alert 'page', "ship-sync: ${error.message}" }
                onRecovery { alert 'info', 'ship-sync works again' }
            }
            """, Locale.ENGLISH);

        assertThat(said.when())
                .isEqualTo("Every 15 minutes on hosts with role ship, except 08:00–18:00 Mon–Fri (Seoul time):");
        assertThat(said.steps().get(0).deeds())
                .containsExactly(
                        "brings the rows of public.documents that changed on shore since its last round to ship, and"
                                + " deletes there what is gone, only where tenant_id = 't1'; rateLimit 2 MB [-P"
                                + " rate=…] (only if rate > 0)",
                        "renews the planner's statistics of public.documents on ship, only if result.rowsWritten() >"
                                + " 0");
        assertThat(said.rules())
                .contains(
                        "Starts that were missed are made up for by one run, those of the last 6 h only.",
                        "It does not start while a standby of shore is more than 64 MB behind.",
                        "After 30 min it is cancelled, on the servers too.",
                        "It never runs beside others with the lock table-io on this host.");
        assertThat(said.failure())
                .containsExactly(
                        "A step that fails is tried up to 3 times, first again after about 30 s, then after twice as"
                                + " long each time.",
                        "If a step fails 3 times, it pages dba-oncall: ship-sync: ….",
                        "When it works again, it tells dba-oncall (info): ship-sync works again.");
    }

    @Test
    void saysTheSameInKorean() throws IOException {
        Explanation said = explain("""
            runbook('drill') {
                schedule { cron '0 30 4 ? * SUN'; zone 'Asia/Seoul' }
                step('drill') { pitrDrill('shore') { target latest } }
            }
            """, Locale.KOREAN);

        assertThat(said.when()).isEqualTo("일요일 04:30에 모든 호스트에서 (Seoul 시간) 실행합니다:");
        assertThat(said.steps().get(0).deeds())
                .containsExactly("shore의 최신 백업을 샌드박스에 복원하고 latest까지 복구하여, 돌아온 것을 확인한 뒤 샌드박스를 지웁니다");
        assertThat(said.failure()).containsExactly("실패하면 아무에게도 알리지 않습니다: onFailure가 없습니다.");
    }

    @Test
    void loopsBranchesAndHooksAreFollowed() throws IOException {
        Explanation said = explain("""
            runbook('several') {
                step('look') {
                    for (name in ['shore', 'ship']) {
                        if (name == 'ship') { log.info 'aboard' } else { connections(name) { warn 80.percent } }
                    }
                    query('shore', 'select 1 as n').each { log.info "${it.n}" }
                }
                onFailure { if (params.isEmpty()) alert 'warning', 'broken' }
            }
            """, Locale.ENGLISH);

        assertThat(said.when()).startsWith("Only when somebody or another system starts it");
        assertThat(said.steps().get(0).deeds())
                .containsExactly(
                        "notes in the log: aboard, only if name == ship",
                        "counts the connections of shore, ship, and finds transactions that are left open; warn 80 %,"
                                + " unless name == ship",
                        "reads from shore: select 1 as n",
                        "notes in the log: …, for each of query(shore, select 1 as n)");
        assertThat(said.failure())
                .containsExactly(
                        "If it fails, it tells the receivers of alerts (warning): broken, only if params.isEmpty().");
    }

    @Test
    void cronExpressionsAreSaidOrQuoted() throws IOException {
        assertThat(when("cron '0 30 2 * * ?'")).startsWith("Every day at 02:30 ");
        assertThat(when("cron '0 0 6,18 * * ?'")).startsWith("Every day at 06:00, 18:00 ");
        assertThat(when("cron '0 5 * * * ?'")).startsWith("Every hour at minute 5 ");
        assertThat(when("cron '0 0 8 1 * ?'")).startsWith("On day 1 of each month at 08:00 ");
        assertThat(when("cron '0 0 7 ? * MON-FRI'")).startsWith("On Mon–Fri at 07:00 ");
        assertThat(when("cron '0 0/10 8-17 ? * MON#1'")).contains("cron expression \"0 0/10 8-17 ? * MON#1\"");
        assertThat(when("cron '0 0/45 * * * ?'")).contains("cron expression \"0 0/45 * * * ?\"");
        assertThat(when("cron '0 0 0/7 * * ?'")).contains("cron expression \"0 0 0/7 * * ?\"");
        assertThat(when("cron '0 0 0/6 * * ?'")).startsWith("Every 6 hours ");
        assertThat(when("every 90.minutes")).startsWith("Every 1 h 30 min ");
    }

    /** A verb, what is said of it, and what is not. */
    static Stream<List<String>> turned() {
        return Stream.of(
                List.of(
                        "migrate('shore') { project 'db'; back '@v1' }",
                        "takes the schema of shore back to the change @v1",
                        "brings"),
                List.of(
                        "walArchive('shore') { end true }",
                        "ends the archive of the write-ahead log of shore",
                        "archives"),
                List.of("walArchive('shore') { end false }", "archives the write-ahead log of shore", "ends"),
                List.of(
                        "provisionStandby('ship') { from 'shore'; dataDirectory '/var/s'; undo true }",
                        "takes back all that was made for the standby ship",
                        "makes"),
                List.of(
                        "provisionSubscription('ship') { from 'shore'; publication 'fleet'; name 'f'; handBack true }",
                        "ends the subscription of ship to the publication fleet of shore",
                        "subscribes"),
                List.of(
                        "restore('shore') { to '/var/r'; overwrite true }",
                        "restores shore in the directory /var/r, removing the old cluster",
                        "overwrite"),
                List.of("reindex('shore') { concurrently false }", "in place: who writes to a table waits", "beside"),
                List.of("reindex('shore')", "beside the old ones", "in place"),
                List.of(
                        "autovacuumAdvice('shore') { apply true }",
                        "sets what autovacuum should be set to",
                        "proposes"),
                List.of("autovacuumAdvice('shore') { undo true }", "puts back the settings of autovacuum", "proposes"),
                List.of("switchover('shore') { to 'ship' }", "changes nothing: it is not confirmed", "hands"),
                List.of(
                        "switchover('shore') { to 'ship'; confirm 'shore→ship' }",
                        "hands the primary's role of shore over to ship",
                        "not confirmed"),
                List.of(
                        "switchover('shore') { to 'ship'; confirm 'shore→ship'; back true }",
                        "takes back a switchover",
                        "hands"),
                List.of(
                        "copyTable('public.t') { from 'shore'; to 'ship' }",
                        "copies all rows of public.t from shore to ship, replacing all rows there, compared",
                        "strategy"),
                List.of(
                        "copyTable('public.t') { from 'shore'; to 'ship'; verify false }",
                        "replacing all rows there, not compared",
                        "no verify"),
                List.of(
                        "copyTables('public.*') { from 'shore'; to 'ship'; strategy append }",
                        "adding to the rows there, compared",
                        "replacing"),
                List.of(
                        "copyTable('public.t') { from 'shore'; to 'ship'; where 'a = 1'; strategy merge }",
                        "copies the rows where a = 1 of public.t from shore to ship, replacing the rows there that have the same key",
                        "all rows"),
                List.of(
                        "copyTable('public.t') { from 'shore'; to 'ship'; strategy partition('p1') }",
                        "of one partition (partition(p1))",
                        "all rows there,"),
                List.of(
                        "syncTable('public.t') { from 'shore'; to 'ship'; deletes false }",
                        "what is gone stays there",
                        "and deletes"),
                List.of(
                        "verifyTable('public.t') { from 'shore'; to 'ship'; repair apply }",
                        "makes the rows on ship as those on shore",
                        "repair"),
                List.of(
                        "vacuum('shore', 'public.t') { full true }",
                        "nobody can read or write a table meanwhile",
                        "vacuums"),
                List.of("dropTenant('shore', 'acme') { }", "is not confirmed", "removes"),
                List.of("baseBackup('shore') { verify false }", "does not verify", "no verify"));
    }

    @ParameterizedTest
    @MethodSource("turned")
    void anOptionThatMakesItAnotherDeedIsNotToldAsTheUsualOne(List<String> line) throws IOException {
        String text = "runbook('a') { step('x') { " + line.get(0) + " } }\n";

        assertThat(explain(text, Locale.ENGLISH).steps().get(0).deeds())
                .singleElement()
                .asString()
                .contains(line.get(1))
                .doesNotContain(line.get(2));
        assertThat(explain(text, Locale.KOREAN).steps().get(0).deeds().toString())
                .doesNotContain("<", ">", "{", "}");
    }

    @Test
    void anOptionThatHoldsOnlySometimesIsSaidSo() throws IOException {
        assertThat(explain("""
            runbook('a') {
                param 'end', 'false'
                step('x') {
                    def two = params.size() > 1
                    def asked = param('end').toBoolean()
                    walArchive('shore') { if (two) end true }
                    walArchive('shore') { end asked }
                }
            }
            """, Locale.ENGLISH).steps().get(0).deeds())
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("archives").contains("end (only if two)"),
                        two -> assertThat(two).startsWith("archives").contains("end false [-P end=…]"));
    }

    @Test
    void whatComesAfterAWayOutOrInACatchIsSaidWithItsCondition() throws IOException {
        Explanation said = explain("""
            runbook('a') {
                param 'go', 'true'
                step('x') {
                    try { query 'shore', 'select 1' } catch (Exception e) { alert 'page', 'gone' }
                    if (params.isEmpty()) return
                    log.info 'one'
                    for (n in [1, 2]) {
                        if (n == 1) continue
                        log.info 'two'
                    }
                    if (params.size() > 2) { if (params.size() > 3) { return } }
                    log.info 'three'
                }
                step('y') {
                    log.info 'four'
                    query('shore', 'select 1 as n').each { if (it.n == 1) return; log.info 'five' }
                    log.info 'six'
                }
            }
            """, Locale.ENGLISH);

        assertThat(said.steps().get(0).deeds())
                .containsExactly(
                        "reads from shore: select 1",
                        "pages the receivers of alerts: gone, only if what is tried before it fails",
                        "notes in the log: one, unless params.isEmpty()",
                        "notes in the log: two, unless params.isEmpty(), unless n == 1",
                        "notes in the log: three, unless params.isEmpty(), unless the step has ended before");
        assertThat(said.steps().get(1).deeds())
                .contains("notes in the log: four", "notes in the log: six")
                .anyMatch(deed -> deed.contains("five") && deed.endsWith("unless it.n == 1"));
    }

    private String when(String timing) throws IOException {
        return explain("runbook('a') { schedule { " + timing + " }; step('x') { log.info 'x' } }\n", Locale.ENGLISH)
                .when();
    }

    private Explanation explain(String text, Locale language) throws IOException {
        Path file = home.resolve("a.groovy");
        Files.writeString(file, text);
        return new RunbookExplainer(language).explain(load(file).get(0));
    }

    /** As a host loads it that the file is for. */
    private static List<Runbook> load(Path file) throws IOException {
        String role = Files.readString(file).contains("role 'primary'") ? "primary" : "ship";
        LoadResult loaded =
                new RunbookLoader(role, null, Loading.toolbox(new Loading.SentAlerts())).load(List.of(file));
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.runbooks()).isNotEmpty();
        return loaded.runbooks();
    }
}
