package io.watchkeeper.dsl;

import static io.watchkeeper.dsl.Loading.problemsOf;
import static io.watchkeeper.dsl.Loading.problemsOfStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the language does not let a runbook do, and that it says so. */
class GuardRailsTest {

    static Stream<Arguments> refusals() {
        return Stream.of(
                arguments("System.exit(0)", "1:1: 'System' is refused: a runbook has no say over the agent's process"),
                arguments("java.lang.System.exit(1)", "'System' is refused"),
                arguments("System.getenv('PATH')", "Values come in through 'param'"),
                arguments("def n = 'exit'; def k = 1; 'x'.\"$n\"(k)", "a word must stand in the file as it is"),
                arguments("'ls'.execute()", "1:6: 'execute' is refused: runbooks start no programs"),
                arguments("'ls'?.execute()", "'execute' is refused"),
                arguments("['ls']*.execute()", "'execute' is refused"),
                arguments("['ls', '-l'].execute()", "'execute' is refused"),
                arguments("'ls'.'execute'()", "'execute' is refused"),
                arguments("'ls'.with { execute() }", "'execute' is refused"),
                arguments("['ls'].each { it.execute() }", "'execute' is refused"),
                arguments("\"${'ls'}\".execute().text", "'execute' is refused"),
                arguments("Runtime.runtime.exec('ls')", "'Runtime' is refused: runbooks start no programs"),
                arguments("new ProcessBuilder('ls').start()", "'new ProcessBuilder' is refused"),
                arguments("new File('/tmp/x')", "1:1: 'new File' is refused: runbooks do not touch files"),
                arguments("new File('/tmp').eachFile { }", "'new File' is refused"),
                arguments("def f = '/tmp/x' as File", "'as File' is refused"),
                arguments("def f = (File) '/tmp/x'", "'as File' is refused"),
                arguments("File f = null", "'File' is refused"),
                arguments("for (File f in []) { }", "'File' is refused"),
                arguments("[].each { File f -> }", "'File' is refused"),
                arguments("java.nio.file.Files.list(null)", "'Files' is refused: runbooks do not touch files"),
                arguments("new FileWriter('x')", "'new FileWriter' is refused"),
                arguments("new Thread({ }).start()", "'new Thread' is refused: steps run one after another"),
                arguments("Thread.start { }", "'Thread' is refused"),
                arguments("Thread.sleep(5)", "to wait in a step: sleep 10.seconds"),
                arguments("sleep(1000)", "'sleep' is refused"),
                arguments("new Timer()", "'new Timer' is refused"),
                arguments("[1].parallelStream()", "streams are not part of the language"),
                arguments("String.class", "'class' is refused: runbooks do not look into or change the program"),
                arguments("'a'.class.classLoader", "'class' is refused"),
                arguments("[].class", "'class' is refused"),
                arguments("def m = [a: 1]; m.class", "for a column or key of that name write row['class']"),
                arguments("'a'['class']", "'[…]' is refused"),
                arguments("['a']['class']", "'[…]' is refused"),
                arguments("Object o = 'a'; o['class']", "'[…]' is refused"),
                arguments("['a'].getAt('class')", "'getAt' is refused"),
                arguments("def x = [a: 1]; x.putAt('class', 5)", "'putAt' is refused"),
                arguments("'a'.getClass()", "'getClass' is refused"),
                arguments("getClass()", "'getClass' is refused"),
                arguments("'a'.metaClass", "'metaClass' is refused"),
                arguments("'a'.getMetaClass()", "'getMetaClass' is refused"),
                arguments("'a'.properties", "'properties' is refused"),
                arguments("'a'.invokeMethod('execute', null)", "'invokeMethod' is refused"),
                arguments("'a'.respondsTo('x')", "'respondsTo' is refused"),
                arguments("Class.forName('java.lang.System')", "'Class' is refused"),
                arguments("def c = String", "'String' is refused"),
                arguments("def c = 'a' as Class", "'as Class' is refused"),
                arguments("'a'.asType(String)", "'asType' is refused"),
                arguments("this.toString()", "'this' is refused: a block has only its own words"),
                arguments("super.toString()", "'super' is refused"),
                arguments("owner.toString()", "'owner' is refused"),
                arguments("delegate.toString()", "'delegate' is refused"),
                arguments("thisObject", "'thisObject' is refused"),
                arguments("binding", "'binding' is refused"),
                arguments("def c = { }; c.delegate", "'delegate' is refused"),
                arguments("def c = { }; c.delegate = 'x'", "'delegate' is refused"),
                arguments("def c = { }; c.setDelegate('x')", "'setDelegate' is refused"),
                arguments("def c = { }; c.owner", "'owner' is refused"),
                arguments("def c = { }; c.rehydrate(1, 2, 3)", "'rehydrate' is refused"),
                arguments("'ls'.&execute", "method pointers ('.&' and '::') are refused"),
                arguments("def f = 'ls'::execute", "method pointers ('.&' and '::') are refused"),
                arguments("[1].each(x -> log.info(x))", "lambdas are not part of the language"),
                arguments("'a'.@value", "'.@' is refused"),
                arguments("Eval.me('1')", "'Eval' is refused: runbooks run no code out of texts"),
                arguments("new GroovyShell()", "'new GroovyShell' is refused"),
                arguments("println 'x'", "write to the run's log: log.info 'text'."),
                arguments("print 'x'", "'print' is refused"),
                arguments("printf('%s', 'x')", "'printf' is refused"),
                arguments("new URL('http://x')", "'new URL' is refused: runbooks open no connections"),
                arguments("'http://x'.toURL().text", "'toURL' is refused"),
                arguments("new Socket('x', 1)", "'new Socket' is refused"),
                arguments("use('x') { }", "'use' is refused"),
                arguments("Integer.getInteger('x')", "'getInteger' is refused"),
                arguments("new Date()", "old date types do not know their zone"),
                arguments("Runnable r = { }", "'Runnable' is refused"),
                arguments("def r = { } as Runnable", "'as Runnable' is refused"),
                arguments("def x = 1 instanceof File", "'File' is refused"),
                arguments("switch (1) { case File: break }", "'File' is refused"),
                arguments("try { } catch (ThreadDeath t) { }", "'ThreadDeath' is refused"),
                arguments("new Object() { String toString() { 'ls'.execute() } }", "a class cannot be made here"),
                arguments("synchronized ('x') { }", "'synchronized' is refused"),
                arguments("notifyAll()", "'notifyAll' is refused"),
                arguments("'a'.dump()", "'dump' is refused"),
                arguments("'a'.metaPropertyValues", "'metaPropertyValues' is refused"),
                arguments("io.watchkeeper.units.Secret.redact('x')", "'Secret' is refused"),
                arguments("new io.watchkeeper.dsl.RunbookLoader('a', [], null)", "'new RunbookLoader' is refused"),
                arguments("Integer.TYPE", "'TYPE' is refused"),
                arguments("getProperty('x')", "1:1: 'getProperty' is refused"),
                arguments("java.io.File[] f = null", "'File[]' is refused: runbooks do not touch files"),
                arguments("def list = [System]", "'System' is refused"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void refusesInAStep(String code, String said) {
        assertThat(problemsOfStep(code)).singleElement().asString().contains(said.replaceFirst("^1:", "3:"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "println 'x'",
                "evaluate('1')",
                "run(new File('x'), [] as String[])",
                "getBinding()",
                "'ls'.execute()",
                "System.exit(0)",
                "setProperty('a', 1)",
                "def c = this"
            })
    void refusesAtTheTopLevelToo(String code) {
        assertThat(problemsOf(code + "\nrunbook('a') { step('x') { } }"))
                .isNotEmpty()
                .allSatisfy(p -> assertThat(p).startsWith("1:").contains("is refused"));
    }

    @Test
    void refusesAnnotationsWithoutRunningThem(@TempDir Path folder) {
        Path witness = folder.resolve("ran");
        String write = "{ new File('" + witness + "').text = 'x' }";
        List<String> places = List.of(
                "@groovy.transform.ASTTest(phase = CONVERSION, value = %s)\nimport java.time.LocalDate\n%s",
                "@groovy.transform.ASTTest(value = %s)\ndef x = 1\n%s",
                "@groovy.transform.ASTTest(value = %s)\ndef x() { }\n%s",
                "@groovy.transform.ASTTest(value = %s)\nclass X { }\n%s",
                "@groovy.transform.ASTTest(value = %s)\npackage x\n%s");
        for (String place : places) {
            String text = place.formatted(write, "runbook('a') { step('x') { } }");

            assertThat(problemsOf(text)).as(text).first().asString().contains("'@ASTTest' is refused");
            assertThat(Files.exists(witness)).as(text).isFalse();
        }
    }

    @Test
    void refusesAnnotationsInsideBlocks(@TempDir Path folder) {
        Path witness = folder.resolve("ran");
        String annotation = "@groovy.transform.ASTTest(value = { new File('" + witness + "').text = 'x' })";
        List<String> places = List.of(
                annotation + " def x = 1",
                "[1].each { " + annotation + " y -> }",
                "for (" + annotation + " int i in [1]) { }");
        for (String place : places) {
            assertThat(problemsOfStep(place))
                    .as(place)
                    .singleElement()
                    .asString()
                    .contains("'@ASTTest' is refused");
            assertThat(Files.exists(witness)).as(place).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@Grab('a:b:1')\nimport java.time.LocalDate",
                "@Grab('a:b:1') def x = 1",
                "@GrabConfig(systemClassLoader = true)\n@GrabResolver('http://127.0.0.1:1/')\n@Grab('a:b:1')\nimport java.time.LocalDate",
                "@groovy.transform.Field int x = 1",
                "@groovy.transform.BaseScript(groovy.lang.Script) def x",
                "@groovy.transform.CompileDynamic def x() { }",
                "@Newify(File) def x = 1",
                "@Deprecated def x = 1"
            })
    void refusesEveryAnnotation(String code) {
        assertThat(problemsOf(code + "\nrunbook('a') { step('x') { } }"))
                .first()
                .asString()
                .startsWith("1:1: annotation '@")
                .contains("is refused");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "import java.io.File",
                "import java.lang.System as Clock",
                "import java.nio.file.*",
                "import static java.lang.System.exit",
                "import static java.lang.System.*",
                "import java.time.zone.ZoneRulesProvider",
                "import io.watchkeeper.dsl.RunbookLoader"
            })
    void refusesImportsOutsideTheAllowList(String code) {
        assertThat(problemsOf(code + "\nrunbook('a') { step('x') { } }"))
                .singleElement()
                .asString()
                .contains("1:1: the import of '", "HINT: imports may name classes of java.time and java.math.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "class A { }",
                "interface A { }",
                "enum A { X }",
                "trait A { }",
                "record A(int x) { }",
                "@interface A { }",
                "def a(x) { x }",
                "static int a() { 1 }",
                "def run() { }",
                "static void main(String[] args) { }"
            })
    void refusesDeclarationsOfClassesAndMethods(String code) {
        assertThat(problemsOf(code + "\nrunbook('a') { step('x') { } }"))
                .singleElement()
                .asString()
                .contains("1:1: ", "cannot be declared in a runbook");
    }

    @Test
    void doesNotComplainOfUsesOfARefusedMethodAgain() {
        assertThat(problemsOf("def twice(x) { x * 2 }\nrunbook('a') { step('x') { log.info twice(1) } }"))
                .singleElement()
                .asString()
                .contains("a step could not see it", "def twice = { x -> … }");
    }

    @Test
    void findsGuardedAndMisspeltThingsInOnePass() {
        assertThat(problemsOf("import java.io.File\nrunbook('a') {\n  ownr 'x'\n  step('x') { 'ls'.execute() }\n}"))
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "def x = [3, 1, 2].sort().collect { it * 2 }.findAll { it > 2 }.sum()",
                "def m = [a: 1]; m.b = 2; m['c'] = 3; m.each { k, v -> log.info \"$k $v\" }",
                "def rows = [[a: 1], [a: 2]]; log.info rows.a; log.info rows[0].a; log.info rows*.a",
                "def s = 'a,b'.split(',')*.trim().join('/').toUpperCase().padLeft(5); log.info s[0..1]",
                "int i = 0; while (i < 3) { i++ }; for (x in 1..3) { i += x }; 3.times { log.info it }",
                "[['a', 1], ['b', 2]].each { k, v -> log.info \"$k $v\" }; [\"${1}\"].each { String s -> log.info s.size() }",
                "def f = { long x -> x + 1 }; log.info f(3); def g = { Object... xs -> xs.length }; log.info g(1, 2)",
                "def f = { int a, int b = 2 -> a + b }; log.info f(1)",
                "def f = { a, b -> a }; log.info f(1, 2); log.info f.call(1, 2)",
                "try { throw new IllegalStateException('x') } catch (Exception e) { log.warn e.message }",
                "def d = 5.minutes + 3.seconds; log.info d.toSeconds(); assert d > 1.second",
                "log.info java.time.LocalDate.of(2020, 1, 1).plusDays(3).dayOfWeek",
                "log.info Math.max(1, 2) + Integer.parseInt('3') + Long.MAX_VALUE; BigDecimal b = 1.5; log.info b * 2",
                "def (a, b) = ['x', 'y']; log.info a + b; a = b; log.info a",
                "if ('abc' ==~ /a.c/ && 'x' in ['x']) log.info(('a' =~ /a/).find())",
                "switch (3) { case 1: break; case [2, 3]: log.info 'x'; break; default: break }",
                "def x = null; log.info x?.toString() ?: 'none'; String s = 5 as String; log.info s as int",
                "[1, 2].groupBy { it % 2 }.each { k, v -> log.info v.size() }; log.info([1, 2].inject(0) { p, q -> p + q })",
                "def t = new ArrayList<String>(); t << 'a'; t.add('b'); log.info t.size(); log.info new StringBuilder('x').append(1)",
                "log.info \"\"\"text ${[1].size()}\"\"\"; log.info 'a'.md5(); log.info UUID.randomUUID()",
                "log.info 'x'.bytes.length; int[] n = [1, 2]; log.info n.length; log.info n[0]"
            })
    void letsPlainGroovyWork(String code) throws Exception {
        var runbook = Loading.runbook("runbook('test') {\nstep('s') {\n" + code + "\n}\n}\n");

        runbook.steps().get(0).body().run(new RecordingContext(false));
    }

    @Test
    void allowsImportsOfTime() {
        assertThat(problemsOf("""
                import java.time.LocalDate
                import java.time.format.*
                import static java.time.DayOfWeek.MONDAY
                runbook('a') { step('x') { log.info LocalDate.of(2020, 1, 6).dayOfWeek == MONDAY } }
                """)).isEmpty();
    }
}
