package io.watchkeeper.dsl;

import static io.watchkeeper.dsl.Loading.problemsOf;
import static io.watchkeeper.dsl.Loading.problemsOfStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One wrong thing at a time: what is said, where, and what to do about it. */
class WrongRunbookTest {

    @Test
    void saysWhatAWrongFileSays() {
        assertThat(problemsOf("""
                runbook('ship-sync') {
                    schedule {
                        corn '0 0/15 * * * ?'
                        every 15.minutes
                    }
                    step('merge') {
                        schedule { every 1.hour }
                        analyze 'shroe', 'public.t'
                    }
                }
                """)).containsExactly("""
                        3:9: unknown option 'corn' in 'schedule'
                            HINT: did you mean 'cron'? Options here: cron, every, zone, jitter, missed, maxAge, avoid.\
                        """, """
                        7:9: 'schedule' belongs to 'runbook', not inside 'step'
                            HINT: move it up one block.\
                        """, """
                        8:17: database 'shroe' is not in the configuration
                            HINT: did you mean 'shore'? Configured: shore, ship.\
                        """);
    }

    @Test
    void aScheduleHasNoValuesForParameters() {
        assertThat(problemsOf("""
                runbook('report') {
                    param 'since', '1 day'
                    param 'region'
                    schedule { every 1.hour }
                    step('x') { }
                }
                """)).containsExactly("""
                        3:5: runbook 'report' has a schedule, and its parameter 'region' has no default: its schedule could not start it
                            HINT: give it one: param 'region', 'its default'. Or leave the schedule out.\
                        """);
    }

