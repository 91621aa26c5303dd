package io.watchkeeper.dsl;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Why something of Java or Groovy is not part of the language, and what to write instead.
 *
 * @param what for example {@code 'new File'}
 */
record Refusal(String what, String why, String hint) {

    private static final String DEFAULT_HINT =
            "a runbook uses the words of the language, text, numbers, lists, maps, java.time and java.math.";

    /** A family of things that are refused for one reason. */
    private record Family(Set<String> types, Set<String> names, String why, String hint) {}

    private static final List<Family> FAMILIES = List.of(
            new Family(
                    Set.of("java.lang.System"),
                    Set.of("exit"),
                    "a runbook has no say over the agent's process",
                    "to fail a step: throw new IllegalStateException('why'). Values come in through 'param'."),
            new Family(
                    Set.of(
                            "java.lang.Runtime",
                            "java.lang.Process",
                            "java.lang.ProcessBuilder",
                            "org.codehaus.groovy.runtime.ProcessGroovyMethods"),
                    Set.of(),
                    "runbooks start no programs",
                    "use a verb of the step; execute('database', 'statement') runs SQL."),
            new Family(
                    Set.of("groovy.lang.GroovyShell", "groovy.util.Eval", "groovy.lang.GroovyClassLoader"),
                    Set.of("evaluate"),
                    "runbooks run no code out of texts",
                    "write the code into the runbook itself."),
            new Family(
                    Set.of(),
                    Set.of("println", "print", "printf", "sprintf"),
                    "a runbook has no terminal",
                    "write to the run's log: log.info 'text'."),
            new Family(
                    Set.of("java.lang.Thread", "java.util.Timer"),
                    Set.of("start", "startDaemon", "sleep"),
                    "steps run one after another in the run's own thread",
                    "to wait in a step: sleep 10.seconds."),
            new Family(
                    Set.of(
                            "java.io.File",
                            "org.codehaus.groovy.runtime.ResourceGroovyMethods",
                            "org.codehaus.groovy.runtime.IOGroovyMethods"),
                    Set.of("eachFile", "eachDir", "withWriter", "withReader", "newWriter", "newReader"),
                    "runbooks do not touch files",
                    "what a run finds out belongs in its log: log.info '…'."),
            new Family(
                    Set.of(
                            "java.net.URL",
                            "java.net.URI",
                            "java.net.Socket",
                            "java.net.ServerSocket",
                            "org.codehaus.groovy.runtime.SocketGroovyMethods"),
                    Set.of("toURL", "toURI"),
                    "runbooks open no connections of their own",
                    "use http.get('https://…'), query('database', 'sql') or execute('database', 'sql')."),
            new Family(
                    Set.of(
                            "java.lang.Class",
                            "java.lang.ClassLoader",
                            "groovy.lang.MetaClass",
                            "groovy.lang.GroovyObject"),
                    Set.of(
                            "getClass",
                            "class",
                            "getMetaClass",
                            "metaClass",
                            "setMetaClass",
                            "invokeMethod",
                            "getProperty",
                            "setProperty",
                            "getProperties",
                            "properties",
                            "forName",
                            "newInstance",
                            "respondsTo",
                            "hasProperty",
                            "mixin",
                            "use"),
                    "runbooks do not look into or change the program they run in",
                    DEFAULT_HINT),
            new Family(
                    Set.of("groovy.lang.Closure", "groovy.lang.Script"),
                    Set.of(
                            "this",
                            "super",
                            "owner",
                            "delegate",
                            "thisObject",
                            "binding",
                            "getBinding",
                            "setBinding",
                            "run"),
                    "a block has only its own words",
                    DEFAULT_HINT),
            new Family(
                    Set.of(),
                    Set.of("stream", "parallelStream", "chars", "lines"),
                    "streams are not part of the language",
                    "use each, collect, findAll, any, every or sum on the list itself."),
            new Family(
                    Set.of("java.util.Date", "java.util.Calendar", "java.sql.Timestamp"),
                    Set.of(),
                    "old date types do not know their zone",
                    "use java.time, for example  LocalDate.now()  after  import java.time.LocalDate."));

    /** @param type the full name of the class that has it. @param name the method, or the class itself */
    static Refusal of(String what, String type, String name) {
        Stream<Family> byType = FAMILIES.stream()
                .filter(f ->
                        f.types().contains(type) || (isFile(type) && f.types().contains("java.io.File")));
        Stream<Family> byName = FAMILIES.stream().filter(f -> f.names().contains(name));
        // Groovy's own methods say more by their name than by the class that collects them.
        boolean extension = type.startsWith("org.codehaus.groovy.runtime.");
        return (extension ? Stream.concat(byName, byType) : Stream.concat(byType, byName))
                .findFirst()
                .map(f -> new Refusal(what, f.why(), f.hint()))
                .orElseGet(() -> new Refusal(what, "it is not part of the runbook language", DEFAULT_HINT));
    }

    private static boolean isFile(String type) {
        return type.startsWith("java.io.") || type.startsWith("java.nio.");
    }

    String message() {
        return "'" + what + "' is refused: " + why;
    }
}
