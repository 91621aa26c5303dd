package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Runbook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.ModuleNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.control.CompilationFailedException;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.Phases;
import org.jspecify.annotations.Nullable;

/** The text of a loaded runbook: its steps and hooks as they are written. It is read and parsed; nothing of it runs. */
final class WrittenRunbook {

    private final Map<String, ClosureExpression> steps = new HashMap<>();
    private final Map<String, ClosureExpression> hooks = new HashMap<>();
    private final ModuleNode module;

    private WrittenRunbook(ModuleNode module) {
        this.module = module;
    }

    /** @throws OperatorException when the file is not what was loaded any more */
    static WrittenRunbook of(Runbook runbook) {
        ModuleNode module = parse(runbook.location().file());
        WrittenRunbook written = new WrittenRunbook(module);
        List<ClosureExpression> found = new ArrayList<>();
        module.getStatementBlock().visit(new CodeVisitorSupport() {
            @Override
            public void visitMethodCallExpression(MethodCallExpression call) {
                if (isWord(call, "runbook") && runbook.name().equals(nameOf(call))) {
                    found.addAll(blocksOf(call));
                }
            }
        });
        found.forEach(block -> block.getCode().visit(written.new Blocks()));
        return written;
    }

    List<Deed> step(String name, ValueWords values) {
        return deeds(steps.get(name), StepSpec.class, values);
    }

    /** @param hook {@code onFailure} or {@code onRecovery} */
    List<Deed> hook(String hook, ValueWords values) {
        return deeds(hooks.get(hook), hook.equals("onFailure") ? FailureSpec.class : RecoverySpec.class, values);
    }

    /** Variables that are declared beside the runbooks. */
    void declareInto(ValueWords values) {
        DeedReader.declarations(module.getStatementBlock(), values);
    }

    private static List<Deed> deeds(@Nullable ClosureExpression code, Class<?> spec, ValueWords values) {
        Set<String> verbs =
                Vocabulary.LANGUAGE.blockOf(spec).orElseThrow().terms().keySet();
        return code == null ? List.of() : DeedReader.in(code, verbs, values);
    }

    private static ModuleNode parse(String file) {
        Path path = Path.of(file);
        try {
            String text = RunbookFile.text(path, RunbookFile.read(path));
            CompilerConfiguration configuration = new CompilerConfiguration();
            configuration.setDisabledGlobalASTTransformations(Set.of("groovy.grape.GrabAnnotationTransformation"));
            CompilationUnit unit = new CompilationUnit(configuration, null, CompileClassPath.LOADER);
            unit.addSource(
                    new RunbookSource(file, text, configuration, CompileClassPath.LOADER, unit.getErrorCollector()));
            unit.compile(Phases.CONVERSION);
            return unit.getAST().getModules().get(0);
        } catch (IOException | CompilationFailedException e) {
            throw new OperatorException(
                    file + " cannot be read any more: " + e.getMessage(), "see 'watchkeeper validate'.", e);
        }
    }

    private static boolean isWord(MethodCallExpression call, String word) {
        return call.isImplicitThis() && word.equals(call.getMethodAsString());
    }

    private static String nameOf(MethodCallExpression call) {
        return ValueWords.arguments(call).stream()
                .filter(ConstantExpression.class::isInstance)
                .map(name -> String.valueOf(((ConstantExpression) name).getValue()))
                .findFirst()
                .orElse("");
    }

    private static List<ClosureExpression> blocksOf(MethodCallExpression call) {
        List<ClosureExpression> blocks = new ArrayList<>();
        for (Expression argument : ((TupleExpression) call.getArguments()).getExpressions()) {
            if (argument instanceof ClosureExpression block) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    /** The blocks of a runbook. */
    private final class Blocks extends CodeVisitorSupport {

        @Override
        public void visitMethodCallExpression(MethodCallExpression call) {
            if (isWord(call, "step")) {
                blocksOf(call).forEach(block -> steps.put(nameOf(call), block));
            } else if (isWord(call, "onFailure") || isWord(call, "onRecovery")) {
                blocksOf(call).forEach(block -> hooks.put(call.getMethodAsString(), block));
            }
        }
    }
}
