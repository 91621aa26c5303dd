package io.watchkeeper.dsl;

import groovy.transform.CompileStatic;
import io.watchkeeper.problem.Problem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.MultipleCompilationErrorsException;
import org.codehaus.groovy.control.Phases;
import org.codehaus.groovy.control.customizers.ASTTransformationCustomizer;
import org.codehaus.groovy.tools.GroovyClass;
import org.jspecify.annotations.Nullable;

/** Compiles one runbook file. Nothing of the file runs. */
final class RunbookCompiler {

    private static final int MOST_ERRORS = 200;

    static {
        LightMetaClasses.install();
    }

    private final String role;
    private final TextChecks texts;
    private final CompileCache cache;

    RunbookCompiler(String role, TextChecks texts, CompileCache cache) {
        this.role = role;
        this.texts = texts;
        this.cache = cache;
    }

    /** @param script null when there are problems */
    record Compiled(@Nullable Class<? extends RunbookScript> script, List<Problem> problems) {}

    Compiled compile(String file, String text) {
        String key = cache.key(List.of(role, texts.inputs(), file, text));
        Optional<Map<String, byte[]>> earlier = cache.find(key);
        if (earlier.isPresent()) {
            return new Compiled(new RunbookClasses(earlier.get()).script(ScriptNames.classOf(file)), List.of());
        }
        CompileRequest request = new CompileRequest(file, role, texts);
        if (Braces.nestedTooDeeply(text, request) || StrayCharacters.found(text, request)) {
            return new Compiled(null, List.copyOf(request.problems()));
        }
        Map<String, byte[]> classes = new HashMap<>();
        String scriptName = ScriptNames.classOf(file);
        try {
            CompilerConfiguration configuration = configuration(request);
            CompilationUnit unit = new CompilationUnit(configuration, null, CompileClassPath.LOADER);
            unit.addSource(
                    new RunbookSource(file, text, configuration, CompileClassPath.LOADER, unit.getErrorCollector()));
            unit.compile(Phases.CLASS_GENERATION);
            for (GroovyClass compiled : unit.getClasses()) {
                classes.put(compiled.getName(), compiled.getBytes());
            }
        } catch (MultipleCompilationErrorsException e) {
            CompilerMessages.translate(e.getErrorCollector(), text, request);
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            CompilerMessages.unexpected(e, request);
        }
        if (!request.problems().isEmpty()) {
            return new Compiled(null, List.copyOf(request.problems()));
        }
        cache.keep(key, classes);
        return new Compiled(new RunbookClasses(classes).script(scriptName), List.of());
    }

    private static CompilerConfiguration configuration(CompileRequest request) {
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.setScriptBaseClass(RunbookScript.class.getName());
        configuration.setTargetBytecode(CompilerConfiguration.JDK17);
        configuration.setTolerance(MOST_ERRORS);
        // Acts while a file is parsed, before the guard sees it, and loads libraries from the network.
        configuration.setDisabledGlobalASTTransformations(Set.of("groovy.grape.GrabAnnotationTransformation"));
        configuration.getOptimizationOptions().put("asmResolving", false);
        configuration.addCompilationCustomizers(
                new RunbookSyntaxGuard(request),
                new ASTTransformationCustomizer(
                        Map.of("extensions", List.of(RunbookTypeChecker.class.getName())), CompileStatic.class));
        return configuration;
    }
}