    static Stream<Arguments> schedules() {
        return Stream.of(
                arguments("jitter '30s'", "1:8: 'jitter' takes a duration like 30.seconds, not the text '30s'"),
                arguments("jitter 30", "1:8: 'jitter' takes a duration like 30.seconds, not the number 30"),
                arguments("jitter 64.megabytes", "not an amount of data"),
                arguments("jitter null", "1:8: 'jitter' takes a duration like 30.seconds, not null"),
                arguments("avoid '08:00', '18:00', ['MON']", "'avoid' does not take a list of such values"),
                arguments("jitter 30.secs", "1:11: there is no unit 'secs'"),
                arguments("jitter", "1:1: 'jitter' needs a duration like 30.seconds"),
                arguments("jitter = 30.seconds", "1:1: 'jitter' is a word, not a variable: it is written without '='"),
                arguments("jitter 1.second; jitter 2.seconds", "'jitter' is given twice in 'schedule'"),
                arguments("cron 'x y'", "1:6: cron 'x y' is not right: "),
                arguments("cron '0 0 12 * *'", "five fields is Unix cron"),
                arguments("cron 5", "'cron' takes a cron expression, not the number 5"),
                arguments("zone 'Asia/Seul'", "1:6: there is no time zone 'Asia/Seul'"),
                arguments("zone 'Asia/Seul'", "did you mean 'Asia/Seoul'?"),
                arguments("missed runonce", "1:8: unknown value 'runonce' for 'missed'"),
                arguments("missed runonce", "did you mean 'runOnce'? Values here: skip, runOnce, runAll."),
                arguments("missed 'skip'", "'missed' takes one of skip, runOnce, runAll, not the text 'skip'"),
                arguments("runOnce()", "'runOnce' is a value of 'missed', not a word of its own"),
                arguments("avoid '8:00', '18:00'", "1:7: '8:00' is not a time of day"),
                arguments("avoid '08:00', '25:00'", "1:16: '25:00' is not a time of day"),
                arguments("avoid '08:00', '18:00', MONDAY", "did you mean 'MON'?"),
                arguments("avoid '08:00', '18:00', MONDAY..FRI", "1:25: unknown value 'MONDAY' for 'avoid'"),
                arguments("avoid '08:00'", "'avoid' takes a time like '08:00'"),
                arguments("every 1.day", "a schedule has one timing, and this is the second"),
                arguments("every 10.milliseconds", "'every' cannot be shorter than a second"),
                arguments("jitter((-5).seconds)", "'jitter' must be longer than nothing"),
                arguments("timeout 5.minutes", "'timeout' belongs to 'policy', not inside 'schedule'"),
                arguments(
                        "owner 'dba'",
                        "'owner' belongs to 'runbook' or 'provisionStandby' or 'restore', not inside 'schedule'"),
                arguments("owner 'dba'", "HINT: move it up one block."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("schedules")
    void saysWhatIsWrongInASchedule(String line, String said) {
        String timing = line.startsWith("cron") || line.startsWith("every 10") ? "" : "\nevery 1.hour";
        String text = "runbook('a') { step('x') { }; schedule {\n" + line + timing + "\n} }";

        assertThat(problemsOf(text)).singleElement().asString().contains(said.replaceFirst("^1:", "2:"));
    }

    static Stream<Arguments> blocks() {
        return Stream.of(
                arguments("polcy { }", "unknown option 'polcy' in 'runbook'\n    HINT: did you mean 'policy'?"),
                arguments(
                        "policy { timeot 5.minutes }",
                        "did you mean 'timeout'? Options here: timeout, retry, overlap, lock, scope."),
                arguments("policy { timeout '5m' }", "'timeout' takes a duration like 30.seconds, not the text '5m'"),
                arguments("policy { timeout 0.seconds }", "'timeout' must be longer than nothing, and this is 0 ms"),
                arguments("policy { retry 0 }", "'retry' takes 1 to 100 attempts, not 0"),
                arguments("policy { retry 'x', 5.seconds }", "'retry' takes a whole number, not the text 'x'"),
                arguments("policy { overlap skp }", "did you mean 'skip'? Values here: skip, queue, replace."),
                arguments("policy { lock }", "'lock' needs a name"),
                arguments("policy { lock ' ' }", "a name is needed here, and this text is empty"),
                arguments("policy { lock 'a'; lock 'a' }", "lock 'a' is named twice"),
                arguments(
                        "policy { scope cluster }",
                        "'scope cluster' needs a cluster job store, and none is configured"),
                arguments("policy 'x'", "'policy' takes a block { … }, not the text 'x'"),
                arguments(
                        "guard { maxReplicationLag 'shroe', 1.gigabyte }",
                        "1:27: database 'shroe' is not in the configuration"),
                arguments(
                        "guard { maxReplicationLag 'sh' + 'or', 1.gigabyte }",
                        "database 'shor' is not in the configuration"),
                arguments(
                        "guard { maxReplicationLag 'shore', 5.minutes }",
                        "an amount of data like 64.megabytes, not a duration"),
                arguments("guard { minFreeDisk 'data', 10.percent }", "'data' is not an absolute path"),
                arguments("guard { minFreeDisk '/', 10 }", "a share like 10.percent, not the number 10"),
                arguments("owner dba", "unknown value 'dba' for 'owner'\n    HINT: a text goes in quotes: 'dba'."),
                arguments("owner 'a'; owner 'b'", "'owner' is given twice in 'runbook'"),
                arguments(
                        "description = 'x'",
                        "it is written without '='\n    HINT: write it like this: description 'Brings"),
                arguments(
                        "cron '0 0 * * * ?'",
                        "'cron' belongs to 'schedule', not inside 'runbook'\n    HINT: move it into schedule { … }."),
                arguments("runbook('b') { step('x') { } }", "'runbook' belongs to the top level of the file"),
                arguments("param 'a', '1'; param 'a', '2'", "param 'a' is declared twice in runbook 'a'"),
                arguments("step { }", "'step' takes a name and a block { … }, not a block"),
                arguments("step('') { }", "1:6: a name is needed here, and this text is empty"),
                arguments("step('x') { }", "there are two steps 'x' in runbook 'a'"),
                arguments("schedule { }", "1:1: 'schedule' needs 'cron' or 'every'"),
                arguments("def x = 1 / 0", "declaring the runbook failed: "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("blocks")
    void saysWhatIsWrongInARunbook(String line, String said) {
        String text = "runbook('a') { step('x') { }\n" + line + "\n}";

        assertThat(problemsOf(text)).singleElement().asString().contains(said.replaceFirst("^1:", "2:"));
    }

    static Stream<Arguments> files() {
        return Stream.of(
                arguments("", "the file is empty"),
                arguments("// nothing\n", "the file declares no runbook"),
                arguments("def x = 1", "the file declares no runbook"),
                arguments("runbook('a') { }", "1:1: 'runbook' needs 'step'"),
                arguments("runbook('a') { [''].findAll { false }.each { step(it) { } } }", "runbook 'a' has no step"),
                arguments("runbook { step('x') { } }", "'runbook' takes a name and a block { … }, not a block"),
                arguments("runbook('a b') { step('x') { } }", "1:9: 'a b' cannot be a runbook's name"),
                arguments("runbok('a') { step('x') { } }", "1:1: unknown word 'runbok' at the top level of the file"),
                arguments("step('x') { }", "'step' belongs to 'runbook', not at the top level of the file"),
                arguments("runbook('a') {\n  step('x') { }\n", "1:14: the '{' of 'runbook' is never closed"),
                arguments(
                        "runbook('a') {\n  schedule {\n    every 1.hour\n  step('x') { }\n}",
                        "2:12: the '{' of 'schedule' is never closed"),
                arguments("runbook('a' {\n  step('x') { }\n}", "1:8: the '(' is never closed"),
                arguments("runbook('a') {\n  step('x') { }\n}\n}", "4:1: this '}' closes nothing"),
                arguments("runbook('a') {\n  step('x) { }\n}", "2:8: a text begins here and does not end"),
                arguments("runbook('a') {\n  step('x') { Foo y = null }\n}", "2:19: there is no type 'Foo'"),
                arguments(
                        "runbook('a') {\n  step('x') { def y = 1; def y = 2 }\n}",
                        "the variable 'y' is declared twice"),
                arguments("while (true) { }", "a loop outside a step would run while the file is loaded"),
                arguments("runbook('a') { for (i in 1..2) { step(\"$i\") { } } }", "a loop outside a step"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("files")
    void saysWhatIsWrongWithAFile(String text, String said) {
        assertThat(problemsOf(text)).singleElement().asString().contains(said);
    }

    static Stream<Arguments> steps() {
        return Stream.of(
                arguments(
                        "qurey('shore', 'select 1')",
                        "1:1: unknown word 'qurey' in 'step'\n    HINT: did you mean 'query'? Words here: query,"),
                arguments("copyTable('public.t') { from 'shore'; to 'ship'; method ftp }", "'ftp'"),
                arguments("throw 'x'", "1:7: a text cannot be thrown\n    HINT: to fail a step: throw new"),
                arguments("log.info", "'info' is written with parentheses\n    HINT: write it like this: log.info "),
                arguments(
                        "log.info()", "'info' of 'log' does not take nothing\n    HINT: write it like this: log.info "),
                arguments("log.error 'x'", "there is no 'error' for 'log'\n    HINT: it has: info, warn."),
                arguments(
                        "log.info 'x', 'y'",
                        "does not take a text and a text\n    HINT: write it like this: log.info "),
                arguments(
                        "def x = 'a\\db'",
                        "1:11: '\\d' means nothing in a text\n    HINT: a backslash is written twice"),
                arguments("def x = \"a$\"", "a dollar sign cannot stand alone in a text between double quotes"),
                arguments("#", "1:1: '#' cannot stand here\n    HINT: is a quote missing before it? A comment begins"),
                arguments(
                        "def foo() { }", "'(' cannot stand here\n    HINT: runbooks declare no classes and no methods"),
                arguments("class A { }", "1:1: 'class' cannot stand here\n    HINT: runbooks declare no classes"),
                arguments("break", "1:1: 'break' stands outside of a loop\n    HINT: a closure is left with 'return'"),
                arguments("static x = 1", "1:1: 'static' cannot stand before the variable 'x'\n    HINT: write: def x"),
                arguments("int x = 99999999999", "the number does not fit where a value of type int is expected"),
                arguments("5.minutes()", "1:3: the unit 'minutes' takes no values\n    HINT: write it without"),
                arguments(")", "1:1: this ')' closes nothing"),
                arguments("query('shroe', 'select 1')", "1:7: database 'shroe' is not in the configuration"),
                arguments("query('shore', \"select ${1 + 1}\")", "1:16: a value must not be spliced into a statement"),
                arguments("query('shore')", "'query' takes a database's name, a statement and"),
                arguments(
                        "query('shore', 'select 1')[0].n + 1",
                        "'+' does not work with a value whose type is not known"),
                arguments("query('shore', 'select 1')[0].n.size()", "'size' cannot be used here"),
                arguments(
                        "copyTable('public.t') { from 'shore' }",
                        "1:1: 'copyTable' needs 'to'\n    HINT: add it: to 'ship'"),
                arguments("copyTable('public.*') { from 'shore'; to 'ship' }", "1:11: 'public.*' is a pattern"),
                arguments(
                        "copyTable('a.b.c') { from 'shore'; to 'ship' }",
                        "1:11: 'a.b.c' has more than a schema and a table in it"),
                arguments("copyTable('public.t') { form 'shore'; from 'shore'; to 'ship' }", "did you mean 'from'?"),
                arguments(
                        "copyTable('public.t') { from 'shore'; to 'ship'; strategy swp }",
                        "Values here: truncate, swap, append, merge"),
                arguments("copyTables('x y') { from 'shore'; to 'ship' }", "1:12: 'x y' holds ' '"),
                arguments(
                        "analyze 'ship', 5",
                        "1:17: 'analyze' takes a table's name or pattern (or several), not the number 5"),
                arguments("vacuum('ship', 't') { full 'yes' }", "'full' takes true or false, not the text 'yes'"),
                arguments("log.inof 'x'", "1:5: there is no 'inof' for"),
                arguments("http.get('ftp://x')", "'ftp://x' is not an http or https address"),
                arguments(
                        "check('a', 5) { wran 5 }", "unknown option 'wran' in 'check'\n    HINT: did you mean 'warn'?"),
                arguments("error.message", "'error' belongs to 'onFailure', not inside 'step'"),
                arguments("log.info undefinedThing", "unknown name 'undefinedThing' in 'step'"),
                arguments("nothing = 5", "there is no variable 'nothing' to put a value into"),
                arguments("log.info(execute('ship', 'x').rowsWritten() > 'x')", "these two cannot be compared"),
                arguments("log.info 'x' 'y'", "'y' stands after something that gives no value"),
                arguments("sleep 1.second log.info 'x'", "'log' stands after something that gives no value"),
                arguments("log.info $x", "unknown name '$x'"),
                arguments("int n = 'x'", "a text cannot be put where a whole number is expected"),
                arguments("'abc'.foo()", "there is no 'foo' for a text"),
                arguments("'abc'.toUperCase()", "did you mean 'toUpperCase'?"),
                arguments(
                        "def r = execute('ship', 'select 1'); log.info r.rowsWritten",
                        "'rowsWritten' is written with parentheses"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("steps")
    void saysWhatIsWrongInAStep(String code, String said) {
        assertThat(problemsOfStep(code)).singleElement().asString().contains(said.replaceFirst("^1:", "3:"));
    }

    @Test
    void looksOnInsideAMisspeltBlock() {
        assertThat(problemsOf("runbook('a') {\n polcy { timeot 5.minutes }\n step('x') { }\n}"))
                .extracting(p -> p.lines().findFirst().orElseThrow())
                .containsExactly(
                        "2:2: unknown option 'polcy' in 'runbook'", "2:10: unknown option 'timeot' in 'policy'");
    }

    @Test
    void doesNotJudgeWhatFollowsFromAProblem() {
        assertThat(problemsOfStep("def x = nonsense(1); x.foo().bar; log.info x + 1; x.each { it.baz() }"))
                .singleElement()
                .asString()
                .contains("'nonsense'");
    }

    @Test
    void keepsStepsFromChangingWhatIsDeclaredOutside() {
        assertThat(problemsOf("def n = 0\nrunbook('a') { step('x') { n = 1 }; step('y') { def m = 0; m++ } }"))
                .singleElement()
                .asString()
                .contains("2:28: a step cannot change 'n', which is declared outside of it");
    }

    @Test
    void saysThatAFileIsNestedTooDeeply() {
        String deep = "(".repeat(20_000) + "1" + ")".repeat(20_000);

        assertThat(problemsOfStep("def x = " + deep)).singleElement().asString().contains("nested too deeply");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "def x = \"a$\"",
                "def x = \"a$ b\"",
                "def x = \"\"\"a$\"\"\"",
                "def x = \"${",
                "#",
                "\\ x",
                "`ls`",
                "\"a$1\"",
                "a # b",
                "/a",
                "$/a",
                "\u00ac",
                "\ud83d\ude00"
            })
    void leavesTheProcessItsErrorOutput(String code) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(problemsOfStep(code))
                    .isNotEmpty()
                    .allSatisfy(p -> assertThat(p).contains("HINT: ").doesNotContain("antlr", "groovy", "java."));
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
